"""The rung on which a step is worked on, and how high it may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.areas import is_rubbing_closed

if TYPE_CHECKING:
    from voice_coach.routines.schema import Rung, Step
    from voice_coach.session.state import State

STRONG_FROM = 4
"""Rating from which on nothing rises."""


def rung_of(state: State, step: Step) -> int:
    """Give the rung that `step` is worked on as the dials stand, counted from 1."""
    dials = state.dials
    began = max(1, step.rung + dials.rungs_before.get(step.family, 0))
    # where a family was lowered, steps stand on rung 1 that do not count as low as each other: none jumps up from there
    rung = min(step.rung + dials.rungs.get(step.family, 0), began + dials.rises.get(step.family, 0))
    if step.family in dials.barred:
        # a routine may hold a step twice, the second time firmer: not after easier or a body word
        rung = min(rung, state.gentlest.get(step.family, {}).get(step.id, rung))
    return max(1, min(rung, top_rung(state, step)))


def top_rung(state: State, step: Step) -> int:
    """Give the highest rung of `step` in this routine, for this user."""
    ceiling = min(state.plan.routine.rung_ceiling, state.bars.ceilings.get(step.id, len(step.ladder)))
    if is_rubbing_closed(state):
        ceiling = min(ceiling, next((rung for rung, it in enumerate(step.ladder) if it.rubs), ceiling))
    return max(min(len(step.ladder), ceiling), 1)


def may_rise(state: State, step: Step) -> bool:
    """Tell whether the rung of `step` may rise in this session, sooner or later."""
    in_the_way = (
        step.family in ("cramp", "check"),
        step.family in state.dials.barred,
        state.ratings.last is not None and state.ratings.last >= STRONG_FROM,
        any(known != "no" for known in state.answers.values()),
        rung_of(state, step) >= top_rung(state, step),
        state.dials.raised >= state.limits.harder.rungs_per_session,
    )
    return not any(in_the_way)


def is_moving(before: Rung, after: Rung) -> bool:
    """Tell whether whoever is in place for `before` has to stand up for `after`, or to take another tool."""
    return (after.standing and not before.standing) or after.tool != before.tool


def current_rung(state: State, step: Step) -> Rung:
    return step.ladder[rung_of(state, step) - 1]
