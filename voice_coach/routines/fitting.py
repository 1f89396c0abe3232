"""Fits a session, or what is left of it, into so many minutes: the rule "I have n minutes".

A plan that is too long loses its optional steps, the last one first; then one factor shortens all doses, down to
0.6; then core steps go, from the end. A plan that is short grows by one factor, up to 1.25, and ends early after
that: nothing is invented to fill time. Setup and changes of feet take what they take. The rule and its numbers are
the content's, "dials and limits"; no session cap, no step's longest and no longest hold is passed by growing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voice_coach.routines.schema import Dose, HoldDose, TimedDose
from voice_coach.session.ledger import Ledger
from voice_coach.session.plan import PlannedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voice_coach.routines.schema import Catalogue, Limits, Step

LEAST_MINUTES = 2
MOST_MINUTES = 30
RESERVE = 10.0
"""Seconds of the user's time that are not planned."""
LEAST_FACTOR = 0.6
MOST_FACTOR = 1.25
SHORTEST_TIMED = 15.0
SHORTEST_HOLD = 10.0
ONE_MINUTE_ROLL = 20.0
"""Seconds a foot of the ball roll that is offered to somebody who has one minute."""
_GRAIN = 1000
"""The factor is searched in steps of one in so many."""
_CLOSE = 1e-6
SOLE_CAP = "sole_pressure"
"""The cap whose steps are the massage of the sole."""
STRETCH = "stretch"


@dataclass(frozen=True, slots=True)
class Fitting:
    """A plan that fits a time.

    Attributes:
        steps: what is done, in its order, with the new doses.
        dropped: names of the steps that were left out, in the order of the plan.
        factor: what the doses were multiplied with, before rounding: 0.6 to 1.25.
        seconds: planned time of `steps`.
        budget: seconds there were.
    """

    steps: tuple[PlannedStep, ...]
    dropped: tuple[str, ...]
    factor: float
    seconds: float
    budget: float

    @property
    def over(self) -> float:
        """Seconds by which the plan is over the budget: 0, unless even the least that must stay is longer."""
        return max(0.0, self.seconds - self.budget)

    @property
    def fits(self) -> bool:
        return self.over <= _CLOSE


def budget_of(minutes: float) -> float:
    """Give the seconds that may be planned for somebody who has so many `minutes`."""
    return minutes * 60 - RESERVE


def one_minute(catalogue: Catalogue, sides: tuple[str, ...] = ("left", "right")) -> PlannedStep:
    """Give what is offered to somebody who has one minute: a short ball roll."""
    return PlannedStep(catalogue.steps["ball_roll"], TimedDose(ONE_MINUTE_ROLL), sides)


def fitted(
    steps: Sequence[PlannedStep],
    seconds: float,
    limits: Limits,
    *,
    ledger: Ledger | None = None,
    under_way: Sequence[Step] = (),
    grow: bool = True,
) -> Fitting:
    """Fit `steps` into `seconds` (for minutes, see `budget_of`).

    Args:
        steps: what is planned, or left.
        seconds: the time there is.
        limits: the limits of the catalogue.
        ledger: what the user has had already, with the stricter caps of the routine; it is not changed. Without
            one, nothing has been had and only the catalogue's caps hold.
        under_way: steps that stay whatever happens and are not in `steps`: they count when it comes to keeping
            one sole step and one stretch.
        grow: doses may become longer than planned; False where a rung was raised, or a dose lowered on purpose.
    """
    ledger = Ledger(limits, {}) if ledger is None else ledger
    kept = _allowed(steps, ledger)
    if _total(kept) <= seconds + _CLOSE:
        kept, factor = _grown(kept, seconds, ledger) if grow else (kept, 1.0)
    else:
        kept = _without("optional", kept, under_way, lambda left: _total(left) <= seconds + _CLOSE)
        kept = _without("core", kept, under_way, lambda left: _total(_shrunk(left, LEAST_FACTOR)) <= seconds + _CLOSE)
        kept, factor = _shrunk_into(kept, seconds)
    dropped = tuple(planned.step.name for place, planned in enumerate(steps) if place not in kept)
    return Fitting(tuple(kept.values()), dropped, factor, _total(kept), seconds)


_Steps = dict[int, PlannedStep]
"""Place in the plan -> what is left of it, in the plan's order."""


def _total(steps: _Steps) -> float:
    return sum(planned.seconds for planned in steps.values())


def _allowed(steps: Sequence[PlannedStep], ledger: Ledger) -> _Steps:
    """Give as much of every dose as the caps allow, one step after the other; what they forbid is left out."""
    so_far = _copy(ledger)
    allowed = {}
    for place, planned in enumerate(steps):
        dose = _on_all_sides(planned, planned.dose, so_far)
        if dose is not None:
            allowed[place] = replace(planned, dose=dose)
            _book(allowed[place], so_far)
    return allowed


