"""A routine as a sheet for the wall."""

from __future__ import annotations

import builtins
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from voice_coach.errors import MissingExtraError
from voice_coach.rendering.sheet import Sheet, as_html, as_markdown, sheet_of, write_pdf
from voice_coach.routines.catalogue import load_catalogue

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = load_catalogue()
ROUTINES = sorted(CATALOGUE.routines)
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def sheet(routine: str) -> Sheet:
    return sheet_of(CATALOGUE, CATALOGUE.routines[routine])


def strange() -> Sheet:
    """Give the sheet of a routine whose author has tried everything."""
    routine = msgspec.structs.replace(
        CATALOGUE.routines["quick_3"], name="<b>*Füße* & [co] 足_x_|</b>", when="", kit=""
    )
    return sheet_of(CATALOGUE, routine)


class Page(HTMLParser):
    """Checks that every element is closed, and collects text and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("routine", ROUTINES)
def test_a_sheet_tells_every_step_its_dose_and_what_to_leave_alone(routine: str) -> None:
    text = as_markdown(sheet(routine))
    for entry in CATALOGUE.routines[routine].steps:
        step = CATALOGUE.steps[entry.step]
        assert f". {step.name}" in text
        assert step.safety in text
    assert "No clinician has signed this off." in text
    assert "{" not in text


def test_doses_are_those_of_the_routine() -> None:
    doses = [step.dose for step in sheet("quick_3").steps]
    assert doses == ["40 seconds, left, then right", "2 times 10 seconds, left, then right"]
    assert sheet("arch_cramp_now").steps[0].dose == "3 times 20 seconds, the sore foot"
    assert sheet("pre_run").steps[4].dose == "one hold of 15 seconds, left, then right"


def test_no_rung_on_a_sheet_is_over_the_ceiling_of_its_routine() -> None:
    routine = CATALOGUE.routines["sore_foot_daily"]
    for step, entry in zip(sheet("sore_foot_daily").steps, routine.steps, strict=True):
        ladder = [rung.text for rung in CATALOGUE.steps[entry.step].ladder]
        assert ladder.index(step.rung) < routine.rung_ceiling


@pytest.mark.parametrize("routine", ROUTINES)
def test_a_page_is_whole_says_its_drawings_in_words_and_asks_for_nothing_from_outside(routine: str) -> None:
    page = Page(as_html(sheet(routine)))
    assert page.open == []
    assert ("html", "lang", "en") in page.attributes
    labels = [value for tag, name, value in page.attributes if (tag, name) == ("svg", "aria-label")]
    assert len(labels) == len(CATALOGUE.routines[routine].steps)
    assert all(labels)
    assert not [value for _, name, value in page.attributes if name in ("src", "href")]
    assert "url(" not in as_html(sheet(routine))


def test_what_a_user_has_written_cannot_change_a_page() -> None:
    page = Page(as_html(strange()))
    assert page.text.count("<b>*Füße* & [co] 足_x_|</b>") == 2
    assert page.open == []
    first = as_markdown(strange()).splitlines()[0]
    assert first == r"# \<b\>\*Füße\* & \[co\] 足\_x\_\|\</b\>"


def test_a_routine_without_words_of_its_own_has_none_on_its_sheet() -> None:
    assert "2:40 in all." in as_markdown(strange()).splitlines()
    assert "<p>2:40 in all.</p>" in as_html(strange())


def test_a_sheet_is_written_as_pdf(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    write_pdf(sheet("full_15"), path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", data)) >= 2
    write_pdf(strange(), path)
    assert path.read_bytes().startswith(b"%PDF-")


def test_pdf_without_its_library_tells_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith(("reportlab", "voice_coach.rendering.pdf")):
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r'pip install "voice-coach\[pdf\]"'):
        write_pdf(sheet("quick_3"), tmp_path / "sheet.pdf")
    assert not (tmp_path / "sheet.pdf").exists()
