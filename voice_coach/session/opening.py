"""What comes before the first step: first questions, greeting, how it went last time, notices, the opening question.

The parts are done one after the other while the session greets. A part that asks stays until it is answered, so
whatever comes in between, no work begins without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from voice_coach.routines.bars import bars_of, without_barred
from voice_coach.session.actions import NextDayAnswered, ProfileAnswered
from voice_coach.session.areas import RUBBING, lock
from voice_coach.session.easing import NO_LADDER, NO_WORK, scaled
from voice_coach.session.flow import begin, halt, sum_up
from voice_coach.session.greeting import greeting
from voice_coach.session.minutes import bring_back, fit_again
from voice_coach.session.phases import Trigger
from voice_coach.session.questions import NEXT_DAY, OPENING, WHICH_LEG, ask, first_question
from voice_coach.session.state import CHECK, GREETING, LAST_TIME, NOTICES, State, answer, move, speak, utterance

if TYPE_CHECKING:
    from voice_coach.session.parts import Question
    from voice_coach.session.plan import PlannedStep

WORSE_FACTOR = 0.75
"""What doses are multiplied with where the feet were worse on the day after (BYTES)."""


def begin_session(state: State) -> None:
    """Begin; a routine that relieves a cramp, and has no greeting, speaks its first action at once."""
    move(state, Trigger.BEGIN)
    if not state.steps:
        _nothing_is_left(state)
        return
    state.opening = _parts(state)
    if not state.opening:
        begin(state, state.ahead)


def _parts(state: State) -> list[str]:
    plan = state.plan
    in_a_hurry = state.steps[0].step.family == "cramp"
    parts = [] if in_a_hurry else list(plan.questions)
    if plan.routine.greeting:
        parts.append(GREETING)
    if plan.before.ask_next_day and not in_a_hurry:
        parts.append(LAST_TIME)
    if not in_a_hurry:
        parts.append(NOTICES)
    if plan.routine.check:
        parts.append(CHECK)
    return parts


def go_on(state: State) -> None:
    """Do the next part, when nothing is being said; after the last, the first step begins."""
    while state.opening:
        part = state.opening[0]
        if part == LAST_TIME:
            ask(state, NEXT_DAY)
            return
        if part == CHECK and not _feet_are_checked_anyway(state):
            ask(state, OPENING)
            return
        if part in state.plan.catalogue.questions:
            _ask_first_question(state, part)
            return
        state.opening.remove(part)
        if part == GREETING and (line := greeting(state)).text:
            speak(state, line, keep=True)
            return
        if part == NOTICES and _give_notices(state):
            return
    begin(state, state.ahead)


def _feet_are_checked_anyway(state: State) -> bool:
    ahead = state.ahead.position.step
    return ahead < len(state.steps) and state.steps[ahead].step.id == state.plan.foot_check.step.id


def _give_notices(state: State) -> bool:
    """Say what is different this time; False where nothing is."""
    plan = state.plan
    lines = [utterance(state, reminder.line, **reminder.slots) for reminder in state.notices]
    lines += [utterance(state, name) for name in plan.bars.cautions]
    lines += [utterance(state, reminder.line, **reminder.slots) for reminder in plan.before.reminders]
    for line in lines:
        speak(state, line, keep=True)
    return bool(lines)


# --- first questions


def _ask_first_question(state: State, id_: str) -> None:
    if "first_questions" not in state.told:
        state.told.add("first_questions")
        speak(state, utterance(state, "first_questions"))
    ask(state, first_question(state.plan.catalogue.questions[id_]))


def first_answered(state: State, question: Question, reply: Literal["no", "yes", "left", "right", "both"]) -> None:
    """Take in the answer to a first question, or ask which leg it is about."""
    first = state.plan.catalogue.questions[question.about]
    if reply == "yes" and first.which_leg:
        ask(state, replace(WHICH_LEG, about=first.id))
        return
    state.opening.remove(first.id)
    state.answers[first.id] = reply
    state.actions.append(ProfileAnswered(first.id, reply))
    if reply != "no":
        speak(state, utterance(state, "first_yes", if_yes=first.if_yes), keep=True)
        _bar(state)
    if not _is_work_ahead(state):
        bring_back(state)
    if _is_work_ahead(state):
        move(state, Trigger.GREET)
    else:
        _nothing_is_left(state)


def _is_work_ahead(state: State) -> bool:
    return any(planned.step.family not in NO_WORK for planned in state.steps[state.ahead.position.step :])


def _bar(state: State) -> None:
    """Leave out what the answers bar, of the steps that have not been done."""
    before = state.bars
    state.dials.undo = None  # what was planned before may be out now
    state.bars = bars_of(state.plan.catalogue, state.answers)
    ahead = state.ahead.position.step
    if state.cramps and not state.bars.rubbing_after_cramp:
        lock(state, RUBBING, "both")
    left = without_barred(state.steps[ahead:], state.bars)
    if state.bars.check_feet_first and not before.check_feet_first:
        left = _with_foot_check(state, left)
    state.steps[ahead:] = left
    state.dropped = list(without_barred(state.dropped, state.bars))


def _with_foot_check(state: State, steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    check = state.plan.foot_check
    return steps if steps and steps[0].step.id == check.step.id else (check, *steps)


def _nothing_is_left(state: State) -> None:
    speak(state, utterance(state, "nothing_for_you"))
    sum_up(state, "body")


# --- how it went last time


def next_day_answered(state: State, reply: Literal["worse", "same", "better"]) -> None:
    """Take in how the feet were on the day after; where they were worse, everything gets lighter and shorter."""
    state.opening.remove(LAST_TIME)
    state.actions.append(NextDayAnswered(reply))
    if reply == "worse":
        _go_easier(state)
    answer(state, "next_day_worse" if reply == "worse" else "next_day_noted")
    move(state, Trigger.GREET)


def next_day_not_answered(state: State) -> None:
    """Go on as planned."""
    state.opening.remove(LAST_TIME)
    move(state, Trigger.GREET)


def _go_easier(state: State) -> None:
    for family in {planned.step.family for planned in (*state.steps, *state.dropped)} - NO_LADDER:
        state.dials.rungs[family] = state.dials.rungs.get(family, 0) - 1
    state.dials.rungs_before = dict(state.dials.rungs)
    state.dials.undo = None  # what was planned before is too much now
    factor = WORSE_FACTOR / state.dose_factor
    state.dose_factor = min(state.dose_factor, WORSE_FACTOR)
    state.steps = [scaled(planned, factor, state.limits) for planned in state.steps]
    state.dropped = [scaled(planned, factor, state.limits) for planned in state.dropped]
    fit_again(state)


# --- any new sore, blister or numb spot


def opening_answered(state: State, *, yes: bool) -> None:
    """Begin, or wait where there is a new spot."""
    state.opening.remove(CHECK)
    if yes:
        halt(state, "opening_yes")
    else:
        begin(state, state.ahead)
