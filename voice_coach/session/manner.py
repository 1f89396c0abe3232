"""How the coach speaks: how fast and how loud, what changes that, and how far it goes."""

from __future__ import annotations

from typing import Literal

import msgspec

SpeakHow = Literal["louder", "quieter", "talk_faster", "talk_slower"]

LOUDNESS_DECIBELS = (-12, 6)
"""The least and the most that the coach can be quieter or louder than usual. Above 6 dB a limiter would have to
press speech so much that it is no clearer for being louder; the system's own volume goes further."""

WORDS_PER_MINUTE = (110, 240)
"""The slowest and the fastest that the coach speaks. The voice of espeak-ng stays clear in between."""

USUAL_WORDS_PER_MINUTE = 165

LOUDER_DECIBELS = 3.0
"""One step of "louder" and "quieter": clearly another loudness, and half as much again to get used to."""

FASTER = 1.12
"""One step of "talk faster", as a factor; "talk slower" is its inverse."""


class Manner(msgspec.Struct, frozen=True):
    """How a line is spoken.

    Attributes:
        words_per_minute: how fast.
        decibels: how much louder than usual.
    """

    words_per_minute: int = USUAL_WORDS_PER_MINUTE
    decibels: float = 0.0


USUAL_MANNER = Manner()


def changed(manner: Manner, how: SpeakHow) -> Manner:
    """Give the manner that follows on `manner`; the same one where it is as far as it goes already."""
    decibels, speed = manner.decibels, float(manner.words_per_minute)
    if how == "louder":
        decibels += LOUDER_DECIBELS
    elif how == "quieter":
        decibels -= LOUDER_DECIBELS
    elif how == "talk_faster":
        speed *= FASTER
    else:
        speed /= FASTER
    return Manner(round(_within(speed, WORDS_PER_MINUTE)), _within(decibels, LOUDNESS_DECIBELS))


def _within(value: float, limits: tuple[int, int]) -> float:
    least, most = limits
    return min(float(most), max(float(least), value))
