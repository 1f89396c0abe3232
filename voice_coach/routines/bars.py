"""What the answers to the first questions bar, worked out from their data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.routines.person_data import EVERYTHING, names_step
from voice_coach.session.bars import Bars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voice_coach.routines.schema import Catalogue, FirstQuestion
    from voice_coach.session.plan import PlannedStep

LEGS = ("left", "right", "both")


def bars_of(catalogue: Catalogue, answers: Mapping[str, str]) -> Bars:
    """Give what `answers` bar together: everything that one of them bars, and of two ceilings the lower.

    Args:
        catalogue: has the questions, the flags, and what a yes bars.
        answers: id of a question or flag -> `no`, `yes`, `left`, `right` or `both`. Ids that the catalogue does not
            know bar nothing.
    """
    yes = [(question, answers[question.id]) for question in _known(catalogue) if answers.get(question.id, "no") != "no"]
    ceilings: dict[str, int] = {}
    for question, _ in yes:
        for step, rung in _ceilings(catalogue, question):
            ceilings[step] = min(rung, ceilings.get(step, rung))
    return Bars(
        steps=frozenset(bar for question, answer in yes for bar in _steps_out(catalogue, question, answer)),
        ceilings=ceilings,
        rubbing_after_cramp=all(question.bars.rubbing_after_cramp for question, _ in yes),
        cautions=tuple(question.caution for question, _ in yes),
        check_feet_first=any(question.bars.check_feet_first for question, _ in yes),
    )


def without_barred(steps: Sequence[PlannedStep], bars: Bars) -> tuple[PlannedStep, ...]:
    """Give `steps` without those that are barred; one that is barred on one side keeps the other.

    Where a cramp must not be rubbed, what works by hand is left out of a routine that relieves one.
    """
    rubbing = bars.rubbing_after_cramp or not any(planned.step.family == "cramp" for planned in steps)
    allowed = (_allowed(planned, bars) for planned in steps if rubbing or planned.step.family != "hand")
    return tuple(planned for planned in allowed if planned.sides)


def _known(catalogue: Catalogue) -> Iterator[FirstQuestion]:
    yield from catalogue.first_questions.values()
    yield from catalogue.flags.values()


def _steps_out(catalogue: Catalogue, question: FirstQuestion, answer: str) -> Iterator[tuple[str, str]]:
    sides: Iterable[str] = (answer,) if question.which_leg and answer in ("left", "right") else LEGS
    for step in catalogue.steps.values():
        out = any(names_step(name, step) for name in question.bars.out)
        if out and not any(names_step(name, step) for name in question.bars.but):
            yield from ((step.id, side) for side in sides)


def _ceilings(catalogue: Catalogue, question: FirstQuestion) -> Iterator[tuple[str, int]]:
    """Give steps and their highest rungs; where everything is to be light, the feet are looked at as ever."""
    for name, rung in question.bars.ceilings.items():
        steps = (step for step in catalogue.steps.values() if names_step(name, step))
        yield from ((step.id, rung) for step in steps if name != EVERYTHING or step.family != "check")


def _allowed(planned: PlannedStep, bars: Bars) -> PlannedStep:
    sides = tuple(side for side in planned.sides if not bars.bar(planned.step.id, side))
    return planned if sides == planned.sides else replace(planned, sides=sides)
