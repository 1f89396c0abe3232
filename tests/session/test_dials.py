"""The dials, ratings, tools, places and caps of a session, where a recorded session would not show the reason."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.scripted_people import examples
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import HoldDose, Routine, RoutineStep, TimedDose
from voice_coach.session.actions import Attend, Rated, SaveWanted, Say, SpeakDifferently, StepBegan
from voice_coach.session.before import Before
from voice_coach.session.events import NotUnderstood
from voice_coach.session.ledger import Ledger, used_up
from voice_coach.session.phases import NUMBERS, Phase
from voice_coach.session.plan import plan_routine
from voice_coach.testing import MovedSession, plan_of, run_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.session.actions import Action
    from voice_coach.session.plan import Plan

CATALOGUE = load_catalogue()
STEPS = CATALOGUE.steps
LIMITS = CATALOGUE.limits
ROUTINES = sorted(CATALOGUE.routines)
ASKED = "Zero to ten, how strong is that?"


def at_work(routine: str | Plan, step: str, seconds: float = 1.0, line_seconds: float = 0.0) -> MovedSession:
    """Give a session that is so many seconds into the work on the first side of `step`."""
    moved = MovedSession(routine, line_seconds=line_seconds, answers={"opening": "no"})
    moved.move_until(lambda state: state.step == step and state.phase is Phase.WORK)
    moved.move_by(seconds)
    return moved


def rated(moved: MovedSession, number: str, *, at: str = ASKED) -> list[Action]:
    """Go on to the next question, and answer it a second later."""
    asked = moved.record.lines.count(at)
    while moved.record.lines.count(at) == asked:
        moved.move_by(0.5)
    moved.move_by(1.0)
    return moved.type(number)


def earlier(routine: str, before: Before) -> Plan:
    return replace(plan_of(routine), before=before)


# --- ratings


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_counts_only_while_a_rating_is_open(number: str) -> None:
    moved = at_work("full_15", "ball_roll")
    assert not set(NUMBERS) & moved.session.active
    moved.type(number)
    assert moved.record.lines[-1] == "Not at this point."
    assert moved.record.actions(Rated) == []


@pytest.mark.parametrize(("number", "rung"), [("zero", 2), ("three", 2), ("five", 2), ("six", 1), ("seven", 1)])
def test_a_rating_of_six_or_seven_goes_one_rung_down_and_none_below_it_does(number: str, rung: int) -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("harder")
    rated(moved, number)
    assert moved.state.rung == rung
    assert moved.state.phase is Phase.WORK


@pytest.mark.parametrize("number", ["eight", "nine", "ten"])
def test_eight_and_more_ends_the_step(number: str) -> None:
    moved = at_work("full_15", "ball_roll")
    rated(moved, number)
    assert moved.session.phase is Phase.PAUSED
    assert (moved.record.doses[-1].step, moved.record.doses[-1].done) == ("ball_roll", False)


@pytest.mark.parametrize(("number", "goes_up"), [("three", True), ("four", False), ("five", False)])
def test_from_four_on_harder_is_barred(number: str, goes_up: bool) -> None:
    moved = at_work("full_15", "ball_roll")
    rated(moved, number)
    moved.type("harder")
    assert moved.state.rung == (2 if goes_up else 1)


def test_after_six_not_even_undo_goes_up_again() -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("harder")
    rated(moved, "six")
    moved.move_by(3.0)
    moved.type("undo")
    assert moved.state.rung == 1


@pytest.mark.parametrize("number", ["four", "five"])
def test_what_is_strong_on_a_lower_rung_is_not_brought_back_to_the_higher_one_by_undo(number: str) -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("harder")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(3.0)
    moved.type("easier")
    rated(moved, number)
    moved.type("undo")
    assert moved.state.rung == 1


def test_the_coach_asks_once_more_fifteen_seconds_after_a_six_although_a_minute_has_not_passed() -> None:
    moved = at_work("full_15", "ball_roll")
    rated(moved, "six")
    answered = moved.now
    while moved.record.lines.count(ASKED) < 2:
        moved.move_by(0.5)
    assert moved.now - answered == pytest.approx(15.0, abs=0.5)


@examples(30)
@given(st.lists(st.tuples(st.integers(1, 250), st.sampled_from(["harder", "one", "two", "six", "next"])), max_size=15))
def test_apart_from_asking_once_more_a_minute_passes_between_two_questions(said: list[tuple[int, str]]) -> None:
    moved = MovedSession("full_15")
    for tenths, text in said:
        moved.move_by(tenths / 2)
        if not moved.session.over:
            moved.type(text)
    moved.move_to_end()
    asked = [at for at, say in moved.record.timed(Say) if say.text in (ASKED, "How strong was that, zero to ten?")]
    strong = [at for at, it in moved.record.timed(Rated) if it.rating >= 6]
    for before, later in itertools.pairwise(asked):
        assert later - before >= 60 or any(later - 45 <= at <= later for at in strong)


def test_a_rating_waits_until_the_coach_is_silent_and_is_left_out_where_it_does_not_fit() -> None:
    moved = MovedSession("quick_3", line_seconds=9.0, answers={"opening": "no"})
    moved.move_to_end()
    said = moved.record.timed(Say)
    lines = [say.text for _, say in said]
    for number, (at, say) in enumerate(said):
        if say.text == ASKED:
            assert at - said[number - 1][0] >= 9.0
    assert lines.count("Three, two, one.") == 4


def test_the_words_of_the_question_are_no_answer_to_it() -> None:
    moved = MovedSession("full_15", line_seconds=2.0)
    while ASKED not in moved.record.lines:
        moved.move_by(0.1)
    moved.hear("ten")
    assert moved.record.actions(Rated) == []
    moved.move_by(3.0)
    moved.hear("ten")
    assert [it.rating for it in moved.record.actions(Rated)] == [10]


def test_a_number_in_a_line_of_the_coach_is_no_rating() -> None:
    moved = MovedSession("full_15", line_seconds=2.0)
    while ASKED not in moved.record.lines:
        moved.move_by(0.1)
    moved.move_by(3.0)
    moved.type("slower")
    moved.move_by(0.5)
    assert moved.record.lines[-1] == "Four seconds for each stroke."
    assert "four" not in moved.session.active
    moved.hear("four")
    assert moved.record.actions(Rated) == []


@pytest.mark.parametrize("word", ["stop", "ouch", "numb", "pause"])
def test_what_halts_the_session_takes_the_question_away(word: str) -> None:
    moved = at_work("full_15", "ball_roll")
    while ASKED not in moved.record.lines:
        moved.move_by(0.5)
    moved.move_by(1.0)
    moved.type(word)
    moved.move_by(3.0)
    moved.type("nine")
    assert [it for it in moved.record.actions(Rated) if it.asked != "pain"] == []


@pytest.mark.parametrize("last", ["finish", "stop", "ouch"])
def test_in_the_summary_a_command_ends_the_question(last: str) -> None:
    moved = at_work("full_15", "ball_roll")
    moved.move_by(20.0)
    moved.type("finish")
    assert moved.record.lines[-1] == "How strong was that, zero to ten?"
    moved.move_by(2.1)
    moved.type(last)
    moved.move_to_end()
    assert moved.session.over
    assert moved.now < 140


def test_a_session_that_a_body_word_ends_is_not_rated() -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("dizzy")
    assert "How strong was that, zero to ten?" not in moved.record.lines
    assert moved.session.over


# --- harder


@pytest.mark.parametrize("known", [{"varicose": "left"}, {"pregnant": "yes"}])
def test_with_an_answer_that_is_not_no_nothing_rises(known: dict[str, str]) -> None:
    moved = at_work(replace(plan_of("full_15"), answers=known), "ball_roll")
    moved.type("harder")
    assert moved.state.rung == 1


def test_a_ceiling_for_this_user_is_not_passed() -> None:
    plan = plan_of("full_15")
    plan = replace(plan, bars=msgspec.structs.replace(plan.bars, ceilings={"ball_roll": 1, "plantar_pull": 1}))
    moved = at_work(plan, "ball_roll")
    moved.type("harder")
    assert moved.state.rung == 1
    moved.move_until(lambda state: state.step == "plantar_pull")
    assert moved.state.rung == 1


def test_a_routine_begins_where_its_file_says() -> None:
    routine = CATALOGUE.routines["quick_3"]
    entries = (msgspec.structs.replace(routine.steps[0], rung=2), *routine.steps[1:])
    plan = plan_routine(CATALOGUE, msgspec.structs.replace(routine, steps=entries, stroke=4.0))
    moved = at_work(plan, "ball_roll", 0.0)
    assert (moved.state.rung, moved.state.stroke) == (2, 4.0)
    assert (
        "Seated, tennis ball, one hand pressing on the knee. Roll from heel to toes, four seconds each way."
        in moved.record.lines
    )


def on_rung_two(seconds: float = 21.0) -> MovedSession:
    """Give a session on the last rung on which one sits, so many seconds after it rose to it."""
    moved = at_work("quick_3", "ball_roll")
    moved.type("harder")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(seconds)
    return moved


def seconds_until_the_work(moved: MovedSession) -> float:
    since = moved.now
    moved.move_until(lambda state: state.phase is Phase.WORK)
    return moved.now - since


def standing_in_the_work() -> MovedSession:
    moved = on_rung_two()
    moved.type("harder")
    return moved


def standing_again_by_undo() -> MovedSession:
    moved = standing_in_the_work()
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(2.5)
    moved.type("easier")
    moved.move_by(2.5)
    moved.type("undo")
    return moved


def standing_in_a_pause() -> MovedSession:
    moved = on_rung_two()
    moved.type("pause")
    moved.type("harder")
    moved.move_by(5.0)
    moved.type("resume")
    return moved


def standing_after_two_pauses() -> MovedSession:
    moved = standing_in_a_pause()
    moved.move_by(2.0)
    moved.type("pause")
    moved.move_by(2.0)
    moved.type("resume")
    return moved


def standing_in_the_change_of_feet() -> MovedSession:
    moved = on_rung_two(0.0)
    moved.move_until(lambda state: state.phase is Phase.SWITCH)
    moved.type("harder")
    return moved


def standing_in_the_setup() -> MovedSession:
    plan = routine_of(RoutineStep("ball_roll", rung=2))
    moved = MovedSession(plan, answers={"opening": "no"})
    moved.move_until(lambda state: state.phase is Phase.SETUP)
    moved.move_by(3.0)
    moved.type("harder")
    return moved


@pytest.mark.parametrize(
    "stand_up",
    [
        standing_in_the_work,
        standing_again_by_undo,
        standing_in_a_pause,
        standing_after_two_pauses,
        standing_in_the_change_of_feet,
        standing_in_the_setup,
    ],
)
def test_whoever_has_to_stand_up_gets_fifteen_seconds_whenever_the_rung_rose(
    stand_up: Callable[[], MovedSession],
) -> None:
    moved = stand_up()
    assert moved.state.rung == 3
    assert seconds_until_the_work(moved) >= 15.0


def test_whoever_stands_already_gets_no_time_to_stand_up() -> None:
    moved = standing_in_the_work()
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.type("pause")
    moved.move_by(3.0)
    moved.type("resume")
    assert seconds_until_the_work(moved) == 5.0


def test_whoever_has_to_take_another_tool_after_pain_gets_fifteen_seconds() -> None:
    moved = at_work(routine_of(RoutineStep("ball_press", rung=3)), "ball_press")
    moved.type("ouch")
    moved.move_by(3.0)
    moved.type("four")
    assert moved.state.rung == 2
    assert seconds_until_the_work(moved) >= 15.0


def worse(*, minutes_first: bool = False) -> MovedSession:
    """Give a session that was just told that the feet were worse, perhaps after it was told the minutes there are."""
    moved = MovedSession(earlier("full_15", Before(ask_next_day=True)))
    moved.move_until(lambda _: moved.session.asks == "next day")
    if minutes_first:
        moved.type("I have thirty minutes")
    moved.type("worse")
    return moved


def dose_of(moved: MovedSession, step: str) -> float:
    return next(planned.dose.seconds for planned in moved.session._state.steps if planned.step.id == step)


def test_after_worse_no_time_that_there_is_makes_the_doses_longer_again() -> None:
    moved = worse()
    moved.type("I have thirty minutes")
    assert dose_of(moved, "ball_roll") == 45.0


def test_after_worse_undo_does_not_bring_the_doses_back() -> None:
    moved = worse(minutes_first=True)
    assert dose_of(moved, "ball_roll") <= 75.0 * 0.75
    moved.type("undo")
    assert dose_of(moved, "ball_roll") <= 75.0 * 0.75


def test_undo_does_not_take_away_the_look_at_the_feet_that_an_answer_has_asked_for() -> None:
    moved = MovedSession(replace(plan_of("desk"), questions=("diabetes", "thinners")))
    moved.move_until(lambda _: moved.session.asks == "first")
    moved.type("I have ten minutes")
    moved.type("yes")
    assert moved.session._state.steps[0].step.id == "foot_check"
    moved.type("undo")
    assert moved.session._state.steps[0].step.id == "foot_check"


def test_each_look_at_the_feet_is_left_out_on_the_second_word_only() -> None:
    moved = at_work("full_15", "foot_check")
    moved.type("skip")
    moved.move_until(lambda state: state.step == "ball_roll" and state.phase is Phase.WORK)
    moved.type("pause")
    moved.move_by(601.0)
    moved.type("resume")
    assert moved.state.step == "foot_check"
    moved.move_by(3.0)
    moved.type("skip")
    assert moved.state.step == "foot_check"


CONFIRM = "The foot check keeps you safe. Say it once more to leave it out."


@pytest.mark.parametrize("phase", [Phase.SETUP, Phase.COUNT_IN, Phase.GO, Phase.WORK])
@pytest.mark.parametrize("word", ["next", "done", "skip"])
def test_a_foot_check_that_has_hardly_begun_is_left_out_on_the_second_word_only(phase: Phase, word: str) -> None:
    moved = MovedSession("full_15", line_seconds=1.0, answers={"opening": "no"})
    moved.move_until(lambda state: state.step == "foot_check" and state.phase is phase)
    moved.type(word)
    moved.move_by(2.5)
    assert moved.state.step == "foot_check"
    assert CONFIRM in moved.record.lines
    moved.type(word)
    assert moved.state.step == "ankle_circles"


def test_next_ends_a_foot_check_after_some_looking_on_the_first_word() -> None:
    moved = at_work("full_15", "foot_check", 12.0)
    moved.type("next")
    assert moved.state.step == "ankle_circles"
    assert moved.record.doses[-1].done


def test_next_in_a_pause_asks_too_where_the_feet_have_hardly_been_looked_at() -> None:
    moved = at_work("full_15", "foot_check", 3.0)
    moved.type("pause")
    moved.type("next")
    assert (moved.record.lines[-1], moved.state.step) == (CONFIRM, "foot_check")


def test_next_leaves_every_other_step_on_the_first_word() -> None:
    moved = at_work("full_15", "ankle_circles")
    moved.type("next")
    assert (moved.state.step, moved.state.side) == ("ankle_circles", "right")


# --- the most of a step


def test_a_side_gets_a_minute_more_at_most_also_where_the_feet_were_looked_at_in_between() -> None:
    moved = at_work("quick_3", "plantar_pull")
    planned = moved.state.planned or 0.0
    for _ in range(10):
        moved.move_by(2.5)
        moved.type("longer")
    moved.type("pause")
    moved.move_by(601.0)
    moved.type("resume")
    moved.move_until(lambda state: state.step == "plantar_pull" and state.phase is Phase.WORK)
    for _ in range(10):
        moved.move_by(2.5)
        moved.type("longer")
    moved.move_to_end()
    left = sum(dose.worked for dose in moved.record.doses if (dose.step, dose.side) == ("plantar_pull", "left"))
    assert left <= planned + LIMITS.more_time_per_step + 13.0


def routine_of(*steps: RoutineStep) -> Plan:
    """Give the plan of a routine of one's own."""
    routine = Routine(name="Mine", when="", kit="", steps=steps, id="mine", greeting="Here we are.")
    return plan_routine(CATALOGUE, routine)


