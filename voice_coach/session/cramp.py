"""A cramp: relieved at once, and nothing presses before it has let go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.session.allowed import fitted, is_out
from voice_coach.session.areas import RUBBING, lock
from voice_coach.session.easing import NO_LADDER
from voice_coach.session.flow import begin_side, halt, offer, proceed, sum_up
from voice_coach.session.hurt import note
from voice_coach.session.parts import Cramp, Place
from voice_coach.session.phases import Phase
from voice_coach.session.questions import (
    LET_GO,
    WHICH_FOOT,
    answered,
    ask,
    is_anything_unasked,
    must_be_answered,
    question_ahead,
)
from voice_coach.session.route import insert, side_is_unknown, what_follows
from voice_coach.session.sides import UNKNOWN_SIDE
from voice_coach.session.speaking import Utterance
from voice_coach.session.state import State, close_side, speak, utterance

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.session.plan import PlannedStep

CRAMP_WAIT = 60.0
"""Seconds until the coach asks once more whether a cramp has let go, where it may not be stretched any longer."""
CRAMP_NEEDS_HELP_AFTER = 600.0
"""Seconds after which a cramp that has not let go needs medical help (NIDIRECT)."""


def cramp_felt(state: State, command: Command) -> None:
    """Relieve it at once; nothing else begins before it has let go."""
    note(state, "cramp")
    if state.cramp is None:  # named once more, it is the same one
        state.cramps += 1
    if state.cramps >= state.limits.session.cramps_to_finish:
        speak(state, utterance(state, "cramp_thrice"))
        sum_up(state, "body")
        return
    if _lasts_too_long(state):
        _get_help(state)
        return
    state.cramp = _cramp_now(state, calf=command.value == "calf")
    speak(state, utterance(state, f"cramp_{state.cramp.where}"))
    _interrupt_side(state)
    _relieve(state, state.cramp)


def _cramp_now(state: State, *, calf: bool) -> Cramp:
    """Give the cramp that the user tells of: a new one, or the one that is being relieved."""
    side, known = state.side, state.cramp
    name = UNKNOWN_SIDE if side is None or side.name == "both" else side.name
    if known is None:
        return Cramp("calf" if calf else "arch", name, state.now)
    return replace(known, where="calf" if calf else known.where)


def _interrupt_side(state: State) -> None:
    """End the side under way; it begins again at the lightest rung when the cramp has let go."""
    side = state.side
    if side is None:
        return
    if side.step.family == "cramp":
        state.ahead = what_follows(state, state.position)
    else:
        state.ahead = Place(state.position, side.dose, side.hand_over, side.had, side.usual)
    close_side(state, done=False)
    if side.step.family not in NO_LADDER:
        state.dials.rungs[side.step.family] = 1 - side.step.rung


def _relieve(state: State, cramp: Cramp) -> None:
    """Begin the relief or, where it has been done as long as it may be, or must not be, wait and ask."""
    relief = _relief(state, cramp)
    if _may_be_done(state, relief):
        begin_side(state, insert(state, state.ahead, relief))
        return
    must_be_answered(state, LET_GO)
    state.ask_at = min(state.now + CRAMP_WAIT, cramp.since + CRAMP_NEEDS_HELP_AFTER)
    halt(state, "cramp_wait", stop=state.back_to_halt is Phase.STOPPED)


def _relieve_again(state: State, cramp: Cramp) -> None:
    """Relieve it once more, or wait once more."""
    if _may_be_done(state, _relief(state, cramp)):
        speak(state, utterance(state, "cramp_again"))
    _relieve(state, cramp)


def _relief(state: State, cramp: Cramp) -> PlannedStep:
    return replace(state.plan.relief[cramp.where], sides=(cramp.side,))


def _may_be_done(state: State, planned: PlannedStep) -> bool:
    side = planned.sides[0]
    return not is_out(state, planned.step, side) and fitted(state, planned.step, side, planned.dose) is not None


def _lasts_too_long(state: State) -> bool:
    return state.cramp is not None and state.now - state.cramp.since >= CRAMP_NEEDS_HELP_AFTER


def _get_help(state: State) -> None:
    speak(state, utterance(state, "cramp_help"))
    sum_up(state, "body")


def let_go_answered(state: State, *, yes: bool) -> None:
    """Rub lightly and offer to go on when a cramp has let go; relieve it again when it has not."""
    cramp = state.cramp
    if cramp is None:
        proceed(state)
    elif not yes and _lasts_too_long(state):
        _get_help(state)
    elif not yes:
        _relieve_again(state, cramp)
    else:
        answered(state, LET_GO)
        state.cramp = None
        _has_let_go(state, cramp)


def _has_let_go(state: State, cramp: Cramp) -> None:
    if state.bars.rubbing_after_cramp and not is_anything_unasked(state):
        _say_rub(state, cramp)
    elif not state.bars.rubbing_after_cramp:
        lock(state, RUBBING, cramp.side)
    _lighten(state)
    state.dials.barred.add(state.plan.rub[cramp.where].step.family)
    if cramp.planned and side_is_unknown(state, state.ahead.position):
        ask(state, WHICH_FOOT)
    elif cramp.planned:
        proceed(state)
    else:
        state.offer_next = True
        _rub(state, cramp)


def _lighten(state: State) -> None:
    """Let everything that is ahead begin on its lowest rung."""
    for planned in (*state.steps[state.ahead.position.step :], *state.dropped):
        if planned.step.family not in NO_LADDER:
            lowest = min(state.dials.rungs.get(planned.step.family, 0), 1 - planned.step.rung)
            # nobody has asked for it: "save that" does not save it
            state.dials.rungs[planned.step.family] = state.dials.rungs_before[planned.step.family] = lowest


def _say_rub(state: State, cramp: Cramp) -> None:
    cue = state.plan.relief[cramp.where].step.cues.let_go
    if cue and _may_be_done(state, _rubbing(state, cramp)):
        speak(state, Utterance(cue), keep=True)


def _rubbing(state: State, cramp: Cramp) -> PlannedStep:
    return replace(state.plan.rub[cramp.where], sides=(cramp.side,))


def _rub(state: State, cramp: Cramp) -> None:
    """Rub lightly for a while, where that may be done; then the user is asked whether to go on."""
    if state.back_to_halt is Phase.STOPPED:
        offer(state, "cramp_over")
        return
    planned = _rubbing(state, cramp)
    if state.unanswered or is_anything_unasked(state) or not _may_be_done(state, planned):
        proceed(state)
        return
    state.dials.rungs[planned.step.family] = 1 - planned.step.rung
    state.dials.barred.add(planned.step.family)
    begin_side(state, insert(state, state.ahead, planned))


def ask_what_is_due(state: State) -> None:
    """Ask what was to be asked after a while; a cramp that has lasted too long by then needs help."""
    if state.ask_at is None or state.now < state.ask_at:
        return
    state.ask_at = None
    question = question_ahead(state)
    if question is not None and question.name == LET_GO.name and _lasts_too_long(state):
        _get_help(state)
    elif question is not None:
        if state.phase is Phase.STOPPED:
            state.back_to_halt = Phase.STOPPED
        ask(state, question)
