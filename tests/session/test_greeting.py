"""What is said first names the tools that this session takes, and no other."""

from __future__ import annotations

import pytest

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.person import Person
from voice_coach.routines.planning import plan_session
from voice_coach.routines.schema import Routine, RoutineStep
from voice_coach.routines.wishes import Wishes
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.testing import MovedSession, plan_of


def first_line(plan: Plan) -> str:
    moved = MovedSession(plan, answers={"opening": "no"})
    moved.move_by(60)
    return moved.record.lines[0]


def test_a_whole_routine_takes_all_its_tools() -> None:
    greeting = "Full fifteen minutes. You need a ball, a roller, a stick and a wall."
    assert first_line(plan_of("full_15")) == greeting


@pytest.mark.parametrize(
    ("wishes", "tools"),
    [
        (Wishes(without=("roller",)), "a ball, a stick and a wall"),
        (Wishes(without=("ball", "roller", "stick")), "rolled-up socks and a wall"),
        (Wishes(without=("wall",)), "a ball, a roller, a stick and a chair"),
    ],
)
def test_what_is_missing_or_left_out_is_not_asked_for(wishes: Wishes, tools: str) -> None:
    plan = plan_session(load_catalogue(), load_catalogue().routines["full_15"], wishes, Person()).plan
    assert first_line(plan) == f"Full fifteen minutes. You need {tools}."


def test_where_no_tool_is_needed_none_is_spoken_of() -> None:
    routine = Routine(
        "Mine", "", "", (RoutineStep("toe_fan"),), "mine", greeting="My feet. You need {tools}. Sit down."
    )
    plan = plan_routine(load_catalogue(), routine)
    assert first_line(plan) == "My feet. Sit down."


def test_a_greeting_of_nothing_but_tools_is_not_spoken_without_any() -> None:
    routine = Routine("Mine", "", "", (RoutineStep("toe_fan"),), "mine", greeting="You need {tools}.")
    assert first_line(plan_routine(load_catalogue(), routine)) == "Any new sore, blister or numb spot?"


def test_a_time_that_was_wished_for_takes_the_place_of_the_usual_one() -> None:
    plan = plan_session(load_catalogue(), load_catalogue().routines["full_15"], Wishes(minutes=5), Person()).plan
    moved = MovedSession(plan, answers={"opening": "no"})
    moved.move_by(60)
    assert moved.record.lines[:2] == ["You need a ball.", "Five minutes."]


def test_who_may_not_press_is_asked_for_no_ball() -> None:
    person = Person({"diabetes": "yes"})
    plan = plan_session(load_catalogue(), load_catalogue().routines["desk"], Wishes(), person).plan
    assert first_line(plan) == "At the desk. Shoes off."