def restarted_hold(moved: MovedSession, seconds: float) -> None:
    """Let the hold under way start over after so many seconds of it."""
    moved.move_by(seconds)
    moved.type("pause")
    moved.move_by(2.1)
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.WORK)


def test_undo_brings_no_rests_back_for_which_a_cap_leaves_no_time() -> None:
    moved = at_work(routine_of(RoutineStep("arch_lift", repetitions=11, hold=5, gap=6)), "arch_lift")
    moved.type("faster")
    planned = moved.state.planned
    for _ in range(3):
        restarted_hold(moved, 3.5)
    moved.type("undo")
    assert (moved.record.lines[-1], moved.state.planned) == ("That is the most for this spot.", planned)
    moved.move_to_end()
    assert oracle.broken_caps(moved.record) == []


MOVE_ON = "Move one thumb width toward the toes."


def pressing(hold: float, seconds: float, line_seconds: float = 0.0) -> MovedSession:
    """Give a session that is so many seconds into a long press on one spot."""
    return at_work(routine_of(RoutineStep("ball_press", repetitions=3, hold=hold)), "ball_press", seconds, line_seconds)


def lines_until_the_work(moved: MovedSession) -> list[str]:
    since = len(moved.record.lines)
    moved.move_until(lambda state: state.phase is not Phase.WORK)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    return moved.record.lines[since:]


