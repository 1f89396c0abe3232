"""What a session sets out to do: the steps of a routine with their doses and sides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voice_coach.routines.catalogue import dose_in_routine, step_in_routine
from voice_coach.routines.schema import TimedDose
from voice_coach.session.bars import NO_BARS, Bars
from voice_coach.session.before import NOTHING_BEFORE, Before, Reminder
from voice_coach.session.sides import UNKNOWN_SIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice_coach.routines.knowledge import Tip
    from voice_coach.routines.schema import Catalogue, Dose, Limits, Routine, SpokenLine, Step

RUB = 30.0
"""Seconds of light rubbing when a cramp has let go."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of a session.

    Attributes:
        dose: per side.
        sides: in their order: `left` and `right`, or `both` at once, or the one that was asked for.
    """

    step: Step
    dose: Dose
    sides: tuple[str, ...]
    number: int | None = None
    """Place in the routine, counted from 0; None where it was put in."""
    usual: Dose | None = None
    """The dose before it was fitted to a time; None where it was not."""

    @property
    def key(self) -> tuple[int | None, str]:
        """What tells this step from the others of a plan."""
        return self.number, self.step.id

    @property
    def unfitted(self) -> PlannedStep:
        """The step as it was before it was fitted to a time."""
        dose = self.dose if self.usual is None else self.usual
        return replace(self, dose=dose, usual=dose)

    @property
    def seconds(self) -> float:
        """Planned time: setup, every side, and the changes between them."""
        switches = self.step.switch * (len(self.sides) - 1)
        return self.step.setup + self.dose.seconds * len(self.sides) + switches


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole session, before it begins."""

    routine: Routine
    steps: tuple[PlannedStep, ...]
    limits: Limits
    lines: dict[str, SpokenLine]
    foot_check: PlannedStep
    relief: dict[str, PlannedStep]
    """The steps that relieve a cramp: `arch` and `calf`."""
    rub: dict[str, PlannedStep]
    """The light rub when it has let go: `arch` and `calf`."""
    catalogue: Catalogue
    """For steps that take the place of others in mid-session, and for the first questions."""
    bars: Bars = NO_BARS
    """What is out for this user, as far as it is known before the session; already left out of `steps`."""
    before: Before = NOTHING_BEFORE
    questions: tuple[str, ...] = ()
    """Ids of the first questions to ask before the greeting, in their order."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Question id -> `no`, `yes`, `left`, `right` or `both`: what is known already."""
    missing: frozenset[str] = frozenset()
    """Tools that the user does not have."""
    place: str | None = None
    """Where the user is: `chair`, `floor` or `bed`; None where nobody has said."""
    dropped: tuple[PlannedStep, ...] = ()
    """Steps that the time there is leaves out, as they are without it: they come back where there is more."""
    eased: bool = False
    """The doses have been multiplied already with what earlier sessions ask for."""
    minutes: int | None = None
    """The time that it was fitted to; None where it was to none."""
    changes: tuple[Reminder, ...] = ()
    """Lines that tell how this plan differs from the routine, said after the greeting."""
    told_minutes: tuple[Reminder, ...] = ()
    """Those of them that tell how it was fitted to a time."""
    tips: tuple[Tip, ...] = ()
    """One of these is told after the summary, chosen by what was done."""
    number: int = 0
    """Number of the session, counted up: the tips take turns by it."""

    @property
    def seconds(self) -> float:
        """Planned time of all steps; the greeting and the summary are not in it."""
        return sum(step.seconds for step in self.steps)


def plan_routine(catalogue: Catalogue, routine: Routine, side: str = UNKNOWN_SIDE) -> Plan:
    """Plan `routine`; `side` is the foot for a routine that works on one (`left`, `right` or not known yet)."""
    steps = tuple(
        PlannedStep(step, dose_in_routine(step, entry, catalogue.limits), _sides(step, routine, side), number)
        for number, entry in enumerate(routine.steps)
        for step in (step_in_routine(catalogue, entry),)
    )
    check = catalogue.steps["foot_check"]
    arch, calf = catalogue.steps["cramp_arch"], catalogue.steps["cramp_calf"]
    return Plan(
        routine=routine,
        steps=steps,
        catalogue=catalogue,
        limits=catalogue.limits,
        lines=catalogue.lines,
        foot_check=PlannedStep(check, check.dose, ("both",)),
        relief={
            "arch": PlannedStep(arch, arch.dose, (side,)),
            "calf": PlannedStep(calf, calf.dose, (side,)),
        },
        rub={
            "arch": PlannedStep(catalogue.steps["thumb_sole"], TimedDose(RUB), (side,)),
            "calf": PlannedStep(catalogue.steps["hand_calf"], TimedDose(RUB), (side,)),
        },
    )


def _sides(step: Step, routine: Routine, side: str) -> tuple[str, ...]:
    if step.sides == "both":
        return ("both",)
    if step.sides == "asked" or routine.sides == "one":
        return (side,)
    return ("left", "right")
