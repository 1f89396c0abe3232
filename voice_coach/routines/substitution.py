"""Finds another way to do a step where a tool is missing, or where the user sits, lies or stays down.

The ways are data (substitutions.yaml). A substitute is a whole step again: its ladder, cues and the rung it begins
with fit what the user has, its caps, family and region are those of the step it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from voice_coach.routines.schema import Cues, Dose, HoldDose, Rung, Step, TimedDose, Way
from voice_coach.session.bars import NO_BARS, Bars

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voice_coach.routines.schema import Catalogue, RungChoice
    from voice_coach.session.plan import PlannedStep

USUAL_PLACE = "chair"
"""Where a user is taken to be who has not said where."""
STAYING_DOWN = frozenset({"floor", "bed"})
"""Places of which a user who names them does not want to get up."""
NO_CEILING = 9
_USUAL = Way()


@dataclass(frozen=True, slots=True)
class Substitute:
    """How a step is done with the tools there are, in the place where the user is.

    Attributes:
        planned: the step to do. Where it has changed, its ladder and the rung it begins with are those of the
            substitute already: nothing is to be added to them.
        rung_change: how many rungs firmer (or, below 0, gentler) it counts than the step it stands for; told for
            the record only.
        line: name of the spoken line that tells the change; None where there is nothing to tell.
    """

    planned: PlannedStep
    rung_change: int = 0
    line: str | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """What the user has, and what must not be passed."""

    catalogue: Catalogue
    missing: frozenset[str]
    place: str
    stays_down: bool
    bars: Bars
    ceiling: int

    def allows(self, way: Way) -> bool:
        return self.has(way.needs) and self.place in way.places and not (way.standing and self.stays_down)

    def has(self, tools: Sequence[str]) -> bool:
        return self.missing.isdisjoint(tools)

    def ceiling_of(self, step: Step) -> int:
        return min(self.ceiling, self.bars.ceilings.get(step.id, NO_CEILING))


def substituted(
    catalogue: Catalogue,
    planned: PlannedStep,
    missing: frozenset[str],
    place: str | None,
    *,
    bars: Bars = NO_BARS,
    ceiling: int = NO_CEILING,
) -> Substitute | None:
    """Give the first way to do `planned` that fits; None where there is none, and the step is left out.

    Args:
        catalogue: has the ways.
        planned: a step of a plan; it may be a substitute itself.
        missing: tools that the user does not have.
        place: `chair`, `floor` or `bed`; None where nobody has said. Without a chair it is the floor.
        bars: a step that is barred does not take another's place, and nothing firmer than a ceiling does.
        ceiling: the firmest rung of the routine.
    """
    seat = "floor" if place in (None, "chair") and "chair" in missing else place or USUAL_PLACE
    given = _Given(catalogue, missing, seat, place in STAYING_DOWN, bars, ceiling)
    return _first_way(given, planned, frozenset())


def missing_tools(
    catalogue: Catalogue, have: Collection[str] | None, without: Collection[str] = frozenset()
) -> frozenset[str]:
    """Give the tools that a user does not have.

    Args:
        catalogue: has the tools, and which of them are taken for granted.
        have: the tools the user has listed; None where nobody has said.
        without: the tools that the user misses.
    """
    named = frozenset(have or ())
    missing = set(without)
    for name, tool in catalogue.substitutions.tools.items():
        unlisted = tool.usual == "listed" and have is not None
        lost = bool(tool.goes_with) and tool.goes_with in without
        if name not in named and (unlisted or lost or tool.usual == "away"):
            missing.add(name)
    return frozenset(missing)


def find_tool(catalogue: Catalogue, name: str) -> str | None:
    """Give the tool that a person calls `name`; None where there is none."""
    wanted = " ".join(name.lower().replace("-", " ").split())
    for tool, data in catalogue.substitutions.tools.items():
        names = {tool, *data.also}
        if wanted.removeprefix("a ").removeprefix("the ") in {one.replace("-", " ") for one in names}:
            return tool
    return None


def _first_way(given: _Given, planned: PlannedStep, seen: frozenset[str]) -> Substitute | None:
    if _stands_for_another(given, planned):
        return Substitute(planned)
    ways = given.catalogue.substitutions.steps.get(planned.step.id, (_USUAL,))
    for way in ways:
        if given.allows(way):
            found = _another_step(given, planned, way, seen) if way.step else _same_step(given, planned, way)
            if found is not None:
                return found
    return None


def _same_step(given: _Given, planned: PlannedStep, way: Way) -> Substitute | None:
    base = given.catalogue.steps.get(planned.step.id, planned.step)
    ladder = _ladder(given, base, way)
    if not ladder or (way.counts > 0 and way.rung > given.ceiling_of(base)):
        return None
    begins_at = way.rung or min(planned.step.rung, base.rung)
    if not (way.name or way.cues or _is_substitute(given, planned)):
        return Substitute(_with_ladder(planned, ladder), way.counts, way.line or None)
    tools = way.needs if way.name or way.cues else base.tools
    step = _changed(base, way, ladder, min(begins_at, len(ladder)), tools)
    if (step.name, step.cues, step.ladder) == (planned.step.name, planned.step.cues, planned.step.ladder):
        return Substitute(planned)
    return Substitute(replace(planned, step=step), way.counts, way.line or None)


def _stands_for_another(given: _Given, planned: PlannedStep) -> bool:
    """Tell whether the step takes the place of another in a way that still fits."""
    return any(
        way.step == planned.step.id
        and given.allows(way)
        and bool(way.cues)
        and (way.name, _cues(given.catalogue.steps[way.step], way)) == (planned.step.name, planned.step.cues)
        for ways in given.catalogue.substitutions.steps.values()
        for way in ways
    )


def _is_substitute(given: _Given, planned: PlannedStep) -> bool:
    """Tell whether the step is planned in another way than the usual one already."""
    base = given.catalogue.steps.get(planned.step.id, planned.step)
    return any(
        (way.name or base.name, _cues(base, way)) == (planned.step.name, planned.step.cues)
        for way in given.catalogue.substitutions.steps.get(base.id, ())
        if way.name or way.cues
    )


def _with_ladder(planned: PlannedStep, ladder: tuple[Rung, ...]) -> PlannedStep:
    """Give the step as it is planned, with the rungs that can be done."""
    if ladder == planned.step.ladder:
        return planned
    rung = min(planned.step.rung, len(ladder))
    return replace(planned, step=msgspec.structs.replace(planned.step, ladder=ladder, rung=rung))


def _another_step(given: _Given, planned: PlannedStep, way: Way, seen: frozenset[str]) -> Substitute | None:
    if way.step in seen or way.step == planned.step.id:
        return None
    base = given.catalogue.steps[way.step]
    sides = tuple(side for side in planned.sides if not given.bars.bar(base.id, side))
    if not sides:
        return None
    ladder = _ladder(given, base, way)
    if not ladder:
        return None
    step = _changed(base, way, ladder, way.rung or base.rung, way.needs if way.cues else base.tools)
    usual = None if planned.usual is None else _dose_of(planned.usual, step)
    other = replace(planned, step=step, dose=_dose_of(planned.dose, step), sides=sides, usual=usual)
    if way.cues:
        return Substitute(other, way.counts, way.line or None)
    found = _first_way(given, other, seen | {planned.step.id})
    if found is None:
        return None
    return Substitute(found.planned, way.counts + found.rung_change, found.line or way.line or None)


def _changed(base: Step, way: Way, ladder: tuple[Rung, ...], rung: int, tools: tuple[str, ...]) -> Step:
    return msgspec.structs.replace(
        base,
        name=way.name or base.name,
        position=way.position or base.position,
        cues=_cues(base, way),
        tools=tools,
        ladder=ladder,
        rung=rung,
    )


def _cues(base: Step, way: Way) -> Cues:
    return msgspec.structs.replace(base.cues, **way.cues)


def _ladder(given: _Given, base: Step, way: Way) -> tuple[Rung, ...]:
    """Give the rungs that can be done, up to the first that cannot."""
    ladder: list[Rung] = []
    for number, own in enumerate(base.ladder):
        if way.rungs:
            choices = way.rungs[number] if number < len(way.rungs) else ()
            rung = _chosen(given, own, choices)
        else:
            rung = own
        if rung is None or (rung.standing and given.stays_down):
            break
        ladder.append(rung)
    return tuple(ladder)


def _chosen(given: _Given, own: Rung, choices: Sequence[RungChoice]) -> Rung | None:
    for choice in choices:
        standing = choice.standing if choice.text else own.standing
        if given.has(choice.needs) and not (standing and given.stays_down):
            return Rung(choice.text, choice.tool, choice.standing) if choice.text else own
    return None


def _dose_of(dose: Dose, step: Step) -> Dose:
    """Give a dose of `step` that takes the place of `dose`: as long, as far as the step allows it."""
    if isinstance(dose, TimedDose) and isinstance(step.dose, TimedDose):
        return TimedDose(min(dose.seconds, step.longest))
    if isinstance(dose, HoldDose) and isinstance(step.dose, HoldDose):
        hold = min(dose.hold, step.dose.hold)
        repetitions = max(1, int(dose.held // hold))
        while repetitions > 1 and HoldDose(repetitions, hold, step.dose.gap).seconds > step.longest:
            repetitions -= 1
        return HoldDose(repetitions, hold, step.dose.gap)
    return step.dose
