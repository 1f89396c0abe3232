"""What a person wishes for a session and what is known about them, checked against what there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voice_coach.errors import WishError
from voice_coach.routines.fitting import LEAST_MINUTES, MOST_MINUTES
from voice_coach.routines.person_data import names_step
from voice_coach.routines.substitution import find_tool, missing_tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voice_coach.routines.person import Person
    from voice_coach.routines.schema import Catalogue, Routine, Step
    from voice_coach.session.plan import PlannedStep

PLACES = ("chair", "floor", "bed")
NO_TOOL = "none"
"""What a person says in place of a tool who has none."""
_NOT_STARTED = "Nothing was started."


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asks for, for this session.

    Attributes:
        minutes: the time there is, 1 to 30.
        tools: the tools at hand, by any of their names, or `none`; None where nobody has said.
        without: tools that are missing, by any of their names.
        side: `left`, `right` or `both`; None where nobody has said.
        only: areas to work on (areas.yaml); all of them where there is none.
        place: `chair`, `floor` or `bed`; None where nobody has said.
    """

    minutes: int | None = None
    tools: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    side: str | None = None
    only: tuple[str, ...] = ()
    place: str | None = None


def nothing_left(what: str, remedy: str) -> WishError:
    """Give the error that tells why nothing is left of a routine."""
    return WishError(what, _NOT_STARTED, remedy)


def check_minutes(routine: Routine, wishes: Wishes) -> None:
    """Check that a session can be as long as somebody wishes.

    Raises:
        WishError: it cannot.
    """
    if wishes.minutes is not None and not 1 <= wishes.minutes <= MOST_MINUTES:
        possible = min(max(wishes.minutes, LEAST_MINUTES), MOST_MINUTES)
        raise WishError(
            f"A session takes 1 to {MOST_MINUTES} minutes, not {wishes.minutes}.",
            _NOT_STARTED,
            f"voice-coach start {routine.typed} --minutes {possible}",
        )


def what_is_missing(catalogue: Catalogue, routine: Routine, wishes: Wishes, person: Person) -> frozenset[str]:
    """Give the tools that are not there: what is wished for this session counts more than what is known.

    Raises:
        WishError: a wish names a tool that there is not.
    """
    without = _wished_tools(catalogue, routine, wishes.without)
    if wishes.tools is not None:
        return missing_tools(catalogue, _wished_tools(catalogue, routine, wishes.tools), without)
    if person.tools is None:
        return missing_tools(catalogue, None, without)
    known = {tool for name in person.tools if (tool := find_tool(catalogue, name)) is not None}
    return missing_tools(catalogue, known, without)


def _wished_tools(catalogue: Catalogue, routine: Routine, names: Iterable[str]) -> frozenset[str]:
    tools = {name: find_tool(catalogue, name) for name in names if name != NO_TOOL}
    for name, tool in tools.items():
        if tool is None:
            raise WishError(
                f"There is no tool called {name!r}; there are {', '.join(catalogue.substitutions.tools)}.",
                _NOT_STARTED,
                f'voice-coach start {routine.typed} --tool "tennis ball"',
            )
    return frozenset(tool for tool in tools.values() if tool is not None)


def on_side(routine: Routine, steps: tuple[PlannedStep, ...], side: str | None) -> tuple[PlannedStep, ...]:
    """Keep one side of the steps that have two.

    Raises:
        WishError: both sides are wished of a routine that works on one.
    """
    if side == "both" and routine.sides == "one":
        raise WishError(
            f"{routine.name!r} works on one foot at a time.",
            _NOT_STARTED,
            f"voice-coach start {routine.typed} --side left",
        )
    if side in (None, "both"):
        return steps
    return tuple(
        replace(planned, sides=tuple(one for one in planned.sides if one in (side, "both"))) for planned in steps
    )


def areas_of(names: Iterable[str]) -> tuple[str, ...]:
    """Give the names of areas as the catalogue writes them, each once."""
    return tuple(dict.fromkeys(" ".join(name.lower().replace("_", " ").replace("-", " ").split()) for name in names))


def in_areas(
    catalogue: Catalogue, routine: Routine, steps: tuple[PlannedStep, ...], only: Sequence[str]
) -> tuple[PlannedStep, ...]:
    """Keep the steps of these areas, and those that must stay.

    Raises:
        WishError: there is no such area, or the routine does nothing for it.
    """
    if not only:
        return steps
    areas = areas_of(only)
    there = [area for area in catalogue.areas if any(_is_in(catalogue, planned.step, area) for planned in steps)]
    remedy = f"voice-coach start {routine.typed}" + (f" --only {_quoted(there[0])}" if there else "")
    unknown = [area for area in areas if area not in catalogue.areas]
    if unknown:
        known = ", ".join(catalogue.areas)
        raise WishError(f"There is no area called {unknown[0]!r}; there are {known}.", _NOT_STARTED, remedy)
    if not any(area in there for area in areas):
        has = f"; it has something for {', '.join(there)}" if there else ""
        raise nothing_left(f"{routine.name!r} has nothing for {' or '.join(areas)}{has}.", remedy)
    return tuple(
        planned
        for planned in steps
        if planned.step.priority == "must" or any(_is_in(catalogue, planned.step, area) for area in areas)
    )


def _is_in(catalogue: Catalogue, step: Step, area: str) -> bool:
    return any(names_step(name, step) for name in catalogue.areas[area])


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
