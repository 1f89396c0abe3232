"""A session is written down as it happens: what was done, rated and noted, and where it stands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.history.living import EVENTFUL, live
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import HistoryError
from voice_coach.history.alive import ALIVE_EVERY
from voice_coach.history.recorder import Recorder
from voice_coach.history.records import NextDay
from voice_coach.history.store import History
from voice_coach.routines.beginning import beginning_from
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import TimedDose
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.actions import (
    Chime,
    DoseEnded,
    Ended,
    Hush,
    NextDayAnswered,
    Noted,
    Rated,
    Say,
    StateChanged,
    StepBegan,
)
from voice_coach.session.journal import replay
from voice_coach.session.phases import Phase
from voice_coach.session.session import Session
from voice_coach.testing import MovedSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.history.records import PastRecord
    from voice_coach.runner import EarsReady, Mended
    from voice_coach.session.actions import Action
    from voice_coach.session.snapshot import Snapshot

CATALOGUE = load_catalogue()
GRAMMAR = load_phrasebook().grammar()
MORNING = datetime(2026, 7, 1, 7, tzinfo=UTC)
DOSE = DoseEnded("ball_roll", "left", planned=40.0, worked=40.0, rung=1, done=True)
BLISTER = Noted("blister", "ball_roll", "left", "ball", "sole", locked=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def record(path: Path, number: int = 1) -> PastRecord:
    with closing(History(path)) as history:
        found = history.session(number)
    assert found is not None
    return found


class Watched:
    """A recorder of a session that stands where a test says."""

    def __init__(self, path: Path) -> None:
        self.inbox = Inbox()
        self.stands = replace(MovedSession("quick_3").session.snapshot(), phase=Phase.WORK, clock=0.0)
        self.history = History(path, lambda: MORNING)
        self.number = self.history.begin_session("quick_3")
        self.recorder = Recorder(self.history, path, self.number, self.inbox, look=lambda: self.stands, about=None)
        self.written: list[str] = []
        self.history._database._connection.set_trace_callback(self.written.append)

    def act(self, now: float, *actions: Action) -> None:
        """Let the session do all this at once."""
        self.recorder.followed(now, actions)

    def kept(self) -> int:
        """Count how often it was written where the session stands, and forget it."""
        count = sum("snapshot" in statement for statement in self.written)
        self.written.clear()
        return count


@pytest.fixture
def watched(path: Path) -> Iterator[Watched]:
    watched = Watched(path)
    yield watched
    watched.recorder.close()


def test_a_whole_session_is_in_the_history_as_it_was_lived(path: Path) -> None:
    _, lived = live(path, "full_15", EVENTFUL, at=MORNING)
    found = record(path)
    assert [(dose.step, dose.side, dose.worked, dose.planned, dose.rung, dose.done) for dose in found.doses] == [
        (dose.step, dose.side, dose.worked, dose.planned, dose.rung, dose.done) for dose in lived.doses
    ]
    assert [(one.step, one.side, one.rung, one.rating, one.asked) for one in found.ratings] == [
        (one.step, one.side, one.rung, one.rating, one.asked) for one in lived.actions(Rated)
    ]
    assert [(one.kind, one.step, one.side, one.region, one.locked) for one in found.notes] == [
        (one.kind, one.step, one.side, one.region, one.locked) for one in lived.actions(Noted)
    ]
    assert found.ratings
    assert {"pain", "blister"} <= {note.kind for note in found.notes}
    assert lived.ended is not None
    assert (found.reason, found.seconds) == (lived.ended.reason, lived.ended.seconds)
    assert lived.troubles == []


def test_where_a_side_began_is_told_from_where_it_ended(path: Path) -> None:
    live(path, "quick_3", [(1, "no"), (40, "harder")], at=MORNING)
    left = record(path).doses[0]
    assert (left.step, left.began_rung, left.rung) == ("ball_roll", 1, 2)


def test_nothing_that_anybody_says_is_written(path: Path) -> None:
    _, lived = live(path, "quick_3", [(1, "no"), (30, "tell me a secret"), (40, "ouch"), (42, "two")], at=MORNING)
    with closing(sqlite3.connect(path)) as database:
        everything = "\n".join(database.iterdump()).lower()
    assert "secret" not in everything
    assert "ouch" not in everything
    assert [line for line in lived.lines if line.lower() in everything] == []


def test_a_next_day_answer_is_about_the_session_that_was_asked_about(path: Path) -> None:
    live(path, "quick_3", [(1, "no")], at=MORNING)
    live(path, "quick_3", at=MORNING, moved_clock=True)
    live(path, "quick_3", [(1, "worse"), (3, "no")], at=MORNING + timedelta(days=1))
    assert record(path, 3).answered == NextDay(1, "worse")


def test_an_answer_that_is_about_nothing_is_not_written(watched: Watched, path: Path) -> None:
    watched.act(1.0, NextDayAnswered("worse"))
    assert record(path).answered is None
    assert watched.inbox.empty()


class _LooksIn:
    """A watcher that counts, at every single thing that a session does, what is in the file by then."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seen: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
        """What was done, what the file holds, and what followed from all that the session was told, by the file."""

    def acted(self, _now: float, action: Action) -> None:
        with closing(History(self._path)) as history:
            history._alive = None
            unfinished = history.unfinished(within=timedelta.max)
            found = history.session(1)
        if unfinished is None or found is None:
            return
        beginning = beginning_from(unfinished.beginning)
        again = Session(beginning.plan(CATALOGUE), GRAMMAR, beginning.words_per_second, beginning.manner)
        followed = [*replay(again, unfinished.journal), *again.tick(unfinished.at)]
        counts = tuple(sum(isinstance(one, kind) for one in followed) for kind in (Noted, Rated))
        self.seen.append((repr(action), (len(found.notes), len(found.ratings)), counts))

    def heard(self, now: float, text: str, command: Command | None) -> None: ...

    def listening(self, now: float, ready: EarsReady) -> None: ...

    def troubled(self, now: float, error: CoachError) -> None: ...

    def mended(self, now: float, news: Mended) -> None: ...


