"""Plans a session for a person: what they wish, what they have at hand, what is barred for them, and their time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from voice_coach.errors import WishError
from voice_coach.routines.bars import bars_of, without_barred
from voice_coach.routines.fitting import LEAST_MINUTES, budget_of, fitted, one_minute
from voice_coach.routines.substitution import NO_CEILING, substituted
from voice_coach.routines.telling import listed, told_fitting
from voice_coach.routines.wishes import (
    Wishes,
    areas_of,
    check_minutes,
    in_areas,
    nothing_left,
    on_side,
    what_is_missing,
)
from voice_coach.session.before import NOTHING_BEFORE, Before, Reminder
from voice_coach.session.easing import eased, scaled
from voice_coach.session.ledger import Ledger, used_up
from voice_coach.session.plan import Plan, PlannedStep, plan_routine
from voice_coach.session.sides import UNKNOWN_SIDE
from voice_coach.session.wording import spoken_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voice_coach.routines.person import Person
    from voice_coach.routines.schema import Catalogue, Routine, Step

_NO_WORK = frozenset({"check", "rest"})
"""Families of steps for which alone nobody begins a session."""
_Steps = tuple[PlannedStep, ...]
_Told = list[Reminder]


class Planned(NamedTuple):
    """A plan, and the lines that tell how it differs from the routine; the plan holds them, too."""

    plan: Plan
    changes: tuple[Reminder, ...]


def plan_session(
    catalogue: Catalogue, routine: Routine, wishes: Wishes, person: Person, before: Before = NOTHING_BEFORE
) -> Planned:
    """Plan a session of `routine`.

    What is barred goes first. Other ways are found for what cannot be done with these tools in this place; they
    are never barred, and never firmer than a ceiling. Then the plan is fitted to the time there is.

    Raises:
        WishError: no work is left, or a wish names a tool, an area or a number of minutes that there is not; the
            error names a command with which there is some.
    """
    check_minutes(routine, wishes)
    plan = _known(catalogue, routine, wishes, person, before)
    plan = replace(plan, steps=in_areas(catalogue, routine, on_side(routine, plan.steps, wishes.side), wishes.only))
    plan = replace(plan, steps=_allowed(plan, person))
    in_one_minute = wishes.minutes is not None and wishes.minutes < LEAST_MINUTES and _rolls(plan)
    if in_one_minute:
        plan = _one_minute(plan)
    told_minutes = _one_minute_told(plan) if in_one_minute else []
    told = told_minutes + _wishes_told(plan, wishes)
    plan, lines = _with_what_is_there(plan)
    told += lines
    if not _has_work(plan.steps):
        raise nothing_left(
            f"Without the things for it, nothing is left of {routine.name!r}.", _routine_with_work(plan, person)
        )
    plan = eased(_with_a_look_first(plan))
    if wishes.minutes is not None and not in_one_minute:
        plan, told_minutes = _in_time(plan, wishes.minutes)
        told += told_minutes
    changes = tuple(told)
    plan = replace(plan, minutes=wishes.minutes, changes=changes, told_minutes=tuple(told_minutes))
    return Planned(plan, changes)


def _known(catalogue: Catalogue, routine: Routine, wishes: Wishes, person: Person, before: Before) -> Plan:
    """Give the routine's own plan, with all that is known about the person."""
    one = wishes.side if wishes.side in ("left", "right") else UNKNOWN_SIDE
    plan = plan_routine(catalogue, routine, one)
    bars = bars_of(catalogue, person.answers)
    if _relieves_a_cramp(plan.steps) and _may_not_rub(catalogue, person):
        bars = msgspec.structs.replace(bars, rubbing_after_cramp=False)
    return replace(
        plan,
        bars=bars,
        before=before,
        questions=() if _relieves_a_cramp(plan.steps) else person.questions,
        answers=dict(person.answers),
        missing=what_is_missing(catalogue, routine, wishes, person),
        place=wishes.place or routine.place or person.place,
    )


def _may_not_rub(catalogue: Catalogue, person: Person) -> bool:
    """Tell whether a question was never answered, and is not asked before a cramp, that could forbid to rub."""
    unknown = [catalogue.questions[id_] for id_ in person.questions if id_ not in person.answers]
    return any(not question.bars.rubbing_after_cramp for question in unknown)


def _relieves_a_cramp(steps: _Steps) -> bool:
    return steps[0].step.family == "cramp"


def _has_work(steps: Iterable[PlannedStep]) -> bool:
    return any(planned.sides and planned.step.family not in _NO_WORK for planned in steps)


# --- what is barred


def _allowed(plan: Plan, person: Person) -> _Steps:
    """Give the steps that are not barred.

    Raises:
        WishError: no work is among them.
    """
    allowed = without_barred(plan.steps, plan.bars)
    if _has_work(allowed):
        return allowed
    name = plan.routine.name
    for flag in plan.catalogue.flags.values():
        if person.answers.get(flag.id, "no") != "no":
            meaning = "Nothing was started. Once one has, say so."
            raise WishError(flag.if_yes, meaning, f"voice-coach profile set {flag.id} no")
    for side in ("left", "right"):
        other = plan_routine(plan.catalogue, plan.routine, side)
        if _has_work(without_barred(on_side(plan.routine, other.steps, side), plan.bars)):
            raise nothing_left(
                f"After what you have answered, {name!r} is for your {side} foot only.",
                f"voice-coach start {plan.routine.typed} --side {side}",
            )
    raise nothing_left(
        f"After what you have answered, nothing is left of {name!r} for you.", _routine_with_work(plan, person)
    )


