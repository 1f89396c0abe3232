"""A voice that takes a third of a second for each word, and says nothing but a click."""

from __future__ import annotations

import numpy as np

from voice_coach.audio.clip import Clip
from voice_coach.session.manner import USUAL_MANNER, Manner

RATE = 8_000


class ClickingVoice:
    """Renders silence with a click at its beginning; remembers what was asked for."""

    def __init__(self) -> None:
        self.said: list[str] = []

    @property
    def rate(self) -> int:
        return RATE

    def render(self, text: str, beat: float | None = None, manner: Manner = USUAL_MANNER) -> Clip:
        del manner
        self.said.append(text)
        words = len(text.split())
        samples = np.zeros(round(words * (beat or 1 / 3) * RATE), np.int16)
        samples[:8] = 10_000
        return Clip(samples, RATE)

    def close(self) -> None:
        """Do nothing."""
