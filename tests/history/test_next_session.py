"""What the history holds changes the next session of the program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program
from tests.history.living import live
from tests.history.test_kills import nothing_is_barred
from voice_coach.history.store import History

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Program:
    nothing_is_barred(tmp_path)
    return Program(tmp_path)


def first_lines(program: Program, *, until: str) -> str:
    """Start a session, and give what happens until something is said, or the session is over."""
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdout is not None
    lines = []
    while line := process.stdout.readline():
        lines.append(line)
        if until in line:
            break
    process.kill()
    process.communicate()
    return "".join(lines)


def yesterday() -> datetime:
    return datetime.now(UTC) - timedelta(days=1, hours=1)


def test_the_program_asks_how_it_was_and_reminds_of_what_hurt(program: Program) -> None:
    live(program.data / "history.db", "quick_3", [(1, "no"), (30, "sharp"), (35, "finish")], at=yesterday())
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdout is not None
    assert process.stdin is not None
    said = ""
    while "Last time your left sole hurt." not in said:
        line = process.stdout.readline()
        assert line, said
        if "worse, same or better" in line:
            process.stdin.write("worse\n")
            process.stdin.flush()
        said += line
    process.kill()
    process.communicate()
    history = History(program.data / "history.db")
    latest = history.session(2)
    history.close()
    assert latest is not None
    assert latest.answered is not None
    assert (latest.answered.about, latest.answered.answer) == (1, "worse")
    assert latest.rungs["ball"] == -1


def test_a_demonstration_knows_nothing_of_earlier_sessions(program: Program) -> None:
    live(program.data / "history.db", "quick_3", [(1, "no"), (30, "sharp"), (35, "finish")], at=yesterday())
    done = program.run("start", "quick_3", "--fast", "--json")
    assert "Last time" not in done.stdout
    assert "worse, same or better" not in done.stdout


def test_a_swollen_leg_bars_everything_also_where_the_profile_has_lost_it(program: Program) -> None:
    live(program.data / "history.db", "quick_3", [(1, "no"), (30, "swollen")], at=yesterday())
    barred = program.run("start", "quick_3", "--text", "--json")
    assert (barred.returncode, barred.stdout) == (2, ""), barred.stderr
    assert program.run("profile", "set", "swollen_leg", "no").returncode == 0
    assert "Quick three minutes." in first_lines(program, until="Quick three minutes.")
