"""Plays and hears at the same time, and knows when."""

from __future__ import annotations

import threading
import time
from statistics import median
from typing import TYPE_CHECKING, Self

import numpy as np

from voice_coach.audio.devices import open_input, open_output
from voice_coach.audio.interfaces import BLOCK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from voice_coach.audio.clip import Clip
    from voice_coach.audio.devices import Device
    from voice_coach.audio.interfaces import StreamFormat


class Ear:
    """An open microphone that keeps what it hears. Use it as a context manager.

    Args:
        device: None is the default one.

    Raises:
        MicrophoneError: it cannot be opened.
    """

    def __init__(self, device: Device | None) -> None:
        self._blocks: list[tuple[float, bytes]] = []
        self._also: Callable[[bytes], None] | None = None
        self._first = threading.Event()
        self._stream = open_input(self._take, device)

    @property
    def format(self) -> StreamFormat:
        """What the device gives."""
        return self._stream.format

    @property
    def latency(self) -> float:
        """Seconds, as the device reports them."""
        return self._stream.latency

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def wait_for_first(self, seconds: float) -> bool:
        """Wait until it hears anything; False where it does not in so many seconds."""
        return self._first.wait(seconds)

    def forward(self, also: Callable[[bytes], None]) -> None:
        """Give the blocks to `also` from now on."""
        self._also = also

    def heard(self) -> tuple[float, NDArray[np.float32]]:
        """Give the time at which the first sample had come, of `time.monotonic()`, and all samples, perhaps none."""
        blocks = list(self._blocks)
        if not blocks:
            return time.monotonic(), np.zeros(0, np.float32)
        # devices begin with a burst, and lose a block where the machine is busy: the later half tells what holds
        due = median(at - index * BLOCK_SECONDS for index, (at, _) in list(enumerate(blocks))[len(blocks) // 2 :])
        samples = np.frombuffer(b"".join(block for _, block in blocks), "<i2").astype(np.float32)
        return due - BLOCK_SECONDS, samples / np.float32(32768)

    def forget(self) -> None:
        """Begin anew."""
        self._blocks = []

    def _take(self, block: bytes) -> None:
        self._blocks.append((time.monotonic(), block))
        self._first.set()
        if self._also is not None:
            self._also(block)


class Player:
    """Plays one clip, and knows when it began. Use it as a context manager.

    Args:
        clip: what is played, after silence until `play`.
        device: None is the default one.

    Raises:
        SpeakerError: the loudspeaker cannot be opened.
    """

    def __init__(self, clip: Clip, device: Device | None) -> None:
        self._clip = clip
        self._position: int | None = None
        self._began: list[float] = []
        self._over = threading.Event()
        self._stream = open_output(clip.rate, self._read, device)

    @property
    def format(self) -> StreamFormat:
        """What the device takes."""
        return self._stream.format

    @property
    def latency(self) -> float:
        """Seconds, as the device reports them."""
        return self._stream.latency

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def play(self) -> float:
        """Play the clip; give the time of `time.monotonic()` at which its first sample was taken."""
        self._position = 0
        self._over.wait(self._clip.seconds + 5)
        return median(self._began) if self._began else time.monotonic()

    def _read(self, frames: int) -> NDArray[np.int16]:
        samples = np.zeros(frames, np.int16)
        if self._position is None:
            return samples
        part = self._clip.samples[self._position : self._position + frames]
        if len(part):
            self._began.append(time.monotonic() - self._position / self._clip.rate)
        samples[: len(part)] = part
        self._position += frames
        if self._position >= len(self._clip.samples):
            self._over.set()
        return samples
