"""How loud it is, and whether somebody may be speaking: plain sums over blocks of 10 ms."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SILENCE_DBFS = -96.0
"""The level of digital silence; full scale is 0."""

_FLOOR_WINDOW_SECONDS = 3.0
_FLOOR_SHARE = 0.1
_LOWEST_FLOOR = -70.0
"""Some microphones give no sound at all between words; no room is quieter than this."""
_PEAK_SECONDS = 1.0
_REMEMBERED_SECONDS = 4.0
_LAG = 4
_SYLLABLE_SECONDS = 0.05


class LevelMeter:
    """Follows the level of the sound and of its background.

    Levels are taken from the differences of samples a quarter of a millisecond apart, which weakens hum, rumble
    and a rolling ball (16 dB at 100 Hz) and leaves speech as it is.
    """

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=round(_REMEMBERED_SECONDS / BLOCK_SECONDS))
        self._floor = _LOWEST_FLOOR
        self._threshold = 0.0
        self._until_floor = 0
        self.dbfs = SILENCE_DBFS

    @property
    def floor(self) -> float:
        """Level of the background in dB: what a tenth of the last three seconds stayed below."""
        return self._floor

    @property
    def rise(self) -> float:
        """How many dB the last block is above the background."""
        return self._levels[-1] - self._floor if self._levels else 0.0

    def feed(self, block: bytes) -> None:
        """Take the next block of 10 ms: int16, mono."""
        samples = np.frombuffer(block, "<i2").astype(np.float32) / np.float32(32768)
        self.dbfs = decibels(samples)
        self._levels.append(decibels(samples[_LAG:] - samples[:-_LAG]))
        self._until_floor -= 1
        if self._until_floor <= 0:
            self._until_floor = 5
            self._floor = self._measured_floor()

    def pause(self, clear_rise: float, share: float) -> float:
        """How long it has now been quiet after a sound, in seconds; 0 when it is not.

        Args:
            clear_rise: dB above the background that the loudest moment of the last second must have reached.
            share: quiet is what is below this share of the way, in dB, from the background to that moment.
        """
        recent = self._last(_PEAK_SECONDS)
        rise = max(recent, default=self._floor) - self._floor
        if rise < clear_rise:
            return 0.0
        self._threshold = self._floor + rise * share
        blocks = next((index for index, level in enumerate(reversed(recent)) if level >= self._threshold), len(recent))
        return blocks * BLOCK_SECONDS

    def sounding(self, gap: float) -> float:
        """How long the sound before the pause lasted that `pause` told last, in seconds.

        Quiet moments in it count when they are shorter than `gap` seconds.
        """
        loud = [index for index, level in enumerate(reversed(self._levels)) if level >= self._threshold]
        if not loud:
            return 0.0
        begin = loud[0]
        for index in loud:
            if index - begin > gap / BLOCK_SECONDS:
                break
            begin = index
        return (begin - loud[0] + 1) * BLOCK_SECONDS

    def loudest(self, from_seconds_ago: float, to_seconds_ago: float) -> float:
        """Level of the loudest 50 ms between two moments of the last four seconds, in dB."""
        count = len(self._levels)
        start = max(0, count - round(from_seconds_ago / BLOCK_SECONDS))
        end = max(start, count - round(to_seconds_ago / BLOCK_SECONDS))
        powers = [10 ** (level / 10) for level in list(self._levels)[start:end]]
        size = min(len(powers), round(_SYLLABLE_SECONDS / BLOCK_SECONDS))
        if size == 0:
            return self._floor
        sums = [sum(powers[index : index + size]) for index in range(len(powers) - size + 1)]
        return 10 * math.log10(max(sums) / size)

    def _last(self, seconds: float) -> list[float]:
        return list(self._levels)[-max(1, round(seconds / BLOCK_SECONDS)) :]

    def _measured_floor(self) -> float:
        recent = sorted(self._last(_FLOOR_WINDOW_SECONDS))
        return max(_LOWEST_FLOOR, recent[int(len(recent) * _FLOOR_SHARE)])


def decibels(samples: NDArray[np.float32]) -> float:
    power = float(np.dot(samples, samples)) / len(samples)
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS
