"""What is out on which foot: locked by what was felt in this session, or barred for this user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice_coach.routines.schema import Step
    from voice_coach.session.state import State

EVERYTHING = "everything"
"""Area of every step: for a foot on which nothing is done any more."""
PRESSURE = "pressure"
"""Area of every step that presses or rubs."""
SOLE = "sole pressure"
"""Area of every step that counts towards the cap on the sole."""
RUBBING = "rubbing"
"""Area of every step that works by hand."""
_PRESSING = frozenset({"ball", "hand", "roller", "stick"})
_RUBBED = frozenset({EVERYTHING, PRESSURE, SOLE, RUBBING, "sole"})
"""Areas of which any closes a sole to being rubbed."""
NO_REGION = frozenset({"none", "skin"})
"""Regions of steps that work on no area of their own."""


def is_locked(state: State, step: Step, side: str) -> bool:
    """Tell whether `step` is out for the rest of the session on this side.

    Its own name closes a step that works on no area of its own. For both sides at once, or a side not known, one lock
    is enough. Looking at the feet is never out.
    """
    if step.family == "check":
        return False
    areas = _areas(step)
    known = side in ("left", "right")
    return any(area in areas and (not known or locked in (side, "both")) for area, locked in state.locked)


def _areas(step: Step) -> set[str]:
    areas = {step.region, step.id, EVERYTHING}
    if step.family in _PRESSING:
        areas.add(PRESSURE)
    if "sole_pressure" in step.caps:
        areas.add(SOLE)
    if step.family == "hand":
        areas.add(RUBBING)
    return areas


def is_rubbing_closed(state: State) -> bool:
    """Tell whether a sole must not be rubbed any more; which of them is not asked, so that nobody mixes them up."""
    return any(area in _RUBBED for area, _ in state.locked)


def lock(state: State, area: str, side: str) -> None:
    """Close `area` on this side for the rest of the session; where the foot is not known, on both."""
    state.locked.add((area, side if side in ("left", "right") else "both"))