def _without(priority: str, steps: _Steps, under_way: Sequence[Step], is_enough: Callable[[_Steps], bool]) -> _Steps:
    """Leave out steps of this priority, the last first, until it is enough or none is left that may go."""
    left = dict(steps)
    for place in reversed(steps):
        if is_enough(left):
            break
        if steps[place].step.priority == priority and _may_go(place, left, under_way):
            del left[place]
    return left


def _may_go(place: int, left: _Steps, under_way: Sequence[Step]) -> bool:
    """Tell whether, without this step, there still is one sole step and one stretch, as far as there was any."""
    step = left[place].step
    others = [planned.step for other, planned in left.items() if other != place] + list(under_way)
    if not others:
        return False
    last_of_sole = _is_sole(step) and not any(_is_sole(other) for other in others)
    last_stretch = _is_stretch(step) and not any(_is_stretch(other) for other in others)
    return not (last_of_sole or last_stretch)


def _is_sole(step: Step) -> bool:
    return SOLE_CAP in step.caps


def _is_stretch(step: Step) -> bool:
    return step.family == STRETCH


def _shrunk_into(steps: _Steps, seconds: float) -> tuple[_Steps, float]:
    """Shorten all doses by the largest factor with which they fit; by the least, where none does."""
    least, most = round(LEAST_FACTOR * _GRAIN), _GRAIN
    while least < most:
        middle = (least + most + 1) // 2
        if _total(_shrunk(steps, middle / _GRAIN)) <= seconds + _CLOSE:
            least = middle
        else:
            most = middle - 1
    return _shrunk(steps, least / _GRAIN), least / _GRAIN


def _shrunk(steps: _Steps, factor: float) -> _Steps:
    return {place: replace(planned, dose=_shorter(planned.dose, factor)) for place, planned in steps.items()}


def _grown(steps: _Steps, seconds: float, ledger: Ledger) -> tuple[_Steps, float]:
    """Lengthen all doses by the largest factor with which they fit, as far as the caps allow it."""
    least, most = _GRAIN, round(MOST_FACTOR * _GRAIN)
    best = steps
    while least < most:
        middle = (least + most + 1) // 2
        longer = _longer_within_caps(steps, middle / _GRAIN, ledger)
        if _total(longer) <= seconds + _CLOSE:
            least, best = middle, longer
        else:
            most = middle - 1
    return best, least / _GRAIN


def _longer_within_caps(steps: _Steps, factor: float, ledger: Ledger) -> _Steps:
    """Lengthen one step after the other; what the others need under a cap is theirs."""
    grown = dict(steps)
    for place, planned in steps.items():
        others = _copy(ledger)
        for other, theirs in grown.items():
            if other != place:
                _book(theirs, others)
        dose = _on_all_sides(planned, _longer(planned.dose, factor), others)
        if dose is not None and dose.seconds > planned.dose.seconds:
            grown[place] = replace(planned, dose=dose)
    return grown


def _on_all_sides(planned: PlannedStep, dose: Dose, ledger: Ledger) -> Dose | None:
    """Give as much of `dose` as every side of the step may get: both sides get the same."""
    for side in planned.sides:
        allowed = ledger.fitted(planned.step, side, dose)
        if allowed is None:
            return None
        dose = allowed
    return dose


def _copy(ledger: Ledger) -> Ledger:
    return replace(ledger, entries=list(ledger.entries))


def _book(planned: PlannedStep, ledger: Ledger) -> None:
    for side in planned.sides:
        ledger.add(planned.step, side, planned.dose.seconds, planned.dose.held)


def _shorter(dose: Dose, factor: float) -> Dose:
    """Shorten a dose to whole seconds or whole repetitions, the nearest; a single hold is shortened itself.

    No floor ever lengthens a dose: what is planned shorter than a floor stays as it is.
    """
    if isinstance(dose, TimedDose):
        return TimedDose(min(dose.seconds, max(SHORTEST_TIMED, _nearest(dose.seconds * factor))))
    if dose.repetitions == 1:
        return HoldDose(1, min(dose.hold, max(SHORTEST_HOLD, _nearest(dose.hold * factor))), dose.gap)
    return HoldDose(max(1, int(_nearest(dose.repetitions * factor))), dose.hold, dose.gap)


def _longer(dose: Dose, factor: float) -> Dose:
    """Lengthen a dose to whole seconds or whole repetitions, never past the factor; a single hold grows itself."""
    if isinstance(dose, TimedDose):
        return TimedDose(max(dose.seconds, _below(dose.seconds * factor)))
    if dose.repetitions == 1:
        return HoldDose(1, max(dose.hold, _below(dose.hold * factor)), dose.gap)
    return HoldDose(max(dose.repetitions, int(_below(dose.repetitions * factor))), dose.hold, dose.gap)


def _nearest(number: float) -> float:
    return float(math.floor(number + 0.5 + _CLOSE))


def _below(number: float) -> float:
    return float(math.floor(number + _CLOSE))
