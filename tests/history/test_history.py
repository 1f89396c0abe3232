"""The history keeps what happened, whatever happens to the program."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.history.years import make_years
from voice_coach.errors import BusyHistoryError, HistoryError
from voice_coach.history.database import IMPATIENT
from voice_coach.history.exporting import read_document
from voice_coach.history.records import NextDay, PastRecord, PastSession
from voice_coach.history.store import History
from voice_coach.routines.adaptation import LOOK_BACK, before_session
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.actions import DoseEnded, Ended, NextDayAnswered, Noted, Rated, StateChanged, StepBegan
from voice_coach.session.phases import Phase
from voice_coach.testing import MovedSession

if TYPE_CHECKING:
    from collections.abc import Callable

DOSE = DoseEnded("ball_roll", "left", planned=40.0, worked=40.0, rung=1, done=True)
LEFT_OUT = DoseEnded("settle", "both", planned=30.0, worked=0.0, rung=2, done=False)
ENDED = Ended("finished", seconds=166.0, worked=126.0, steps=2)
BEGAN = StepBegan("ball_roll", "Ball roll", "left", number=1, of=2, rung=1, planned=40.0)
RATED = Rated("ball_roll", "ball", "left", rung=2, rating=6, asked="halfway")
BLISTER = Noted("blister", "ball_roll", "left", "ball", "sole", locked=True)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SNAPSHOT = MovedSession("quick_3").session.snapshot()
STANDS = SNAPSHOT.as_text()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "history.db"


def past(path: Path) -> list[PastSession]:
    with closing(History(path)) as history:
        return history.sessions()


def record(path: Path, number: int = 1) -> PastRecord:
    with closing(History(path)) as history:
        found = history.session(number)
    assert found is not None
    return found


def working(worked: float, planned: float = 40.0, rung: int = 1) -> StateChanged:
    return StateChanged(Phase.WORK, "ball_roll", "left", rung, planned, worked, stroke=3.0, active=frozenset())


def test_a_new_history_is_empty_and_in_wal_mode(path: Path) -> None:
    assert past(path) == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_sessions_are_listed_with_what_was_done_the_newest_first(path: Path) -> None:
    with closing(History(path)) as history:
        first, second = history.begin_session("quick_3"), history.begin_session("desk")
        history.add_dose(first, DOSE)
        history.add_dose(first, LEFT_OUT)
        history.end_session(first, ENDED)
        history.add_dose(second, DOSE)
        latest, earlier = history.sessions()
    assert (latest.id, latest.routine, latest.ended_at, latest.reason, latest.worked) == (
        second,
        "desk",
        None,
        None,
        40.0,
    )
    assert (earlier.reason, earlier.seconds, earlier.worked, earlier.steps) == (
        "finished",
        166.0,
        126.0,
        ("ball_roll",),
    )
    assert earlier.ended_at is not None
    assert earlier.ended_at >= earlier.began_at


def test_no_more_sessions_are_listed_than_asked_for(path: Path) -> None:
    with closing(History(path)) as history:
        ids = [history.begin_session("desk") for _ in range(5)]
        assert [session.id for session in history.sessions(most=2)] == ids[:-3:-1]


def test_sessions_are_listed_by_day_and_by_routine(path: Path) -> None:
    days = iter([NOON, NOON, NOON + timedelta(days=1)])
    with closing(History(path, lambda: next(days))) as history:
        for routine in ("quick_3", "desk", "desk"):
            history.begin_session(routine)
        assert [one.id for one in history.sessions(since=NOON + timedelta(hours=1))] == [3]
        assert [one.id for one in history.sessions(routine="desk")] == [3, 2]
        assert [one.id for one in history.sessions(routine="desk", since=NOON, most=None)] == [3, 2]
        assert history.sessions(routine="full_15") == []


def test_everything_in_a_session_comes_back(path: Path) -> None:
    with closing(History(path, lambda: NOON)) as history:
        first = history.begin_session("quick_3")
        number = history.begin_session("desk", rungs={"ball": -1}, dose_factor=0.75, wishes={"minutes": 5})
        history.answer_next_day(number, first, NextDayAnswered("worse"))
        history.begin_side(number, BEGAN)
        history.add_dose(number, DoseEnded("ball_roll", "left", 40.0, 38.5, 2, done=True))
        history.rate(number, RATED)
        history.note(number, BLISTER)
        history.end_session(number, ENDED)
    found = record(path, number)
    assert (found.routine, found.began_at, found.ended_at, found.reason) == ("desk", NOON, NOON, "finished")
    assert (found.rungs, found.dose_factor, found.answered) == ({"ball": -1}, 0.75, NextDay(first, "worse"))
    (dose,) = found.doses
    assert (dose.step, dose.side, dose.worked, dose.most, dose.began_rung, dose.rung) == (
        "ball_roll",
        "left",
        38.5,
        38.5,
        1,
        2,
    )
    (rating,) = found.ratings
    assert (rating.family, rating.rung, rating.rating, rating.asked, rating.at) == ("ball", 2, 6, "halfway", NOON)
    (note,) = found.notes
    assert (note.kind, note.side, note.region, note.locked) == ("blister", "left", "sole", True)
    assert record(path, first).answered is None


def test_the_last_answer_about_a_session_counts(path: Path) -> None:
    with closing(History(path)) as history:
        first, second = history.begin_session("desk"), history.begin_session("desk")
        history.answer_next_day(second, first, NextDayAnswered("same"))
        history.answer_next_day(second, first, NextDayAnswered("worse"))
    assert record(path, second).answered == NextDay(first, "worse")


def test_what_is_written_can_be_read_by_another_before_the_session_ends(path: Path) -> None:
    with closing(History(path)) as writer, closing(History(path)) as reader:
        writer.add_dose(writer.begin_session("quick_3"), DOSE)
        assert [session.worked for session in reader.sessions()] == [40.0]


def test_two_sessions_at_once_are_both_written_down_also_from_the_first_second_of_the_history(path: Path) -> None:
    def live() -> None:
        with closing(History(path)) as history:
            session = history.begin_session("quick_3")
            for _ in range(20):
                history.add_dose(session, DOSE)
                history.keep(session, STANDS, None)
            history.end_session(session, ENDED)

    threads = [threading.Thread(target=live) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [session.reason for session in past(path)] == ["finished"] * 4
    with closing(sqlite3.connect(path)) as database:
        counts = database.execute("SELECT count(*) FROM doses GROUP BY session_id").fetchall()
    assert counts == [(20,)] * 4


def test_in_a_session_nobody_waits_long_for_another_who_writes(path: Path) -> None:
    with closing(History(path)) as history, closing(sqlite3.connect(path, isolation_level=None)) as other:
        session = history.begin_session("desk")
        other.execute("BEGIN IMMEDIATE")
        history.wait_at_most(IMPATIENT)
        began = time.monotonic()
        with pytest.raises(BusyHistoryError):
            history.add_dose(session, DOSE)
        assert time.monotonic() - began < 2
        other.execute("ROLLBACK")
        history.add_dose(session, DOSE)
    assert record(path).worked == 40.0


def test_a_dose_of_no_session_is_refused_and_leaves_nothing_behind(path: Path) -> None:
    with closing(History(path)) as history:
        with pytest.raises(HistoryError, match="FOREIGN KEY"):
            history.add_dose(99, DOSE)
        session = history.begin_session("desk")
        history.add_dose(session, DOSE)
    assert record(path).worked == 40.0


def test_only_the_latest_sessions_that_people_did_are_the_past(path: Path) -> None:
    moments = iter([LONG_AGO + timedelta(days=day) for day in range(20)] + [NOON] * 3)
    with closing(History(path, lambda: next(moments))) as history:
        for number in range(23):
            history.begin_session("desk", moved_clock=number in (15, 22))
        assert [one.id for one in history.past(NOON)] == [12, 13, 14, 15, 17, 18, 19, 20, 21, 22]
        assert next(one.id for one in history.past(LONG_AGO + timedelta(days=9))) == 10


@pytest.mark.skipif(os.name != "posix", reason="needs the modes of files")
def test_nobody_else_may_read_the_history(path: Path) -> None:
    with closing(History(path)) as history:
        history.begin_session("quick_3")
        assert {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()} == dict.fromkeys(
            ("history.db", "history.db-wal", "history.db-shm", "history.lock"), "0o600"
        )


@pytest.mark.skipif(os.name != "posix", reason="needs the modes of files")
def test_a_history_that_everybody_may_read_becomes_private(path: Path) -> None:
    with closing(History(path)) as other:
        other.begin_session("quick_3")
        files = [file for file in path.parent.iterdir() if file.suffix != ".lock"]
        for file in files:
            file.chmod(0o644)
        with closing(History(path)):
            assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


# --- a session that was killed


def test_a_side_that_was_cut_off_counts_for_what_it_was_to_get(path: Path) -> None:
    with closing(History(path)) as history:
        session = history.begin_session("quick_3")
        history.begin_side(session, BEGAN)
        (dose,) = record(path, session).doses
        assert (dose.worked, dose.most, dose.running) == (0.0, 0.0, False)
        history.stand(session, working(0.0))
        history.stand(session, working(10.0, planned=55.0, rung=2))
        history.keep(session, '{"phase": "work"}', 14.5)
    (dose,) = record(path, session).doses
    assert (dose.worked, dose.planned, dose.most, dose.began_rung, dose.rung) == (19.5, 55.0, 55.0, 1, 2)
    assert (dose.running, dose.done) == (True, False)


def test_a_side_counts_once_when_it_has_ended(path: Path) -> None:
    with closing(History(path)) as history:
        session = history.begin_session("quick_3")
        history.begin_side(session, BEGAN)
        history.stand(session, working(10.0))
        history.add_dose(session, DOSE)
    assert [(dose.worked, dose.running) for dose in record(path, session).doses] == [(40.0, False)]


def test_a_session_that_died_is_found_as_unfinished(path: Path) -> None:
    with closing(History(path, lambda: NOON)) as history:
        session = history.begin_session("quick_3", wishes={"side": "left", "tools": ["towel"]})
        history.begin_side(session, BEGAN)
        history.stand(session, working(3.0))
        history.keep(session, STANDS, 8.0)
    with closing(History(path, lambda: NOON + timedelta(hours=11))) as history:
        found = history.unfinished()
        assert found is not None
        assert (found.id, found.routine, found.step, found.side) == (session, "quick_3", "ball_roll", "left")
        assert (found.worked, found.running, found.seen_at) == (8.0, True, NOON)
        assert found.wishes == {"side": "left", "tools": ["towel"]}
        assert found.snapshot == SNAPSHOT


@pytest.mark.parametrize(
    ("later", "version"), [(timedelta(hours=13), None), (timedelta(hours=1), "0.0.0 of another day")]
)
def test_a_session_of_long_ago_or_of_another_version_cannot_be_gone_on_with(
    path: Path, later: timedelta, version: str | None
) -> None:
    with closing(History(path, lambda: NOON)) as history:
        history.keep(history.begin_session("quick_3"), STANDS, None)
    with closing(History(path, lambda: NOON + later)) as history:
        assert (history.unfinished() if version is None else history.unfinished(version=version)) is None


def test_a_session_that_goes_on_elsewhere_is_not_unfinished(path: Path) -> None:
    code = (
        "import sys, pathlib; from voice_coach.history.store import History\n"
        "history = History(pathlib.Path(sys.argv[1])); number = history.begin_session('desk')\n"
        "history.keep(number, sys.argv[2], None); print(number, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, path, STANDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        number = int(other.stdout.readline())
        with closing(History(path)) as history:
            assert history.goes_on(number)
            assert history.unfinished() is None
            other.kill()
            other.wait()
            assert not history.goes_on(number)
            found = history.unfinished()
    assert found is not None
    assert found.id == number


@pytest.mark.parametrize(
    ("ended", "is_unfinished"),
    [
        (ENDED, False),
        (Ended("finished_early", 9, 9, 1), False),
        (Ended("interrupted", 9, 9, 1), True),
        (Ended("interrupted", 9, 9, 1, resumable=False), False),
        (Ended("body", 9, 9, 1, resumable=False), False),
        (Ended("limit", 9, 9, 1), False),
    ],
)
def test_only_an_interrupted_session_can_be_gone_on_with_after_its_end(
    path: Path, ended: Ended, *, is_unfinished: bool
) -> None:
    with closing(History(path)) as history:
        session = history.begin_session("quick_3")
        history.keep(session, STANDS, None)
        history.end_session(session, ended)
    with closing(History(path)) as history:
        assert (history.unfinished() is not None) is is_unfinished


def test_only_the_latest_session_can_be_gone_on_with(path: Path) -> None:
    with closing(History(path)) as history:
        history.keep(history.begin_session("quick_3"), STANDS, None)
        history.end_session(history.begin_session("desk"), ENDED)
    with closing(History(path)) as history:
        assert history.unfinished() is None


def test_a_session_on_a_moved_clock_is_not_offered_to_people(path: Path) -> None:
    with closing(History(path)) as history:
        history.keep(history.begin_session("quick_3", moved_clock=True), STANDS, None)
    with closing(History(path)) as history:
        assert history.unfinished() is None
        assert history.unfinished(moved_clock=True) is not None


@pytest.mark.parametrize(("worked", "had"), [(1.0, 6.0), (38.0, 40.0), (52.0, 52.0)])
def test_a_session_that_is_forgotten_as_unfinished_counts_for_what_it_has_had_at_most(
    path: Path, worked: float, had: float
) -> None:
    with closing(History(path)) as history:
        session = history.begin_session("quick_3")
        history.begin_side(session, BEGAN)
        history.stand(session, working(worked))
        history.forget_unfinished(session)
        assert history.unfinished() is None
    assert [(dose.most, dose.done, dose.running) for dose in record(path, session).doses] == [(had, False, False)]


def test_a_session_that_was_killed_shows_exports_and_keeps_the_same_seconds(path: Path) -> None:
    with closing(History(path)) as history:
        session = history.begin_session("quick_3")
        history.begin_side(session, BEGAN)
        history.stand(session, working(1.0))
        shown = record(path, session).worked
        (exported,) = read_document(history.database).sessions[0].doses
        history.forget_unfinished(session)
    assert shown == exported.worked == record(path, session).worked == 6.0


def test_a_session_whose_snapshot_is_not_understood_cannot_be_gone_on_with(path: Path) -> None:
    with closing(History(path)) as history:
        history.keep(history.begin_session("quick_3"), '{"phase": "dancing"}', None)
    with closing(History(path)) as history:
        assert history.unfinished() is None


# --- what is in the way


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(HistoryError, match="cannot be used"):
        History(folder / "history.db")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError) as caught:
        History(tmp_path)
    assert caught.value.exit_status == 7


def test_a_history_that_is_only_read_is_not_touched(path: Path) -> None:
    with closing(History(path)) as history:
        history.add_dose(history.begin_session("desk"), DOSE)
    with closing(History(path, read_only=True)) as history:
        assert [one.worked for one in history.past(LONG_AGO)] == [40.0]
        with pytest.raises(HistoryError):
            history.begin_session("desk")


# --- ten years


def test_ten_years_of_daily_sessions_answer_at_once(path: Path) -> None:
    make_years(path, NOON, sessions=5000)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM doses").fetchone() > (49_000,)
    catalogue = load_catalogue()
    seconds: dict[str, float] = {}
    with closing(History(path)) as history:
        questions: dict[str, Callable[[], object]] = {
            "the latest": history.sessions,
            "all of one routine": lambda: history.sessions(None, routine="full_15"),
            "all": lambda: history.sessions(None),
            "one in full": lambda: history.session(2000),
            "what they mean": lambda: before_session(history.past(NOON - LOOK_BACK), NOON, catalogue),
            "unfinished": history.unfinished,
        }
        for name, ask in questions.items():
            began = time.process_time()  # of this process alone, whatever runs beside it
            ask()
            seconds[name] = time.process_time() - began
    assert max(seconds.values()) < 0.6, seconds  # 0.2 s are meant; a core under test is shared
    assert seconds["what they mean"] < 0.2, seconds


def test_the_history_needs_no_sound_and_no_model() -> None:
    heavy = "{'numpy', 'vosk', 'sounddevice'}"
    code = f"import sys, voice_coach.history.recorder; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
