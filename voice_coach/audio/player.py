"""The loudspeaker: one output stream, opened once, that plays zeros when there is nothing to say."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from voice_coach.audio.clip import Clip
from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.audio.mixer import Mixer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sounddevice import RawOutputStream

    from voice_coach.audio.devices import StreamFormat


class _Ended(NamedTuple):
    heard_at: float
    turn: int
    on_end: Callable[[], None]


class DeviceSpeaker:
    """Plays clips on a sound device. `voice_coach.audio.devices.open_speaker` makes one.

    The stream is never stopped between lines: stopping waits until its buffers are empty, longer than the
    silence after a command may take. Its callback only mixes and queues; a small thread calls `on_end` when
    the last sample has passed the device's buffers, so that "ended" means "heard".

    Args:
        rate: samples per second (Hz) of the clips.
        device: how the device wants its sound; clips are resampled when its rate is another.

    Raises:
        sounddevice.PortAudioError: the device cannot be opened; `open_speaker` translates it.
    """

    def __init__(self, rate: int, device: StreamFormat) -> None:
        import sounddevice  # noqa: PLC0415 - PortAudio may be missing

        self._rate = rate
        self._device = device
        self._mixer = Mixer(device.rate)
        self._turn = 0
        self._latency = 0.0
        self._ended: queue.SimpleQueue[_Ended | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._stream: RawOutputStream = sounddevice.RawOutputStream(
            samplerate=device.rate,
            blocksize=round(device.rate * BLOCK_SECONDS),
            channels=device.channels,
            dtype="int16",
            latency="low",
            callback=self._fill,
        )
        self._stream.start()
        self._latency = float(self._stream.latency)
        self._notifier = threading.Thread(target=self._notify, name="speaker", daemon=True)
        self._notifier.start()

    @property
    def rate(self) -> int:
        return self._rate

    @property
    def latency(self) -> float:
        """Seconds from a sample's mixing until it is heard, as the device reports them."""
        return self._latency

    @property
    def is_alive(self) -> bool:
        """False when the device has gone and nothing is heard any more."""
        return not self._closing.is_set() and bool(self._stream.active)

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        self._turn += 1
        turn = self._turn
        self._mixer.say(self._fitting(clip), lambda: self._last_sample_taken(turn, on_end))

    def chime(self, clip: Clip) -> None:
        self._mixer.chime(self._fitting(clip))

    def hush(self) -> None:
        self._turn += 1
        self._mixer.hush()

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        self._ended.put(None)
        if threading.current_thread() is not self._notifier:
            self._notifier.join()

    def _fill(self, outdata: memoryview, frames: int, _time: object, _status: object) -> None:
        samples = self._mixer.read(frames)
        if self._device.channels > 1:
            samples = np.repeat(samples, self._device.channels)
        outdata[:] = samples.tobytes()

    def _last_sample_taken(self, turn: int, on_end: Callable[[], None]) -> None:
        self._ended.put(_Ended(time.monotonic() + self._latency, turn, on_end))

    def _notify(self) -> None:
        while (ended := self._ended.get()) is not None:
            if self._closing.wait(max(0.0, ended.heard_at - time.monotonic())):
                return
            if ended.turn == self._turn:
                ended.on_end()

    def _fitting(self, clip: Clip) -> Clip:
        if clip.rate == self._device.rate:
            return clip
        import soxr  # noqa: PLC0415 - only devices that refuse the voice's rate need it

        return Clip(soxr.resample(clip.samples, clip.rate, self._device.rate), self._device.rate)
