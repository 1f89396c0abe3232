"""What "I have n minutes" does in a session, taken back, told again, and together with what earlier sessions mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voice_coach.numbers import in_words
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.person import Person
from voice_coach.routines.planning import plan_session
from voice_coach.routines.schema import HoldDose, TimedDose
from voice_coach.routines.wishes import Wishes
from voice_coach.session.actions import SaveWanted, StepBegan
from voice_coach.session.before import NOTHING_BEFORE, Before
from voice_coach.session.phases import Phase
from voice_coach.testing import MovedSession, by_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice_coach.routines.schema import Dose
    from voice_coach.session.plan import Plan

CATALOGUE = load_catalogue()


def planned(
    routine: str,
    *,
    minutes: int | None = None,
    before: Before = NOTHING_BEFORE,
    answers: Mapping[str, str] | None = None,
) -> Plan:
    """Give the plan of somebody who has answered all first questions: no, where `answers` does not say else."""
    known = dict.fromkeys(CATALOGUE.first_questions, "no") | dict(answers or {})
    wishes = Wishes(minutes=minutes)
    return plan_session(CATALOGUE, CATALOGUE.routines[routine], wishes, Person(known), before).plan


def at_work(routine: str, step: str) -> MovedSession:
    """Give a session that is a second into the work on the first side of `step`."""
    moved = MovedSession(routine, answers={"opening": "no"})
    moved.move_until(lambda state: state.step == step and state.phase is Phase.WORK)
    moved.move_by(1.0)
    return moved


def steps_of(moved: MovedSession) -> list[str]:
    return [planned.step.id for planned in moved.session._state.steps]


def doses_of(moved: MovedSession) -> list[Dose]:
    return [planned.dose for planned in moved.session._state.steps]


def dose_here(moved: MovedSession) -> float:
    return moved.state.planned or 0.0


# --- told again


def test_minutes_told_again_and_again_lengthen_no_dose_by_more_than_a_quarter() -> None:
    moved = MovedSession("quick_3", answers={"opening": "no"})
    moved.move_by(3.0)
    for _ in range(4):
        moved.type("I have thirty minutes")
        moved.move_by(2.5)
        assert dose_here(moved) == 50.0
    moved.move_to_end()
    assert {dose.planned for dose in moved.record.doses if dose.step == "ball_roll"} == {50.0}


def test_minutes_told_before_the_session_and_in_it_count_once() -> None:
    moved = MovedSession(planned("quick_3", minutes=30), answers={"opening": "no"})
    moved.move_by(3.0)
    moved.type("I have thirty minutes")
    assert dose_here(moved) == 50.0


def test_minutes_that_get_fewer_shorten_no_dose_below_six_tenths_of_the_routine_s() -> None:
    moved = MovedSession("desk", answers={"opening": "no"})
    moved.move_until(lambda state: state.phase is Phase.SETUP)
    usual = {it.step.id: it.dose.seconds for it in planned("desk").steps}
    for minutes in ("five", "four", "three", "two"):
        moved.move_by(2.1)
        moved.type(f"I have {minutes} minutes")
        for step in moved.session._state.steps[1:]:
            least = 0.6 * usual[step.step.id] - (6.5 if isinstance(step.dose, HoldDose) else 0.5)
            assert step.dose.seconds >= least


def test_with_more_time_the_doses_and_what_was_left_out_come_back() -> None:
    at_once, later = MovedSession("full_15", answers={}), MovedSession("full_15", answers={})
    later.type("I have five minutes")
    assert len(steps_of(later)) < len(steps_of(at_once))
    for moved in (at_once, later):
        moved.move_by(2.1)
        moved.type("I have fifteen minutes")
    assert (steps_of(later), doses_of(later)) == (steps_of(at_once), doses_of(at_once))
    assert later.record.lines[-1] == at_once.record.lines[-1]
    for moved in (at_once, later):
        moved.type("save that")
    assert later.record.actions(SaveWanted) == at_once.record.actions(SaveWanted)


def test_what_the_time_left_out_before_the_session_comes_back_with_more_of_it() -> None:
    moved = MovedSession(planned("full_15", minutes=5), answers={})
    assert "settle" not in steps_of(moved)
    moved.type("I have fifteen minutes")
    assert steps_of(moved) == [it.step.id for it in planned("full_15").steps]


def test_what_has_begun_does_not_come_back_with_more_time() -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("I have five minutes")
    moved.move_until(lambda state: state.step == "plantar_pull")
    moved.type("I have thirty minutes")
    moved.move_to_end()
    began = [began.step for began in moved.record.actions(StepBegan) if began.side in ("left", "both")]
    assert sorted(began) == sorted(it.step.id for it in planned("full_15").steps)


def test_longer_counts_when_minutes_are_told_again() -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("I have fourteen minutes")
    moved.move_by(2.1)
    shorter = dose_here(moved)
    moved.type("longer")
    assert dose_here(moved) == shorter + 15.0
    moved.type("I have fifteen minutes")
    assert dose_here(moved) >= 75.0


def test_a_foot_that_is_left_out_does_not_come_back_with_more_time() -> None:
    moved = MovedSession("full_15", answers={})
    moved.type("I have five minutes")
    moved.type("just the left foot")
    moved.move_by(2.1)
    moved.type("I have thirty minutes")
    assert {side for it in moved.session._state.steps for side in it.sides} == {"left", "both"}


def test_what_there_is_no_tool_for_does_not_come_back_with_more_time() -> None:
    moved = MovedSession("full_15", answers={})
    moved.type("I have five minutes")
    moved.type("no roller")
    moved.move_by(2.1)
    moved.type("I have thirty minutes")
    assert "roller_calf" not in steps_of(moved)
    assert len(steps_of(moved)) == len(set(steps_of(moved)))


# --- together with earlier sessions


def test_no_dose_grows_in_a_session_that_begins_with_a_rise_back_to_the_usual() -> None:
    before = Before(rises=True)
    moved = MovedSession(planned("morning_in_bed", before=before))
    doses = doses_of(moved)
    moved.type("I have twelve minutes")
    assert doses_of(moved) == doses
    assert [it.dose for it in planned("morning_in_bed", minutes=12, before=before).steps] == doses


def worse(routine: str, minutes: int | None = None) -> MovedSession:
    """Give a session, planned for a time, that was told at its beginning that the feet were worse."""
    plan = planned(routine, minutes=minutes, before=Before(ask_next_day=True))
    moved = MovedSession(plan, answers={"opening": "no"})
    moved.type("worse")
    return moved


@pytest.mark.parametrize("routine", ["quick_3", "full_15", "desk"])
@pytest.mark.parametrize("minutes", [1, 2, 3, 5, 9, 15, 30])
def test_after_worse_no_dose_is_more_than_three_quarters_whatever_time_it_was_planned_for(
    routine: str, minutes: int
) -> None:
    usual = {it.step.id: it.dose for it in planned(routine).steps if it.step.family not in ("check", "rest")}
    moved = worse(routine, minutes)
    told = planned(routine, minutes=minutes, before=Before(dose_factor=0.75))
    for steps in (moved.session._state.steps, told.steps):
        for it in steps:
            most = usual.get(it.step.id, it.dose)
            if isinstance(it.dose, HoldDose) and isinstance(most, HoldDose):
                assert it.dose.repetitions <= max(1, 0.75 * most.repetitions)
                assert it.dose.hold <= most.hold
            elif it.step.id in usual:
                assert it.dose.seconds <= max(15.0, 0.75 * most.seconds)
    assert doses_of(moved) == [it.dose for it in told.steps]
    assert "There is time for a little more of each." not in moved.record.lines


@pytest.mark.parametrize("known_before", [True, False])
@pytest.mark.parametrize("minutes", [1, 7, 8, 9])
def test_what_is_said_about_the_time_after_worse_is_what_is_given(minutes: int, known_before: bool) -> None:
    if known_before:
        plan = planned("full_15", minutes=minutes, before=Before(dose_factor=0.75))
        moved = MovedSession(plan, answers={"opening": "no"})
    else:
        moved = worse("full_15", minutes)
    moved.move_until(lambda state: state.step == "ball_roll")
    seconds = f"{in_words(int(dose_here(moved)))} seconds"
    (told,) = [line for line in moved.record.lines if "each roll to" in line or "a short roll" in line]
    assert seconds in told


def test_after_worse_what_the_time_asked_for_is_not_saved() -> None:
    moved = worse("full_15", 5)
    moved.type("save that")
    assert moved.record.actions(SaveWanted) == []


def test_minutes_told_in_the_session_take_the_place_of_those_it_was_planned_for() -> None:
    moved = MovedSession(planned("full_15", minutes=30), answers={"opening": "no"}, line_seconds=by_words())
    moved.move_by(1.0)
    moved.type("I have five minutes")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert "There is time for a little more of each." not in moved.record.lines


def test_worse_is_the_last_word_about_doses_that_a_time_has_lengthened() -> None:
    moved = MovedSession(planned("quick_3", before=Before(ask_next_day=True)), line_seconds=by_words())
    moved.move_until(lambda _: moved.session.asks == "next day")
    moved.type("I have thirty minutes")
    moved.move_by(1.0)
    moved.type("worse")
    moved.move_by(30.0)
    assert [it.dose.seconds for it in moved.session._state.steps] == [30.0, 10.0]
    later = moved.record.lines[moved.record.lines.index("Then all of it is one rung down today, and a quarter less.") :]
    assert not any("a little more" in line for line in later)


@pytest.mark.parametrize(("answer", "offered"), [("same", True), ("worse", False)])
def test_no_rung_more_is_offered_where_the_feet_are_told_to_be_worse(answer: str, offered: bool) -> None:
    before = Before(offers=frozenset({"ball"}), ask_next_day=True)
    moved = MovedSession(planned("quick_3", before=before), answers={"opening": "no", "next day": answer})
    moved.move_until(lambda state: state.step == "plantar_pull")
    assert ("You can go up a rung if you like." in moved.record.lines) is offered


# --- taken back


@pytest.mark.parametrize("word", ["undo", "cancel"])
def test_taking_the_minutes_back_keeps_the_look_at_the_feet_that_was_planned(word: str) -> None:
    moved = MovedSession(planned("morning_in_bed", answers={"diabetes": "yes"}), answers={}, line_seconds=by_words())
    before = steps_of(moved)
    moved.move_by(1.0)
    moved.type("I have five minutes")
    moved.move_by(3.0)
    moved.type(word)
    assert steps_of(moved) == before
    moved.type("no")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert moved.state.step == "foot_check"
    assert len([line for line in moved.record.lines if line.startswith("Five minutes.")]) == 1


def test_taking_the_minutes_back_keeps_the_one_roll_of_a_session_of_one_minute() -> None:
    moved = MovedSession(planned("quick_3", minutes=1))
    moved.type("I have two minutes")
    moved.move_by(2.1)
    moved.type("undo")
    assert [(it.step.id, it.dose) for it in moved.session._state.steps] == [("ball_roll", TimedDose(20))]


def test_taking_the_minutes_back_brings_back_no_look_at_the_feet_that_was_put_in() -> None:
    moved = at_work("full_15", "ankle_circles")
    moved.type("pause")
    moved.move_by(601.0)
    moved.type("resume")
    assert moved.state.step == "foot_check"
    moved.type("I have five minutes")
    moved.move_until(lambda state: state.step == "ankle_circles")
    moved.type("undo")
    moved.move_to_end()
    assert [began.step for began in moved.record.actions(StepBegan)].count("foot_check") == 2


def test_what_was_said_about_other_minutes_is_not_said_again() -> None:
    moved = MovedSession("full_15", line_seconds=by_words())
    moved.move_by(1.0)
    moved.type("I have five minutes")
    moved.move_by(2.1)
    moved.type("I have ten minutes")
    moved.move_to_end()
    assert len([line for line in moved.record.lines if line.startswith("Five minutes.")]) == 1


def test_other_minutes_told_while_the_notice_is_spoken_are_the_last_word_on_them() -> None:
    moved = MovedSession(planned("full_15", minutes=8), answers={"opening": "no"}, line_seconds=by_words())
    moved.move_by(1.0)
    while not moved.record.lines[-1].startswith("Eight minutes."):
        moved.move_by(0.5)
    moved.type("I have twelve minutes")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    told = next(n for n, line in enumerate(moved.record.lines) if line.startswith("Twelve minutes."))
    assert not any(line.startswith(("Eight", "I trimmed")) for line in moved.record.lines[told + 1 :])


def test_other_minutes_told_after_worse_are_the_last_word_on_them() -> None:
    before = Before(ask_next_day=True)
    plan = planned("full_15", minutes=8, before=before)
    moved = MovedSession(plan, answers={"opening": "no", "next day": "worse"}, line_seconds=by_words())
    while "Then all of it is one rung down today, and a quarter less." not in moved.record.lines:
        moved.move_by(0.5)
    moved.type("I have twelve minutes")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    told = next(n for n, line in enumerate(moved.record.lines) if line.startswith("Twelve minutes."))
    assert not any("trimmed" in line for line in moved.record.lines[told + 1 :])


def test_taking_the_minutes_back_tells_the_notice_of_the_minutes_before_again() -> None:
    moved = MovedSession(planned("full_15", minutes=8), answers={"opening": "no"}, line_seconds=by_words())
    moved.move_by(1.0)
    moved.type("I have five minutes")
    moved.move_by(2.1)
    moved.type("undo")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert any(line.startswith("Eight minutes.") for line in moved.record.lines)


def test_what_a_minute_left_out_comes_back_where_its_one_roll_must_not_be_done() -> None:
    catalogue = load_catalogue()
    plan = plan_session(
        catalogue, catalogue.routines["full_15"], Wishes(), Person({}, tuple(catalogue.first_questions))
    ).plan
    moved = MovedSession(plan, answers={})
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    moved.move_by(1.0)
    moved.type("I have a minute")
    while moved.session.asks == "first":
        moved.move_by(2.5)
        asked = moved.record.lines[-1]
        moved.type("yes" if "diabetes" in asked else "no")
    assert "Nothing is left of this routine for you today." not in moved.record.lines
    assert set(steps_of(moved)) & {"ankle_circles", "plantar_pull", "wall_straight"}
    assert "ball_roll" not in steps_of(moved)


def test_going_on_with_one_foot_keeps_what_the_routine_gives_it() -> None:
    moved = MovedSession(planned("quick_3", minutes=30), answers={"opening": "no"})
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(3.0)
    grown = dose_here(moved)
    moved.type("just the right foot")
    moved.move_by(3.0)
    moved.type("I have thirty minutes")
    assert dose_here(moved) == grown
