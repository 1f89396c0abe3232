"""What the history holds changes the next session of the program."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program
from tests.history.living import live
from tests.history.test_kills import nothing_is_barred
from voice_coach.history.rescue import put_aside, read_past
from voice_coach.history.store import History
from voice_coach.routines.adaptation import swollen_on
from voice_coach.session.actions import Noted

if TYPE_CHECKING:
    from collections.abc import Callable
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
    past = read_past(program.data / "history.db", timedelta(days=90))
    assert [note.kind for record in past.records for note in record.notes] == ["swollen"]
    barred = program.run("start", "quick_3", "--text", "--json")
    assert (barred.returncode, barred.stdout) == (2, ""), barred.stderr
    assert program.run("profile", "set", "swollen_leg", "no").returncode == 0
    assert "Quick three minutes." in first_lines(program, until="Quick three minutes.")


def test_progress_tells_that_nothing_is_done_while_a_leg_is_swollen(program: Program) -> None:
    live(program.data / "history.db", "quick_3", [(1, "no"), (30, "swollen")], at=yesterday())
    assert "hot or swollen leg" in program.run("progress").stdout
    assert program.run("profile", "set", "swollen_leg", "no").returncode == 0
    assert "hot or swollen leg" not in program.run("progress").stdout


def test_no_recording_is_made_of_a_session_that_a_swollen_leg_bars(program: Program) -> None:
    live(program.data / "history.db", "quick_3", [(1, "no"), (30, "swollen")], at=yesterday())
    barred = program.run("render", "quick_3", str(program.data / "quick.wav"))
    assert barred.returncode == 2, barred.stderr
    assert not (program.data / "quick.wav").exists()


# --- where the history is lost, or part of it, that may have known of a swollen leg

ASKED = "Is a leg hot, swollen or throbbing, and no doctor has looked at it yet?"


def damaged(path: Path) -> None:
    path.write_bytes(b"my shopping list " * 1000)


def put_aside_by_the_session_that_found_it_damaged(path: Path) -> None:
    damaged(path)
    put_aside(path, datetime.now(UTC))


def of_a_later_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 1000")


@pytest.mark.parametrize("lose", [damaged, put_aside_by_the_session_that_found_it_damaged, of_a_later_program])
def test_a_history_that_is_lost_makes_the_coach_ask_for_a_swollen_leg_first(
    program: Program, lose: Callable[[Path], None]
) -> None:
    live(program.data / "history.db", "quick_3", [(1, "no"), (30, "swollen")], at=yesterday())
    lose(program.data / "history.db")
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdout is not None
    assert process.stdin is not None
    said = ""
    while ASKED not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    assert '"state": "work"' not in said
    process.stdin.write("yes\n")
    rest, _ = process.communicate(timeout=30)
    assert '"step_began"' not in rest
    barred = program.run("start", "quick_3", "--text", "--json")
    assert (barred.returncode, barred.stdout) == (2, ""), barred.stderr


def test_who_has_no_swollen_leg_is_asked_once_for_a_history_that_was_lost(program: Program) -> None:
    put_aside_by_the_session_that_found_it_damaged(program.data / "history.db")
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write("no\n")
    process.stdin.flush()
    while "Quick three minutes." not in process.stdout.readline():
        assert process.poll() is None
    process.kill()
    process.communicate()
    assert ASKED not in first_lines(program, until="Resume?")


def test_a_profile_that_is_lost_makes_the_coach_ask_for_a_swollen_leg_first(program: Program) -> None:
    assert program.run("profile", "set", "swollen_leg", "yes").returncode == 0
    (program.data / "profile.json").write_text("{", encoding="utf-8")
    assert program.run("profile", "--show").returncode == 0
    assert ASKED in first_lines(program, until=" no doctor has looked at it yet?")


def test_what_is_not_in_the_file_of_a_history_yet_is_not_taken_for_known(tmp_path: Path) -> None:
    """A folder that takes no writing lets SQLite read the file, and not the log beside it."""
    path = tmp_path / "history.db"
    with closing(History(path)) as history:
        number = history.begin_session("quick_3")
        history.note(number, Noted("swollen", None, "both"))
        for name in ("history.db", "history.db-wal"):
            shutil.copy(path.with_name(name), tmp_path / f"copy-{name}")
    copy = tmp_path / "copy-history.db"
    assert copy.with_name("copy-history.db-wal").stat().st_size > 0
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        past = read_past(copy, timedelta(days=90))
        other.execute("ROLLBACK")
    assert past.unknown_since == datetime.now().astimezone().date()


def test_another_program_that_holds_the_history_makes_the_coach_ask(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    live(path, "quick_3", [(1, "no"), (30, "swollen")], at=yesterday())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE sessions SET reason = reason")
        past = read_past(path, timedelta(days=90))
        other.execute("ROLLBACK")
    assert past.unknown_since == datetime.now().astimezone().date()
    known = read_past(path, timedelta(days=90))
    assert known.unknown_since is None
    assert swollen_on(known.records, datetime.now().astimezone()) is not None
