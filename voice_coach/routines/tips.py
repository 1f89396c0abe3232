"""Chooses the tip that is told after a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voice_coach.routines.knowledge import Tip
    from voice_coach.routines.schema import Step


def tip_after(tips: Sequence[Tip], routine: str, steps: Collection[Step], session: int) -> Tip | None:
    """Give the tip for a session, by turns: the next session with the same steps gets the next one.

    Args:
        tips: all there are, in their order.
        routine: id of the routine.
        steps: what was done; where nothing was, there is no tip.
        session: number of the session, counted up.
    """
    if not steps:
        return None
    fitting = [tip for tip in tips if tip.after.fits(routine, steps)]
    return fitting[session % len(fitting)] if fitting else None