@pytest.mark.parametrize("line_seconds", [0.0, 3.0])
def test_harder_in_a_press_lets_go_and_moves_on_before_the_press_begins_again(line_seconds: float) -> None:
    moved = pressing(30.0, 28.0, line_seconds)
    said = len(moved.record.lines)
    moved.type("harder")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert moved.record.lines[said:] == [
        "Let go.",
        "Rung two. Tennis ball, hand on the knee.",
        MOVE_ON,
        "Five, four, three, two, one.",
    ]
    moved.move_to_end()
    assert oracle.broken_caps(moved.record) == []


def test_harder_in_a_stretch_lets_go_before_the_hold_begins_again() -> None:
    moved = at_work("full_15", "wall_straight", 25.0)
    moved.type("harder")
    assert moved.record.lines[-3:-1] == ["Let go.", "Rung three. Foot further from the wall."]
    moved.move_to_end()
    assert oracle.broken_caps(moved.record) == []


def test_harder_between_two_holds_lets_nothing_go() -> None:
    moved = pressing(10.0, 11.0)
    said = len(moved.record.lines)
    moved.type("harder")
    assert "Let go." not in moved.record.lines[said:]


@pytest.mark.parametrize(
    ("hold", "seconds", "moves"), [(30.0, 28.0, True), (15.0, 14.0, False), (20.0, 11.0, True), (30.0, 0.0, False)]
)
def test_a_press_that_starts_over_moves_on_where_its_spot_would_have_more_than_thirty_seconds(
    hold: float, seconds: float, moves: bool
) -> None:
    moved = pressing(hold, seconds)
    said = len(moved.record.lines)
    moved.type("pause")
    moved.move_by(2.5)
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert (MOVE_ON in moved.record.lines[said:]) == moves


def test_what_a_spot_has_had_is_added_up_over_pauses_and_pain() -> None:
    moved = pressing(15.0, 0.0)
    for _ in range(2):
        restarted_hold(moved, 8.0)
    assert MOVE_ON in moved.record.lines
    said = len(moved.record.lines)
    moved.move_by(14.0)
    moved.type("ouch")
    moved.move_by(3.0)
    moved.type("two")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert MOVE_ON not in moved.record.lines[said:]
    moved.move_to_end()
    assert oracle.broken_caps(moved.record) == []


def test_moving_on_is_said_again_where_a_second_pause_came_before_the_press() -> None:
    moved = pressing(30.0, 20.0, line_seconds=2.0)
    moved.type("pause")
    moved.move_by(3.0)
    moved.type("resume")
    moved.move_by(0.5)
    moved.type("pause")
    moved.move_by(3.0)
    said = len(moved.record.lines)
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert MOVE_ON in moved.record.lines[said:]


def test_undo_brings_the_rests_back_where_there_is_time_for_them() -> None:
    moved = at_work("full_15", "ball_press")
    planned = moved.state.planned
    moved.type("faster")
    moved.type("undo")
    assert (moved.record.lines[-1], moved.state.planned) == ("Three seconds between repetitions.", planned)


# --- earlier sessions, and the day


