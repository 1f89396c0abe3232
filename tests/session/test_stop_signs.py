"""The stop signs of the content's "safety and honesty": every word in every state, and what it must never lead past."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scripted_people import BODY as SAID_BODY
from tests.scripted_people import Choice, Said, examples, live, mouths, own_routines, people, routines, say_all
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import Routine, RoutineStep
from voice_coach.session.actions import Ended, Hush, Noted, Say, StepBegan
from voice_coach.session.before import Before, Reminder
from voice_coach.session.phases import BODY, Phase
from voice_coach.session.plan import plan_routine
from voice_coach.session.state import STAY_ARMED
from voice_coach.testing import ALL_IS_WELL, Happened, LineSeconds, MovedSession, UserSaid, plan_of, run_session

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = {
    "pain": "ouch",
    "sharp": "a sharp pain",
    "injury": "something snapped",
    "cramp": "cramp",
    "numb": "pins and needles",
    "blister": "I have a blister",
    "infected": "it's infected",
    "bruise": "a bruise",
    "dizzy": "I feel dizzy",
    "swollen": "my calf is swollen",
    "bone": "on the bone",
}
"""Every body word, as somebody might say it."""
FIRST_LINE = {
    "pain": "Take the pressure off now. Is it sharp, or a dull ache? Say sharp, or a number from zero to ten.",
    "sharp": "Take the pressure off now. That spot is done for today.",
    "injury": "This session ends here. Do not put weight on it if that hurts. Get it looked at today.",
    "cramp": "Let go of the tool. Pull your toes up toward your shin and hold. Breathe out.",
    "numb": "Lift off, straighten the leg, and wiggle your toes.",
    "blister": "Nothing on that spot. Leave a blister whole, keep it clean, and cover it.",
    "infected": "Nothing more on that foot. It may be infected: get help today.",
    "bruise": "Lighter, and off that spot.",
    "dizzy": "Stay sitting. If it does not pass, or your chest hurts, call for help.",
    "swollen": (
        "Do not massage that leg. A hot, swollen, sore calf needs a doctor today. If you are short of breath or your "
        "chest hurts, call emergency services."
    ),
    "bone": "Leave that spot alone. A sore point on bone that gets worse with running should be checked.",
}
"""The content's lines, typed from its table."""
AFTER_THE_END = {"pain", "sharp"}
"""Words that have another line when the session is over already."""
ENDING = {"injury", "dizzy", "swollen"}
SOLE_PRESSURE = {"ball_roll", "ball_press", "ball_forefoot", "ball_heel", "thumb_sole", "cold_roll"}
TOOLS_AND_HANDS = {
    *SOLE_PRESSURE,
    *("roller_calf", "roller_outer", "stick_calf", "stick_shin", "hand_calf"),
}
REGIONS = {id_: step.region for id_, step in load_catalogue().steps.items()}


def greeting() -> MovedSession:
    moved = MovedSession("quick_3", line_seconds=3.0)
    moved.move_by(1)
    return moved


def first_question() -> MovedSession:
    return MovedSession(replace(plan_of("quick_3"), questions=("pregnant",)))


def opening_question() -> MovedSession:
    return MovedSession("quick_3")


def until(phase: Phase) -> Callable[[], MovedSession]:
    def begin() -> MovedSession:
        moved = MovedSession("quick_3", line_seconds=1.0, answers=ALL_IS_WELL)
        moved.move_until(lambda state: state.phase is phase)
        return moved

    return begin


def after(*said: Said) -> Callable[[], MovedSession]:
    def begin() -> MovedSession:
        moved = MovedSession("quick_3", answers={"opening": "no"})
        moved.move_to(30)
        say_all(moved, said)
        moved.move_by(2.1)
        return moved

    return begin


def summary() -> MovedSession:
    moved = MovedSession("quick_3", line_seconds=4.0, answers=ALL_IS_WELL)
    moved.move_to(60)
    moved.type("finish")
    moved.move_by(1)
    return moved


STATES: dict[str, Callable[[], MovedSession]] = {
    "greeting": greeting,
    "first question": first_question,
    "opening question": opening_question,
    "setup": until(Phase.SETUP),
    "switch": until(Phase.SWITCH),
    "count-in": until(Phase.COUNT_IN),
    "first cue": until(Phase.GO),
    "work": until(Phase.WORK),
    "pause": after((0, "pause")),
    "stop": after((0, "stop")),
    "relief of a cramp": after((0, "calf cramp")),
    "has it let go": after((0, "calf cramp"), (3, "skip")),
    "a numb foot": after((0, "numb")),
    "is the feeling there": after((0, "numb"), (3, "resume")),
    "a locked area": after((0, "bruise")),
    "summary": summary,
}


