"""Which words the coach has just said, and when: what the microphone hears then may be the coach itself."""

from __future__ import annotations

from collections import deque

from voice_coach.commands.grammar import as_spoken

_REMEMBERED = 100


class OwnWords:
    """Follows the lines of the coach. Times are seconds of any clock; they never go back."""

    def __init__(self) -> None:
        self._said: deque[tuple[float, str]] = deque(maxlen=_REMEMBERED)
        self._text = ""
        self._words: list[tuple[float, str]] = []
        self._next = 0

    def note(self, progress: tuple[str, float] | None, now: float) -> None:
        """Note that so much of a line has been played, as (text, share from 0 to 1)."""
        text, share = progress or ("", 0.0)
        if text != self._text:
            self._text, self._words, self._next = text, _begins(text), 0
        # where a line goes on, words are said again
        while self._next and self._words[self._next - 1][0] > share:
            self._next -= 1
        while self._next < len(self._words) and self._words[self._next][0] <= share:
            self._said.append((now, self._words[self._next][1]))
            self._next += 1

    def were_said(self, phrase: str, since: float, until: float) -> bool:
        """Tell whether the coach has begun to say the words of `phrase`, one after the other, in this time."""
        words = " ".join(word for at, word in self._said if since <= at <= until)
        return f" {phrase} " in f" {words} "


def _begins(text: str) -> list[tuple[float, str]]:
    """Give the words of a line, and the share of it after which each begins: long words take longer."""
    words = as_spoken(text).split()
    lengths = [len(word) + 1 for word in words]
    whole = sum(lengths)
    return [(sum(lengths[:place]) / whole, word) for place, word in enumerate(words)]
