"""The page of progress: whole, readable in light and dark, on a phone, and without eyes."""

from __future__ import annotations

import os
import re
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import axe_core_python
import pytest

from tests.history.weeks import NOW, make_weeks
from tests.history.years import make_years
from tests.rendering.browser import browsing, found
from tests.rendering.test_sheet import Page
from voice_coach.history.figures import Figures, Ratings, read_figures
from voice_coach.history.progress import progress_of
from voice_coach.history.store import History
from voice_coach.rendering.charts import Line, bar_chart, line_chart
from voice_coach.rendering.progress_page import STYLE, progress_page
from voice_coach.routines.adaptation import LOOK_BACK, before_session
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.screen.look import ASCII, FULL
from voice_coach.screen.progress_view import progress_lines
from voice_coach.session.before import NOTHING_BEFORE, Before

if TYPE_CHECKING:
    from voice_coach.history.progress import Progress

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENEW = os.environ.get("VOICE_COACH_RENEW_GOLDEN") == "1"
PICTURES = os.environ.get("VOICE_COACH_PICTURES")
"""A folder for what the browser shows, to be looked at."""
CATALOGUE = load_catalogue()
READABLE = 4.5
"""Contrast of text, and here of everything drawn but the thin lines of a scale (WCAG 2.2, 1.4.3)."""
SECONDARY = {"--line"}
"""Colours of lines that only help to read a number that stands there as well."""


