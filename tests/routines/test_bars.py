"""What the answers to the first questions bar, against the content's table, typed from it by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routines.people import answers_of_people
from tests.scripted_people import examples
from voice_coach.routines.bars import bars_of, without_barred
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.bars import NO_BARS, Bars
from voice_coach.session.plan import plan_routine

CATALOGUE = load_catalogue()
ALL = set(CATALOGUE.steps)
BALL = {"ball_roll", "ball_press", "ball_forefoot", "ball_heel"}
ROLLER = {"roller_calf", "roller_outer"}
STICK = {"stick_calf", "stick_shin"}
LOWER_LEG_MASSAGE = ROLLER | STICK | {"hand_calf"}
ANKLE_MOVES = {"ankle_pumps", "ankle_circles"}
STRETCHES = {"plantar_pull", "top_foot", "towel_calf", "wall_straight", "wall_bent"}
CRAMP = {"cramp_arch", "cramp_calf"}


def out(bars: Bars, side: str = "left") -> set[str]:
    """Give the steps that are barred on a side."""
    return {step for step in ALL if bars.bar(step, side)}


def bars(**answers: str) -> Bars:
    return bars_of(CATALOGUE, answers)


def test_the_seven_questions_of_the_content_are_asked_in_its_order() -> None:
    assert list(CATALOGUE.first_questions) == [
        "wound",
        "clot",
        "diabetes",
        "thinners",
        "pregnant",
        "varicose",
        "heel_pain",
    ]


def test_only_the_question_for_a_wound_asks_which_leg() -> None:
    assert [id_ for id_, question in CATALOGUE.first_questions.items() if question.which_leg] == ["wound"]


def test_questions_are_short_enough_to_be_spoken() -> None:
    assert max(len(question.ask.split()) for question in CATALOGUE.first_questions.values()) <= 20
    assert all(question.ask.endswith("?") for question in CATALOGUE.first_questions.values())


def test_no_and_no_answer_bar_nothing() -> None:
    assert bars() == NO_BARS
    assert bars(**dict.fromkeys(CATALOGUE.first_questions, "no"), swollen_leg="no") == NO_BARS


def test_an_answer_to_a_question_that_there_is_not_bars_nothing() -> None:
    assert bars(moon="yes") == NO_BARS


def test_a_wound_bars_everything_on_that_leg_but_looking_at_it() -> None:
    known = bars(wound="left")
    assert out(known, "left") == out(known, "both") == ALL - {"foot_check"}
    assert out(known, "right") == set()
    assert known.ceilings["foot_check"] == 1


@pytest.mark.parametrize("answer", ["yes", "both"])
def test_a_wound_on_both_legs_or_on_one_that_nobody_named_bars_both(answer: str) -> None:
    known = bars(wound=answer)
    assert out(known, "left") == out(known, "right") == ALL - {"foot_check"}


def test_a_clot_bars_every_massage_of_the_lower_leg_and_rubbing_a_cramp() -> None:
    known = bars(clot="yes")
    assert out(known) == LOWER_LEG_MASSAGE
    assert not known.rubbing_after_cramp


def test_diabetes_leaves_ankle_moves_and_gentle_stretches_after_a_look_at_the_feet() -> None:
    known = bars(diabetes="yes")
    assert ALL - out(known) == ANKLE_MOVES | STRETCHES | CRAMP | {"foot_check", "settle"}
    assert all(known.ceilings[step] == 1 for step in STRETCHES | CRAMP)
    assert known.check_feet_first
    assert not known.rubbing_after_cramp


def test_blood_thinners_keep_everything_on_rung_one_with_no_body_weight_on_a_roller() -> None:
    known = bars(thinners="yes")
    assert out(known) == set()
    assert dict(known.ceilings) == dict.fromkeys(ALL - {"foot_check"}, 1)
    for step in ROLLER:
        text = CATALOGUE.steps[step].ladder[0].text
        assert "hips down" in text or "seated" in text


def test_a_pregnancy_bars_deep_pressure_on_the_calf_and_rubbing_a_cramp() -> None:
    known = bars(pregnant="yes")
    assert out(known) == ROLLER | {"stick_calf"}
    assert known.ceilings == {"hand_calf": 1, "stick_shin": 1}
    assert not known.rubbing_after_cramp


def test_varicose_veins_bar_every_pressure_on_the_lower_leg() -> None:
    assert out(bars(varicose="yes")) == LOWER_LEG_MASSAGE


def test_heel_pain_keeps_everything_on_rung_two_and_the_heel_alone_and_on_the_ground() -> None:
    known = bars(heel_pain="yes")
    assert out(known) == {"ball_heel", "heel_raises"}
    assert dict(known.ceilings) == dict.fromkeys(ALL - {"foot_check"}, 2)


def test_before_a_run_a_sore_heel_loses_the_heel_raises_and_nothing_else() -> None:
    steps = plan_routine(CATALOGUE, CATALOGUE.routines["pre_run"]).steps
    left = [planned.step.id for planned in without_barred(steps, bars(heel_pain="yes"))]
    assert left == [planned.step.id for planned in steps if planned.step.id != "heel_raises"]
    assert len(left) == len(steps) - 1


def test_a_swollen_leg_bars_all_work_on_both_legs() -> None:
    known = bars(swollen_leg="yes")
    assert out(known, "left") == out(known, "right") == ALL - {"foot_check"}


@pytest.mark.parametrize("question", [*CATALOGUE.first_questions, *CATALOGUE.flags])
def test_each_yes_has_a_caution_for_later_sessions(question: str) -> None:
    known = bars(**{question: "yes"})
    assert known.cautions == (f"caution_{question}",)
    assert known.cautions[0] in CATALOGUE.lines


def test_the_lower_of_two_ceilings_holds_and_all_bars_add_up() -> None:
    known = bars(heel_pain="yes", thinners="yes", clot="yes")
    assert set(known.ceilings.values()) == {1}
    assert out(known) == LOWER_LEG_MASSAGE | {"ball_heel", "heel_raises"}


def test_a_step_barred_on_one_side_keeps_the_other_and_its_number() -> None:
    steps = without_barred(plan_routine(CATALOGUE, CATALOGUE.routines["pre_run"]).steps, bars(wound="left"))
    assert [(planned.step.id, planned.sides, planned.number) for planned in steps] == [
        ("foot_check", ("both",), 0),
        ("ankle_circles", ("right",), 1),
        ("ball_roll", ("right",), 2),
        ("stick_calf", ("right",), 3),
        ("wall_straight", ("right",), 4),
    ]


def test_a_cramp_is_not_rubbed_afterwards_in_a_pregnancy() -> None:
    steps = plan_routine(CATALOGUE, CATALOGUE.routines["arch_cramp_now"]).steps
    assert "thumb_sole" in {planned.step.id for planned in without_barred(steps, NO_BARS)}
    left = without_barred(steps, bars(pregnant="yes"))
    assert [planned.step.id for planned in left] == ["cramp_arch", "ankle_pumps", "settle"]


def test_thumbs_stay_in_a_pregnancy_where_no_cramp_is_relieved() -> None:
    steps = plan_routine(CATALOGUE, CATALOGUE.routines["morning_in_bed"]).steps
    assert without_barred(steps, bars(pregnant="yes")) == steps


@examples(200)
@given(answers=answers_of_people(), routine=st.sampled_from(sorted(CATALOGUE.routines)))
def test_whatever_the_answers_nothing_barred_is_left_and_one_more_yes_bars_no_less(
    answers: dict[str, str], routine: str
) -> None:
    known = bars_of(CATALOGUE, answers)
    steps = without_barred(plan_routine(CATALOGUE, CATALOGUE.routines[routine]).steps, known)
    assert not any(known.bar(planned.step.id, side) for planned in steps for side in planned.sides)
    for question in answers:
        more = bars_of(CATALOGUE, {**answers, question: "yes"})
        assert known.steps <= more.steps
        assert all(more.ceilings[step] <= rung for step, rung in known.ceilings.items())
        assert known.rubbing_after_cramp or not more.rubbing_after_cramp