@pytest.mark.parametrize(("change", "rung"), [(1, 2), (5, 3), (-1, 1), (-5, 1)])
def test_where_earlier_sessions_make_it_begin_stays_on_the_ladder(change: int, rung: int) -> None:
    moved = at_work(earlier("full_15", Before(rungs={"ball": change})), "ball_roll")
    assert moved.state.rung == rung


def rollers(before: Before, *, calf: int | None = None) -> Plan:
    """Give a session of a roller step that begins on rung 1, and one that usually begins higher."""
    steps = (RoutineStep("roller_outer", seconds=60), RoutineStep("roller_calf", rung=calf))
    routine = Routine(name="Rollers", when="", kit="", steps=steps, id="rollers", greeting="Here we are.")
    return replace(plan_routine(CATALOGUE, routine), before=before)


def rung_at_the_calf(moved: MovedSession) -> int | None:
    moved.move_until(lambda state: state.step == "roller_calf")
    return moved.state.rung


@pytest.mark.parametrize(("times", "rung"), [(0, 1), (1, 2), (2, 3)])
def test_what_earlier_sessions_lowered_goes_up_by_no_more_rungs_than_harder_was_said(times: int, rung: int) -> None:
    moved = at_work(rollers(Before(rungs={"roller": -1})), "roller_outer")
    for _ in range(times):
        moved.type("harder")
        moved.move_by(21.0)
    assert rung_at_the_calf(moved) == rung


