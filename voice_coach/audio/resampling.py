"""Changes the rate of a stream of sound, block by block, with a delay of about a millisecond.

The libraries for this collect 20 to 40 ms before they give anything, half of what the way from "stop" to silence
may take.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REACH = 24
"""Samples at the lower of the two rates, on either side, that an output sample is made of. With the window below,
what lies above the half of the lower rate comes out at least 60 dB weaker."""
_BETA = 7.0
_PASSED = 0.93
"""Where the filter is half open, as a share of half of the lower rate; speech has next to nothing above."""


class StreamResampler:
    """Turns a stream at one rate into the same at another.

    Args:
        from_rate: samples per second (Hz) that come in.
        to_rate: samples per second (Hz) that go out.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        divisor = math.gcd(from_rate, to_rate)
        self._up, self._down = to_rate // divisor, from_rate // divisor
        self._filters = _filters(self._up, from_rate, to_rate)
        self._length = self._filters.shape[1]
        self.delay = self._length / 2 / from_rate
        """Seconds by which what comes out is late."""
        self._kept = np.zeros(self._length - 1, np.float32)
        self._next = 0
        """Where the next output sample lies after the first new input sample, in steps of 1/`up` of one."""

    def feed(self, samples: NDArray[np.int16] | NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples, and give those that they complete, on the same scale."""
        stretch = np.concatenate([self._kept, samples.astype(np.float32)])
        end = len(samples) * self._up
        positions = np.arange(self._next, end, self._down)
        self._next = (positions[-1] + self._down if len(positions) else self._next) - end
        self._kept = stretch[len(samples) :]
        if not len(positions):
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(stretch, self._length)
        chosen = windows[positions // self._up]
        return np.asarray(np.einsum("ij,ij->i", chosen, self._filters[positions % self._up]), np.float32)


def as_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round, and cut off what is too loud."""
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def _filters(up: int, from_rate: int, to_rate: int) -> NDArray[np.float32]:
    """Give, for each place between two input samples, the shares of the input samples around it."""
    lower = min(from_rate, to_rate)
    reach = math.ceil(_REACH * from_rate / lower)
    cutoff = _PASSED * lower / from_rate
    places = np.arange(up)[:, None] / up
    distances = np.arange(-reach + 1, reach + 1)[None, :] - places
    window = np.kaiser(2 * reach * 512 + 1, _BETA)
    window_at = np.interp(distances / reach, np.linspace(-1, 1, len(window)), window)
    shares = cutoff * np.sinc(cutoff * distances) * window_at
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)
