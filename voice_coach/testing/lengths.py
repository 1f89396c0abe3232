"""How long the coach's lines take where no voice speaks them."""

from __future__ import annotations

from collections.abc import Callable

LineSeconds = float | Callable[[str, float | None], float]
"""How long a line takes to say, in seconds: always the same, or by its text and its beat."""

USUAL_WORDS_PER_SECOND = 2.6
"""What a session that is run from here is told about the voice, where lines take time."""


def seconds_of(line_seconds: LineSeconds, text: str, beat: float | None) -> float:
    """Give how long a line takes."""
    return line_seconds(text, beat) if callable(line_seconds) else line_seconds


def by_words(words_per_second: float = USUAL_WORDS_PER_SECOND) -> LineSeconds:
    """Give lengths as a voice would have them: by the words, and by the beat where it counts."""

    def seconds(text: str, beat: float | None) -> float:
        words = len(text.split())
        return words * (1 / words_per_second if beat is None else beat)

    return seconds