@pytest.mark.parametrize("word", sorted(BODY))
@pytest.mark.parametrize("state", STATES)
def test_a_body_word_silences_speaks_its_line_and_is_noted_in_every_state(state: str, word: str) -> None:
    moved = STATES[state]()
    before = moved.session.phase
    assert before is not Phase.ENDED
    actions = moved.type(WORDS[word])
    moved.move_by(0.2)
    assert isinstance(actions[0], Hush)
    kind = "infection" if word == "infected" else word
    assert kind in [action.kind for action in actions if isinstance(action, Noted)]
    if state == "relief of a cramp" and word == "cramp":
        assert moved.state.step == "cramp_calf"  # it stays in the calf
    elif not (before is Phase.SUMMARY and word in AFTER_THE_END):
        assert FIRST_LINE[word] in moved.record.lines_between(moved.now - 0.3, moved.now + 1) or word == "cramp"
    if word in ENDING:
        assert moved.session.phase in (Phase.SUMMARY, Phase.ENDED)
    elif word != "cramp":
        standing = {Phase.PAUSED, Phase.STOPPED, Phase.QUESTION, Phase.SUMMARY, Phase.ENDED}
        assert moved.session.phase in standing


TYPED = {"faint": "dizzy", "chest": "dizzy", "raw": "blister", "cut": "blister", "snap": "injury", "pop": "injury"}


@pytest.mark.parametrize(("word", "kind"), [*TYPED.items(), ("locked", "cramp")])
@pytest.mark.parametrize("state", STATES)
def test_a_short_body_word_that_is_typed_counts_in_every_state(state: str, word: str, kind: str) -> None:
    actions = STATES[state]().type(word)
    assert isinstance(actions[0], Hush)
    assert kind in [action.kind for action in actions if isinstance(action, Noted)]


@pytest.mark.parametrize("word", sorted(ENDING))
@pytest.mark.parametrize("state", STATES)
def test_what_ends_the_session_cannot_be_gone_on_with(state: str, word: str) -> None:
    moved = STATES[state]()
    moved.type(WORDS[word])
    moved.move_to_end()
    assert moved.record.ended is not None
    assert (moved.record.ended.reason, moved.record.ended.resumable) == ("body", False)


@pytest.mark.parametrize("word", sorted(BODY))
def test_a_body_word_is_heard_over_the_line_of_another(word: str) -> None:
    moved = MovedSession("post_run_lower_leg", line_seconds=6.0)
    moved.move_until(lambda state: state.phase is Phase.WORK and state.step == "roller_calf")
    moved.move_by(3)
    moved.type("I have a blister")
    moved.move_by(2.5)
    assert moved.session.active <= STAY_ARMED
    if word not in moved.session.active:
        assert word == "blister"  # the coach is saying it itself
        return
    actions = moved.hear(WORDS[word])
    assert any(isinstance(action, Hush) for action in actions)


@pytest.mark.parametrize("command", ["harder", "easier", "next", "resume", "how long", "louder", "finish", "5"])
def test_no_other_command_interrupts_a_safety_line(command: str) -> None:
    moved = MovedSession("full_15", line_seconds=6.0)
    moved.move_until(lambda state: state.phase is Phase.WORK and state.step == "ball_roll")
    moved.move_by(3)
    moved.type("on the bone")
    moved.move_by(2.5)
    spoken = len(moved.record.lines)
    assert not any(isinstance(action, Hush) for action in moved.type(command))
    moved.hear(command)
    moved.move_by(3.5)
    assert len(moved.record.lines) == spoken
    moved.move_by(3)
    assert len(moved.record.lines) > spoken


def test_an_interrupted_program_does_not_wait_for_a_safety_line() -> None:
    moved = MovedSession("quick_3", line_seconds=6.0, answers=ALL_IS_WELL)
    moved.move_to(60)
    moved.type("ouch")
    moved.move_by(1)
    moved.type("finish")
    moved.move_to_end()
    assert moved.record.ended is not None


