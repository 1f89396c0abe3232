"""What a lock closes besides the step it was spoken in: rungs that reach further, relief of a cramp, good advice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import Routine, RoutineStep
from voice_coach.session.bars import Bars
from voice_coach.session.before import Before
from voice_coach.session.events import Slept
from voice_coach.session.phases import Phase
from voice_coach.session.plan import plan_routine
from voice_coach.session.remaining import seconds_here, seconds_in_all
from voice_coach.testing import MovedSession, plan_of

NO_SORES = {"opening": "no"}
RUB = "When it lets go, rub the arch lightly with your thumb."


def at_work_on(moved: MovedSession, step: str, side: str = "left") -> MovedSession:
    moved.move_until(lambda state: (state.step, state.side, state.phase) == (step, side, Phase.WORK))
    moved.move_by(4)
    return moved


def say(moved: MovedSession, *texts: str) -> None:
    for text in texts:
        moved.type(text)
        moved.move_by(3)


def worked_after(moved: MovedSession, second: float) -> list[tuple[str, str]]:
    moved.move_to_end()
    return [(step.step, step.side) for at, step in moved.record.steps if at > second]


# --- a rung that works on both legs at once


@pytest.mark.parametrize("word", ["sharp", "bruise", "numb"])
def test_what_hurts_on_the_rung_for_both_calves_closes_both(word: str) -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "roller_calf")
    say(moved, "easier", word)
    moved.move_by(60)
    say(moved, "yes", "resume")
    assert ("roller_calf", "right") not in worked_after(moved, moved.now)


def test_easier_stays_on_one_calf_where_the_other_is_closed() -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "roller_calf")
    say(moved, "bruise", "resume")
    at_work_on(moved, "roller_calf", "right")
    moved.type("easier")
    assert moved.record.lines[-1] == "Lightest already. Halve the pressure, or say skip."
    assert moved.state.rung == 2
    moved.type("harder")
    assert moved.state.rung == 2


def test_a_person_who_may_only_roll_both_calves_rolls_none_where_one_is_barred() -> None:
    bars = Bars(steps=frozenset({("roller_calf", "left")}), ceilings={"roller_calf": 1})
    moved = MovedSession(replace(plan_of("post_run_lower_leg"), bars=bars), answers=NO_SORES)
    assert "roller_calf" not in {step for step, _ in worked_after(moved, 0)}


def test_what_both_calves_get_at_once_counts_for_both() -> None:
    bars = Bars(ceilings={"roller_calf": 1})
    moved = at_work_on(MovedSession(replace(plan_of("full_15"), bars=bars), answers=NO_SORES), "roller_calf")
    moved.type("one minute more")
    moved.move_to_end()
    rolled = sum(dose.worked for dose in moved.record.doses if dose.step == "roller_calf")
    assert rolled == pytest.approx(120)


def test_both_calves_at_once_have_one_turn_and_nobody_changes_feet() -> None:
    bars = Bars(ceilings={"roller_calf": 1})
    moved = at_work_on(MovedSession(replace(plan_of("full_15"), bars=bars), answers=NO_SORES), "roller_calf")
    say(moved, "which foot", "what's after this", "how long")
    assert "Both feet." in moved.record.lines
    assert not any("change feet" in line.lower() for line in moved.record.lines[-3:])
    state = moved.session._state
    after = sum(planned.seconds for planned in state.steps[state.position.step + 1 :])
    assert seconds_in_all(state, state.now) == pytest.approx(seconds_here(state, state.now) + after)
    moved.move_to_end()
    rolled = [dose for dose in moved.record.doses if dose.step == "roller_calf"]
    assert [dose.side for dose in rolled] == ["both"]
    assert rolled[0].worked == pytest.approx(60)


def test_a_calf_that_was_rolled_alone_for_a_while_leaves_the_other_its_turn() -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "roller_calf")
    moved.move_by(20)
    moved.type("easier")
    moved.move_to_end()
    rolled = [dose.side for dose in moved.record.doses if dose.step == "roller_calf"]
    assert rolled == ["left", "both"]


def test_easier_does_not_roll_the_other_calf_beyond_its_most() -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "roller_calf")
    moved.type("one minute more")
    at_work_on(moved, "roller_calf", "right")
    moved.type("easier")
    assert moved.state.rung == 2
    assert moved.record.lines[-1] == "Lightest already. Halve the pressure, or say skip."


def test_undo_does_not_roll_the_other_calf_beyond_its_most() -> None:
    steps = (RoutineStep("roller_outer", seconds=30), RoutineStep("roller_calf", seconds=90))
    routine = Routine(name="Mine", when="", kit="", steps=steps, id="mine")
    plan = replace(plan_routine(load_catalogue(), routine), before=Before(rungs={"roller": -1}))
    moved = at_work_on(MovedSession(plan, answers=NO_SORES), "roller_outer")
    say(moved, "harder")
    at_work_on(moved, "roller_calf", "right")
    moved.type("undo")
    assert moved.record.lines[-1] == "Lightest already. Halve the pressure, or say skip."
    assert moved.state.rung == 2


def test_a_leg_that_could_only_be_rolled_with_the_closed_one_is_told_so() -> None:
    bars = Bars(steps=frozenset({("roller_calf", "left")}), ceilings={"roller_calf": 1})
    moved = MovedSession(replace(plan_of("post_run_lower_leg"), bars=bars), answers=NO_SORES)
    moved.move_to_end()
    told = "That gently it takes both legs, and one of them rests. We do without it."
    assert moved.record.lines.count(told) == 1


# --- the relief of a cramp


@pytest.mark.parametrize("said", [("sharp",), ("ouch", "nine"), ("bruise",)])
def test_what_hurts_while_a_cramp_is_relieved_ends_the_relief_on_that_foot(said: tuple[str, ...]) -> None:
    moved = MovedSession(plan_of("arch_cramp_now", "left"))
    moved.move_to(10)
    say(moved, *said, "resume")
    assert ("cramp_arch", "left") not in worked_after(moved, 1)


def test_a_cramp_that_may_not_be_stretched_any_more_is_waited_for() -> None:
    moved = MovedSession(plan_of("arch_cramp_now", "left"))
    moved.move_to(10)
    say(moved, "sharp", "resume")
    assert moved.record.lines[-1] == "Has it let go?"
    say(moved, "no")
    assert moved.record.lines[-1].startswith("Keep the toes up as far as it feels good")
    assert moved.state.phase is Phase.PAUSED


@pytest.mark.parametrize("word", ["I have a blister", "it's infected"])
def test_nobody_is_told_to_rub_a_foot_on_which_nothing_may_press(word: str) -> None:
    moved = at_work_on(MovedSession("sore_foot_daily", answers=NO_SORES), "plantar_pull")
    say(moved, word, "cramp")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "yes")
    assert RUB not in moved.record.lines


def test_a_foot_that_may_be_rubbed_is_told_so_when_the_cramp_has_let_go() -> None:
    moved = at_work_on(MovedSession("sore_foot_daily", answers=NO_SORES), "plantar_pull")
    say(moved, "cramp")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "yes")
    assert RUB in moved.record.lines


def test_after_a_cramp_everything_ahead_begins_as_lightly_as_it_goes() -> None:
    moved = MovedSession("desk", answers=NO_SORES)
    moved.move_until(lambda state: state.step == "toe_fan" and state.phase is Phase.WORK)
    say(moved, "cramp")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "yes")
    moved.move_until(lambda state: state.phase is Phase.PAUSED)
    since = moved.now
    say(moved, "resume")
    moved.move_to_end()
    assert {step.rung for at, step in moved.record.steps if at >= since} == {1}


def test_a_cramp_that_let_go_after_stop_begins_nothing_before_resume() -> None:
    moved = at_work_on(MovedSession("quick_3", answers={"opening": "no"}), "ball_roll")
    say(moved, "cramp")
    for _ in range(4):
        moved.move_until(lambda state: state.phase is Phase.QUESTION)
        say(moved, "no")
    assert moved.record.lines[-1].startswith("Keep the toes up")
    say(moved, "stop")
    moved.move_by(70)
    say(moved, "yes")
    moved.move_by(60)
    assert moved.state.phase is Phase.STOPPED
    assert moved.record.lines[-1] == "Say resume to go on as lightly as it goes, or finish."


def test_a_cramp_grows_older_while_the_computer_sleeps() -> None:
    moved = MovedSession(plan_of("arch_cramp_now", "left"))
    moved.move_to(30)
    moved.receive(Slept(1200.0))
    moved.move_by(5)
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "no")
    assert "It has gone on for ten minutes. Get medical help now." in moved.record.lines


# --- a blister, and a rung that rubs


def test_a_blister_takes_the_arch_stretch_down_to_the_rung_that_rubs_nothing_and_coaches_it() -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "plantar_pull")
    moved.type("harder")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(3)
    assert moved.state.rung == 3
    say(moved, "I have a blister")
    assert moved.state.rung == 2
    said = len(moved.record.lines)
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert any(line.startswith("Pull toes and foot toward your shin until") for line in moved.record.lines[said:])


def test_a_routine_that_begins_on_the_rung_that_rubs_begins_lower_after_a_blister() -> None:
    steps = (RoutineStep("ball_roll", seconds=40), RoutineStep("plantar_pull", repetitions=3, hold=10, rung=3))
    routine = Routine(name="Mine", when="", kit="", steps=steps, id="mine")
    moved = at_work_on(MovedSession(plan_routine(load_catalogue(), routine), answers=NO_SORES), "ball_roll")
    say(moved, "I have a blister", "resume")
    moved.move_to_end()
    stretched = [step.rung for _, step in moved.record.steps if step.step == "plantar_pull"]
    assert stretched == [2, 2]


# --- what is asked and said


@pytest.mark.parametrize("before", [("sharp", "resume"), ("ouch",)])
def test_a_hot_calf_is_a_doctors_today_whatever_was_sharp_before(before: tuple[str, ...]) -> None:
    moved = at_work_on(MovedSession("post_run_lower_leg", answers=NO_SORES), "roller_calf")
    say(moved, *before, "my calf is hot")
    assert any(line.startswith("Do not massage that leg. A hot, swollen, sore calf") for line in moved.record.lines)


def test_the_question_about_the_feeling_is_not_passed_by_with_another_word() -> None:
    moved = MovedSession("full_15", answers=NO_SORES)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    say(moved, "numb")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "ouch", "two")
    assert moved.record.lines[-1] == "Is the feeling there again?"
    assert moved.state.phase is Phase.QUESTION


def test_a_cramp_that_is_named_again_is_the_same_one() -> None:
    moved = at_work_on(MovedSession("quick_3", answers=NO_SORES), "ball_roll")
    say(moved, "cramp", "calf cramp")
    moved.move_by(30)
    say(moved, "cramp")
    assert moved.state.phase is Phase.WORK
    assert (moved.state.step or "").startswith("cramp_")


def test_whoever_finishes_with_a_numb_foot_is_told_when_to_call_a_doctor() -> None:
    moved = at_work_on(MovedSession("quick_3", answers=NO_SORES), "ball_roll")
    say(moved, "numb", "finish")
    moved.move_to_end()
    assert "If it does not come back soon, call a doctor." in moved.record.lines


def test_whoever_finishes_with_the_feeling_back_is_not_sent_to_a_doctor() -> None:
    moved = at_work_on(MovedSession("quick_3", answers=NO_SORES), "ball_roll")
    say(moved, "numb")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "yes", "finish")
    moved.move_to_end()
    assert "If it does not come back soon, call a doctor." not in moved.record.lines


@pytest.mark.parametrize("word", ["back", "repeat", "next", "skip"])
def test_a_look_at_the_feet_after_a_long_pause_is_not_left_with_one_word(word: str) -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "plantar_pull", "right")
    say(moved, "pause")
    moved.move_by(700)
    say(moved, "resume")
    assert moved.state.step == "foot_check"
    moved.type(word)
    assert moved.record.lines[-1] == "The foot check keeps you safe. Say it once more to leave it out."
    assert moved.state.step == "foot_check"


def test_what_is_lightened_after_a_cramp_is_not_saved() -> None:
    moved = at_work_on(MovedSession("full_15", answers=NO_SORES), "ball_roll")
    say(moved, "cramp")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    say(moved, "yes")
    moved.move_until(lambda state: state.phase is Phase.PAUSED)
    say(moved, "save that")
    assert moved.record.lines[-1] == "The routine has it all already."
