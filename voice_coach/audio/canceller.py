"""What takes the coach's voice out of what the microphone hears, and what can be asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LATEST_ECHO = 0.6
"""Seconds; of an echo that comes later, too little is within a canceller's reach."""

LEAST_TAKEN_OUT = 6.0
"""dB; where a canceller takes less out of the echo, loudspeaker and microphone run on clocks that differ by far, or the
loudspeaker distorts, and what is left may sound like commands."""


class Canceller(Protocol):
    """Takes one sound out of another, block by block of 10 ms."""

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        """Give what was heard (320 bytes) without what comes of `played` (160 samples, full scale is 1)."""

    def rest(self, blocks: int) -> None:
        """Let time pass in which nothing was played, and nothing needs to be taken out: `blocks` of 10 ms."""
