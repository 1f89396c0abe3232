"""The time a session runs in: the real one, or one that jumps to whatever comes next."""

from __future__ import annotations

import queue
import time
from typing import Protocol, TypeVar

_T = TypeVar("_T")

_LONGEST_WAIT = 0.25
"""Seconds after which a wait looks around: on Windows a blocked queue does not notice Ctrl-C."""


class Clock(Protocol):
    """Seconds since the session began, and a way to wait."""

    def now(self) -> float:
        """Give the seconds since the clock was made."""

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        """Give the next message, or None when `until` has come first (or, in slices, before that)."""


class RealClock:
    """The time on the wall."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self._began

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        left = _LONGEST_WAIT if until is None else min(max(0.0, until - self.now()), _LONGEST_WAIT)
        try:
            return inbox.get(timeout=left)
        except queue.Empty:
            return None


class FastClock:
    """A clock that stands still while there is something to do, and then jumps to the next moment."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        try:
            return inbox.get_nowait()
        except queue.Empty:
            if until is not None:
                self._now = max(self._now, until)
            return None