@pytest.mark.parametrize("word", ["swollen", "sharp", "blister", "ouch", "dizzy"])
def test_a_kill_never_comes_between_a_word_and_what_followed_from_it(path: Path, word: str) -> None:
    looks = _LooksIn(path)
    live(path, "quick_3", [(1, "no"), (30, word), (50, "resume")], at=MORNING, watchers=[looks])
    assert any(in_file[0] for _, in_file, _ in looks.seen)
    assert [seen for seen in looks.seen if seen[1] != seen[2]] == []


def test_a_history_that_has_failed_keeps_nobody_awake(path: Path) -> None:
    inbox = Inbox()
    history = History(path)
    session = MovedSession("quick_3").session
    recorder = Recorder(history, path, history.begin_session("quick_3"), inbox, look=session.snapshot)
    history.close()
    recorder.followed(1.0, [DOSE])
    assert recorder.due is None


# --- where it stands


def test_it_is_written_where_the_session_stands_when_that_changes(watched: Watched) -> None:
    watched.act(1.0, Chime("stroke"))
    assert watched.kept() == 1
    watched.act(1.1, Chime("stroke"))
    watched.act(1.2, Hush())
    assert watched.kept() == 0
    watched.stands = replace(watched.stands, barred=("ball",))
    watched.act(1.3, Say(1, "Lightest already."))
    assert watched.kept() == 1


def test_time_alone_is_a_sign_of_life_now_and_then(watched: Watched, path: Path) -> None:
    for tenth in range(200):
        watched.stands = replace(watched.stands, elapsed=tenth / 10, worked=tenth / 10, clock=tenth / 10)
        watched.act(tenth / 10, Chime("stroke"))
    assert watched.kept() == 20 / ALIVE_EVERY
    with closing(History(path, lambda: MORNING)) as history:
        history._alive = None
        unfinished = history.unfinished()
    assert unfinished is not None
    assert unfinished.worked == 15.0


def test_what_stands_after_the_end_does_not_cover_where_it_was(watched: Watched, path: Path) -> None:
    watched.stands = replace(watched.stands, number=1, dose=TimedDose(25.0))
    watched.act(1.0, StepBegan("ball_roll", "Ball roll", "left", 1, 2, 1, 40.0))
    watched.stands = replace(watched.stands, phase=Phase.SUMMARY, number=None, dose=None)
    watched.act(9.0, DOSE)
    watched.act(9.0, Ended("interrupted", 9.0, 9.0, 1))
    watched.recorder.close()
    with closing(History(path, lambda: MORNING)) as history:
        unfinished = history.unfinished()
    assert unfinished is not None
    assert (unfinished.snapshot.number, unfinished.snapshot.dose) == (1, TimedDose(25.0))


