"""A made-up room in which the microphone hears the loudspeaker: late, weaker and blurred, and a person over it.

    with SoundRig(EchoRoom(attenuation_db=-6, delay_ms=150, reverberation=0.3)) as rig:
        ...                                  # a program that speaks and listens under rig.environment
        rig.say(Path("stop.flac"))           # somebody speaks in the room

The room is a process between two pipes of the sound server: what the loudspeaker plays goes in at one end, what the
microphone hears comes out at the other. It has no clock of its own, so nothing drifts.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sound = NDArray[np.float32]

RATE = 16_000
"""Samples per second (Hz) in the room; mono."""

COACH_DBFS = -20.0
"""Level of the coach's lines where they leave the program: dB of the root mean square while it sounds."""

VOICE_DBFS = -26.0
"""Level of whoever speaks in the room, at the microphone."""

_BLOCK = 160
_DIRECT_SHARE = 1.0
_TAIL_SHARE = 0.8
"""Loudness of the first sound and of all that follows it, as somebody sits two metres away in a living room."""
_TAIL_BEGINS_SECONDS = 0.0025
_DECAY = 6.9
"""Natural logarithm of 1000: sound is gone when it is 60 dB weaker."""
_SILENCE_SHARE = 0.01
_CHUNK_BYTES = 2 * 16 * _BLOCK
_DRAINED_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class EchoRoom:
    """What a room does to the sound of a loudspeaker on its way to the microphone.

    Attributes:
        attenuation_db: level of the coach at the microphone above the level of a person who speaks, in dB: 0, -6,
            -14, -20. Minus infinity is a headset.
        delay_ms: milliseconds from the loudspeaker to the microphone; the buffers of program and server add theirs.
        reverberation: seconds until a sound has become 60 dB weaker; 0 for a room without echoes.
        noise_dbfs: level of the noise in the room.
        drift_ppm: how much faster the loudspeaker's clock runs than the microphone's, in parts per million; only where
            the room is part of a loop (`EchoLoop`).
        distortion: what a loudspeaker adds to its sound as it bends it: the level up to which it is straight, full
            scale is 1; 0 for none. Also only in a loop.
        place: where the loudspeaker stands: every number is another place, with other reflections.
    """

    attenuation_db: float = -6.0
    delay_ms: float = 40.0
    reverberation: float = 0.3
    noise_dbfs: float = -65.0
    drift_ppm: float = 0.0
    distortion: float = 0.0
    place: int = 11

    @property
    def gain(self) -> float:
        """What a sample of the loudspeaker is multiplied with, all in all."""
        return float(10 ** ((VOICE_DBFS - COACH_DBFS + self.attenuation_db) / 20))

    def response(self) -> Sound:
        """Give what the microphone hears of a single click, without the delay; its energy is that of the gain."""
        length = max(1, round(self.reverberation * RATE))
        times = np.arange(length) / RATE
        tail = np.random.default_rng(self.place).standard_normal(length)
        tail *= np.exp(-_DECAY * times / max(self.reverberation, 1e-9))
        tail[: round(_TAIL_BEGINS_SECONDS * RATE)] = 0
        energy = float(np.sum(tail**2))
        if energy > 0:
            tail *= _TAIL_SHARE / np.sqrt(energy)
        tail[0] = _DIRECT_SHARE
        return np.asarray(tail * self.gain / np.sqrt(np.sum(tail**2)), np.float32)


