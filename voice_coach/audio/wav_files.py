"""Sound files in the place of a loudspeaker and a microphone."""

from __future__ import annotations

import contextlib
import wave
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE
from voice_coach.audio.mixer import Mixer
from voice_coach.errors import SoundFileError
from voice_coach.files import is_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from soundfile import SoundFile

    from voice_coach.audio.clip import Clip

LOWEST_RATE = 8_000
"""Samples per second (Hz) below which speech lacks the sounds that tell words apart."""

_BLOCK_FRAMES = round(LISTENING_RATE * BLOCK_SECONDS)
_CHUNK_SECONDS = 1.0
_SILENCE_SECONDS = 10.0


class WavSpeaker:
    """Writes what the coach says into a WAV file (mono, 16 bit), in step with the session's clock.

    The file begins at session time 0. Its header is right after each `advance`, so that a killed session
    leaves a file that plays.

    Args:
        path: the file to write; an existing one is replaced.
        rate: samples per second (Hz) of the clips and of the file.
        failed: is told once when nothing more can be written, and the lines go on unwritten; None: that is raised.

    Raises:
        SoundFileError: the file cannot be written.
    """

    def __init__(self, path: Path, rate: int, failed: Callable[[SoundFileError], None] | None = None) -> None:
        self._path = path
        self._failed = failed
        self._fails = False
        self._mixer = Mixer(rate)
        self._written = 0
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise _not_writable(path, error) from error
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - closed by close()
        self._wave.setparams((1, 2, rate, 0, "NONE", ""))

    @property
    def rate(self) -> int:
        return self._mixer.rate

    @property
    def ends_at(self) -> float | None:
        """Session time at which the current utterance ends, in seconds; None when nothing is being said."""
        left = self._mixer.speech_left
        return None if left is None else (self._written + left) / self.rate

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        """Begin `clip` at the time of the last `advance`; the `advance` that ends it calls `on_end`."""
        self._mixer.say(clip, on_end)

    def chime(self, clip: Clip) -> None:
        self._mixer.chime(clip)

    def hush(self) -> None:
        self._mixer.hush()

    def advance(self, to_seconds: float) -> None:
        """Write everything up to session time `to_seconds`; going back does nothing.

        Raises:
            SoundFileError: the disk is full or the file has gone, and nobody else is told that.
        """
        target = round(to_seconds * self.rate)
        while self._written < target:
            frames = min(target - self._written, self._mixer.speech_left or target, self._longest)
            # written before `on_end` may say the next line, which then begins at the very next sample
            self._written += frames
            self._write(self._mixer.read(frames))

    def close(self) -> None:
        """Finish the file. Safe to call twice.

        Raises:
            SoundFileError: the disk is full.
        """
        if self._fails:
            for part in (self._wave, self._file):
                with contextlib.suppress(OSError):  # what could not be written cannot be written now either
                    part.close()
            return
        if self._file.closed:
            return
        try:
            self._wave.close()
            self._file.close()
        except OSError as error:
            raise _not_writable(self._path, error) from error

    @property
    def _longest(self) -> int:
        return round(_SILENCE_SECONDS * self.rate)

    def _write(self, samples: NDArray[np.int16]) -> None:
        if self._fails:
            return
        try:
            self._wave.writeframes(samples.astype("<i2").tobytes())
            self._file.flush()
        except OSError as error:
            self._fails = True
            failure = _not_writable(self._path, error)
            if self._failed is None:
                raise failure from error
            self._failed(failure)


class WavMicrophone:
    """Hears a recording (WAV, FLAC and whatever else libsndfile reads) instead of a microphone.

    Args:
        path: mono or more channels, which are averaged; any rate from `LOWEST_RATE` up.

    Raises:
        SoundFileError: there is no such file, it is no recording, it is empty, or its rate is too low.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _open_recording(path)
        if self._file.frames == 0:
            self.close()
            raise SoundFileError(
                f"The recording {path} is empty.",
                "There is nothing to hear in it.",
                "voice-coach hear --help",
            )
        if self._file.samplerate < LOWEST_RATE:
            self.close()
            raise SoundFileError(
                f"The recording {path} has only {self._file.samplerate} samples a second.",
                f"Speech can be recognised from {LOWEST_RATE} samples a second up.",
                "record it again at 16000 samples a second",
            )

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return float(self._file.frames / self._file.samplerate)

    def blocks(self) -> Iterator[bytes]:
        """Give the recording from its beginning: 16 kHz, mono, int16, in blocks of 10 ms (320 bytes).

        The last block is filled up with silence.

        Raises:
            SoundFileError: the file turns out to be damaged.
        """
        size = _BLOCK_FRAMES * 2
        pending = b""
        for samples in self._samples():
            pending += np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
            whole = len(pending) - len(pending) % size
            for start in range(0, whole, size):
                yield pending[start : start + size]
            pending = pending[whole:]
        if pending:
            yield pending.ljust(size, b"\0")

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._file.close()

    def _samples(self) -> Iterator[NDArray[np.float32]]:
        import soxr  # noqa: PLC0415 - only recordings at other rates need it

        rate = self._file.samplerate
        resampler = soxr.ResampleStream(rate, LISTENING_RATE, 1, dtype="float32") if rate != LISTENING_RATE else None
        for mono, is_last in self._mono():
            yield resampler.resample_chunk(mono, last=is_last) if resampler else mono

    def _mono(self) -> Iterator[tuple[NDArray[np.float32], bool]]:
        import soundfile  # noqa: PLC0415 - loading libsndfile takes longer than --help may

        try:
            self._file.seek(0)
        except soundfile.LibsndfileError as error:
            raise _not_readable(self._path, error) from error
        chunk = round(self._file.samplerate * _CHUNK_SECONDS)
        left = self._file.frames
        while left > 0:
            try:
                frames = self._file.read(min(chunk, left), dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise _not_readable(self._path, error) from error
            left = left - len(frames) if len(frames) else 0
            # floats may be infinite, or so large that a sum of them is
            yield np.nan_to_num(np.clip(frames, -1, 1)).mean(axis=1), left == 0


def _open_recording(path: Path) -> SoundFile:
    if not is_file(path):
        raise SoundFileError(f"There is no recording {path}.", "Nothing can be heard.", f"ls {path.parent}")
    try:
        import soundfile  # noqa: PLC0415 - loading libsndfile takes longer than --help may
    except OSError as error:
        raise SoundFileError(
            "The library libsndfile is missing.",
            "Recordings cannot be read.",
            "pip install --force-reinstall soundfile",
        ) from error
    try:
        return soundfile.SoundFile(path)
    except TypeError as error:  # soundfile knows .raw as sound without a header, and wants to be told the rest
        raise _not_readable(path, "nothing in it tells its rate and format") from error
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        raise _not_readable(path, error) from error


def _not_readable(path: Path, error: Exception | str) -> SoundFileError:
    reason = str(getattr(error, "error_string", error))
    return SoundFileError(
        f"The recording {path} cannot be read ({reason.rstrip('.')}).",
        "Recordings are WAV or FLAC files.",
        f"soxi {path}",
    )


def _not_writable(path: Path, error: OSError) -> SoundFileError:
    return SoundFileError(
        f"The sound file {path} cannot be written ({error.strerror or error}).",
        "What the coach says is not kept.",
        "another file after --speaker-wav, on a disk with room",
    )
