"""What earlier sessions mean for this one.

Structs of msgspec: a look at the history needs them, and would wait for dataclasses to be defined.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read when a session is restored

import msgspec


class Reminder(msgspec.Struct, frozen=True):
    """A line to be said, or shown, at the beginning of a session.

    Attributes:
        line: name of a spoken line.
        slots: what its slots are filled with.
    """

    line: str
    slots: Mapping[str, str] = {}


class Before(msgspec.Struct, frozen=True):
    """What earlier sessions mean for this one; worked out from the history before the session begins.

    Attributes:
        rungs: family -> rungs above (or below) where its steps begin.
        rises: a family begins a rung higher than it did before; that may still be below the usual.
        dose_factor: what every dose is multiplied with; never above 1 together with a rise.
        offers: families in which a rung more is offered, because the last ratings were 0 or 1.
        seconds_today: (cap, side) -> seconds that this side has had today under a daily cap.
        massages_today: sessions with sole pressure today.
        arch_stretches_today: sessions with the arch stretch today.
        ask_next_day: the next-day question is due.
        reminders: lines for the beginning of the session, in their order.
    """

    rungs: Mapping[str, int] = {}
    rises: bool = False
    dose_factor: float = 1.0
    offers: frozenset[str] = frozenset()
    seconds_today: Mapping[tuple[str, str], float] = {}
    massages_today: int = 0
    arch_stretches_today: int = 0
    ask_next_day: bool = False
    reminders: tuple[Reminder, ...] = ()

    @property
    def doses_may_grow(self) -> bool:
        """Tell whether doses may become longer: never together with a raised rung, nor where they were lowered."""
        return self.dose_factor >= 1 and not self.rises and not any(change > 0 for change in self.rungs.values())


NOTHING_BEFORE = Before()
