"""Tells in what a plan differs from its routine, as names of spoken lines with what fills their slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.schema import TimedDose
from voice_coach.session.before import Reminder
from voice_coach.session.wording import about, spoken_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_coach.routines.fitting import Fitting
    from voice_coach.routines.schema import Dose
    from voice_coach.session.plan import PlannedStep

_ROLLS = frozenset({"ball", "roller", "stick", "hand"})
_TIME_OVER = 60.0
"""Seconds left over from which on the coach says that the session ends early."""
_MINUTE = 60.0


def told_fitting(minutes: float, before: Sequence[PlannedStep], fitting: Fitting) -> tuple[Reminder, ...]:
    """Give the lines that tell how a plan was fitted to so many `minutes`.

    Args:
        minutes: the time there is.
        before: the steps before they were fitted.
        fitting: what became of them.
    """
    doses = {planned.key: planned.dose for planned in fitting.steps}
    lines = [Reminder("minutes_fitted", {"minutes": about(minutes * _MINUTE)})]
    gone = [planned.step.short for planned in before if planned.key not in doses]
    if gone:
        lines.append(Reminder("fit_left_out", {"names": listed(gone)}))
    changed = [planned for planned in before if doses.get(planned.key, planned.dose) != planned.dose]
    if changed:
        rolls = {_seconds(doses[planned.key]) for planned in changed if planned.step.family in _ROLLS}
        lines.append(_changed(fitting.factor, rolls))
    if not fitting.fits:
        lines.append(Reminder("fit_too_long", {"least": about(fitting.seconds)}))
    elif fitting.budget - fitting.seconds > _TIME_OVER:
        lines.append(Reminder("fit_through_early"))
    return tuple(lines)


def listed(names: Sequence[str]) -> str:
    """Give `a`, `a and b`, or `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _seconds(dose: Dose) -> float | None:
    return dose.seconds if isinstance(dose, TimedDose) else None


def _changed(factor: float, rolls: set[float | None]) -> Reminder:
    """Say how doses changed; to the second, where all rolls got the same."""
    if factor > 1:
        return Reminder("fit_grown")
    same = next(iter(rolls)) if len(rolls) == 1 else None
    return Reminder("fit_trimmed") if same is None else Reminder("fit_rolls", {"seconds": spoken_number(same)})
