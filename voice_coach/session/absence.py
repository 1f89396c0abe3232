"""What becomes of a session whose computer was asleep, or whose program was stopped: nobody was coached meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.session import answering
from voice_coach.session.flow import halt
from voice_coach.session.phases import RUNNING, Phase
from voice_coach.session.wording import hours

if TYPE_CHECKING:
    from voice_coach.session.state import State


def slept(state: State, seconds: float) -> None:
    """Stand still, say how long it was, and let the user decide whether to go on.

    A question that was open got no answer. The time counts as a halt: after a long one the feet are looked at first.

    Args:
        state: the session.
        seconds: how long, beyond what the session's clock has counted.
    """
    if state.phase is Phase.QUESTION:
        answering.not_answered(state)
    if state.phase in RUNNING:
        halt(state, "away", minutes=hours(seconds))
    if state.halted_at is not None:
        state.halted_at -= seconds
        state.began -= seconds
    if state.ask_at is not None:
        state.ask_at -= seconds
    if state.cramp is not None:
        state.cramp = replace(state.cramp, since=state.cramp.since - seconds)