def test_stop_interrupts_a_safety_line() -> None:
    moved = MovedSession("quick_3", line_seconds=6.0, answers=ALL_IS_WELL)
    moved.move_to(60)
    moved.type("ouch")
    moved.move_by(2)
    assert any(isinstance(action, Hush) for action in moved.hear("stop"))
    assert moved.session.phase is Phase.STOPPED


# --- where it is


@pytest.mark.parametrize("word", ["blister", "bruise", "bone", "numb", "sharp"])
def test_where_nobody_can_tell_the_foot_both_are_left_alone(word: str) -> None:
    moved = MovedSession("full_15", line_seconds=2.0, answers=ALL_IS_WELL)
    moved.move_by(1)
    moved.type(WORDS[word])
    while not moved.session.over:
        moved.move_by(70)
        if moved.session.phase is Phase.PAUSED:
            moved.type("resume")
    worked = {step.step for _, step in moved.record.steps}
    assert worked & SOLE_PRESSURE == set()
    assert "plantar_pull" in worked


def test_what_hurts_while_getting_in_place_may_be_what_was_worked_on_before() -> None:
    moved = MovedSession("full_15", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == "roller_calf" and state.phase is Phase.SETUP)
    moved.type("a bruise")
    noted = {(noted.step, noted.side) for noted in moved.record.actions(Noted)}
    assert noted == {("roller_calf", "left"), ("plantar_pull", "right")}


def test_a_count_in_belongs_to_the_side_that_begins() -> None:
    moved = MovedSession("full_15", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == "roller_calf" and state.phase is Phase.COUNT_IN)
    moved.type("a bruise")
    assert [(noted.step, noted.side) for noted in moved.record.actions(Noted)] == [("roller_calf", "left")]


@pytest.mark.parametrize("pain", ["four", "five"])
def test_pain_of_nobody_knows_what_lowers_everything(pain: str) -> None:
    moved = MovedSession("desk", line_seconds=2.0)
    moved.move_by(1)
    moved.type("ouch")
    moved.move_by(2.1)
    moved.type(pain)
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    moved.move_by(3)
    moved.type("no")
    moved.move_until(lambda state: state.step == "ankle_pumps")
    assert moved.state.rung == 1


# --- the opening


def test_what_is_new_is_said_after_the_greeting() -> None:
    plan = replace(
        plan_of("quick_3"),
        changes=(Reminder("one_side", {"side": "left"}),),
        before=Before(reminders=(Reminder("on_the_floor"),)),
    )
    moved = MovedSession(plan)
    assert moved.record.lines == [
        "Quick three minutes. You need a ball.",
        "Only the left foot today.",
        "On the floor: knee bent, ball under the foot, hands pressing on the knee.",
        "Any new sore, blister or numb spot?",
    ]


def test_a_command_in_the_greeting_skips_the_notices_and_not_the_question() -> None:
    plan = replace(plan_of("quick_3"), before=Before(reminders=(Reminder("on_the_floor"),)))
    moved = MovedSession(plan, line_seconds=3.0)
    moved.move_by(1)
    moved.type("ready")
    moved.move_by(0.3)
    moved.type("next")
    moved.move_by(0.3)
    assert moved.session.phase is Phase.QUESTION


def test_the_same_word_may_answer_two_questions_at_once() -> None:
    plan = replace(plan_of("quick_3"), questions=("pregnant", "varicose"))
    moved = MovedSession(plan)
    for _ in range(3):
        moved.type("no")
    assert moved.state.step == "ball_roll"


def test_a_question_that_is_stopped_is_asked_again() -> None:
    plan = replace(plan_of("quick_3"), questions=("wound",))
    moved = MovedSession(plan)
    moved.type("yes")
    moved.move_by(3)
    moved.type("stop")
    moved.move_by(3)
    moved.type("resume")
    assert moved.record.lines[-1].startswith("Is there an open wound")


def test_a_yes_in_the_middle_of_a_pause_is_no_answer() -> None:
    moved = MovedSession("quick_3")
    moved.move_to(30)
    assert moved.session.phase is Phase.PAUSED
    moved.type("no")
    assert moved.session.phase is Phase.PAUSED
    assert moved.record.lines[-1] == "Say resume or finish."


# --- what holds whatever is said


