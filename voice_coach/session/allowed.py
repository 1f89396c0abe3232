"""Whether a step may be done on a side, and how much: what is closed, the caps, and which legs a rung works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.areas import is_locked
from voice_coach.session.rungs import current_rung, rung_of

if TYPE_CHECKING:
    from voice_coach.routines.schema import Dose, Step
    from voice_coach.session.parts import Side
    from voice_coach.session.state import State


def sides_worked(state: State, step: Step, side: str) -> str:
    """Give the side that gets what is done on `side`: both, on a rung of `step` that works on both at once."""
    return "both" if current_rung(state, step).both else side


def is_out(state: State, step: Step, side: str) -> bool:
    """Tell whether `step` must not be done on this side as the dials stand: it is locked, or barred for this user."""
    return is_closed(state, step, sides_worked(state, step, side))


def is_closed(state: State, step: Step, side: str) -> bool:
    """Tell whether `step` must not be done on this side on any rung."""
    return is_locked(state, step, side) or state.bars.bar(step.id, side)


def fitted(state: State, step: Step, side: str, dose: Dose, *, lost: float = 0.0) -> Dose | None:
    """Give as much of `dose` as `side`, and whatever else this rung works on, may still get; None for too little.

    Args:
        state: the session.
        step: what the dose is of.
        side: who gets it.
        dose: what is wanted.
        lost: seconds worked on this side that are not booked yet.
    """
    return state.ledger.fitted(step, sides_worked(state, step, side), dose, lost, lost)


def fitted_here(state: State, side: Side, dose: Dose) -> Dose | None:
    """Give as much of `dose` as the side under way may still get, with what it has lost; None for too little."""
    worked_on = "both" if side.both else sides_worked(state, side.step, side.name)
    return state.ledger.fitted(side.step, worked_on, dose, side.lost, side.lost_held)


def is_lightest(state: State, step: Step) -> bool:
    """Tell whether `step` can go no rung lower: there is none, or it would work on the other leg, which may not."""
    rung = rung_of(state, step)
    return rung == 1 or (step.ladder[rung - 2].both and not _may_have_both(state, step))


def _may_have_both(state: State, step: Step) -> bool:
    if is_closed(state, step, "both"):
        return False
    side = state.side
    return side is None or state.ledger.fitted(step, "both", side.dose, side.lost, side.lost_held) == side.dose