def test_a_cramp_brings_no_step_up_that_earlier_sessions_lowered() -> None:
    moved = at_work(rollers(Before(rungs={"roller": -2}), calf=3), "roller_outer")
    moved.type("cramp")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    moved.type("yes")
    moved.move_until(lambda state: state.phase is Phase.PAUSED)
    moved.type("resume")
    assert rung_at_the_calf(moved) == 1


def test_the_feet_that_were_worse_are_not_worked_on_harder_after_a_cramp() -> None:
    moved = MovedSession(rollers(Before(ask_next_day=True)), answers={"opening": "no", "next day": "worse"})
    moved.move_until(lambda state: state.step == "roller_outer" and state.phase is Phase.WORK)
    moved.type("cramp")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    moved.type("yes")
    moved.move_until(lambda state: state.phase is Phase.PAUSED)
    moved.type("resume")
    assert rung_at_the_calf(moved) == 1


def test_no_rung_is_saved_that_was_not_reached() -> None:
    moved = at_work(rollers(Before(rungs={"roller": -1})), "roller_outer")
    moved.type("harder")
    assert moved.state.rung == 2
    moved.type("save that")
    (wanted,) = moved.record.actions(SaveWanted)
    assert [saved.rung for saved in wanted.steps if saved.step == "roller_outer"] == [2]


def saved_rungs(moved: MovedSession) -> dict[str, int | None]:
    """Give what "save that" saves of the rungs."""
    moved.move_by(3.0)
    moved.type("save that")
    return {saved.step: saved.rung for wanted in moved.record.actions(SaveWanted) for saved in wanted.steps}


def test_what_went_up_to_where_the_routine_has_it_is_not_saved_as_firmer() -> None:
    moved = at_work(earlier("morning_in_bed", Before(rungs={"hand": -1})), "thumb_sole")
    moved.type("harder")
    assert moved.state.rung == STEPS["thumb_sole"].rung
    assert saved_rungs(moved) == {}


@pytest.mark.parametrize("before", [-2, -1, 0, 1])
@pytest.mark.parametrize("word", ["harder", "easier"])
def test_no_rung_is_saved_above_the_one_that_is_worked_on(before: int, word: str) -> None:
    moved = at_work(earlier("morning_in_bed", Before(rungs={"hand": before})), "thumb_sole")
    moved.type(word)
    rung = saved_rungs(moved).get("thumb_sole")
    assert rung is None or rung <= (moved.state.rung or 0)


def test_what_earlier_sessions_lowered_is_not_saved_with_a_rise_elsewhere_in_its_family() -> None:
    moved = at_work(rollers(Before(rungs={"roller": -2}), calf=3), "roller_outer")
    moved.type("harder")
    assert "roller_calf" not in saved_rungs(moved)


def test_doses_are_multiplied_down_to_their_least_and_never_up() -> None:
    assert doses_of(earlier("full_15", Before(dose_factor=0.5)))["stick_shin"] == 15
    assert doses_of(earlier("full_15", Before(dose_factor=1.25)))["ball_roll"] == 60
    assert doses_of(earlier("full_15", Before(dose_factor=0.75)))["foot_check"] == 20


def doses_of(plan: Plan) -> dict[str, float]:
    return {began.step: began.planned for began in run_session(plan).actions(StepBegan)}


def test_what_earlier_sessions_changed_is_not_saved() -> None:
    plan = earlier("full_15", Before(rungs={"ball": 1, "stretch": -1}, dose_factor=0.75))
    moved = at_work(plan, "ball_roll")
    moved.type("save that")
    assert moved.record.actions(SaveWanted) == []
    moved.type("harder")
    moved.move_by(2.1)
    moved.type("save that")
    (wanted,) = moved.record.actions(SaveWanted)
    assert {step.step: step.rung for step in wanted.steps} == {"ball_roll": 2, "ball_press": 2}


