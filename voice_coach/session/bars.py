"""What is out for this user: steps and sides that must not be done, and rungs that must not be passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Bars(msgspec.Struct, frozen=True):
    """What the answers to the first questions bar.

    Attributes:
        steps: step ids and sides (`left`, `right` or `both`) that must not be done.
        ceilings: step id -> its highest rung.
        rubbing_after_cramp: a cramp may be rubbed lightly once it has let go.
        cautions: names of spoken lines that go with the answers, said after the greeting of sessions that know the
            answers beforehand.
        check_feet_first: the feet are looked at before the work begins, except in a cramp.
    """

    steps: frozenset[tuple[str, str]] = frozenset()
    ceilings: Mapping[str, int] = {}
    rubbing_after_cramp: bool = True
    cautions: tuple[str, ...] = ()
    check_feet_first: bool = False

    def bar(self, step: str, side: str) -> bool:
        """Tell whether `step` is out on `side`; for both sides at once, or a side not known, one bar is enough."""
        sides = ("left", "right", "both") if side not in ("left", "right") else (side, "both")
        return any((step, one) in self.steps for one in sides)


NO_BARS = Bars()
