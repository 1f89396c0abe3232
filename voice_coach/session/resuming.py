"""Going on with a session after its program has died: it stands still, and asks whether to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.schema import HoldDose
from voice_coach.session.actions import SetAside
from voice_coach.session.flow import go_on, stand_still
from voice_coach.session.hurt import leave_question
from voice_coach.session.parts import Question
from voice_coach.session.phases import RUNNING, Phase, Trigger
from voice_coach.session.questions import ASK_AGAIN_AFTER, NO_REPLY_AFTER, YES_OR_NO, ask
from voice_coach.session.route import first_allowed
from voice_coach.session.state import hush, move
from voice_coach.session.timeline import repetition_at

if TYPE_CHECKING:
    from voice_coach.session.state import State

_ANSWERS = YES_OR_NO | {"resume", "start", "next"}


def cut_off(state: State, unknown: float) -> None:
    """Stand still, as in a pause. A question that was open is asked again later; one about pain counts as the worst.

    Args:
        state: the session.
        unknown: seconds in which a clock that ran may have run on: they count towards the caps, not the dose.
    """
    side = state.side
    ran = side is not None and side.running_since is not None
    stand_still(state, urgent=True)
    state.heard_at.clear()  # no echo outlives the program: the same word soon afterwards is a new one
    if side is not None and ran:
        side.lost += unknown
        if isinstance(side.dose, HoldDose):
            side.lose_hold(repetition_at(side.dose, side.before), unknown)
    if state.phase not in (*RUNNING, Phase.QUESTION):
        return
    leave_question(state)
    move(state, Trigger.STOP if state.back_to_halt is Phase.STOPPED else Trigger.PAUSE)


def take_up(state: State, *, asks: bool) -> None:
    """Ask whether to go on, or go on."""
    hush(state, urgent=True)
    state.speaking.muted = False
    if not asks:
        go_on(state)
        return
    if state.phase is not Phase.QUESTION:
        state.back_to_halt = state.phase
    ask(state, _question(state))


def answered(state: State, *, no: bool) -> None:
    """Go on, or leave it."""
    if no:
        move(state, Trigger.SET_ASIDE)
        state.actions.append(SetAside())
    else:
        go_on(state)


def _question(state: State) -> Question:
    line, slots = "resume_question", dict[str, str]()
    side, ahead = state.side, None
    if side is not None:
        line = "resume_question_in" if side.name in ("left", "right") else "resume_question_in_both"
        slots = {"name": side.step.short or side.step.name, "side": side.name}
    else:
        ahead = first_allowed(state, state.ahead.position)
    if ahead is not None:
        step = state.steps[ahead.step].step
        line, slots = "resume_question_before", {"name": step.short or step.name}
    return Question("resume", line, _ANSWERS, NO_REPLY_AFTER, "resume_question_again", ASK_AGAIN_AFTER, slots)