def stands(routine: str, *said: tuple[float, str]) -> tuple[MovedSession, Snapshot]:
    moved = MovedSession(routine)
    for second, text in said:
        moved.move_to(second)
        moved.type(text)
    moved.move_by(1.0)
    return moved, moved.session.snapshot()


def test_a_snapshot_tells_step_side_dose_and_dials() -> None:
    moved, snapshot = stands("quick_3", (1, "no"), (30, "harder"), (40, "thirty seconds more"), (42, "slower"))
    assert (snapshot.number, snapshot.side, snapshot.dose) == (0, 0, TimedDose(70.0))
    assert (snapshot.rungs, snapshot.raised, snapshot.stroke) == ({"ball": 1}, 1, 4.0)
    assert snapshot.clock == snapshot.worked > 0
    assert moved.state.step == "ball_roll"


def test_a_snapshot_between_two_steps_tells_what_comes() -> None:
    _, snapshot = stands("quick_3", (1, "no"), (30, "numb"))
    assert snapshot.phase is Phase.PAUSED
    assert snapshot.clock is None
    assert ("sole", "left") in snapshot.locked
    assert snapshot.barred


def test_a_snapshot_in_a_step_that_was_put_in_tells_what_it_has_interrupted() -> None:
    moved, snapshot = stands("quick_3", (1, "no"), (30, "cramp"))
    assert moved.state.step == "cramp_arch"
    assert (snapshot.number, snapshot.side, snapshot.cramps) == (0, 0, 1)
    assert snapshot.clock is not None


# --- what is in the way


def test_what_another_coach_is_in_the_way_of_is_written_later_in_its_order(watched: Watched, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        watched.act(1.0, DOSE)
        watched.act(2.0, BLISTER)
        assert record(path).doses == ()
        other.execute("ROLLBACK")
    watched.act(3.0, replace(DOSE, side="right"))
    assert [dose.side for dose in record(path).doses] == ["left", "right"]
    assert [note.kind for note in record(path).notes] == ["blister"]
    assert watched.inbox.empty()


def test_what_still_waits_is_written_when_the_session_is_over(watched: Watched, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        watched.act(1.0, DOSE)
        watched.act(2.0, Ended("finished", 9, 9, 1))
        other.execute("ROLLBACK")
    watched.recorder.close()
    assert (record(path).worked, record(path).reason) == (40.0, "finished")


def test_a_history_that_fails_says_so_once_and_the_session_goes_on(path: Path) -> None:
    inbox = Inbox()
    history = History(path)
    recorder = Recorder(history, path, history.begin_session("quick_3"), inbox)
    history.close()
    for now, action in ((58.0, DOSE), (166.0, Ended("finished", 166, 126, 2))):
        recorder.followed(now, [action])
    trouble = inbox.get_nowait()
    assert isinstance(trouble, Trouble)
    assert isinstance(trouble.error, HistoryError)
    assert inbox.empty()


@pytest.mark.parametrize(
    "action",
    [BLISTER, Ended("finished", 9, 9, 1)],
    ids=["a body word", "the end"],
)
def test_a_body_word_and_the_end_wait_for_the_disk(watched: Watched, action: Noted | Ended) -> None:
    watched.act(1.0, action)
    full = watched.written.index("PRAGMA synchronous = FULL")
    usual = watched.written.index("PRAGMA synchronous = NORMAL")
    table = "notes" if isinstance(action, Noted) else "UPDATE sessions"
    assert full < next(place for place, text in enumerate(watched.written) if table in text) < usual


@pytest.mark.parametrize(
    "begins",
    [lambda: DOSE, lambda: StateChanged(Phase.WORK, "ball_roll", "left", 1, 40.0, 1.0, 3.0, frozenset())],
)
def test_nothing_else_waits_for_the_disk(watched: Watched, begins: Callable[[], DoseEnded | StateChanged]) -> None:
    watched.act(1.0, begins())
    assert not any("FULL" in statement for statement in watched.written)
