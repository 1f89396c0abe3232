"""Takes the coach's voice out of what the microphone hears.

What is played is known, and what the room makes of it is learned while it plays, by a partitioned block frequency
domain Kalman filter: Enzner and Vary 2006, "Frequency-domain adaptive Kalman filter for acoustic echo control in
hands-free telephones"; Kuech, Mabande and Enzner 2014, "State-space architecture of the partitioned-block-based
acoustic echo controller". It keeps, for every part of the room's response, how uncertain it is of it, and takes
whatever it cannot explain for somebody else: so it learns fast, and holds still while a person speaks. It subtracts,
and suppresses nothing, so that the person's voice is left as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

_REACH = 0.8
"""Seconds of the room's response that are learned, the echo's delay among them."""

_BLOCK = round(LISTENING_RATE * BLOCK_SECONDS)
_PARTS = round(_REACH / BLOCK_SECONDS)
_STEADINESS = 0.997
"""How much of the room's response is the same 10 ms later. Measured with echoes of 0 and -6 dB: 0.9995 leaves 4 dB less
of the echo where nothing changes; with this, it is gone again 6 instead of 12 s after somebody has moved the
loudspeaker, and 17 instead of 12 dB are taken out where the clocks of loudspeaker and microphone differ by 20 parts per
million."""
_UNCERTAINTY = 0.01
"""What the power of each part of the response is taken for before anything is known."""
_CONSTRAINED_EVERY = 4
"""Blocks in which every part of the response is held to its own 10 ms once; each block takes a quarter of the parts."""
_NOISE_KEPT = np.float32(0.8)
"""How much of a loud moment is still expected 10 ms later."""
_LEAST = 1e-10


class KalmanCanceller:
    """Learns the room, and takes the coach out of it. Not for several threads."""

    def __init__(self) -> None:
        shape = (_PARTS, _BLOCK + 1)
        self._played = np.zeros(shape, np.complex64)
        self._power = np.zeros(shape, np.float32)
        self._response = np.zeros(shape, np.complex64)
        self._uncertainty = np.full(shape, _UNCERTAINTY, np.float32)
        self._others = np.zeros(_BLOCK + 1, np.float32)
        self._before = np.zeros(_BLOCK, np.float32)
        self._turn = 0

    def process(self, heard: bytes, played: Samples) -> bytes:
        """Give what was heard in 10 ms without what comes of the loudspeaker's sound.

        Args:
            heard: 160 samples of 16 bits.
            played: 160 samples, full scale is 1.
        """
        self._shift(played)
        echo = np.fft.irfft(np.einsum("ij,ij->j", self._played, self._response))[_BLOCK:]
        rest = np.frombuffer(heard, "<i2").astype(np.float32) / np.float32(32768) - echo.astype(np.float32)
        self._learn(rest)
        return bytes((np.clip(rest, -1, 1) * 32767).astype("<i2").tobytes())

    def rest(self, blocks: int) -> None:
        """Let time pass in which nothing was played, and nothing needs to be taken out: `blocks` of 10 ms."""
        for _ in range(min(blocks, _PARTS)):
            self._shift(np.zeros(_BLOCK, np.float32))

    def _shift(self, played: Samples) -> None:
        self._played[1:] = self._played[:-1]
        self._power[1:] = self._power[:-1]
        self._played[0] = np.fft.rfft(np.concatenate([self._before, played]))
        self._power[0] = np.square(np.abs(self._played[0]))
        self._before = played

    def _learn(self, rest: Samples) -> None:
        spectrum = np.fft.rfft(np.concatenate([np.zeros(_BLOCK, np.float32), rest])).astype(np.complex64)
        power = np.square(np.abs(spectrum))
        # at once when somebody speaks up, so that their first sound is not learned as the room's
        self._others = np.maximum(_NOISE_KEPT * self._others + (1 - _NOISE_KEPT) * power, power)
        # half: of two blocks' length, one is taken
        expected = np.float32(0.5) * np.einsum("ij,ij->j", self._uncertainty, self._power)
        gain = self._uncertainty / (expected + self._others + np.float32(_LEAST))
        self._response += gain * np.conj(self._played) * spectrum
        self._constrain()
        kept = np.float32(_STEADINESS**2)
        known = 1 - np.float32(0.5) * gain * self._power
        self._uncertainty = kept * known * self._uncertainty + (1 - kept) * np.square(np.abs(self._response))

    def _constrain(self) -> None:
        """Hold some parts of the response to their own 10 ms; what lies beyond is an error of circular convolution."""
        chosen = slice(self._turn, None, _CONSTRAINED_EVERY)
        self._turn = (self._turn + 1) % _CONSTRAINED_EVERY
        times = np.fft.irfft(self._response[chosen], axis=1)
        times[:, _BLOCK:] = 0
        self._response[chosen] = np.fft.rfft(times, axis=1)