@examples(25)
@given(routines(), people(15), mouths())
def test_no_work_begins_on_an_area_that_is_locked(choice: Choice, said: list[Said], line_seconds: LineSeconds) -> None:
    locked: set[tuple[str, str]] = set()
    for event in live(choice, said, line_seconds).record.events:
        action = event.action if isinstance(event, Happened) else None
        if isinstance(action, Noted) and action.locked and action.kind not in ("blister", "infection"):
            sides = (action.side,) if action.side in ("left", "right") else ("left", "right")
            locked |= {(action.region or "none", side) for side in sides}
        if isinstance(action, StepBegan) and REGIONS[action.step] not in ("none", "skin"):
            sides = (action.side,) if action.side in ("left", "right") else ("left", "right")
            assert not locked & {(REGIONS[action.step], side) for side in sides}


@examples(25)
@given(own_routines(), people(8), mouths(), people(10))
def test_after_a_blister_nothing_presses_on_that_sole(
    choice: Choice, before: list[Said], line_seconds: LineSeconds, later: list[Said]
) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, before)
    moved.move_by(2.1)
    if moved.session.over or moved.session.phase is Phase.SUMMARY:
        return
    moved.type("I have a blister")
    sides = {noted.side for noted in moved.record.actions(Noted) if noted.kind == "blister"}
    feet = sides if sides <= {"left", "right"} else {"left", "right", "both", "one"}
    since = moved.now
    say_all(moved, later)
    moved.move_to_end()
    begun = {(step.step, step.side) for at, step in moved.record.steps if at > since}
    assert not begun & {(step, side) for step in SOLE_PRESSURE for side in feet}


@examples(25)
@given(
    own_routines(), people(8), mouths(), st.lists(st.tuples(st.integers(0, 90), st.sampled_from(SAID_BODY)), max_size=2)
)
def test_no_ball_roller_or_hand_before_a_cramp_has_let_go(
    choice: Choice, said: list[Said], line_seconds: LineSeconds, words: list[tuple[int, str]]
) -> None:
    choice = replace(choice, answers=(("opening", "no"),))
    moved = choice.begin(line_seconds)
    moved.move_until(lambda state: state.phase in (Phase.WORK, Phase.PAUSED))
    moved.type("cramp")
    say_all(moved, [*said, *((float(wait), text) for wait, text in words)])
    moved.move_to_end()
    cramping = False
    for event in moved.record.events:
        if isinstance(event, UserSaid) and event.command is not None:
            cramping = (cramping or event.command.id == "cramp") and event.command.id != "yes"
        elif isinstance(event, Happened) and isinstance(event.action, StepBegan) and cramping:
            assert event.action.step not in TOOLS_AND_HANDS


@examples(25)
@given(routines(), people(15), mouths())
def test_a_session_that_a_body_word_ended_cannot_be_gone_on_with(
    choice: Choice, said: list[Said], line_seconds: LineSeconds
) -> None:
    for ended in live(choice, said, line_seconds).record.actions(Ended):
        assert ended.resumable == (ended.reason not in ("body", "limit"))


def test_the_first_words_of_the_second_pain_are_to_take_the_pressure_off() -> None:
    record = run_session("quick_3", [(30.0, "ouch"), (33.0, "two"), (50.0, "too much")], answers=ALL_IS_WELL)
    said = [say.text for at, say in record.timed(Say) if at == 50.0]
    assert said[0].startswith("Take the pressure off now.")


@pytest.mark.parametrize("words", [[(24.0, "ouch"), (27.0, "two")], [(24.0, "easier")]], ids=["a body word", "easier"])
def test_a_step_that_the_routine_holds_twice_is_no_firmer_the_second_time_after(words: list[tuple[float, str]]) -> None:
    catalogue = load_catalogue()
    steps = (RoutineStep("ball_roll", seconds=30, rung=1), RoutineStep("ball_roll", seconds=30, rung=2))
    routine = Routine(name="Twice", when="", kit="", steps=steps, id="twice", greeting="Here we are.")
    well = [(3.0, "no")]
    record = run_session(plan_routine(catalogue, routine), [*well, *words])
    assert [step.rung for _, step in record.steps] == [1, 1, 1, 1]
    untroubled = run_session(plan_routine(catalogue, routine), well)
    assert [step.rung for _, step in untroubled.steps] == [1, 1, 2, 2]


def test_taking_easier_back_twice_brings_both_rungs_back() -> None:
    moved = MovedSession("full_15", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == "roller_calf" and state.phase is Phase.WORK)
    rungs = []
    for word in ("easier", "undo", "easier", "undo"):
        moved.move_by(3.0)
        moved.type(word)
        rungs.append(moved.state.rung)
    assert rungs == [1, 2, 1, 2]
