"""What the loudspeaker plays, for whoever listens beside it: at 16 kHz, and at the microphone's pace."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE
from voice_coach.audio.resampling import StreamResampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = round(LISTENING_RATE * BLOCK_SECONDS)
_MOST_SECONDS = 0.3
"""Of what waits to be taken. Loudspeaker and microphone take turns unevenly, and one may halt for a while."""
_USUAL_SECONDS = 0.03
"""Of what waits after a block has been taken, as long as nothing is known about these devices."""
_TOO_MUCH_SECONDS = 0.02
"""More than usual, at the least of a while: sound that the microphone has lost, or a loudspeaker's faster clock."""
LATE_SECONDS = _MOST_SECONDS
"""How long it may be late until that is noticed: as long as a microphone may halt whose sound comes after all."""
_MOST_BLOCKS = round(1.0 / BLOCK_SECONDS)
"""That nobody has taken yet: a microphone may be away for the whole session."""


class Reference:
    """Between the loudspeaker's thread, which gives, and the microphone's, which takes.

    How much waits after a block has been taken tells how late the reference is. Late for good, its sound would come
    after its own echo, which nobody would take for the coach's any more: it is brought back to what was usual, so that
    whoever has learned the echo finds it in the same place.

    Args:
        rate: samples per second (Hz) of what is played.

    Attributes:
        is_back: sound was left out as the last block was taken: the blocks before it were late, the next ones are not.
    """

    def __init__(self, rate: int) -> None:
        self._played: deque[NDArray[np.int16]] = deque(maxlen=_MOST_BLOCKS)
        self._rate = rate
        self._resampler = StreamResampler(rate, LISTENING_RATE)
        self._silent_samples = 0.0
        """Of silence that has not been resampled: how many samples at 16 kHz it still stands for."""
        self._was_silent = False
        self._waiting = np.zeros(0, np.float32)
        self._usual = round(_USUAL_SECONDS * LISTENING_RATE)
        self.is_back = False
        self._left: deque[int] = deque(maxlen=round(LATE_SECONDS / BLOCK_SECONDS))
        """Samples that waited after each of the last blocks, since nothing was missing or too much."""

    def played(self, samples: NDArray[np.int16]) -> None:
        """Take 10 ms of what is played now; returns at once."""
        self._played.append(samples)

    def take(self) -> NDArray[np.float32]:
        """Give the next 10 ms: 160 samples, full scale is 1; zeros where nothing was played."""
        while self._played:
            self._waiting = np.concatenate([self._waiting, self._at_listening_rate(self._played.popleft())])
        self.is_back = len(self._waiting) > _MOST_SECONDS * LISTENING_RATE
        if self.is_back:
            self._waiting = self._waiting[-self._usual - _BLOCK :]
        block, self._waiting = self._waiting[:_BLOCK], self._waiting[_BLOCK:]
        if len(block) < _BLOCK:
            self._left.clear()
            return np.concatenate([block, np.zeros(_BLOCK - len(block), np.float32)])
        self._catch_up()
        return block

    def _catch_up(self) -> None:
        """Leave out what is too late, or learn what is usual."""
        self._left.append(len(self._waiting))
        if len(self._left) < round(LATE_SECONDS / BLOCK_SECONDS):
            return
        least = min(self._left)
        if least <= self._usual + _TOO_MUCH_SECONDS * LISTENING_RATE:
            self._usual = min(self._usual, least)
            return
        self.is_back = True
        self._waiting = self._waiting[least - self._usual :]
        self._left.clear()

    def _at_listening_rate(self, samples: NDArray[np.int16]) -> NDArray[np.float32]:
        """Resample; silence after silence, which is what is played most of the time, costs next to nothing."""
        is_silent = not samples.any()
        was_silent, self._was_silent = self._was_silent, is_silent
        if not (is_silent and was_silent):
            return np.asarray(self._resampler.feed(samples) / np.float32(32768))
        self._silent_samples += len(samples) * LISTENING_RATE / self._rate
        whole = int(self._silent_samples)
        self._silent_samples -= whole
        return np.zeros(whole, np.float32)
