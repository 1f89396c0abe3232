"""What the commands print that show something, on fixed data; `golden/README.md` tells how to renew it."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.history.living import live

PAGES = Path(__file__).parent / "golden" / "pages"
RENEW = os.environ.get("VOICE_COACH_RENEW_GOLDEN") == "1"
MORNING = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
SHOWN = {
    "history": ("history",),
    "history_show": ("history", "show", "2"),
    "routines": ("routines",),
    "routines_show": ("routines", "show", "quick_3"),
    "profile": ("profile", "--show"),
    "settings": ("settings",),
    "about": ("about",),
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Give the program with three sessions, and every first question answered."""
    program = Program(tmp_path_factory.mktemp("data"))
    path = program.data / "history.db"
    live(path, "quick_3", [(1, "no"), (20, "harder"), (40, "seven")], at=MORNING)
    live(path, "desk", [(1, "worse"), (3, "no"), (150, "blister"), (160, "finish")], at=MORNING + timedelta(days=1))
    live(path, "quick_3", at=MORNING + timedelta(days=2), moved_clock=True)
    program.answer_first_questions(on=date(2026, 7, 1))
    return program


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_shows_what_it_showed_before(lived: Program, name: str) -> None:
    compare(name, lived, *SHOWN[name])


def test_a_plain_session_shows_what_it_showed_before(program: Program) -> None:
    compare("session_plain", program, "start", "quick_3", "--fast", "--plain")


def compare(name: str, program: Program, *arguments: str) -> None:
    """Compare what the program prints with what it printed when somebody last looked at it."""
    done = program.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.replace(str(program.data), "FOLDER")
    page = PAGES / f"{name}.txt"
    if RENEW:
        page.parent.mkdir(exist_ok=True)
        page.write_text(shown, encoding="utf-8")
    assert shown == page.read_text(encoding="utf-8")
