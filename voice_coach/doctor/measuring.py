"""Sums on sound: how loud it is, and how late and how loud one sound is within another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

LONGEST_DELAY = 1.5
"""Seconds; no echo comes later."""

SILENCE = -100.0
"""dB given for silence."""

_CLEAR = 10.0
"""How much higher than chance the best place of a sound within another must stand out."""

_FULL = 0.99


@dataclass(frozen=True, slots=True)
class Heard:
    """What a microphone heard of a stretch of time.

    Attributes:
        noise_dbfs: level of the quieter half of it: the room.
        loudest_dbfs: level of the loudest 10 ms.
        is_clipped: it was louder than the microphone can tell.
        is_zeros: there was no sound at all, not even a microphone's own noise.
    """

    noise_dbfs: float
    loudest_dbfs: float
    is_clipped: bool
    is_zeros: bool


@dataclass(frozen=True, slots=True)
class Echo:
    """What a microphone hears of the loudspeaker.

    Attributes:
        delay: seconds from the playing of a sample until it has been heard.
        dbfs: its level at the microphone, in dB; full scale is 0.
        gain: that level above the level that was played, in dB.
    """

    delay: float
    dbfs: float
    gain: float


def hear(samples: Samples) -> Heard:
    """Describe what was heard; at least 0.1 s, 16 kHz, full scale is 1."""
    size = round(LISTENING_RATE * BLOCK_SECONDS)
    blocks = samples[: len(samples) // size * size].reshape(-1, size)
    levels = np.array([decibels(block) for block in blocks])
    return Heard(
        noise_dbfs=float(np.mean(np.sort(levels)[: max(1, len(levels) // 2)])),
        loudest_dbfs=float(np.max(levels)),
        is_clipped=bool(np.count_nonzero(np.abs(samples) > _FULL) > 1),
        is_zeros=not np.any(samples),
    )


def find_echo(played: Samples, heard: Samples, played_at: float, heard_at: float) -> Echo | None:
    """Find what was played in what was heard, both at 16 kHz; None where it is not there.

    Args:
        played: what the loudspeaker got.
        heard: what the microphone gave, from before the playing on.
        played_at: when the first sample was played, in seconds of some clock.
        heard_at: when the first sample had been heard, on the same clock.
    """
    size = 1 << (len(played) + len(heard)).bit_length()
    cross = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size))
    # only where a sound is loud enough to be heard do its frequencies say anything about its place
    weights = 1 / (np.abs(cross) + 0.01 * float(np.max(np.abs(cross), initial=0.0)) + 1e-20)
    likeness = np.abs(np.fft.irfft(cross * weights, size))
    begin = round((played_at - heard_at) * LISTENING_RATE)
    places = np.arange(begin, begin + round(LONGEST_DELAY * LISTENING_RATE))
    places = places[(places >= 0) & (places < len(heard))]
    if not len(places):
        return None
    best = int(places[np.argmax(likeness[places])])
    if likeness[best] < _CLEAR * float(np.sqrt(np.mean(likeness[places] ** 2))):
        return None
    during = heard[best : best + len(played)]
    before = heard[: max(1, begin)]
    power = max(1e-12, float(np.mean(during**2)) - float(np.mean(before**2)))
    level = 10 * float(np.log10(power))
    return Echo(heard_at + best / LISTENING_RATE - played_at, level, level - decibels(played))


def decibels(samples: Samples) -> float:
    """Give the level in dB; full scale is 0."""
    power = float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0
    return max(SILENCE, 10 * float(np.log10(power))) if power > 0 else SILENCE
