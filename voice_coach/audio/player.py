"""The loudspeaker: one output stream, opened once, that plays zeros when there is nothing to say."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.audio.mixer import Mixer
from voice_coach.audio.port_audio import begin_stream, end_stream
from voice_coach.audio.resampling import StreamResampler, as_int16
from voice_coach.audio.signs import Ailment, SignsOfLife

if TYPE_CHECKING:
    from sounddevice import RawOutputStream

    from voice_coach.audio.clip import Clip
    from voice_coach.audio.interfaces import OpenDevice, StreamFormat

ReadSamples = Callable[[int], NDArray[np.int16]]
"""Gives so many samples more: int16, mono. It is called on the device's own thread and must return at once."""

_PUMP_SECONDS = 0.02


class OutputStream:
    """A device that is playing. `voice_coach.audio.devices.open_output` makes one.

    Args:
        rate: samples per second (Hz) of what `read` gives.
        read: gives what is played.
        device: how the device wants it; another rate is converted to.

    Attributes:
        format: how the device wants it.

    Raises:
        sounddevice.PortAudioError: the device cannot be opened; `open_output` translates it.
    """

    def __init__(self, rate: int, read: ReadSamples, device: StreamFormat) -> None:
        import sounddevice  # noqa: PLC0415 - PortAudio may be missing

        self.format = device
        self._read = read
        self._rate = rate
        self._resampler = None if rate == device.rate else StreamResampler(rate, device.rate)
        self._pending = np.zeros(0, np.int16)
        self._signs = SignsOfLife(time.monotonic())
        self._stream: RawOutputStream | None = begin_stream(
            lambda: sounddevice.RawOutputStream(
                device=device.device,
                samplerate=device.rate,
                blocksize=round(device.rate * BLOCK_SECONDS),
                channels=device.channels,
                dtype="int16",
                latency="low",
                callback=self._fill,
            )
        )
        delay = self._resampler.delay if self._resampler else 0.0
        self.latency = (0.0 if self._stream is None else float(self._stream.latency)) + delay
        """Seconds from a sample's reading until it is heard, as the device reports them."""

    @property
    def is_proven(self) -> bool:
        """It has worked since it was opened."""
        return self._signs.ever_sounded

    def ailment(self) -> Ailment | None:
        """Tell what is wrong with the device; None where nothing is."""
        if self._stream is None or not self._stream.active:
            return Ailment.STOPPED
        return self._signs.ailment(time.monotonic())

    def close(self) -> None:
        """Stop and free the device. Safe to call twice."""
        stream, self._stream = self._stream, None
        if stream is not None:
            end_stream(stream)

    def _fill(self, outdata: memoryview, frames: int, _time: object, _status: object) -> None:
        self._signs.saw(time.monotonic(), sounding=True)
        samples = self._read(frames) if self._resampler is None else self._resampled(self._resampler, frames)
        if self.format.channels > 1:
            samples = np.repeat(samples, self.format.channels)
        outdata[:] = samples.tobytes()

    def _resampled(self, resampler: StreamResampler, frames: int) -> NDArray[np.int16]:
        samples = self._pending
        while len(samples) < frames:
            missing = frames - len(samples)
            wanted = max(1, -(-missing * self._rate // self.format.rate))
            samples = np.concatenate([samples, as_int16(resampler.feed(self._read(wanted)))])
        self._pending = samples[frames:]
        return samples[:frames]


class _Ended(NamedTuple):
    heard_at: float
    turn: int
    on_end: Callable[[], None]


class DeviceSpeaker:
    """Plays clips on a sound device. `voice_coach.audio.devices.open_speaker` makes one.

    The stream is never stopped between lines: stopping waits until its buffers are empty, longer than the
    silence after a command may take. Its callback only mixes and queues; a small thread calls `on_end` when
    the last sample has passed the device's buffers, so that "ended" means "heard".

    Without a device it plays to nobody, in the time that it would take: a session goes on as planned, and a
    device that comes back plays on from there.

    Args:
        rate: samples per second (Hz) of the clips.
    """

    def __init__(self, rate: int) -> None:
        self._mixer = Mixer(rate)
        self.on_played: Callable[[NDArray[np.int16]], None] = lambda _samples: None
        """Gets every block that is played, on the device's own thread: it must return at once."""
        self._turn = 0
        self._stream: OpenDevice | None = None
        self._ended: queue.SimpleQueue[_Ended | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._pumped_at = time.monotonic()
        self._notifier = threading.Thread(target=self._notify, name="speaker", daemon=True)
        self._notifier.start()

    @property
    def rate(self) -> int:
        return self._mixer.rate

    @property
    def latency(self) -> float:
        """Seconds from a sample's mixing until it is heard, as the device reports them."""
        stream = self._stream
        return stream.latency if stream is not None else 0.0

    @property
    def is_speaking(self) -> bool:
        """A line has begun and not all of it has been taken."""
        return self._mixer.speech_left is not None

    @property
    def stream(self) -> OpenDevice | None:
        """The device it plays on; None where it plays to nobody."""
        return self._stream

    def read(self, frames: int) -> NDArray[np.int16]:
        """Take the next samples, as a device does."""
        samples = self._mixer.read(frames)
        self.on_played(samples)
        return samples

    def plug_in(self, stream: OpenDevice) -> None:
        """Play on `stream`, which reads from here, from now on."""
        self._stream = stream
        self._ended.put(None)

    def unplug(self) -> None:
        """Close the device and play to nobody."""
        stream, self._stream = self._stream, None
        self._pumped_at = time.monotonic()
        self._ended.put(None)
        if stream is not None:
            stream.close()

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        self._turn += 1
        turn = self._turn
        self._mixer.say(clip, lambda: self._last_sample_taken(turn, on_end))

    def chime(self, clip: Clip) -> None:
        self._mixer.chime(clip)

    def hush(self) -> None:
        self._turn += 1
        self._mixer.hush()

    @property
    def progress(self) -> tuple[str, float] | None:
        """See `Speech.progress`."""
        return self._mixer.progress

    def give_way(self, *, pause: bool = True) -> None:
        """See `Speech.give_way`."""
        self._mixer.give_way(pause=pause)

    def go_on(self) -> None:
        """See `Speech.go_on`."""
        self._mixer.go_on()

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        if self._stream is not None:
            self._stream.close()
        self._ended.put(None)
        if threading.current_thread() is not self._notifier:
            self._notifier.join()

    def _last_sample_taken(self, turn: int, on_end: Callable[[], None]) -> None:
        self._ended.put(_Ended(time.monotonic() + self.latency, turn, on_end))

    def _notify(self) -> None:
        while not self._closing.is_set():
            ended = self._next_end()
            if ended is None:
                continue
            if self._closing.wait(max(0.0, ended.heard_at - time.monotonic())):
                return
            if ended.turn == self._turn:
                ended.on_end()

    def _next_end(self) -> _Ended | None:
        """Wait for the end of a line; where there is no device, take the samples in its place meanwhile."""
        if self._stream is not None:
            return self._ended.get()
        now = time.monotonic()
        frames = int((now - self._pumped_at) * self.rate)
        self._pumped_at += frames / self.rate
        self._mixer.read(frames)
        try:
            return self._ended.get(timeout=_PUMP_SECONDS)
        except queue.Empty:
            return None