def summed_up(folder: Path) -> tuple[Progress, Before]:
    path = folder / "history.db"
    make_weeks(path)
    with closing(History(path)) as history:
        figures = read_figures(history.database, NOW.date(), 12, UTC)
        past = history.past(NOW - LOOK_BACK)
    return progress_of(figures, NOW.date()), before_session(past, NOW, CATALOGUE)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Progress, Before]:
    return summed_up(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def page(known: tuple[Progress, Before]) -> str:
    return progress_page(*known, CATALOGUE)


def check(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if RENEW:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


# --- in the terminal


@pytest.mark.parametrize(("width", "look"), [(80, FULL), (120, FULL), (40, FULL), (80, ASCII)])
def test_the_terminal_shows_what_it_did(known: tuple[Progress, Before], width: int, look: object) -> None:
    lines = progress_lines(*known, CATALOGUE, width=width, look=ASCII if look is ASCII else FULL)
    check(f"progress_{width}{'_ascii' if look is ASCII else ''}.txt", "".join(f"{line}\n" for line in lines))
    assert max(map(len, lines)) <= width
    assert look is not ASCII or "".join(lines).isascii()


def test_plain_lines_have_neither_bars_nor_columns(known: tuple[Progress, Before]) -> None:
    lines = progress_lines(*known, CATALOGUE, plain=True)
    check("progress_plain.txt", "".join(f"{line}\n" for line in lines))
    assert not any(re.search(r"[█#]|\S {3,}", line) for line in lines)


def test_nothing_done_is_told_in_one_line() -> None:
    nothing = progress_of(Figures({}, {}), NOW.date())
    assert progress_lines(nothing, NOTHING_BEFORE, CATALOGUE) == [
        "No session with work in it yet. Begin with: voice-coach start"
    ]


def test_what_was_learnt_is_told_for_the_next_time(known: tuple[Progress, Before]) -> None:
    before = Before(rungs={"ball": -2, "hand": 1}, dose_factor=0.75, offers=frozenset({"stick"}), massages_today=2)
    text = "\n".join(progress_lines(known[0], before, CATALOGUE))
    assert "You have had two massages today" in text
    assert "Every dose is 75% of the usual" in text
    assert "Ball: begins two rungs lower than usual" in text
    assert "Hands" not in text
    assert "Stick: it was light" in text


def test_a_pause_is_not_held_against_anybody(known: tuple[Progress, Before], page: str) -> None:
    text = "\n".join(progress_lines(*known, CATALOGUE)).lower() + Page(page).text.lower()
    for word in ("miss", "lost", "broke", "fail", "only", "should have", "behind", "goal"):
        assert word not in text, word


# --- as a page


def test_the_page_looks_as_it_did(page: str) -> None:
    check("progress.html", page)


def test_the_page_is_whole_and_asks_for_nothing_from_outside(page: str) -> None:
    parsed = Page(page)
    assert parsed.open == []
    assert ("html", "lang", "en") in parsed.attributes
    assert not [value for _, name, value in parsed.attributes if name in ("src", "href", "style") or name[:2] == "on"]
    assert not re.search(r"<script|url\(|@import|http:|https:|//", page)


def test_every_chart_speaks_and_has_a_table(page: str) -> None:
    parsed = Page(page)
    charts = [dict(found) for found in _elements(parsed, "svg") if "role" in found]
    assert len(charts) == 5
    assert all(chart["aria-label"] and "table below" in chart["aria-label"] for chart in charts)
    marks = [found for found in _elements(parsed, "svg") if "role" not in found]
    assert all(found.get("aria-hidden") == "true" for found in marks)
    assert page.count("<table>") == page.count("<caption>") == 6
    heads = [value for tag, name, value in parsed.attributes if (tag, name) == ("th", "scope")]
    assert len(heads) == page.count("<th ")
    assert page.index("<h1>") < page.index("<h2>") < page.index("<h3>")


def _elements(page: Page, tag: str) -> list[dict[str, str]]:
    """Give the attributes of each element, told apart by its first one."""
    found: list[dict[str, str]] = []
    for name, attribute, value in page.attributes:
        if name == tag:
            if attribute == "class":
                found.append({})
            found[-1][attribute] = value or ""
    return found


def test_the_advice_of_the_article_stands_where_a_place_came_back(page: str) -> None:
    text = Page(page).text
    left = text.index("Left sole")
    assert left < text.index("shoes, socks and inserts") < text.index("Right sole")
    assert text.count("shoes, socks and inserts") == 1


def test_a_step_that_is_there_no_more_has_its_id_and_cannot_change_the_page() -> None:
    figures = Figures(
        {1: NOW.date()},
        {1: 60.0},
        rungs={1: {("<b>old", "left"): 3}},
        ratings={1: (Ratings("<b>old", "left", 1, 4, 4),)},
    )
    parsed = Page(progress_page(progress_of(figures, NOW.date()), NOTHING_BEFORE, CATALOGUE))
    assert "<b>old" in parsed.text
    assert parsed.open == []


def test_a_chart_of_one_value_and_one_of_nothing_but_gaps_can_be_drawn() -> None:
    assert "<rect" in bar_chart([0.2], ["01 Jun"], "one")
    assert "<polyline" not in line_chart(
        [Line("left", [None, 4]), Line("right", [None, None])], ["a", "b"], (0, 5), "x"
    )


# --- colours


def colours() -> list[tuple[str, dict[str, str]]]:
    light, dark, printed = re.findall(r":root \{([^}]*)\}", STYLE)
    schemes = {"light": light, "dark": dark, "print": printed}
    return [(name, dict(re.findall(r"(--\w+): (#\w{6})", scheme))) for name, scheme in schemes.items()]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("scheme", "inks"), colours(), ids=lambda value: value if isinstance(value, str) else "")
def test_everything_stands_out_from_the_paper(scheme: str, inks: dict[str, str]) -> None:
    paper = luminance(inks.pop("--paper"))
    assert len(inks) == 8, scheme
    for name, ink in inks.items():
        if name not in SECONDARY:
            bright, dark = sorted((paper, luminance(ink)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= READABLE, (scheme, name)


# --- in a browser

MEASURES = """({
    wide: document.documentElement.scrollWidth,
    high: document.documentElement.scrollHeight,
    paper: getComputedStyle(document.body).backgroundColor,
    letters: Math.min(...[...document.querySelectorAll("svg.chart text")].map(
        text => text.getScreenCTM().a * parseFloat(getComputedStyle(text).fontSize))),
    cut: [...document.querySelectorAll("svg.chart text")].filter(text => {
        const inner = text.getBoundingClientRect(), outer = text.ownerSVGElement.getBoundingClientRect();
        return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
    }).length,
})"""
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
FAULTS = """axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    one => `${one.id}: ${one.help}; ${one.nodes.map(node => node.target).join(", ")}`))"""
"""What is wrong for people who see badly or do not see: contrast, labels, landmarks and the rest of axe's rules."""
OPEN_ALL = 'document.querySelectorAll("details").forEach(one => { one.open = true; })'


def test_a_browser_shows_it_on_a_phone_and_on_a_desk_in_light_and_dark(page: str, tmp_path: Path) -> None:
    program = found()
    if program is None:
        pytest.skip("NOT TESTED: the progress page in a real browser. Try: apt install chromium")
    make_years(tmp_path / "years.db", NOW, 2000)
    with closing(History(tmp_path / "years.db")) as history:
        figures = read_figures(history.database, NOW.date(), 0, UTC)
    years = progress_page(progress_of(figures, NOW.date(), 0), NOTHING_BEFORE, CATALOGUE)
    with browsing(program, tmp_path / "browser") as browser:
        for name, text in (("weeks", page), ("years", years)):
            path = tmp_path / f"{name}.html"
            path.write_text(text, encoding="utf-8")
            for width in (360, 1200):
                for scheme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 22, 22)")):
                    browser.open(path, width, scheme)
                    seen = browser.ask(MEASURES)
                    if PICTURES:
                        browser.picture(Path(PICTURES) / f"{name}_{width}_{scheme}.png", width, min(seen["high"], 5000))
                    browser.ask(OPEN_ALL)
                    if name == "weeks":  # the other has the same elements, and many more of each
                        browser.ask(AXE)
                        assert browser.ask_later(FAULTS) == []
                    opened = browser.ask(MEASURES)
                    assert seen["wide"] == opened["wide"] == width
                    assert seen["paper"] == paper
                    assert seen["letters"] >= 11.9
                    assert seen["cut"] == 0
                    asked = [
                        event["params"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
                    ]
                    assert [request["request"]["url"] for request in asked] == [path.as_uri()]
                    told = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
                    assert [event for event in browser.events if event["method"] in told] == []


def test_the_check_for_people_who_see_badly_finds_what_it_is_there_for(page: str, tmp_path: Path) -> None:
    program = found()
    if program is None:
        pytest.skip("NOT TESTED: axe in a real browser. Try: apt install chromium")
    path = tmp_path / "bad.html"
    bad = (
        page.replace("</style>", "p { color: #bbb } </style>").replace(' lang="en"', "").replace(" aria-label=", " x=")
    )
    path.write_text(bad, encoding="utf-8")
    with browsing(program, tmp_path / "browser") as browser:
        browser.open(path, 360, "light")
        browser.ask(AXE)
        found_faults = "\n".join(browser.ask_later(FAULTS))
    for rule in ("color-contrast:", "html-has-lang:", "svg-img-alt:"):
        assert rule in found_faults
