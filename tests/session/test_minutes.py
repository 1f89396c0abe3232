"""What "I have n minutes" does in a session, taken back, told again, and together with what earlier sessions mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.person import Person
from voice_coach.routines.planning import plan_session
from voice_coach.routines.schema import TimedDose
from voice_coach.routines.wishes import Wishes
from voice_coach.session.actions import StepBegan
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


# --- together with earlier sessions


def test_no_dose_grows_in_a_session_that_begins_with_a_rise_back_to_the_usual() -> None:
    before = Before(rises=True)
    moved = MovedSession(planned("morning_in_bed", before=before))
    doses = doses_of(moved)
    moved.type("I have twelve minutes")
    assert doses_of(moved) == doses
    assert [it.dose for it in planned("morning_in_bed", minutes=12, before=before).steps] == doses


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
