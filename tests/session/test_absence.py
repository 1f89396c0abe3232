"""A computer that was asleep in the middle of a session: the coach says so, and nothing goes on by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracle
from tests.scripted_people import Choice, Said, mouths, people, routines, say_all
from voice_coach.clocks import AWAY_FROM, RealClock, seconds_asleep
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.runner import Inbox, Runner, Typed
from voice_coach.session.events import Slept
from voice_coach.session.phases import RUNNING, Phase
from voice_coach.session.wording import hours
from voice_coach.testing import ALL_IS_WELL, FakeMouth, ManualClock, MovedSession, SessionRecord, new_session

if TYPE_CHECKING:
    from voice_coach.testing import LineSeconds

HOUR = 3600.0
MANY = settings(max_examples=40)


def at_work() -> MovedSession:
    moved = MovedSession("quick_3", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(10.0)
    return moved


def lines_of(moved: MovedSession, event: Slept) -> list[str]:
    before = len(moved.record.lines)
    moved.receive(event)
    return moved.record.lines[before:]


def test_an_hour_asleep_in_mid_step_halts_the_session_and_is_told() -> None:
    moved = at_work()
    assert lines_of(moved, Slept(HOUR)) == ["I was away for an hour. Say resume to go on, or finish."]
    assert moved.state.phase is Phase.PAUSED
    assert moved.state.worked == pytest.approx(10.0)
    moved.move_by(600.0)
    assert moved.state.phase is Phase.PAUSED


def test_after_an_hour_the_feet_are_looked_at_before_the_rest_of_the_dose() -> None:
    moved = at_work()
    moved.receive(Slept(HOUR))
    moved.type("resume")
    assert moved.state.step == "foot_check"
    moved.move_to_end()
    sides = [(dose.step, dose.side, dose.worked) for dose in moved.record.doses[:3]]
    assert sides == [("ball_roll", "left", 10.0), ("foot_check", "both", 30.0), ("ball_roll", "left", 30.0)]


def test_after_a_minute_it_goes_on_where_it_stood() -> None:
    moved = at_work()
    moved.receive(Slept(60.0))
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert (moved.state.step, moved.state.side) == ("ball_roll", "left")
    moved.move_to_end()
    assert moved.record.doses[0].worked == pytest.approx(40.0)


def test_finish_ends_it_and_the_hour_is_no_work() -> None:
    moved = at_work()
    moved.receive(Slept(HOUR))
    moved.type("finish")
    moved.move_to_end()
    assert moved.record.ended is not None
    assert moved.record.ended.worked == pytest.approx(10.0)
    assert moved.record.ended.seconds > HOUR


def test_a_safety_question_that_was_open_must_still_be_answered() -> None:
    moved = MovedSession("quick_3")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    moved.receive(Slept(HOUR))
    assert moved.state.phase is Phase.PAUSED
    moved.type("resume")
    assert (moved.state.phase, moved.session.asks) == (Phase.QUESTION, "opening")


def test_pain_that_was_not_rated_before_the_sleep_counts_as_the_worst() -> None:
    moved = at_work()
    moved.type("ouch")
    moved.receive(Slept(HOUR))
    assert moved.session.phase not in RUNNING
    moved.type("resume")
    moved.move_to_end()
    later = [dose for dose in moved.record.doses[1:] if dose.step == "ball_roll" and dose.side == "left"]
    assert later == []


def test_stopped_stays_stopped() -> None:
    moved = at_work()
    moved.type("stop")
    moved.receive(Slept(HOUR))
    assert moved.state.phase is Phase.STOPPED


@MANY
@given(routines(), people(), mouths(), st.floats(AWAY_FROM, 100 * HOUR), people())
def test_whenever_it_sleeps_nothing_runs_afterwards_and_every_cap_holds(
    choice: Choice, said: list[Said], line_seconds: LineSeconds, seconds: float, later: list[Said]
) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    if moved.session.over:
        return
    moved.receive(Slept(seconds))
    assert moved.session.phase in {Phase.PAUSED, Phase.STOPPED, Phase.SUMMARY, Phase.ENDED, Phase.QUESTION}
    if not moved.session.over:
        moved.type("resume")
    say_all(moved, later)
    moved.move_to_end()
    assert oracle.broken_caps(moved.record) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(12, "ten seconds"), (600, "ten minutes"), (3599, "an hour"), (2 * HOUR, "two hours"), (1e9, "hours")],
)
def test_a_length_of_any_size_can_be_said(seconds: float, said: str) -> None:
    assert said in hours(seconds)


def test_the_runner_tells_the_session_that_the_machine_slept() -> None:
    inbox, clock, record = Inbox(), ManualClock(), SessionRecord()
    session = new_session("quick_3")
    runner = Runner(session, load_phrasebook(), clock, inbox, FakeMouth(inbox, clock), watchers=(record,))
    clock.asleep = HOUR
    inbox.put(Typed("finish"))
    runner.run()
    assert "I was away for an hour. Say resume to go on, or finish." in record.lines


def test_a_real_clock_tells_how_long_the_machine_slept_once() -> None:
    slept = [0.0]
    clock = RealClock(lambda: slept[0])
    assert clock.slept() == 0.0
    slept[0] = HOUR
    before = clock.now()
    assert clock.slept() == HOUR
    assert clock.slept() == 0.0
    assert clock.now() - before < 1.0
    slept[0] += AWAY_FROM / 2
    assert clock.slept() == 0.0


def test_a_program_that_was_stopped_in_a_wait_does_not_count_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 0.0, HOUR])
    monkeypatch.setattr("time.monotonic", lambda: next(times, HOUR))
    clock = RealClock(lambda: 0.0)
    clock.wait(Inbox(), None)
    assert clock.slept() == pytest.approx(HOUR, abs=1.0)
    assert clock.now() < 1.0


def test_the_sleep_of_this_machine_is_known() -> None:
    assert seconds_asleep() >= -0.1
