"""Sessions planned for people: their time, feet, areas, tools and places, and what is barred for them."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routines.people import pasts, people, wishes
from tests.scripted_people import Said, examples
from tests.scripted_people import people as talk
from voice_coach.errors import WishError
from voice_coach.routines.bars import bars_of
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.person import Person
from voice_coach.routines.planning import plan_session
from voice_coach.routines.schema import TimedDose
from voice_coach.routines.wishes import Wishes
from voice_coach.session.actions import ProfileAnswered, StateChanged
from voice_coach.session.before import NOTHING_BEFORE, Before
from voice_coach.session.phases import RUNNING
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.session.wording import fill
from voice_coach.testing import ALL_IS_WELL, Happened, run_session

CATALOGUE = load_catalogue()
NOBODY = Person()


def plan(routine: str, wish: Wishes | None = None, person: Person = NOBODY, before: Before = NOTHING_BEFORE) -> Plan:
    return plan_session(CATALOGUE, CATALOGUE.routines[routine], wish or Wishes(), person, before).plan


def ids(it: Plan) -> list[str]:
    return [planned.step.id for planned in it.steps]


def told(it: Plan) -> list[str]:
    """Give what is said about the changes."""
    return [fill(CATALOGUE.lines[change.line], **change.slots) for change in it.changes]


def known(**answers: str) -> Person:
    return Person(answers)


def refused(routine: str, wish: Wishes | None = None, person: Person = NOBODY) -> WishError:
    with pytest.raises(WishError) as caught:
        plan(routine, wish, person)
    assert caught.value.exit_status == 2
    assert caught.value.remedy.startswith("voice-coach ")
    return caught.value


def planned_or_refused(routine: str, wish: Wishes, person: Person, before: Before) -> Plan | None:
    """Give the plan, or None where there is none and a command helps."""
    try:
        return plan(routine, wish, person, before)
    except WishError as error:
        if not error.remedy.startswith("voice-coach "):
            raise
        return None


@pytest.mark.parametrize("routine", CATALOGUE.routines)
def test_who_wishes_nothing_gets_the_routine_as_it_is(routine: str) -> None:
    it = plan(routine)
    assert it.steps == plan_routine(CATALOGUE, CATALOGUE.routines[routine]).steps
    assert it.changes == ()


# --- minutes


def test_a_routine_is_fitted_to_the_minutes_there_are_and_it_is_said() -> None:
    it = plan("full_15", Wishes(minutes=8))
    assert it.seconds <= 8 * 60 - 10
    assert told(it) == [
        "Eight minutes.",
        "I left out the ball press and the shin.",
        "I trimmed each roll to thirty six seconds.",
    ]


def test_more_minutes_than_a_routine_can_fill_are_left_over_and_it_is_said() -> None:
    it = plan("quick_3", Wishes(minutes=10))
    assert told(it) == [
        "Ten minutes.",
        "There is time for a little more of each.",
        "That leaves time over. I add nothing to fill it.",
    ]


def test_minutes_that_are_too_few_for_what_must_stay_are_told() -> None:
    assert told(plan("full_15", Wishes(minutes=2)))[-1] == "It takes about three and a half minutes at the least."


def test_one_minute_is_a_ball_roll_of_twenty_seconds_a_foot() -> None:
    it = plan("full_15", Wishes(minutes=1))
    assert [(planned.step.id, planned.dose, planned.sides) for planned in it.steps] == [
        ("ball_roll", TimedDose(20), ("left", "right"))
    ]
    assert it.seconds <= 60
    assert told(it) == ["One minute: a short roll, twenty seconds a foot."]


def test_one_minute_for_one_foot_with_a_lacrosse_ball_is_adapted_like_any_plan() -> None:
    it = plan("full_15", Wishes(minutes=1, side="left", tools=("lacrosse ball",)))
    assert [(planned.sides, planned.step.rung) for planned in it.steps] == [(("left",), 2)]
    assert it.changes[-1].line == "instead_lacrosse"


def test_one_minute_without_the_ball_is_the_least_of_what_is_left() -> None:
    it = plan("quick_3", Wishes(minutes=1), known(diabetes="yes"))
    assert ids(it) == ["foot_check", "plantar_pull"]


@pytest.mark.parametrize("wish", [Wishes(minutes=1), Wishes(without=("towel", "belt"))])
def test_nobody_gets_out_of_bed_for_one_minute_or_for_want_of_a_towel(wish: Wishes) -> None:
    it = plan("morning_in_bed", wish)
    assert set(ids(it)) <= {"ankle_pumps", "ankle_circles", "plantar_pull", "thumb_sole"}


def test_one_minute_for_an_area_that_no_ball_rolls_stays_in_that_area() -> None:
    it = plan("full_15", Wishes(minutes=1, only=("calf",)))
    families = {planned.step.id for planned in it.steps if planned.step.family not in ("check", "rest")}
    assert families
    assert families <= {"roller_calf", "wall_straight", "wall_bent"}


def test_areas_are_told_in_one_sentence() -> None:
    assert told(plan("full_15", Wishes(only=("arch", "calf"))))[0] == "Only the arch and the calf today."


def test_a_cramp_is_relieved_in_full_however_little_time_there_is() -> None:
    it = plan("arch_cramp_now", Wishes(minutes=1))
    assert it.steps[0].step.id == "cramp_arch"
    assert it.changes == ()


@pytest.mark.parametrize(("minutes", "possible"), [(0, 2), (-3, 2), (31, 30), (1000, 30)])
def test_minutes_that_no_session_takes_are_refused(minutes: int, possible: int) -> None:
    assert refused("quick_3", Wishes(minutes=minutes)).remedy == f"voice-coach start quick_3 --minutes {possible}"


@pytest.mark.parametrize("before", [Before(dose_factor=0.75), Before(rungs={"ball": 1}), Before(rises=True)])
def test_doses_never_grow_where_they_were_lowered_or_a_rung_was_raised(before: Before) -> None:
    doses = [planned.dose for planned in plan("quick_3", Wishes(minutes=10), before=before).steps]
    assert doses == [planned.dose for planned in plan("quick_3", before=before).steps]


def test_what_was_done_today_counts_when_a_time_is_filled() -> None:
    today = Before(seconds_today={("sole_pressure", "left"): 570.0})
    doses = {
        planned.step.id: planned.dose.seconds for planned in plan("quick_3", Wishes(minutes=3), before=today).steps
    }
    assert doses["ball_roll"] == 30


# --- sides and areas


def test_just_the_left_foot_is_done_and_what_is_for_both_at_once_stays() -> None:
    it = plan("pre_run", Wishes(side="left"))
    assert {planned.sides for planned in it.steps} == {("left",), ("both",)}
    assert told(it) == ["Only the left foot today."]


def test_both_feet_are_the_usual() -> None:
    assert plan("pre_run", Wishes(side="both")).steps == plan("pre_run").steps


def test_a_routine_for_one_foot_is_not_done_on_both() -> None:
    assert refused("arch_cramp_now", Wishes(side="both")).remedy == "voice-coach start arch_cramp_now --side left"


def test_a_foot_named_for_a_cramp_needs_no_telling() -> None:
    it = plan("arch_cramp_now", Wishes(side="right"))
    assert {planned.sides for planned in it.steps} == {("right",), ("both",)}
    assert it.changes == ()


def test_only_the_sole_keeps_the_foot_check_and_the_steps_of_the_sole() -> None:
    it = plan("full_15", Wishes(only=("sole",)))
    assert ids(it) == ["foot_check", "ball_roll", "ball_press", "plantar_pull"]
    assert told(it) == ["Only the sole today."]


def test_areas_add_up_and_are_written_in_any_way() -> None:
    assert ids(plan("full_15", Wishes(only=("Lower_Leg", "arch")))) == [
        "foot_check",
        "ball_roll",
        "ball_press",
        "plantar_pull",
        "roller_calf",
        "stick_shin",
        "wall_straight",
        "wall_bent",
    ]


def test_an_area_that_there_is_not_or_that_a_routine_does_nothing_for_is_told_with_those_there_are() -> None:
    unknown = refused("quick_3", Wishes(only=("elbow",)))
    assert "sole, arch" in unknown.what
    assert unknown.remedy == "voice-coach start quick_3 --only sole"
    nothing = refused("quick_3", Wishes(only=("calf",)))
    assert nothing.what == "'Quick three minutes' has nothing for calf; it has something for sole, arch, foot."


# --- tools and places


def test_other_ways_are_told_each_once_and_what_is_left_out_is_named() -> None:
    it = plan("post_run_lower_leg", Wishes(tools=()))
    assert ids(it) == [
        "foot_check",
        "hand_calf",
        "stick_shin",
        "wall_straight",
        "wall_bent",
        "ball_roll",
        "settle",
    ]
    assert told(it) == [
        "Your hands do the work of roller and stick.",
        "Rolled-up socks take the place of the ball. They press a little less.",
        "Without the things for it, I left out the outer lower leg.",
    ]


def test_who_says_none_has_no_tool() -> None:
    assert plan("quick_3", Wishes(tools=("none",))).steps == plan("quick_3", Wishes(tools=())).steps


def test_a_step_does_not_come_twice_because_another_is_missing() -> None:
    it = plan("morning_in_bed", Wishes(without=("towel", "belt", "wall", "chair")))
    assert ids(it) == ["ankle_pumps", "ankle_circles", "plantar_pull", "thumb_sole"]
    assert told(it) == ["Without the things for it, I left out the towel stretch."]


def test_what_is_wished_now_counts_more_than_what_is_known() -> None:
    person = Person(tools=("lacrosse ball",), place="bed")
    assert ids(plan("quick_3", person=person)) == ["thumb_sole", "plantar_pull"]
    it = plan("quick_3", Wishes(tools=("ball",), place="chair"), person)
    assert it.steps[0].step.id == "ball_roll"
    assert it.place == "chair"


def test_a_known_tool_that_there_is_no_longer_counts_for_nothing() -> None:
    assert plan("quick_3", person=Person(tools=("tennis ball", "hammer"))).steps[0].step.id == "ball_roll"


def test_a_tool_that_there_is_not_is_told_with_those_there_are() -> None:
    error = refused("quick_3", Wishes(tools=("hammer",)))
    assert "tennis ball, lacrosse ball" in error.what
    assert refused("quick_3", Wishes(without=("nails",))).what.startswith("There is no tool called 'nails'")


def test_after_a_session_that_was_too_much_a_lacrosse_ball_is_not_offered() -> None:
    lowered = Before(rungs={"ball": -1})
    it = plan("quick_3", Wishes(tools=("lacrosse ball",)), before=lowered)
    assert it.changes[0].line == "instead_socks"


def test_in_the_sore_foot_routine_a_lacrosse_ball_is_at_its_ceiling() -> None:
    step = next(
        one.step
        for one in plan("sore_foot_daily", Wishes(tools=("lacrosse ball",))).steps
        if one.step.id == "ball_roll"
    )
    assert (step.rung, len(step.ladder)) == (2, 2)


# --- what is barred


def test_a_wound_leaves_the_other_foot() -> None:
    it = plan("quick_3", person=known(wound="left"))
    assert [planned.sides for planned in it.steps] == [("right",), ("right",)]
    assert it.bars.cautions == ("caution_wound",)


@pytest.mark.parametrize("routine", ["quick_3", "arch_cramp_now"])
def test_a_wound_on_the_wished_foot_points_to_the_other(routine: str) -> None:
    error = refused(routine, Wishes(side="left"), known(wound="left"))
    assert error.remedy == f"voice-coach start {routine} --side right"


def test_before_it_is_known_which_foot_has_the_cramp_a_wound_on_one_asks_for_the_foot() -> None:
    assert (
        refused("arch_cramp_now", person=known(wound="right")).remedy == "voice-coach start arch_cramp_now --side left"
    )


def test_wounds_on_both_legs_leave_nothing_of_any_routine() -> None:
    for routine in CATALOGUE.routines:
        assert refused(routine, person=known(wound="both")).remedy == "voice-coach profile --show"


def test_a_swollen_leg_leaves_nothing_until_it_is_cleared_and_sends_to_a_doctor() -> None:
    for routine in CATALOGUE.routines:
        error = refused(routine, person=known(swollen_leg="yes"))
        assert "doctor" in error.what
        assert error.remedy == "voice-coach profile set swollen_leg no"


def test_with_diabetes_the_feet_are_looked_at_first_and_only_gentle_work_is_left() -> None:
    assert ids(plan("quick_3", person=known(diabetes="yes"))) == ["foot_check", "plantar_pull"]
    assert ids(plan("pre_run", person=known(diabetes="yes"))) == ["foot_check", "ankle_circles", "wall_straight"]


def test_a_cramp_is_relieved_at_once_with_diabetes_too() -> None:
    assert ids(plan("arch_cramp_now", person=known(diabetes="yes"))) == ["cramp_arch", "ankle_pumps", "settle"]


def test_before_a_cramp_nobody_is_asked_and_who_may_be_pregnant_is_not_rubbed() -> None:
    asked = Person(questions=tuple(CATALOGUE.first_questions))
    assert "thumb_sole" not in ids(plan("arch_cramp_now", person=asked))
    told = msgspec.structs.replace(asked, answers=dict.fromkeys(CATALOGUE.first_questions, "no"))
    assert "thumb_sole" in ids(plan("arch_cramp_now", person=told))
    assert "thumb_sole" in ids(plan("morning_in_bed", person=asked))  # here they are asked first


def test_a_routine_of_which_everything_is_barred_points_to_one_that_is_not() -> None:
    error = refused("quick_3", Wishes(only=("sole",), minutes=2, without=("wall",)), known(diabetes="no", wound="both"))
    assert error.what == "After what you have answered, nothing is left of 'Quick three minutes' for you."
    rolling = refused("post_run_lower_leg", Wishes(only=("shin",)), known(clot="yes"))
    assert rolling.remedy.startswith("voice-coach start ")


def test_what_is_known_and_what_is_to_be_asked_go_into_the_plan() -> None:
    person = Person({"clot": "yes"}, questions=("wound", "clot"), tools=("tennis ball",), place="floor")
    it = plan("quick_3", person=person)
    assert it.questions == ("wound", "clot")
    assert it.answers == {"clot": "yes"}
    assert it.bars == bars_of(CATALOGUE, {"clot": "yes"})
    assert "foam roller" in it.missing
    assert it.place == "floor"


def test_nothing_is_asked_before_a_cramp_is_relieved() -> None:
    assert plan("arch_cramp_now", person=Person(questions=("wound",))).questions == ()


# --- properties


@examples(200)
@given(routine=st.sampled_from(sorted(CATALOGUE.routines)), wish=wishes(), person=people(), before=pasts())
def test_whatever_a_person_wishes_has_and_answers_nothing_barred_is_planned_and_no_rung_passes_a_ceiling(
    routine: str, wish: Wishes, person: Person, before: Before
) -> None:
    it = planned_or_refused(routine, wish, person, before)
    if it is None:
        return
    known_bars = bars_of(CATALOGUE, person.answers)
    assert it.bars == known_bars
    usual = {planned.step.id: planned.dose for planned in plan_routine(CATALOGUE, CATALOGUE.routines[routine]).steps}
    numbers = {entry.step: number for number, entry in enumerate(it.routine.steps)}
    for planned in it.steps:
        step = planned.step
        assert planned.sides
        assert not any(known_bars.bar(step.id, side) for side in planned.sides)
        assert planned.dose.seconds <= step.longest
        own = CATALOGUE.steps[step.id]
        ceiling = min(it.routine.rung_ceiling, known_bars.ceilings.get(step.id, 9))
        firmer = step.rung > own.rung
        assert not firmer or step.rung <= ceiling
        if wish.minutes is None and planned.number == numbers.get(step.id, -1):
            lowered = before.dose_factor < 1
            assert planned.dose == usual[step.id] or (lowered and planned.dose.seconds < usual[step.id].seconds)
    if known_bars.check_feet_first and it.steps[0].step.family != "cramp":
        assert it.steps[0].step.id == "foot_check"
    for change in it.changes:
        assert "{" not in fill(CATALOGUE.lines[change.line], **change.slots)


@examples(60)
@given(
    routine=st.sampled_from(sorted(CATALOGUE.routines)),
    wish=wishes(),
    person=people(),
    before=pasts(),
    asked=st.lists(st.sampled_from(list(CATALOGUE.first_questions)), unique=True).map(tuple),
    reply=st.sampled_from(["yes", "no"]),
    leg=st.sampled_from(["left", "right", "both"]),
    said=talk(20),
)
def test_whatever_is_answered_before_or_in_a_session_and_said_in_it_nothing_barred_is_done_and_no_ceiling_is_passed(
    *,
    routine: str,
    wish: Wishes,
    person: Person,
    before: Before,
    asked: tuple[str, ...],
    reply: str,
    leg: str,
    said: list[Said],
) -> None:
    it = planned_or_refused(routine, wish, Person(person.answers, asked, person.tools, person.place), before)
    if it is None:
        return
    times = itertools.accumulate(wait for wait, _ in said)
    answers = {**ALL_IS_WELL, "first": reply, "which leg": leg}
    record = run_session(it, zip(times, (text for _, text in said), strict=True), answers=answers)
    told = dict(person.answers)
    for event in record.events:
        action = event.action if isinstance(event, Happened) else None
        if isinstance(action, ProfileAnswered):
            told[action.question] = action.answer
        if isinstance(action, StateChanged) and action.step is not None and action.phase in RUNNING:
            now = bars_of(CATALOGUE, told)
            assert not now.bar(action.step, action.side or "both")
            assert (action.rung or 1) <= min(it.routine.rung_ceiling, now.ceilings.get(action.step, 9))
