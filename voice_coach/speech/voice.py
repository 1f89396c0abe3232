"""Text to sound: what the coach says, as clips ready to play."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

import voice_coach
from voice_coach.audio.clip import Clip
from voice_coach.audio.loudness import at_loudness
from voice_coach.errors import VoiceError
from voice_coach.session.manner import USUAL_MANNER, Manner
from voice_coach.speech.tts_worker import HEADER, MAGIC

if TYPE_CHECKING:
    from numpy.typing import NDArray

VOICE_RATE = 22_050
"""Samples per second (Hz) of every clip; what espeak-ng gives."""

DEFAULT_VOICE = "en-us+f3" if sys.platform == "linux" else None
"""The voice's id; None is the system's own choice, which on macOS and Windows is a natural voice."""

_START_SECONDS = 10.0
"""How long a child may take to its first answer, on a slow machine with cold files."""
_HANGING_SECONDS = 3.0
"""How long it may take to any later one: a line takes 10 to 40 ms, and nobody is heard meanwhile."""
_LONGEST_ANSWER = 64 * 1024 * 1024
_BYTES_PER_SAMPLE = 2
_LEAST_RATE, _MOST_RATE = 4_000, 192_000
"""Samples per second (Hz) that a voice may have."""

_SPEECH_LOUDNESS = -20.0
"""Usual loudness of every line, in LUFS: between broadcasts (-23) and podcasts (-16)."""
_SILENCE_SHARE = 0.01
"""Samples below this share of the peak (-40 dB) are silence at the ends of a line."""
_LEAD_SECONDS = 0.002
_TAIL_SECONDS = 0.02


class Voice(Protocol):
    """Something that speaks. All calls may come from any thread."""

    @property
    def rate(self) -> int:
        """Samples per second (Hz) of every clip."""

    def render(self, text: str, beat: float | None = None, manner: Manner = USUAL_MANNER) -> Clip:
        """Give `text` as sound; every line of one manner is equally loud, and none is clipped.

        Without `beat` the line starts at once (no silence longer than 20 ms at either end). With `beat` word
        i begins at i x `beat` seconds, and n words last exactly n x `beat` seconds.

        Raises:
            VoiceError: there is no sound, and trying again did not help.
        """

    def close(self) -> None:
        """Stop. Safe to call twice."""


class PyttsxVoice:
    """Speaks with pyttsx3, in a child process that may die and is started again.

    Args:
        voice: the engine's id of a voice; None is its own choice.
        timeout_seconds: how long a line may take until the child counts as hanging; its first one may take longer.
    """

    def __init__(
        self,
        voice: str | None = DEFAULT_VOICE,
        timeout_seconds: float = _HANGING_SECONDS,
    ) -> None:
        self._voice = voice
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False

    @property
    def rate(self) -> int:
        return VOICE_RATE

    def start(self) -> None:
        """Start the child without waiting for it; the first `render` waits.

        Raises:
            VoiceError: no process can be started.
        """
        with self._lock:
            self._running_worker()

    def render(self, text: str, beat: float | None = None, manner: Manner = USUAL_MANNER) -> Clip:
        """See `Voice.render`.

        Raises:
            VoiceError: the engine is missing, or failed twice.
        """
        if beat is None:
            return Clip(_as_int16(self._spoken(text, manner, _TAIL_SECONDS)), VOICE_RATE)
        words = [self._spoken(word, manner, 0.0) for word in text.split()]
        return Clip(_as_int16(_on_beats(words, beat)), VOICE_RATE)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._drop_worker()

    def _spoken(self, text: str, manner: Manner, tail_seconds: float) -> NDArray[np.float32]:
        plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if not any(character.isalnum() for character in plain):
            return np.zeros(0, np.float32)
        with self._lock:
            rate, payload = self._ask(plain, manner.words_per_minute)
        sound = np.frombuffer(payload, "<i2").astype(np.float32) / np.float32(32768)
        spoken = _trimmed(_at_voice_rate(sound, rate), tail_seconds)
        return at_loudness(spoken, VOICE_RATE, _SPEECH_LOUDNESS + manner.decibels)

    def _ask(self, text: str, words_per_minute: int) -> tuple[int, bytes]:
        request = {"text": text, "rate": words_per_minute, "voice": self._voice}
        try:
            return self._running_worker().ask(request, self._timeout_seconds)
        except _WorkerFailedError:
            self._drop_worker()
        try:
            return self._running_worker().ask(request, self._timeout_seconds)
        except _WorkerFailedError as error:
            self._drop_worker()
            raise _voice_error(str(error)) from error

    def _running_worker(self) -> _Worker:
        if self._closed:
            raise _voice_error("it was closed")
        if self._worker is None:
            try:
                self._worker = _Worker()
            except OSError as error:
                raise _voice_error(str(error)) from error
        return self._worker

    def _drop_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None


class _WorkerFailedError(Exception):
    pass


class _Worker:
    def __init__(self) -> None:
        self._answered = False
        self._folder = None if sys.platform == "linux" else _temporary_folder()
        folder = [] if self._folder is None else [self._folder.name]
        package_folder = str(Path(voice_coach.__file__).parents[1])
        paths = [package_folder, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(  # noqa: S603 - runs nothing but this package
            [sys.executable, "-m", "voice_coach.speech.tts_worker", *folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def ask(self, request: dict[str, object], timeout_seconds: float) -> tuple[int, bytes]:
        patience = timeout_seconds if self._answered else max(timeout_seconds, _START_SECONDS)
        watchdog = threading.Timer(patience, self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._exchange(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise _WorkerFailedError(f"its process died: {error}") from error
        finally:
            watchdog.cancel()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was still to be written has nowhere to go
                if pipe is not None:
                    pipe.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _exchange(self, line: bytes) -> tuple[int, bytes]:
        assert self._process.stdin is not None  # noqa: S101 - both are pipes, see __init__
        self._process.stdin.write(line)
        self._process.stdin.flush()
        magic, rate, length = HEADER.unpack(self._read(HEADER.size))
        if magic != MAGIC or length > _LONGEST_ANSWER:
            raise _WorkerFailedError("its process answered rubbish")
        payload = self._read(length)
        if rate == 0:
            raise _WorkerFailedError(payload.decode(errors="replace"))
        if not _LEAST_RATE <= rate <= _MOST_RATE or length % _BYTES_PER_SAMPLE:
            raise _WorkerFailedError("its process answered rubbish")
        if not any(payload):
            raise _WorkerFailedError("it gave silence")
        self._answered = True
        return rate, payload

    def _read(self, length: int) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - as above
        data = self._process.stdout.read(length)
        if len(data) < length:
            raise _WorkerFailedError("its process died or hung")
        return data


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="voice-coach-", ignore_cleanup_errors=True)


def _at_voice_rate(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    if rate == VOICE_RATE:
        return sound
    import soxr  # noqa: PLC0415 - only macOS and Windows voices may have another rate

    return np.asarray(soxr.resample(sound, rate, VOICE_RATE), np.float32)


def _trimmed(sound: NDArray[np.float32], tail_seconds: float) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(sound) > np.max(np.abs(sound), initial=0.0) * _SILENCE_SHARE)
    if not len(loud):
        return sound[:0]
    lead, tail = round(_LEAD_SECONDS * VOICE_RATE), round(tail_seconds * VOICE_RATE)
    start, end = max(0, loud[0] - lead), min(len(sound), loud[-1] + 1 + tail)
    trimmed = sound[start:end].copy()
    fade = min(lead, len(trimmed) // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    trimmed[:fade] *= ramp
    trimmed[len(trimmed) - fade :] *= ramp[::-1]
    return trimmed


def _on_beats(words: list[NDArray[np.float32]], beat: float) -> NDArray[np.float32]:
    starts = [round(index * beat * VOICE_RATE) for index in range(len(words) + 1)]
    placed = np.zeros(starts[-1], np.float32)
    for word, start, end in zip(words, starts, starts[1:], strict=False):
        part = word[: end - start]
        placed[start : start + len(part)] = part
    return placed


def _as_int16(sound: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)


def _voice_error(reason: str) -> VoiceError:
    remedy = "sudo apt install espeak-ng" if sys.platform == "linux" else "voice-coach start --text"
    return VoiceError(f"Text-to-speech failed ({reason}).", "The coach cannot speak.", remedy)
