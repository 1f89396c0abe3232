"""What is left of a session: the sides that have begun, and the steps that have not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.routines.schema import Dose, HoldDose, TimedDose
from voice_coach.session.allowed import fitted, is_out
from voice_coach.session.rungs import current_rung

if TYPE_CHECKING:
    from voice_coach.session.parts import Place, Side
    from voice_coach.session.plan import PlannedStep
    from voice_coach.session.state import State


def with_gap(state: State, dose: Dose) -> Dose:
    """Give `dose` at the session's tempo: with the gap between repetitions as the user wants it."""
    if isinstance(dose, TimedDose) or dose.gap == 0 or state.dials.gap == 0:
        return dose
    limits = state.limits.tempo.gap
    return HoldDose(dose.repetitions, dose.hold, max(limits.least, min(limits.most, dose.gap + state.dials.gap)))


def first_free(state: State) -> int:
    """Give the index of the first step of which nothing has begun: what lies behind it may be planned anew."""
    begun = [place.position.step for place in state.interrupted]
    ahead = state.ahead
    if state.side is not None:
        begun.append(state.position.step)
    else:
        has_begun = ahead.position.side > 0 or ahead.dose is not None
        begun.append(ahead.position.step if has_begun else ahead.position.step - 1)
    return max(begun) + 1


def free_steps(state: State) -> list[PlannedStep]:
    """Give the steps of which nothing has begun, with the sides that may still be worked on."""
    first = first_free(state)
    steps = [_allowed(state, state.steps[n]) for n in range(first, len(state.steps)) if n not in state.inserted]
    return [planned for planned in steps if planned.sides]


def unfitted_steps(state: State) -> list[PlannedStep]:
    """Give these steps, and those that a time has left out, as they were before they were fitted to any."""
    steps = [planned.unfitted for planned in free_steps(state)]
    for dropped in (_allowed(state, planned) for planned in state.dropped):
        if dropped.sides:
            later = (n for n, planned in enumerate(steps) if _order(planned) > _order(dropped))
            steps.insert(next(later, len(steps)), dropped.unfitted)
    return steps


def _order(planned: PlannedStep) -> int:
    """Give the place of a step in its routine; what was put in comes first."""
    return -1 if planned.number is None else planned.number


def replace_free_steps(state: State, steps: list[PlannedStep]) -> None:
    """Plan the steps of which nothing has begun anew."""
    first = first_free(state)
    state.steps[first:] = steps
    state.inserted = {n for n in state.inserted if n < first}
    if state.last_side is not None and state.last_side.position.step >= first:
        state.last_side = None


def _allowed(state: State, planned: PlannedStep) -> PlannedStep:
    """Leave out the sides on which a step is locked, barred, or has had all that they may get."""
    dose = with_gap(state, planned.dose)
    sides = tuple(
        side
        for side in planned.sides
        if not is_out(state, planned.step, side) and fitted(state, planned.step, side, dose) is not None
    )
    return replace(planned, sides=sides)


def seconds_here(state: State, now: float) -> float:
    """Give the seconds of dose that this side still has at `now`."""
    side = state.side
    return 0.0 if side is None else max(0.0, side.dose.seconds - side.worked(now))


def seconds_begun(state: State, now: float) -> float:
    """Give the planned seconds until everything that has begun is through."""
    seconds = sum(_seconds_from(state, place) for place in state.interrupted)
    if state.side is not None:
        return seconds + _seconds_of_side(state, state.side, now)
    if first_free(state) == state.ahead.position.step + 1:
        return seconds + _seconds_from(state, state.ahead)
    return seconds


def _seconds_of_side(state: State, side: Side, now: float) -> float:
    """Give the seconds of the side under way and of the other foot."""
    others = side.planned.sides[state.position.side + 1 :]
    if state.position.step in state.inserted or side.together:
        others = ()
    after = side.hand_over or side.dose
    return seconds_here(state, now) + _seconds_of(state, side.planned, others, after)


def _seconds_from(state: State, place: Place) -> float:
    """Give the seconds of a side that comes, and of the other foot after it."""
    if place.position.step >= len(state.steps):
        return 0.0
    planned = state.steps[place.position.step]
    dose = place.dose or with_gap(state, planned.dose)
    here = planned.sides[place.position.side]
    first = 0.0 if is_out(state, planned.step, here) else planned.step.setup + dose.seconds
    if first > 0 and current_rung(state, planned.step).both:
        return first
    return first + _seconds_of(state, planned, planned.sides[place.position.side + 1 :], place.hand_over or dose)


def _seconds_of(state: State, planned: PlannedStep, sides: tuple[str, ...], dose: Dose) -> float:
    """Give the seconds of sides that follow a side of the same step."""
    return sum(planned.step.switch + dose.seconds for side in sides if not is_out(state, planned.step, side))


def seconds_in_all(state: State, now: float) -> float:
    """Give the planned seconds from `now` to the end of the last step, as the dials stand."""
    free = [_as_worked(state, replace(it, dose=with_gap(state, it.dose))) for it in free_steps(state)]
    return seconds_begun(state, now) + sum(planned.seconds for planned in free)


def _as_worked(state: State, planned: PlannedStep) -> PlannedStep:
    """Give a step with one turn for both legs, where the rung works on both at once."""
    return replace(planned, sides=planned.sides[:1]) if current_rung(state, planned.step).both else planned