def _routine_with_work(plan: Plan, person: Person) -> str:
    """Give the command that starts a routine in which this person has something to do, or shows what bars it all."""
    for routine in plan.catalogue.routines.values():
        other = replace(plan_routine(plan.catalogue, routine), bars=plan.bars, missing=plan.missing, place=plan.place)
        if _relieves_a_cramp(other.steps):
            continue
        allowed, _ = _with_what_is_there(replace(other, steps=without_barred(other.steps, other.bars)))
        if _has_work(allowed.steps):
            return f"voice-coach start {routine.id}"
    return "voice-coach profile --show" if person.answers else "voice-coach routines"


def _with_a_look_first(plan: Plan) -> Plan:
    """Put a foot check in front, where an answer asks for it and no cramp has to be relieved."""
    first = plan.steps[0].step
    if not plan.bars.check_feet_first or _relieves_a_cramp(plan.steps) or first.id == plan.foot_check.step.id:
        return plan
    return replace(plan, steps=(plan.foot_check, *plan.steps))


# --- tools and places


def _one_minute_told(plan: Plan) -> _Told:
    roll = scaled(one_minute(plan.catalogue), plan.before.dose_factor, plan.limits)
    return [Reminder("one_minute", {"seconds": spoken_number(roll.dose.seconds)})]


def _wishes_told(plan: Plan, wishes: Wishes) -> _Told:
    areas = [f"the {area}" for area in areas_of(wishes.only)]
    told = [Reminder("only_area", {"areas": listed(areas)})] if areas else []
    if wishes.side in ("left", "right") and plan.routine.sides == "each":
        told.append(Reminder("one_side", {"side": wishes.side}))
    return told


def _with_what_is_there(plan: Plan) -> tuple[Plan, _Told]:
    """Find another way for each step that cannot be done with the tools there are; no step comes twice by that."""
    found: list[PlannedStep] = []
    lines: list[str] = []
    left_out: list[str] = []
    planned_already = {planned.step.id for planned in plan.steps}
    for planned in plan.steps:
        other = substituted(
            plan.catalogue,
            planned,
            plan.missing,
            plan.place,
            bars=plan.bars,
            ceiling=_ceiling(plan, planned.step),
        )
        if other is None or _comes_twice(other.planned.step, planned.step, planned_already, found):
            left_out.append(planned.step.short)
            continue
        found.append(other.planned)
        if other.line is not None and other.line not in lines:
            lines.append(other.line)
    told = [Reminder(line) for line in lines]
    if left_out:
        told.append(Reminder("left_out", {"names": listed(left_out)}))
    return replace(plan, steps=without_barred(found, plan.bars)), told


def _comes_twice(step: Step, instead_of: Step, planned: set[str], found: list[PlannedStep]) -> bool:
    if step.id == instead_of.id:
        return False
    return step.id in planned or any((step.id, step.name) == (one.step.id, one.step.name) for one in found)


def _ceiling(plan: Plan, step: Step) -> int:
    """Give the firmest rung at which a substitute may begin: earlier sessions may ask for a gentler beginning."""
    lowered = plan.before.rungs.get(step.family, 0)
    usual = step.rung + lowered if lowered < 0 else NO_CEILING
    return min(plan.routine.rung_ceiling, usual)


# --- time


def _in_time(plan: Plan, minutes: int) -> tuple[Plan, _Told]:
    """Fit the plan to the time there is.

    Raises:
        WishError: no work is left.
    """
    before = plan.before
    ledger = Ledger(plan.limits, plan.routine.caps, today=before.seconds_today, used_up=used_up(plan.limits, before))
    whole = tuple(planned.unfitted for planned in plan.steps)
    fitting = fitted(whole, budget_of(minutes), plan.limits, ledger=ledger, grow=before.doses_may_grow)
    if not _has_work(fitting.steps):
        raise nothing_left(
            f"Nothing is left of {plan.routine.name!r} today: you have had the most for one day.",
            "voice-coach history",
        )
    told = [] if _relieves_a_cramp(plan.steps) else list(told_fitting(minutes, whole, fitting))
    kept = {planned.key for planned in fitting.steps}
    dropped = tuple(planned for planned in whole if planned.key not in kept)
    return replace(plan, steps=fitting.steps, dropped=dropped), told


def _rolls(plan: Plan) -> bool:
    """Tell whether the short ball roll that fits into a minute is among what is planned, and relieves no cramp."""
    roll = one_minute(plan.catalogue).step.id
    return not _relieves_a_cramp(plan.steps) and any(planned.step.id == roll for planned in plan.steps)


def _one_minute(plan: Plan) -> Plan:
    """Plan the short ball roll that fits into a minute, on the sides where the routine has it."""
    roll = one_minute(plan.catalogue)
    planned = next(planned for planned in plan.steps if planned.step.id == roll.step.id)
    return replace(plan, steps=(replace(roll, sides=planned.sides),))
