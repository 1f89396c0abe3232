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


LONGEST_PAUSE = 4.0
"""Seconds after which a line that waits goes on by itself: whoever made it wait may have died."""

LOWERED_DB = -14.0
"""How much quieter a line becomes that goes on while somebody speaks."""

_LOWERED_SAFETY_DB = -6.0
"""The same for a line that must be understood all the same."""

_BACK_SECONDS = (0.25, 1.2)
"""How far before the place where it was a line goes on: somewhere between, where it is quietest."""
_QUIET_SECONDS = 0.03


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
    """A line.

    Attributes:
        goes_on_at: the sample with which it goes on, where it waits; None where it does not.
        waited: samples that it has waited.
        muted: it goes on unheard.
        gain: what its samples are multiplied with.
        next_gain: what they are multiplied with from the end of the next block on.
    """

    clip: Clip
    track: _Track
    on_end: Callable[[], None]
    goes_on_at: int | None = None
    waited: int = 0
    muted: bool = False
    gain: float = 1.0
    next_gain: float = 1.0

    def add_to(self, mix: NDArray[np.int32]) -> None:
        if self.goes_on_at is not None:
            self.waited += len(mix)
            if self.waited >= LONGEST_PAUSE * self.clip.rate:
                self.go_on()
        elif self.muted:
            self.track.position = min(self.track.position + len(mix), len(self.track.samples))
        elif self.gain == self.next_gain == 1.0:
            self.track.add_to(mix)
        else:
            own = np.zeros(len(mix), np.int32)
            self.track.add_to(own)
            mix += (own * np.linspace(self.gain, self.next_gain, len(mix), dtype=np.float32)).astype(np.int32)
            self.gain = self.next_gain

    def go_on(self) -> None:
        if self.goes_on_at is not None:
            self.track.position = self.goes_on_at
        self.goes_on_at, self.waited, self.muted, self.next_gain = None, 0, False, 1.0


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

    @property
    def progress(self) -> tuple[str, float] | None:
        """The text being said, and how much of it has been read, from 0 to 1; None when nothing is being said."""
        with self._lock:
            if self._speech is None:
                return None
            track = self._speech.track
            return self._speech.clip.text, track.position / max(1, len(track.samples))

    def give_way(self, *, pause: bool = True) -> None:
        """Let somebody else speak: the line waits, or what its clip says becomes of it.

        Args:
            pause: where it is False, a line that would wait is lowered instead.
        """
        with self._lock:
            speech = self._speech
            if speech is None or speech.goes_on_at is not None or speech.muted:
                return
            how = speech.clip.gives_way
            if how == "is lowered" or not pause:
                decibels = _LOWERED_SAFETY_DB if how == "is lowered" else LOWERED_DB
                speech.next_gain = 10 ** (decibels / 20)
                return
            position = speech.track.position
            self._tracks.append(self._faded([speech.track], speech.gain))
            if how == "waits":
                speech.goes_on_at = _place_to_go_on(speech.clip, position)
            else:
                speech.track.position, speech.muted = position, True

    def go_on(self) -> None:
        """Go on with the line that has given way; one that waited, from a quiet moment before its place."""
        with self._lock:
            if self._speech is not None:
                self._speech.go_on()

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        """Begin `clip` with the next sample read; what was being said fades out and never ends.

        The `read` that takes the last sample calls `on_end`, in its own thread.

        Raises:
            ValueError: the clip's rate is not the mixer's.
        """
        self._check(clip)
        with self._lock:
            self._tracks += self._faded_speech()
            self._speech = _Speech(clip, _Track(clip.samples), on_end)

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
            faded = [self._faded(self._tracks)] if self._tracks else []
            faded += self._faded_speech()
            self._speech, self._tracks = None, faded

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
            self._speech.add_to(mix)
            if not self._speech.track.left:
                ended, self._speech = self._speech.on_end, None
        return _clipped(mix), ended

    def _faded_speech(self) -> list[_Track]:
        """Give the end of the line that is being said, as loud as it is now; nothing where it is silent."""
        speech = self._speech
        is_heard = speech and speech.goes_on_at is None and not speech.muted
        return [self._faded([speech.track], speech.gain)] if speech and is_heard else []

    def _faded(self, tracks: list[_Track], gain: float = 1.0) -> _Track:
        mix = np.zeros(len(self._fade), np.int32)
        for track in tracks:
            track.add_to(mix)
        return _Track(_clipped(mix * (self._fade * np.float32(gain))))

    def _check(self, clip: Clip) -> None:
        if clip.rate != self.rate:
            raise ValueError(f"a clip of {clip.rate} Hz for a mixer of {self.rate} Hz")


def _clipped(mix: NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(mix, -32768, 32767).astype(np.int16)


def _place_to_go_on(clip: Clip, position: int) -> int:
    """Give the sample with which a line goes on that was halted at `position`: between two words, if there is such."""
    latest, earliest = (position - round(seconds * clip.rate) for seconds in _BACK_SECONDS)
    if earliest <= 0:
        return 0
    size = round(_QUIET_SECONDS * clip.rate)
    powers = np.square(clip.samples[earliest : latest + size].astype(np.float64))
    sums = np.cumsum(powers)
    return earliest + int(np.argmin(sums[size:] - sums[:-size])) + size // 2
