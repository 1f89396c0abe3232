"""Shorter doses where the feet were worse on the day after: never more than so much of the routine's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.routines.fitting import SHORTEST_HOLD
from voice_coach.routines.schema import Dose, HoldDose, TimedDose

if TYPE_CHECKING:
    from voice_coach.routines.schema import Limits
    from voice_coach.session.plan import Plan, PlannedStep

NO_WORK = frozenset({"check", "rest"})
"""Families of steps that alone are no session."""
NO_LADDER = frozenset({*NO_WORK, "cramp"})
"""Families that get no lighter: neither because the feet were worse, nor because something hurts."""


def eased(plan: Plan) -> Plan:
    """Give a plan with the doses that earlier sessions ask for."""
    if plan.eased:
        return plan
    steps = tuple(scaled(planned, plan.before.dose_factor, plan.limits) for planned in plan.steps)
    return replace(plan, steps=steps, eased=True)


def scaled(planned: PlannedStep, factor: float, limits: Limits) -> PlannedStep:
    """Give a step with `factor` times its dose, as far as it is shorter; checks, rest and relief stay as they are.

    It is a part of the dose before that was fitted to a time; a time that asked for less still does.
    """
    if factor >= 1 or planned.step.family in NO_LADDER:
        return planned
    most = _shortened(planned.unfitted.dose, factor, limits)
    fitted = planned.usual is not None
    return replace(planned, dose=_no_more(planned.dose, most), usual=most if fitted else None)


def _shortened(dose: Dose, factor: float, limits: Limits) -> Dose:
    """Give a part of a dose, in whole seconds or repetitions; one that is at its least stays as it is."""
    if isinstance(dose, TimedDose):
        return TimedDose(min(dose.seconds, max(limits.timed.shortest, dose.seconds * factor // 1)))
    if dose.repetitions == 1:
        return HoldDose(1, min(dose.hold, max(SHORTEST_HOLD, dose.hold * factor // 1)), dose.gap)
    return HoldDose(max(1, int(dose.repetitions * factor)), dose.hold, dose.gap)


def _no_more(dose: Dose, most: Dose) -> Dose:
    """Give `dose`, or as much of it as `most` allows."""
    if isinstance(dose, HoldDose) and isinstance(most, HoldDose):
        return HoldDose(min(dose.repetitions, most.repetitions), min(dose.hold, most.hold), dose.gap)
    return dose if dose.seconds <= most.seconds else most
