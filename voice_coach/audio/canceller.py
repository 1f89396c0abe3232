"""Takes the coach's voice out of what the microphone hears: WebRTC's canceller, in the package `livekit`.

It is an extra, `pip install "voice-coach[echo]"`; `scripts/bench/echo` compares it with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

LATEST_ECHO = 0.45
"""Seconds; the canceller finds no echo that comes later."""

_BLOCK = round(LISTENING_RATE * BLOCK_SECONDS)


class Canceller(Protocol):
    """Takes one sound out of another, block by block of 10 ms."""

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        """Give what was heard (320 bytes) without what comes of `played` (160 samples, full scale is 1).

        Raises:
            RuntimeError: it has failed.
        """


class LivekitCanceller:
    """WebRTC's third echo canceller. It accepts blocks of other lengths without a word, and does not work then."""

    def __init__(self) -> None:
        from livekit import rtc  # noqa: PLC0415 - an extra, and slow to load

        self._frame: Any = rtc.AudioFrame
        self._module = rtc.AudioProcessingModule(echo_cancellation=True)

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        far = self._framed(np.clip(played * 32767, -32768, 32767).astype("<i2").tobytes())
        near = self._framed(heard)
        self._module.process_reverse_stream(far)
        self._module.process_stream(near)
        return bytes(near.data)

    def _framed(self, block: bytes) -> Any:
        return self._frame(bytearray(block), LISTENING_RATE, 1, _BLOCK)


def find_canceller() -> Canceller | None:
    """Give a canceller; None where the extra is not installed or does not work on this machine."""
    try:
        return LivekitCanceller()
    except (ImportError, AttributeError, OSError, RuntimeError):  # an older one has no such module
        return None
