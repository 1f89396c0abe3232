"""What the body words do. They are heard in every state, silence the coach and stop the clock before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.flow import ask, begin, count_in, halt, proceed, stand_still, sum_up
from voice_coach.session.phases import Phase, Trigger
from voice_coach.session.plan import UNKNOWN_SIDE, PlannedStep
from voice_coach.session.route import insert, name_side, what_follows
from voice_coach.session.state import (
    Place,
    Question,
    State,
    answer,
    close_side,
    current_rung,
    hush,
    lock,
    move,
    rung_of,
    speak,
    utterance,
)

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command

PAIN_WAIT = 10.0
"""Seconds for an answer to the pain question; silence counts as the worst answer."""
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ANSWERS = frozenset({"yes", "no", "left", "right", "both", "sharp", *NUMBERS})
"""Every command that answers a question in one place or another."""
_STAY_UP_TO = 3
_LESS_UP_TO = 5


def body_word(state: State, command: Command) -> None:
    """React to a body word."""
    stand_still(state)
    if state.phase is Phase.SUMMARY:
        speak(state, utterance(state, "pain_over"))
        return
    if command.id == "sharp" and _asked(state, "pain"):
        _give_up(state)
        return
    if state.phase in (Phase.PAUSED, Phase.STOPPED):
        state.back_to_halt = state.phase
    leave_question(state)
    _bar_rises(state)
    if command.id in ("pain", "sharp"):
        _pain(state, sharp=command.id == "sharp")
    elif command.id == "cramp":
        _cramp(state, calf=command.value == "calf")
    elif command.id in ("dizzy", "swollen"):
        speak(state, utterance(state, command.id))
        sum_up(state, "body")
    else:
        _leave_spot(state, command.id)


def _bar_rises(state: State) -> None:
    if state.side is not None:
        state.dials.barred.add(state.side.step.family)
        state.dials.pained.add(state.side.step.family)
    state.dials.undo = None


def _pain(state: State, *, sharp: bool) -> None:
    state.pains += 1
    if state.pains >= state.limits.session.pains_to_finish:
        speak(state, utterance(state, "pain_twice"))
        sum_up(state, "body")
    elif sharp:
        _give_up(state)
    else:
        ask(state, Question("pain", "pain", frozenset({"sharp", *NUMBERS}), PAIN_WAIT))


def _give_up(state: State) -> None:
    """End the side that hurts, and lock its region."""
    _leave_spot(state, "pain_locked")


def _leave_spot(state: State, line: str) -> None:
    """End the current side, lock its region for the rest of the session, and wait."""
    _lock_side(state)
    halt(state, line, stop=state.back_to_halt is Phase.STOPPED)


def _lock_side(state: State) -> None:
    side = state.side
    if side is not None:
        lock(state, side.step, side.name)
        state.ahead = what_follows(state, state.position, side.hand_over or side.dose)
        close_side(state, done=False)


def _asked(state: State, name: str) -> bool:
    return state.phase is Phase.QUESTION and state.question is not None and state.question.name == name


def leave_question(state: State) -> None:
    """Let something else come before the answer; a pain question left open counts as the worst answer."""
    if _asked(state, "pain"):
        _lock_side(state)
    state.question = None


def answered(state: State, command: Command) -> None:
    """Act on the answer to the question that was asked."""
    question = state.question
    hush(state)
    if question is None:
        return
    if question.name == "pain":
        _rated_pain(state, NUMBERS.index(command.id))
    elif question.name == "which foot":
        name_side(state, command.id)
        proceed(state)
    elif command.id == "yes":
        halt(state, "opening_yes")
    else:
        proceed(state)


def not_answered(state: State) -> None:
    """Go on after a question that nobody answered."""
    question = state.question
    if question is None:
        return
    if question.name == "pain":
        _give_up(state)
    else:
        proceed(state)


def _rated_pain(state: State, rating: int) -> None:
    if rating > _LESS_UP_TO:
        _give_up(state)
        return
    if rating <= _STAY_UP_TO:
        answer(state, "pain_stay")
    else:
        lower_rung(state)
    state.question = None
    if state.back_to_halt is not None:
        stopped = state.back_to_halt is Phase.STOPPED
        move(state, Trigger.STOP if stopped else Trigger.PAUSE)
        speak(state, utterance(state, "only_resume_or_finish"))
    elif state.side is None:
        proceed(state)
    else:
        count_in(state, clock_after=state.clock_after_count)


def lower_rung(state: State) -> None:
    """Go one rung down because of pain, or halve the pressure where there is none."""
    side = state.side
    if side is None:
        return
    rung = rung_of(state, side.step)
    if rung == 1:
        answer(state, "pain_lightest")
        return
    state.dials.rungs[side.step.family] = rung - 1 - side.step.rung
    answer(state, "pain_less", text=current_rung(state, side.step).text)


def _cramp(state: State, *, calf: bool) -> None:
    state.cramps += 1
    if state.cramps >= state.limits.session.cramps_to_finish:
        speak(state, utterance(state, "cramp_thrice"))
        sum_up(state, "body")
        return
    speak(state, utterance(state, "cramp_calf" if calf else "cramp_arch"))
    side = state.side
    if side is not None and side.step.family == "cramp":
        again = Place(state.position, side.planned.dose, side.hand_over)
        close_side(state, done=False)
        begin(state, again)
        return
    place = state.ahead
    name = UNKNOWN_SIDE
    if side is not None:
        place = Place(state.position, side.dose, side.hand_over)
        name = UNKNOWN_SIDE if side.name == "both" else side.name
        close_side(state, done=False)
        state.dials.rungs[side.step.family] = 1 - side.step.rung
    relief = state.plan.relief["calf" if calf else "arch"]
    state.greeted = True
    begin(state, insert(state, place, PlannedStep(relief.step, relief.dose, (name,))))
