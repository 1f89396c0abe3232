"""The time a session runs in: the real one, or one that jumps to whatever comes next.

The time of day plays no part: a clock that is set back or forward changes nothing. Neither does time count in which
the machine sleeps, or the program is stopped; the clock tells how much that was.
"""

from __future__ import annotations

import queue
import sys
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_LONGEST_WAIT = 0.25
"""Seconds after which a wait looks around: on Windows a blocked queue does not notice Ctrl-C."""


AWAY_FROM = 10.0
"""Seconds of sleep from which on the session has to know; a shorter one only makes a step longer."""


def seconds_asleep() -> float:
    """Give the seconds that this machine has slept since some moment; always 0 where the system does not tell."""
    if hasattr(time, "CLOCK_BOOTTIME"):  # Linux: `monotonic` stands still while the machine sleeps, this does not
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.monotonic()
    return 0.0


class Clock(Protocol):
    """Seconds since the session began, and a way to wait."""

    def now(self) -> float:
        """Give the seconds since the clock was made."""

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        """Give the next message, or None when `until` has come first (or, in slices, before that)."""

    def slept(self) -> float:
        """Give the seconds for which everything stood still since this was last asked; 0 where that was short."""


class RealClock:
    """The time that passes while the machine is awake and the program runs.

    Args:
        asleep: gives the seconds that the machine has slept since some moment.
        start: what it shows now, in seconds.
    """

    def __init__(self, asleep: Callable[[], float] = seconds_asleep, start: float = 0.0) -> None:
        self._began = time.monotonic() - start
        self._asleep = asleep
        self._asleep_before = asleep()
        self._stopped = 0.0

    def now(self) -> float:
        return time.monotonic() - self._began

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        left = _LONGEST_WAIT if until is None else min(max(0.0, until - self.now()), _LONGEST_WAIT)
        began = time.monotonic()
        try:
            return inbox.get(timeout=left)
        except queue.Empty:
            return None
        finally:
            self._leave_out(time.monotonic() - began - left)

    def _leave_out(self, late: float) -> None:
        """Leave out time in which the program was stopped: nothing else makes a wait so long."""
        if late >= AWAY_FROM:
            self._stopped += late
            self._began += late

    def slept(self) -> float:
        asleep = self._asleep()
        seconds = asleep - self._asleep_before + self._stopped
        self._asleep_before, self._stopped = asleep, 0.0
        return seconds if seconds >= AWAY_FROM else 0.0


class FastClock:
    """A clock that stands still while there is something to do, and then jumps to the next moment.

    Args:
        start: what it shows now, in seconds.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        try:
            return inbox.get_nowait()
        except queue.Empty:
            if until is not None:
                self._now = max(self._now, until)
            return None

    def slept(self) -> float:
        return 0.0
