"""A damaged history is kept under a new name, a new one begins, and one line tells it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program
from tests.history.years import make_years
from voice_coach.errors import BrokenHistoryError, HistoryError
from voice_coach.history.database import _bound
from voice_coach.history.recorder import Recorder
from voice_coach.history.rescue import open_history, open_to_read, put_aside
from voice_coach.history.store import History, utc_now
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.actions import DoseEnded, Noted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MONTHS = timedelta(days=90)
DOSE = DoseEnded("ball_roll", "left", planned=40.0, worked=40.0, rung=1, done=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    make_years(path, NOON, sessions=60)
    return path


def no_database(path: Path) -> None:
    path.write_text("my shopping list " * 1000, encoding="utf-8")


def pages_of_rubbish(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 2 * 4096))


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def a_time_that_is_none(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE sessions SET began_at = 'yesterday' WHERE id = 60")


def no_json(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE sessions SET rungs = '{ball'")


@pytest.mark.parametrize("damage", [no_database, pages_of_rubbish, cut_short, a_time_that_is_none, no_json])
def test_a_damaged_history_is_put_aside_and_a_new_one_begins(path: Path, damage: Callable[[Path], None]) -> None:
    damage(path)
    broken, told = path.read_bytes(), list[str]()
    history, past = open_history(path, MONTHS, told.append, lambda: NOON)
    assert history is not None
    assert past.records == []
    session = history.begin_session("quick_3")
    history.add_dose(session, DOSE)
    history.close()
    (aside,) = path.parent.glob("history-damaged-*.db")
    assert aside.read_bytes() == broken
    assert told == [f"The history was damaged. It is kept as {aside}, and a new one begins."]
    history, past = open_history(path, MONTHS, told.append, lambda: NOON)
    assert history is not None
    history.close()
    assert [one.worked for one in past.records] == [40.0]
    assert len(told) == 1


def test_a_second_damaged_history_at_the_same_second_gets_a_name_of_its_own(path: Path) -> None:
    no_database(path)
    first = put_aside(path, NOON)
    no_database(path)
    second = put_aside(path, NOON)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.exists()
    assert second.exists()


def test_a_history_that_is_whole_is_never_put_aside(path: Path) -> None:
    assert put_aside(path, NOON) is None
    assert path.exists()


def test_what_lies_beside_a_damaged_history_goes_with_it(path: Path) -> None:
    no_database(path)
    wal = path.with_name("history.db-wal")
    wal.write_bytes(b"rubbish")
    aside = put_aside(path, NOON)
    assert aside is not None
    assert aside.with_name(f"{aside.name}-wal").exists()
    assert not wal.exists()


def test_a_history_that_turns_out_to_be_damaged_in_a_session_is_put_aside_after_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        ((root,),) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'doses'").fetchall()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    inbox = Inbox()
    history = History(path)
    recorder = Recorder(history, path, history.begin_session("quick_3"), inbox)
    for second in (1.0, 2.0):
        recorder.followed(second, [DOSE])
    recorder.close()
    trouble = inbox.get_nowait()
    assert isinstance(trouble, Trouble)
    assert isinstance(trouble.error, BrokenHistoryError)
    assert inbox.empty()
    assert not path.exists()
    assert len(list(path.parent.glob("history-damaged-*.db"))) == 1


def test_listing_a_damaged_history_changes_nothing_and_says_what_helps(path: Path, tmp_path: Path) -> None:
    no_database(path)
    before = path.read_bytes()
    listed = Program(tmp_path).run("history")
    assert (listed.returncode, listed.stdout) == (7, "")
    assert "Traceback" not in listed.stderr
    assert path.read_bytes() == before


def test_a_session_of_the_program_begins_a_new_history_and_tells_it_in_one_line(path: Path, tmp_path: Path) -> None:
    no_database(path)
    program = Program(tmp_path)
    done = program.run("start", "quick_3", "--fast", "--json")
    assert done.returncode == 0
    assert done.stderr.startswith("The history was damaged. It is kept as ")
    assert done.stderr.count("\n") == 1
    listed = program.run("history").stdout.splitlines()
    assert len(listed) == 1
    assert "Quick three minutes: to the end" in listed[0]
    assert program.run("start", "quick_3", "--fast", "--json").stderr == ""


# --- what cannot be written


def test_what_was_done_today_counts_also_where_the_history_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: History, path: Path, now: Callable[[], datetime] = utc_now, *, read_only: bool = False) -> None:
        if not read_only:
            raise HistoryError("The disk is full.", "", "")
        original(self, path, now, read_only=True)

    original = History.__init__
    monkeypatch.setattr(History, "__init__", full)
    told: list[str] = []
    history, past = open_history(path, MONTHS, told.append, lambda: NOON)
    assert history is None
    assert len(past.records) == 60
    assert past.unknown_since is None
    with closing(open_to_read(path)) as looked_at:
        assert len(looked_at.sessions(None)) == 60
    assert len(told) == 1


@pytest.mark.skipif(os.name != "posix", reason="needs /dev/full and limits of the system")
def test_a_full_disk_is_told_once_and_the_session_goes_on(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    path, inbox = tmp_path / "history.db", Inbox()
    history = History(path)
    recorder = Recorder(history, path, history.begin_session("quick_3"), inbox)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.with_name("history.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, usual[1]))
    try:
        for second in range(200):
            recorder.followed(float(second), [Noted("callus", "ball_roll", "left")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    recorder.close()
    trouble = inbox.get_nowait()
    assert isinstance(trouble, Trouble)
    assert isinstance(trouble.error, HistoryError)
    assert inbox.empty()
    with closing(History(path)) as again:
        assert again.is_whole()


def test_values_go_by_name_where_a_statement_numbers_them() -> None:
    assert _bound("SELECT ?1, ?2, ?1", (3, 4)) == {"1": 3, "2": 4}
    assert _bound("SELECT ?, ?", (3, 4)) == (3, 4)