def test_the_day_leaves_what_earlier_sessions_have_left() -> None:
    ledger = Ledger(LIMITS, {}, today={("sole_pressure", "left"): 560.0, ("sole_pressure", "one"): 20.0})
    assert ledger.fitted(STEPS["ball_roll"], "left", TimedDose(60)) == TimedDose(20)
    assert ledger.fitted(STEPS["ball_roll"], "right", TimedDose(60)) == TimedDose(60)
    ledger.add(STEPS["ball_roll"], "left", 20, 0)
    assert ledger.fitted(STEPS["ball_press"], "left", HoldDose(3, 15, 3)) is None
    assert ledger.is_used_up_today(STEPS["ball_press"], "left")
    assert not ledger.is_used_up_today(STEPS["ball_press"], "right")
    assert not ledger.is_used_up_today(STEPS["roller_calf"], "left")


@pytest.mark.parametrize(
    ("before", "caps"),
    [
        (Before(massages_today=1, arch_stretches_today=2), set()),
        (Before(massages_today=2), {"sole_pressure"}),
        (Before(arch_stretches_today=3), {"arch_stretch"}),
        (Before(massages_today=7, arch_stretches_today=3), {"sole_pressure", "arch_stretch"}),
    ],
)
def test_a_day_has_two_massages_and_three_arch_stretches(before: Before, caps: set[str]) -> None:
    assert used_up(LIMITS, before) == caps


# --- minutes

SPELLED = {2: "two", 3: "three", 5: "five", 8: "eight", 10: "ten", 15: "fifteen", 30: "thirty"}


@examples(60)
@given(st.sampled_from(ROUTINES), st.sampled_from(sorted(SPELLED)), st.floats(0, 1))
def test_the_session_is_over_in_the_minutes_that_there_are(routine: str, minutes: int, part: float) -> None:
    moved = MovedSession(routine, answers={"opening": "no", "let go": "yes"})
    moved.move_to(part * plan_of(routine).seconds)
    if moved.session.over or "have_minutes" not in moved.session.legal:
        return
    told = moved.now
    moved.type(f"i have {SPELLED[minutes]} minutes")
    moved.move_until(lambda state: state.phase is Phase.SUMMARY)
    if not any(line.endswith("at the least.") for line in moved.record.lines):
        assert moved.now - told <= 60 * minutes


@examples(40)
@given(st.sampled_from(["full_15", "desk", "sore_foot_daily"]), st.sampled_from(sorted(SPELLED)), st.floats(0, 0.95))
def test_both_feet_get_the_same_whenever_the_minutes_are_told(routine: str, minutes: int, part: float) -> None:
    moved = MovedSession(routine, answers={"opening": "no"})
    moved.move_to(part * plan_of(routine).seconds)
    moved.type(f"i have {SPELLED[minutes]} minutes")
    moved.move_to_end()
    worked = {(dose.step, dose.side): dose.worked for dose in moved.record.doses}
    for (step, side), seconds in worked.items():
        if side == "left":
            assert worked[step, "right"] == pytest.approx(seconds)


@examples(40)
@given(st.sampled_from(["full_15", "desk"]), st.sampled_from(sorted(SPELLED)), st.floats(0, 0.9), st.integers(1, 40))
def test_undo_after_the_minutes_leaves_nothing_out(routine: str, minutes: int, part: float, later: int) -> None:
    moved = MovedSession(routine, answers={"opening": "no"})
    moved.move_to(part * plan_of(routine).seconds)
    moved.type(f"i have {SPELLED[minutes]} minutes")
    moved.move_by(later / 10)
    if moved.session.over or moved.session.phase is Phase.SUMMARY:
        return
    moved.type("undo")
    moved.move_to_end()
    planned = {step.step.id for step in plan_of(routine).steps}
    assert {began.step for began in moved.record.actions(StepBegan)} == planned


def test_minutes_do_not_raise_doses_that_were_lowered_on_purpose() -> None:
    moved = MovedSession(earlier("quick_3", Before(dose_factor=0.75)), answers={})
    moved.type("i have ten minutes")
    moved.type("no")
    assert moved.state.planned == 30


# --- tools, places, one foot


def test_said_in_a_pause_another_tool_waits_for_the_pause_to_end() -> None:
    moved = at_work("post_run_lower_leg", "roller_calf")
    moved.type("pause")
    moved.type("no roller")
    assert moved.session.phase is Phase.PAUSED
    moved.type("resume")
    assert (moved.state.phase, moved.state.step, moved.state.side) == (Phase.SETUP, "stick_calf", "left")


