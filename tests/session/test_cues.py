"""What is said on another rung than the one that a step's cues are for: how to get in place, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.session.test_dials import CATALOGUE, at_work, routine_of
from voice_coach.routines.bars import bars_of
from voice_coach.routines.schema import RoutineStep
from voice_coach.session.phases import Phase
from voice_coach.testing import MovedSession, plan_of

if TYPE_CHECKING:
    from voice_coach.session.plan import Plan


def lines_of_setup(plan: Plan, step: str) -> list[str]:
    """Give what is said while the user is getting in place for the first side of `step`."""
    moved = MovedSession(plan, answers={"opening": "no"})
    moved.move_until(lambda state: state.step == step)
    said = len(moved.record.lines)
    moved.move_until(lambda state: state.phase is Phase.COUNT_IN)
    return moved.record.lines[said - 2 : -1]


def test_nobody_is_told_to_stand_for_a_rung_on_which_one_sits() -> None:
    plan = plan_of("pre_run")
    plan = replace(plan, bars=bars_of(CATALOGUE, {"thinners": "yes"}))
    assert lines_of_setup(plan, "heel_raises") == ["Coming up, Heel raises.", "Seated."]


def test_nobody_is_told_to_sit_for_a_rung_on_which_one_kneels_and_hears_which_foot_it_is() -> None:
    plan = routine_of(RoutineStep("top_foot", rung=3))
    assert lines_of_setup(plan, "top_foot")[-1] == "Kneel, the top of your left foot on the floor."


def test_a_rung_that_is_done_in_the_same_position_keeps_the_setup() -> None:
    plan = routine_of(RoutineStep("heel_raises", rung=4))
    assert lines_of_setup(plan, "heel_raises")[-1] == "Stand tall, fingertips on a wall."


@pytest.mark.parametrize("rung", [1, 2])
def test_the_setup_that_is_rendered_ahead_is_the_one_that_is_said(rung: int) -> None:
    plan = routine_of(RoutineStep("toe_fan"), RoutineStep("heel_raises", rung=rung))
    moved = at_work(plan, "toe_fan")
    ahead = {text for text, _ in moved.session.upcoming()}
    moved.move_until(lambda state: state.step == "heel_raises")
    assert moved.record.lines[-1] in ahead


def begun_on(step: str, rung: int) -> MovedSession:
    moved = MovedSession(routine_of(RoutineStep(step, rung=rung)), answers={"opening": "no"})
    moved.move_until(lambda state: state.phase is Phase.WORK)
    return moved


@pytest.mark.parametrize(
    ("step", "rung", "cue"),
    [
        ("towel_calf", 1, "Knee slightly bent. Draw the towel toward you until the calf pulls."),
        ("ankle_circles", 1, "Draw small circles with your toes, all one way."),
        ("thumb_sole", 1, "Glide a flat palm from heel to toes, lightly."),
        ("stick_shin", 2, "Usual grip. Stroke along the muscle. If you feel bone, slide outward."),
        ("heel_raises", 1, "Two seconds up, two seconds down."),
        ("heel_raises", 3, "Two seconds up, three seconds down."),
        ("settle", 1, "Breathe in for four, out for six."),
    ],
)
def test_whoever_begins_on_another_rung_is_told_what_to_do_on_it(step: str, rung: int, cue: str) -> None:
    assert begun_on(step, rung).record.lines[-1] == cue


def test_a_look_at_the_feet_that_touches_nothing_tells_what_to_look_for_and_asks_for_no_touch() -> None:
    moved = begun_on("foot_check", 1)
    moved.move_to_end()
    lines = moved.record.lines
    assert "Only look: for broken skin, redness, swelling, or a sore callus." in lines
    assert not any("Touch" in line for line in lines)


def test_whoever_rests_with_the_feet_down_is_not_told_to_raise_them() -> None:
    lines = begun_on("settle", 1).record.lines
    assert "Rest with your feet on the floor." in lines
    assert not any("raised" in line for line in lines)


def test_a_note_of_a_routine_is_said_on_a_rung_whose_own_cue_is_not() -> None:
    moved = MovedSession(routine_of(RoutineStep("foot_check", rung=1, note="Use a mirror.")), answers={"opening": "no"})
    moved.move_to_end()
    assert "Use a mirror." in moved.record.lines
    assert not any("Touch" in line for line in moved.record.lines)
