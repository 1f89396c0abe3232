"""`voice-coach history` as a user meets it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program
from tests.history.living import live

if TYPE_CHECKING:
    from pathlib import Path

MORNING = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    data = tmp_path_factory.mktemp("data")
    path = data / "history.db"
    live(path, "quick_3", [(1, "no"), (20, "harder"), (40, "seven")], at=MORNING)
    live(path, "desk", [(1, "worse"), (3, "no"), (150, "blister"), (160, "finish")], at=MORNING + timedelta(days=1))
    live(path, "quick_3", at=MORNING + timedelta(days=2), moved_clock=True)
    return Program(data)


def test_an_empty_history_tells_how_to_begin(tmp_path: Path) -> None:
    program = Program(tmp_path / "none")
    listed = program.run("history")
    assert (listed.returncode, listed.stdout) == (0, "No session yet. Begin with: voice-coach start\n")
    assert not (tmp_path / "none").exists()
    shown = program.run("history", "show")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.endswith("Try: voice-coach start\n")


def test_sessions_are_listed_with_number_time_outcome_and_notes(program: Program) -> None:
    lines = program.run("history").stdout.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("   3  2026-07-03 07:30  Quick three minutes: ")
    assert lines[0].endswith("; on a moved clock")
    assert lines[1].startswith("   2  2026-07-02 07:30  At the desk: ended early, ")
    assert lines[1].endswith("; noted: blister")
    assert "Quick three minutes: to the end, two minutes of work (ball_roll, plantar_pull)" in lines[2]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--most", "1"], ["3"]),
        (["--most", "0"], ["3", "2", "1"]),
        (["--since", "2026-07-02"], ["3", "2"]),
        (["--routine", "desk"], ["2"]),
        (["--routine", "Quick three minutes", "--since", "2026-07-02"], ["3"]),
    ],
)
def test_the_list_can_be_narrowed(program: Program, options: list[str], numbers: list[str]) -> None:
    lines = program.run("history", *options).stdout.splitlines()
    assert [line.split()[0] for line in lines] == numbers


def test_a_narrow_list_may_be_empty(program: Program) -> None:
    assert program.run("history", "--routine", "full_15").stdout == "No such session.\n"


def test_a_routine_that_there_is_not_is_named(program: Program) -> None:
    listed = program.run("history", "--routine", "yoga")
    assert (listed.returncode, listed.stdout) == (2, "")
    assert "no routine called 'yoga'" in listed.stderr


def test_a_day_that_is_none_is_named(program: Program) -> None:
    listed = program.run("history", "--since", "yesterday")
    assert listed.returncode == 2
    assert "yesterday" in listed.stderr


def test_one_session_is_shown_in_full(program: Program) -> None:
    lines = program.run("history", "show", "1").stdout.splitlines()
    assert lines[0] == "Session 1, 2026-07-01 07:30: Quick three minutes"
    assert lines[1].startswith("To the end, ")
    assert "  Ball roll, heel to toes, left: 0:40 of 0:40, rung 1 (from 1)" not in lines
    assert any(line.startswith("  Ball roll, heel to toes, left: 0:40 of 0:40, rung ") for line in lines)
    assert any(line.endswith(": rated 7 of 10 on rung 2") for line in lines)


def test_a_session_after_a_bad_day_tells_why_it_was_lighter(program: Program) -> None:
    lines = program.run("history", "show", "2").stdout.splitlines()
    assert "After session 1, the next day was: worse." in lines
    assert any(line.startswith("  noted blister: ") and line.endswith("left alone from then on") for line in lines)


def test_the_latest_session_is_shown_where_none_is_named(program: Program) -> None:
    lines = program.run("history", "show").stdout.splitlines()
    assert lines[0].startswith("Session 3, ")
    assert "On a moved clock: nobody did this." in lines


def test_a_session_that_there_is_not_is_told(program: Program) -> None:
    shown = program.run("history", "show", "77")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == "There is no session number 77. Nothing to show. Try: voice-coach history\n"


def test_sessions_of_the_program_are_listed(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.run("start", "quick_3", "--fast", "--json")
    program.run("start", "desk", "--fast", "--json", said="finish\n")
    lines = program.run("history").stdout.splitlines()
    assert "At the desk: ended early, no work" in lines[0]
    assert "Quick three minutes: to the end, two minutes of work (ball_roll, plantar_pull)" in lines[1]