class Convolver:
    """Lets sound through a room, block by block of 10 ms, without any delay of its own."""

    def __init__(self, response: Sound) -> None:
        count = -(-len(response) // _BLOCK)
        padded = np.zeros(count * _BLOCK, np.float32)
        padded[: len(response)] = response
        self._parts = np.fft.rfft(padded.reshape(count, _BLOCK), 2 * _BLOCK, axis=1)
        self._heard = np.zeros_like(self._parts)
        self._before = np.zeros(_BLOCK, np.float32)

    def change(self, response: Sound) -> None:
        """Be another room from now on, with a response as long as the one before."""
        self._parts = Convolver(response)._parts

    def feed(self, block: Sound) -> Sound:
        """Take 160 samples, and give the 160 that are heard meanwhile."""
        self._heard = np.roll(self._heard, 1, axis=0)
        self._heard[0] = np.fft.rfft(np.concatenate([self._before, block]))
        self._before = block
        spectrum = np.einsum("ij,ij->j", self._heard, self._parts)
        return np.asarray(np.fft.irfft(spectrum)[_BLOCK:], np.float32)


class Delay:
    """Gives every sample so many samples later."""

    def __init__(self, samples: int) -> None:
        self._kept = np.zeros(samples, np.float32)

    def feed(self, sound: Sound) -> Sound:
        joined = np.concatenate([self._kept, sound])
        self._kept = joined[len(sound) :]
        return joined[: len(sound)]


def at_level(sound: Sound, dbfs: float) -> Sound:
    """Give the same sound with this level while it sounds."""
    return sound * np.float32(10 ** ((dbfs - level(sound)) / 20))


def level(sound: Sound) -> float:
    """Give the level in dB while it sounds; full scale is 0."""
    peak = float(np.max(np.abs(sound), initial=0.0))
    if peak == 0:
        return -100.0
    sounding = sound[np.abs(sound) > peak * _SILENCE_SHARE].astype(np.float64)
    return float(10 * np.log10(np.mean(sounding**2)))


def live_in(room: EchoRoom, loudspeaker: BinaryIO, microphone: BinaryIO) -> None:
    """Bring sound from the loudspeaker to the microphone until it ends; read from the standard input what is said.

    `{"ready": time}` says that the room is there. A line `{"say": path, "dbfs": level}` lets somebody speak;
    `{"began": time}` answers it when the first sample leaves for the microphone. Times are of `time.monotonic()`.
    """
    voices: deque[Sound] = deque()
    threading.Thread(target=_listen_for_orders, args=(voices,), daemon=True).start()
    # a block is waited for until it is whole, and pieces of blocks are given on at once: this costs one block
    delay = Delay(max(0, round(room.delay_ms / 1000 * RATE) - _BLOCK))
    convolver = Convolver(room.response())
    noise = np.random.default_rng(12)
    noise_level = 10 ** (room.noise_dbfs / 20)
    waiting, ready = np.zeros(0, np.float32), np.zeros(_BLOCK, np.float32)
    voice: Sound = np.zeros(0, np.float32)
    _drain(loudspeaker)
    _answer({"ready": time.monotonic()})
    while data := loudspeaker.read(_CHUNK_BYTES):
        played = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
        waiting = np.concatenate([waiting, delay.feed(played)])
        while len(waiting) >= _BLOCK:
            ready = np.concatenate([ready, convolver.feed(waiting[:_BLOCK])])
            waiting = waiting[_BLOCK:]
        heard, ready = ready[: len(played)], ready[len(played) :]
        heard = heard + noise.normal(0.0, noise_level, len(heard)).astype(np.float32)
        if not len(voice) and voices:
            voice = voices.popleft()
            _answer({"began": time.monotonic()})
        part, voice = voice[: len(heard)], voice[len(heard) :]
        heard[: len(part)] += part
        microphone.write((np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes())


def _drain(loudspeaker: BinaryIO) -> None:
    """Throw away what was played before anybody listened: it would come all at once."""
    enough = time.monotonic() + _DRAINED_SECONDS
    while time.monotonic() < enough:
        loudspeaker.read(_CHUNK_BYTES)


def _answer(row: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def _listen_for_orders(voices: deque[Sound]) -> None:
    import soundfile  # noqa: PLC0415 - the room itself needs nothing but numpy
    import soxr  # noqa: PLC0415 - as above

    for line in sys.stdin:
        order = json.loads(line)
        samples, rate = soundfile.read(order["say"], dtype="float32", always_2d=True)
        sound = soxr.resample(samples.mean(axis=1), rate, RATE).astype(np.float32)
        voices.append(at_level(sound, order["dbfs"]))


def main(loudspeaker: str, microphone: str, room: str) -> None:
    """Be the process: the names of the two pipes, and the room as JSON."""
    with Path(loudspeaker).open("rb", buffering=0) as source, Path(microphone).open("wb", buffering=0) as target:
        live_in(EchoRoom(**json.loads(room)), source, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
