"""Pain: the question about it, what follows from the answer, and the second time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.actions import Rated
from voice_coach.session.allowed import is_lightest
from voice_coach.session.easing import NO_LADDER
from voice_coach.session.flow import sum_up
from voice_coach.session.hurt import families_that_hurt, give_up, go_back, leave_spot, note
from voice_coach.session.questions import PAIN, ask
from voice_coach.session.rungs import current_rung, rung_of
from voice_coach.session.state import State, answer, speak, utterance

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command

_STAY_UP_TO = 3
_LESS_UP_TO = 5


def pain_felt(state: State, _command: Command) -> None:
    """Ask how bad it is; the second pain word ends the session."""
    note(state, "pain")
    if not _is_one_too_many(state):
        ask(state, PAIN)


def sharp_pain_felt(state: State, _command: Command) -> None:
    """Close the area at once, without a question."""
    state.sharp = True
    if _is_one_too_many(state):
        note(state, "sharp")
    else:
        leave_spot(state, "sharp", "sharp")


def _is_one_too_many(state: State) -> bool:
    """Count a pain word; end the session at the second."""
    state.pains += 1
    if state.pains < state.limits.session.pains_to_finish:
        return False
    speak(state, utterance(state, "pain_twice"))
    sum_up(state, "body")
    return True


def pain_rated(state: State, rating: int) -> None:
    """Act on the answer to the pain question."""
    state.ratings.last, state.ratings.last_at = rating, state.now
    if state.hurt:
        step, side = state.hurt[0]
        state.actions.append(Rated(step.id, step.family, side, rung_of(state, step), rating, "pain"))
    if rating > _LESS_UP_TO:
        give_up(state)
        return
    if rating <= _STAY_UP_TO:
        answer(state, "pain_stay")
    else:
        _lower_rungs(state)
    go_back(state)


def _lower_rungs(state: State) -> None:
    """Go one rung down because of pain, or halve the pressure where there is none."""
    side = state.side
    for family in families_that_hurt(state) - NO_LADDER:
        if side is None or family != side.step.family:
            state.dials.rungs[family] = state.dials.rungs.get(family, 0) - 1
    if side is None:
        answer(state, "pain_less_there")
        return
    rung = rung_of(state, side.step)
    if is_lightest(state, side.step):
        answer(state, "pain_lightest")
        return
    state.dials.rungs[side.step.family] = rung - 1 - side.step.rung
    answer(state, "pain_less", text=current_rung(state, side.step).text)
