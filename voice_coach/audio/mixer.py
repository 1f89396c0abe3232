"""One utterance and any number of chimes, mixed into one stream of samples. No device, clock or thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from voice_coach.audio.clip import Clip

FADE_SECONDS = 0.005
"""How long sound that is cut off takes to fade, in seconds: too short to hear, long enough not to click."""


@dataclass(slots=True)
class _Track:
    samples: NDArray[np.int16]
    position: int = 0

    @property
    def left(self) -> int:
        return len(self.samples) - self.position

    def add_to(self, mix: NDArray[np.int32]) -> None:
        part = self.samples[self.position : self.position + len(mix)]
        mix[: len(part)] += part
        self.position += len(part)


@dataclass(slots=True)
class _Speech:
    track: _Track
    on_end: Callable[[], None]


class Mixer:
    """What a loudspeaker plays next, asked for block by block. Safe to use from several threads.

    Args:
        rate: samples per second (Hz) of every clip, and of what `read` gives.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._speech: _Speech | None = None
        self._tracks: list[_Track] = []
        self._fade = np.linspace(1.0, 0.0, max(1, round(rate * FADE_SECONDS)), dtype=np.float32)

    @property
    def speech_left(self) -> int | None:
        """Samples of the current utterance not yet read; None when nothing is being said."""
        with self._lock:
            return self._speech.track.left if self._speech else None

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        """Begin `clip` with the next sample read; what was being said fades out and never ends.

        The `read` that takes the last sample calls `on_end`, in its own thread.

        Raises:
            ValueError: the clip's rate is not the mixer's.
        """
        self._check(clip)
        with self._lock:
            if self._speech:
                self._tracks.append(self._faded([self._speech.track]))
            self._speech = _Speech(_Track(clip.samples), on_end)

    def chime(self, clip: Clip) -> None:
        """Play `clip` on top of everything, from the next sample read.

        Raises:
            ValueError: the clip's rate is not the mixer's.
        """
        self._check(clip)
        with self._lock:
            self._tracks.append(_Track(clip.samples))

    def hush(self) -> None:
        """Fade everything out within `FADE_SECONDS` of the samples read from now on."""
        with self._lock:
            playing = self._tracks + ([self._speech.track] if self._speech else [])
            self._speech = None
            self._tracks = [self._faded(playing)] if playing else []

    def read(self, frames: int) -> NDArray[np.int16]:
        """Take the next `frames` samples, int16, shape (frames,); zeros where nothing sounds."""
        with self._lock:
            samples, ended = self._take(frames)
        if ended:
            ended()
        return samples

    def _take(self, frames: int) -> tuple[NDArray[np.int16], Callable[[], None] | None]:
        if not self._speech and not self._tracks:
            return np.zeros(frames, np.int16), None
        mix = np.zeros(frames, np.int32)
        for track in self._tracks:
            track.add_to(mix)
        self._tracks = [track for track in self._tracks if track.left]
        ended = None
        if self._speech:
            self._speech.track.add_to(mix)
            if not self._speech.track.left:
                ended, self._speech = self._speech.on_end, None
        return _clipped(mix), ended

    def _faded(self, tracks: list[_Track]) -> _Track:
        mix = np.zeros(len(self._fade), np.int32)
        for track in tracks:
            track.add_to(mix)
        return _Track(_clipped(mix * self._fade))

    def _check(self, clip: Clip) -> None:
        if clip.rate != self.rate:
            raise ValueError(f"a clip of {clip.rate} Hz for a mixer of {self.rate} Hz")


def _clipped(mix: NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(mix, -32768, 32767).astype(np.int16)
