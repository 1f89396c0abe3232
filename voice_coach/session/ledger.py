"""What every side has had so far, and how much more it may get: the caps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voice_coach.routines.schema import Cap, Dose, HoldDose, Limits, Step, TimedDose
from voice_coach.session.sides import UNKNOWN_SIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice_coach.session.before import Before

_ENOUGH = 1e-6
"""Seconds by which floating-point sums may differ from what they should be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Seconds that one side of one step has had."""

    step: Step
    side: str
    worked: float
    held: float


@dataclass(slots=True)
class Ledger:
    """Adds up the session's doses, and tells what is left under every cap.

    Attributes:
        stricter: caps of the routine, in seconds, where it has its own.
        today: (cap, side) -> seconds that this side had today before this session.
        used_up: caps under which earlier sessions of today leave nothing, however little they took.
    """

    limits: Limits
    stricter: Mapping[str, float]
    entries: list[Entry] = field(default_factory=list)
    today: Mapping[tuple[str, str], float] = field(default_factory=dict)
    used_up: frozenset[str] = frozenset()

    def add(self, step: Step, side: str, worked: float, held: float) -> None:
        """Note that `side` has had `worked` seconds of `step`, `held` of them in holds."""
        if worked > 0:
            self.entries.append(Entry(step, side, worked, held))

    def move(self, from_side: str, to_side: str) -> None:
        """Book what `from_side` has had on `to_side`: the user has told which foot it was."""
        self.entries = [
            Entry(entry.step, to_side if entry.side == from_side else entry.side, entry.worked, entry.held)
            for entry in self.entries
        ]

    def fitted(self, step: Step, side: str, dose: Dose, lost: float = 0.0, lost_held: float = 0.0) -> Dose | None:
        """Give as much of `dose` as `side` may still get; None where it is not worth beginning.

        Args:
            step: what the dose is of.
            side: who gets it.
            dose: what is wanted.
            lost: seconds worked on this side that are not booked yet and do not count towards the dose.
            lost_held: how many of these were spent in holds.
        """
        work, hold = self._left(step, side)
        work, hold = work - lost, hold - lost_held
        if isinstance(dose, TimedDose):
            seconds = min(dose.seconds, work)
            shortest = min(dose.seconds, self.limits.timed.shortest)
            return TimedDose(seconds) if seconds >= shortest - _ENOUGH else None
        held = min(dose.hold, self.limits.hold.longest)
        for repetitions in range(dose.repetitions, 0, -1):
            fewer = HoldDose(repetitions, held, dose.gap)
            if fewer.seconds <= work + _ENOUGH and fewer.held <= hold + _ENOUGH:
                return fewer
        return None

    def is_used_up_today(self, step: Step, side: str) -> bool:
        """Tell whether it is the whole day, and not only this session, that leaves nothing of `step` for `side`."""
        if self.used_up & set(step.caps):
            return True
        shortest = self.limits.timed.shortest
        return any(self._left_today(name, self.limits.caps[name], step, side) < shortest for name in step.caps)

    def _left(self, step: Step, side: str) -> tuple[float, float]:
        """Give the seconds of work and of holds that `side` may still get of `step`."""
        if self.used_up & set(step.caps):
            return 0.0, 0.0
        work = step.longest - self._had(side, "work", only=step)
        hold = float("inf")
        for name in step.caps:
            cap = self.limits.caps[name]
            left = min(cap.seconds, self.stricter.get(name, cap.seconds)) - self._under(name, cap, step, side)
            left = min(left, self._left_today(name, cap, step, side))
            if cap.counts == "hold":
                hold = min(hold, left)
            else:
                work = min(work, left)
        return work, hold

    def _left_today(self, name: str, cap: Cap, step: Step, side: str) -> float:
        """Give the seconds that the day leaves under a cap; without a limit where the day has none."""
        most = self.limits.day.caps.get(name)
        if most is None:
            return float("inf")
        unknown = self.today.get((name, "both"), 0.0) + self.today.get((name, UNKNOWN_SIDE), 0.0)
        earlier = unknown + max(self.today.get((name, one), 0.0) for one in _sides(side))
        return most - earlier - self._under(name, cap, step, side)

    def _under(self, name: str, cap: Cap, step: Step, side: str) -> float:
        return self._had(side, cap.counts, only=step if cap.pool == "step" else None, cap=name)

    def _had(self, side: str, counts: str, only: Step | None = None, cap: str | None = None) -> float:
        """Add up what `side` has had; where it is not known which foot it was, it counts for both."""
        return max(
            sum(
                entry.held if counts == "hold" else entry.worked
                for entry in self.entries
                if entry.side in (one, "both", UNKNOWN_SIDE)
                and (only is None or entry.step.id == only.id)
                and (cap is None or cap in entry.step.caps)
            )
            for one in _sides(side)
        )


def used_up(limits: Limits, before: Before) -> frozenset[str]:
    """Give the caps under which today's earlier sessions were as many as a day may have."""
    day = limits.day
    counted = {"sole_pressure": before.massages_today >= day.massages}
    counted["arch_stretch"] = before.arch_stretches_today >= day.arch_stretches
    return frozenset(name for name, reached in counted.items() if reached)


def _sides(side: str) -> tuple[str, ...]:
    return ("left", "right") if side in ("both", UNKNOWN_SIDE) else (side,)
