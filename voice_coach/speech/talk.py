"""How much has been said lately that is no command: somebody talks to somebody else, or reads aloud."""

from __future__ import annotations

from collections import deque


class Talk:
    """Remembers when there were words that are no command.

    Args:
        within: seconds that are remembered.
    """

    def __init__(self, within: float) -> None:
        self._within = within
        self._spans: deque[tuple[float, float]] = deque()

    def note(self, start: float, end: float) -> None:
        """Take note of words between two moments, in seconds; each begins after the one before."""
        self._forget(end)
        self._spans.append((start, end))

    def seconds(self, now: float) -> float:
        """Give how many seconds of words there have been lately."""
        self._forget(now)
        begin = now - self._within
        return sum(end - max(start, begin) for start, end in self._spans)

    def _forget(self, now: float) -> None:
        while self._spans and self._spans[0][1] <= now - self._within:
            self._spans.popleft()
