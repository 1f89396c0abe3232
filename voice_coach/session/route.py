"""The way through the steps: what comes after a side, and steps that are put in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.session.allowed import is_out
from voice_coach.session.parts import Place, Position
from voice_coach.session.sides import UNKNOWN_SIDE

if TYPE_CHECKING:
    from voice_coach.routines.schema import Dose
    from voice_coach.session.plan import PlannedStep
    from voice_coach.session.state import State


def feet_need_a_check(state: State, position: Position) -> bool:
    """Tell whether the session, or the halt that ends now, has lasted so long that the feet are looked at first."""
    ahead = state.steps[position.step].step
    if ahead.family == "cramp" or ahead.id == state.plan.foot_check.step.id:
        return False
    since = state.elapsed - state.checked_feet_at
    return since >= state.limits.session.foot_check_after or halted_long(state) or state.look_is_due


def halted_long(state: State) -> bool:
    """Tell whether the session has stood still for so long that the feet are looked at before it goes on."""
    return state.halted_at is not None and state.now - state.halted_at > state.limits.pause_before_foot_check


def check_feet(state: State, place: Place) -> Place:
    """Put a foot check before `place`, and give its place; the session comes back afterwards."""
    state.checked_feet_at = state.elapsed
    return insert(state, place, state.plan.foot_check)


def must_be_looked(state: State, position: Position) -> bool:
    """Tell whether the feet must be looked at here: such a look is never left out, however many there have been."""
    return position.step in state.inserted and state.steps[position.step].step.id == state.plan.foot_check.step.id


def insert(state: State, place: Place, planned: PlannedStep) -> Place:
    """Put a step before `place`, and give its place; the session comes back afterwards."""
    number = place.position.step
    state.steps.insert(number, planned)
    state.done_steps = {step + (step >= number) for step in state.done_steps}
    state.inserted = {step + (step >= number) for step in state.inserted} | {number}
    state.interrupted = [_shifted(other, number) for other in state.interrupted] + [_shifted(place, number)]
    if state.last_side is not None:
        state.last_side = _shifted(state.last_side, number)
    return Place(Position(number))


def _shifted(place: Place, number: int) -> Place:
    """Give the same side after a step was put in at `number`."""
    step = place.position.step
    return replace(place, position=Position(step + (step >= number), place.position.side))


def what_follows(state: State, position: Position, dose: Dose | None = None) -> Place:
    """Give what comes after the side at `position`; the other foot gets `dose`."""
    if position.step in state.inserted and state.interrupted:
        return state.interrupted.pop()
    ahead = following(state, position)
    return Place(ahead, dose if ahead.step == position.step else None)


def following(state: State, position: Position) -> Position:
    """Give the planned side after `position`; it may lie behind the last step."""
    if position.side + 1 < len(state.steps[position.step].sides):
        return Position(position.step, position.side + 1)
    step = position.step + 1
    while step in state.inserted:
        step += 1
    return Position(step)


def over_with(state: State) -> Position:
    """Give the planned side that is over with the one under way: the last, where both legs have their turn at once."""
    here, side = state.position, state.side
    if side is None or not side.together or here.step in state.inserted:
        return here
    return Position(here.step, len(side.planned.sides) - 1)


def first_allowed(state: State, position: Position) -> Position | None:
    """Give the first side from `position` on that is neither locked nor barred; None where there is none."""
    while position.step < len(state.steps):
        planned = state.steps[position.step]
        if not is_out(state, planned.step, planned.sides[position.side]):
            return position
        position = following(state, position)
    return None


def is_work_left(state: State) -> bool:
    """Tell whether anything but looking at the feet is left that is neither locked nor barred."""
    side = state.side
    position = state.ahead.position if side is None else state.position
    while position.step < len(state.steps):
        planned = state.steps[position.step]
        if planned.step.family != "check" and not is_out(state, planned.step, planned.sides[position.side]):
            return True
        position = following(state, position)
    return False


def relieving(state: State) -> bool:
    """Tell whether the step under way was put in to relieve a cramp."""
    return state.side is not None and state.side.step.family == "cramp" and state.position.step in state.inserted


def side_is_unknown(state: State, position: Position) -> bool:
    """Tell whether the step at `position` works on one foot, and nobody has said which."""
    return position.step < len(state.steps) and state.steps[position.step].sides == (UNKNOWN_SIDE,)


def name_side(state: State, side: str) -> None:
    """Note which foot a routine for one foot works on."""
    state.ledger.move(UNKNOWN_SIDE, side)
    for number, planned in enumerate(state.steps):
        if planned.sides == (UNKNOWN_SIDE,):
            state.steps[number] = replace(planned, sides=(side,))
    state.dropped = [replace(it, sides=(side,)) if it.sides == (UNKNOWN_SIDE,) else it for it in state.dropped]