def test_said_between_two_feet_another_tool_counts_for_the_second() -> None:
    moved = MovedSession("post_run_lower_leg")
    moved.move_until(lambda state: state.step == "roller_calf" and state.side == "right")
    moved.type("no roller")
    assert (moved.state.phase, moved.state.step, moved.state.side) == (Phase.SETUP, "stick_calf", "right")


def test_what_is_there_again_is_used_again() -> None:
    moved = MovedSession("full_15")
    moved.type("i'm in bed")
    moved.move_by(1.0)
    moved.type("i'm on a chair")
    assert moved.record.lines[-1] == "Then it goes as the routine has it."
    moved.move_to_end()
    steps = [began.step for began in moved.record.actions(StepBegan)]
    assert "ball_roll" in steps
    assert "wall_bent" in steps


@pytest.mark.parametrize("before", ["easier", "ouch"])
def test_nothing_gets_firmer_by_another_tool_where_it_may_not_rise(before: str) -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type(before)
    moved.move_by(3.0)
    if moved.session.phase is Phase.QUESTION:
        moved.type("two")
    moved.move_by(10.0)
    moved.type("i only have a lacrosse ball")
    assert (moved.state.step, moved.state.rung) == ("ball_roll", 1)
    assert "socks" in (moved.session.view(moved.now).rung_text or "")


def test_one_foot_goes_on_when_the_other_was_under_way() -> None:
    moved = at_work("full_15", "ball_roll")
    moved.type("just the right foot")
    moved.move_to_end()
    begun = [(began.step, began.side) for began in moved.record.actions(StepBegan)]
    since = begun.index(("ball_roll", "right"))
    assert {side for _, side in begun[since:]} == {"right", "both"}
    assert len(begun[since:]) == 8


# --- asking, listening, speaking


@pytest.mark.parametrize("routine", ROUTINES)
@pytest.mark.parametrize("word", ["why", "details"])
def test_every_step_has_an_answer_to_why_and_details(routine: str, word: str) -> None:
    moved = MovedSession(routine, line_seconds=0.5, answers={"opening": "no", "let go": "yes"})
    explained = set()
    while not moved.session.over and moved.due is not None:
        moved.move_by(1.0)
        step = moved.state.step
        if moved.state.phase is Phase.WORK and step is not None and step not in explained:
            explained.add(step)
            lines = len(moved.record.lines)
            moved.type(word)
            moved.move_by(0.5)
            assert len(moved.record.lines) > lines
    assert explained >= {entry.step for entry in CATALOGUE.routines[routine].steps}


def test_the_dose_does_not_wait_for_an_explanation() -> None:
    plain, asked = MovedSession("full_15", line_seconds=1.0), MovedSession("full_15", line_seconds=1.0)
    for moved in (plain, asked):
        moved.move_until(lambda state: state.step == "ball_roll" and state.phase is Phase.WORK)
        moved.move_by(5.0)
    asked.type("details")
    for moved in (plain, asked):
        moved.move_until(lambda state: state.phase is Phase.SWITCH)
    assert plain.now == asked.now


@pytest.mark.parametrize(
    ("text", "how"),
    [("louder", "louder"), ("quieter", "quieter"), ("talk faster", "talk_faster"), ("speak slower", "talk_slower")],
)
def test_the_receipt_is_the_first_line_in_the_new_manner(text: str, how: str) -> None:
    moved = at_work("full_15", "ball_roll")
    actions = moved.type(text)
    assert [action.how for action in actions if isinstance(action, SpeakDifferently)] == [how]
    kinds = [type(action) for action in actions]
    assert kinds.index(SpeakDifferently) < kinds.index(Say)


def test_what_is_not_understood_makes_no_sound_while_the_coach_is_asleep() -> None:
    moved = at_work("full_15", "ball_roll")
    moved.hear("stop listening")
    moved.move_by(2.0)
    assert moved.receive(NotUnderstood()) == []
    assert moved.receive(NotUnderstood(typed=True)) != []


@pytest.mark.parametrize("word", ["ouch", "stop", "cramp"])
def test_what_must_be_heard_wakes_the_coach(word: str) -> None:
    moved = at_work("full_15", "ball_roll")
    moved.hear("stop listening")
    assert "harder" not in moved.session.legal
    moved.move_by(2.0)
    actions = moved.hear(word)
    assert [action.awake for action in actions if isinstance(action, Attend)] == [True]
    assert moved.session.phase is not Phase.WORK or moved.state.step == "cramp_arch"
