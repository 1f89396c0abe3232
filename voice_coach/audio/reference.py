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
_TOO_MUCH = round(0.02 * LISTENING_RATE)
"""Samples more than jitter, at the least of a while: sound that the microphone has lost, or a loudspeaker's faster
clock."""
_MOST_JITTER = round(0.13 * LISTENING_RATE)
"""Samples that jitter is taken for at the most: with more, an echo would come before its sound in most rooms."""
LATE_SECONDS = _MOST_SECONDS
"""How long it may be late until that is noticed: as long as a microphone may halt whose sound comes after all."""
_WHILE = round(LATE_SECONDS / BLOCK_SECONDS)
_LATE_AT_FIRST_SECONDS = 1.0
"""The same while the jitter is not known. Of ten bursts of 100 ms hardly ever all are late, of three often."""
_LATE_AT_FIRST = round(_LATE_AT_FIRST_SECONDS / BLOCK_SECONDS)
_KNOWN_AFTER = round(5.0 / BLOCK_SECONDS)
"""Blocks after which the jitter is known, and a `_WHILE` is enough. With a second throughout, the coach obeyed itself
in 4 of 8 lines of which the microphone lost 50 or 100 ms."""
_DOUBTED = round(60.0 / BLOCK_SECONDS)
"""Blocks for which it may turn out that nothing was lost; clocks that differ by 100 parts per million make 6 ms."""
_MOST_BLOCKS = round(1.0 / BLOCK_SECONDS)
"""That nobody has taken yet: a microphone may be away for the whole session."""


class Reference:
    """Between the loudspeaker's thread, which gives, and the microphone's, which takes.

    How much waits after a block has been taken tells how late the reference is. Late for good, its sound would come
    after its own echo, which nobody would take for the coach's any more: it is brought back to what was usual, so that
    whoever has learned the echo finds it in the same place.

    Devices take turns unevenly (jitter): what waits may be more than usual for a while though nothing is lost. How much
    is learned in the first seconds, and from sound that is missing later because it was left out by mistake.

    Args:
        rate: samples per second (Hz) of what is played.

    Attributes:
        late_for: seconds for which the blocks before the last one had been late, where sound was left out as that was
            taken, and the next ones are not late any more; else 0.
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
        self.late_for = 0.0
        self._left: deque[int] = deque(maxlen=_WHILE)
        """Samples that waited after each of the last blocks, since nothing was missing or too much."""
        self._late_blocks = 0
        self._leasts: list[int] = []
        """The least of each while, until the jitter is known."""
        self._is_known = False
        self._jitter = 0
        """Samples by which the least of a while may be more than usual though nothing is lost."""
        self._missing = 0
        """Samples, since some were left out."""
        self._doubted_blocks = 0

    def played(self, samples: NDArray[np.int16]) -> None:
        """Take 10 ms of what is played now; returns at once."""
        self._played.append(samples)

    def take(self) -> NDArray[np.float32]:
        """Give the next 10 ms: 160 samples, full scale is 1; zeros where nothing was played."""
        while self._played:
            self._waiting = np.concatenate([self._waiting, self._at_listening_rate(self._played.popleft())])
        self._doubted_blocks -= 1
        self.late_for = 0.0
        if len(self._waiting) > _MOST_SECONDS * LISTENING_RATE:
            self.late_for = LATE_SECONDS
            self._waiting = self._waiting[-self._usual - _BLOCK :]
            self._doubted_blocks = 0
        block, self._waiting = self._waiting[:_BLOCK], self._waiting[_BLOCK:]
        missing = _BLOCK - len(block)
        if not missing:
            self._catch_up()
            return block
        self._begin_anew()
        if self._doubted_blocks > 0:
            self._missing += missing
            self._allow_for(self._missing)
        return np.concatenate([block, np.zeros(missing, np.float32)])

    def _catch_up(self) -> None:
        """Leave out what is too late, or learn what is usual."""
        self._left.append(len(self._waiting))
        if len(self._left) < _WHILE:
            return
        least = min(self._left)
        more = least - self._usual
        is_late = more > self._jitter + _TOO_MUCH
        self._late_blocks = self._late_blocks + 1 if is_late else 0
        if self._late_blocks > (0 if self._is_known else _LATE_AT_FIRST - _WHILE):
            self._leave_out(more)
            return
        self._usual = min(self._usual, least)
        if not self._is_known:
            self._learn_jitter(least)

    def _leave_out(self, samples: int) -> None:
        self.late_for = LATE_SECONDS if self._is_known else _LATE_AT_FIRST_SECONDS
        self._waiting = self._waiting[samples:]
        self._begin_anew()
        self._leasts.clear()
        self._missing, self._doubted_blocks = 0, _DOUBTED

    def _begin_anew(self) -> None:
        self._left.clear()
        self._late_blocks = 0

    def _learn_jitter(self, least: int) -> None:
        self._leasts.append(least)
        if len(self._leasts) >= _KNOWN_AFTER and not self._late_blocks:
            self._allow_for(max(self._leasts) - min(self._leasts))
            self._is_known = True
            self._leasts.clear()

    def _allow_for(self, jitter: int) -> None:
        self._jitter = max(self._jitter, min(jitter, _MOST_JITTER))

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
