"""A history of an earlier version becomes one of this version, whole or not at all; one of a later version is left."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program
from tests.history.weeks import NOW, make_weeks
from voice_coach.errors import BrokenHistoryError, HistoryError
from voice_coach.history import schema
from voice_coach.history.figures import read_figures
from voice_coach.history.progress import Progress, progress_of
from voice_coach.history.store import History
from voice_coach.session.actions import Ended, Noted

if TYPE_CHECKING:
    from pathlib import Path

# As the first version of the program wrote it, with its own words.
FIRST_VERSION = """
CREATE TABLE sessions (id INTEGER PRIMARY KEY, routine TEXT NOT NULL, began_at TEXT NOT NULL,
    moved_clock INTEGER NOT NULL, ended_at TEXT, reason TEXT, seconds REAL, worked REAL) STRICT;
CREATE TABLE doses (id INTEGER PRIMARY KEY, session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    ended_at TEXT NOT NULL, step TEXT NOT NULL, side TEXT NOT NULL, planned REAL NOT NULL, worked REAL NOT NULL,
    rung INTEGER NOT NULL, done INTEGER NOT NULL) STRICT;
CREATE INDEX doses_by_session ON doses (session_id);
INSERT INTO sessions VALUES
    (1, 'quick_3', '2026-02-01T07:00:00.000+00:00', 0, '2026-02-01T07:03:00.000+00:00', 'finished', 180.0, 126.0),
    (2, 'desk', '2026-02-02T07:00:00.000+00:00', 0, NULL, NULL, NULL, NULL),
    (3, 'desk', '2026-02-03T07:00:00.000+00:00', 1, '2026-02-03T07:00:00.000+00:00', 'finished', 400.0, 300.0);
INSERT INTO doses VALUES
    (1, 1, '2026-02-01T07:01:00.000+00:00', 'ball_roll', 'left', 40.0, 40.0, 2, 1),
    (2, 2, '2026-02-02T07:01:00.000+00:00', 'ball_roll', 'left', 60.0, 25.0, 1, 0);
PRAGMA user_version = 1;
"""
DAY = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(FIRST_VERSION)
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [sql for (sql,) in database.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")]


def test_a_history_of_the_first_version_keeps_everything(path: Path) -> None:
    with closing(History(path)) as history:
        assert [(one.id, one.reason, one.worked) for one in history.sessions()] == [
            (3, "finished", 300.0),
            (2, None, 25.0),
            (1, "finished", 126.0),
        ]
        first, killed = history.past(DAY)
        assert [(dose.step, dose.worked, dose.rung, dose.began_rung) for dose in first.doses] == [
            ("ball_roll", 40.0, 2, None)
        ]
        assert (killed.ended_at, killed.rungs, killed.dose_factor, killed.answered) == (None, {}, 1.0, None)
        assert history.unfinished() is None
    assert version(path) == schema.VERSION


def test_it_goes_on_being_written(path: Path) -> None:
    with closing(History(path)) as history:
        session = history.begin_session("quick_3")
        history.note(session, Noted("callus", "ball_roll", "left"))
        history.end_session(session, Ended("finished", 1, 1, 1))
    with closing(History(path)) as history:
        assert [(one.id, one.notes) for one in history.sessions(1)] == [(4, ("callus",))]


def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema ORDER BY name")]
        return {
            name: database.execute("SELECT * FROM pragma_table_info(?)", (name,)).fetchall()
            + database.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall()
            for name in names
        }


def test_it_has_the_tables_of_a_new_history(path: Path, tmp_path: Path) -> None:
    History(path).close()
    History(tmp_path / "new.db").close()
    assert columns(path) == columns(tmp_path / "new.db")


def test_a_first_version_that_was_cut_off_before_its_number_was_written_is_taken_up(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 0")
    with closing(History(path)) as history:
        assert len(history.sessions()) == 3


def test_a_change_that_fails_half_way_leaves_the_first_version_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(path)
    monkeypatch.setattr(schema, "_SCRIPTS", (schema._FIRST, f"{schema._SECOND}\nCREATE TABLE sessions (id);"))
    with pytest.raises(HistoryError, match="already exists") as caught:
        History(path)
    assert not isinstance(caught.value, BrokenHistoryError)
    assert (version(path), tables(path)) == (1, before)


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of some weeks as the third version of the program wrote it."""
    path = tmp_path / "third.db"
    with monkeypatch.context() as patched:
        patched.setattr(schema, "_SCRIPTS", schema._SCRIPTS[:3])
        patched.setattr(schema, "VERSION", 3)
        make_weeks(path)
    return path


def progress(history: History) -> Progress:
    return progress_of(read_figures(history.database, NOW.date(), 0, UTC), NOW.date(), 0)


def test_a_history_of_the_third_version_gets_the_indices_of_a_new_one_and_tells_the_same(
    third: Path, tmp_path: Path
) -> None:
    make_weeks(tmp_path / "new.db")
    assert (version(third), tables(third) == tables(tmp_path / "new.db")) == (3, False)
    with closing(History(third)) as history, closing(History(tmp_path / "new.db")) as new:
        assert history.past(DAY) == new.past(DAY)
        assert history.sessions(None) == new.sessions(None)
        assert progress(history) == progress(new)
    assert version(third) == schema.VERSION
    assert tables(third) == tables(tmp_path / "new.db")


def test_a_history_of_the_third_version_is_read_where_nothing_can_be_written(third: Path, tmp_path: Path) -> None:
    make_weeks(tmp_path / "new.db")
    with closing(History(third, read_only=True)) as history, closing(History(tmp_path / "new.db")) as new:
        assert history.sessions(None) == new.sessions(None)
        assert progress(history) == progress(new)
    assert version(third) == 3


def test_a_history_of_the_first_version_cannot_be_read_where_nothing_can_be_written(path: Path) -> None:
    with pytest.raises(HistoryError, match="readonly"):
        History(path, read_only=True)
    assert version(path) == 1


def _open(path: Path) -> None:
    History(path).close()


def test_several_coaches_bring_it_up_to_date_at_once(path: Path) -> None:
    processes = [multiprocessing.get_context("spawn").Process(target=_open, args=(path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with closing(History(path)) as history:
        assert len(history.sessions()) == 3


def test_a_history_of_a_later_version_is_told_and_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    before = tables(path)
    with pytest.raises(HistoryError, match="a later version of this program") as caught:
        History(path)
    assert not isinstance(caught.value, BrokenHistoryError)
    assert (version(path), tables(path)) == (99, before)


def test_a_session_goes_on_without_a_history_of_a_later_version(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    program = Program(tmp_path)
    done = program.run("start", "quick_3", "--fast", "--json")
    assert done.returncode == 0
    assert '"reason": "finished"' in done.stdout
    assert "was written by a later version" in done.stderr
    assert done.stderr.count("\n") == 1
    listed = program.run("history")
    assert (listed.returncode, listed.stdout) == (7, "")
    assert version(path) == 99
