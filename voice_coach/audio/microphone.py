"""The microphone: one input stream, as 16 kHz, mono, 16 bit, in blocks of 10 ms whatever the device gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE
from voice_coach.audio.port_audio import begin_stream, end_stream
from voice_coach.audio.resampling import StreamResampler, as_int16
from voice_coach.audio.signs import Ailment, SignsOfLife

if TYPE_CHECKING:
    from sounddevice import RawInputStream

    from voice_coach.audio.interfaces import StreamFormat

OnBlock = Callable[[bytes], None]
"""Takes a block of 320 bytes, on the device's own thread: it must return at once and raise nothing."""

_BLOCK_BYTES = 2 * round(LISTENING_RATE * BLOCK_SECONDS)


class BlockConverter:
    """Turns frames of any rate and number of channels into blocks of 10 ms, 16 kHz, mono.

    Args:
        rate: samples per second (Hz) that come in.
        channels: interleaved ones that come in; they are averaged.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._resampler = None if rate == LISTENING_RATE else StreamResampler(rate, LISTENING_RATE)
        self._plain = self._resampler is None and channels == 1
        self._pending = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take int16 frames, and give the blocks that they complete."""
        if self._plain and not self._pending and len(data) == _BLOCK_BYTES:
            return [data]
        mono = np.frombuffer(data, "<i2").reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        if self._resampler is not None:
            mono = self._resampler.feed(mono)
        self._pending += as_int16(mono).astype("<i2").tobytes()
        whole = len(self._pending) - len(self._pending) % _BLOCK_BYTES
        blocks = [self._pending[start : start + _BLOCK_BYTES] for start in range(0, whole, _BLOCK_BYTES)]
        self._pending = self._pending[whole:]
        return blocks


class InputStream:
    """A device that is being heard. `voice_coach.audio.devices.open_input` makes one.

    Args:
        on_block: gets every block.
        device: what the device gives.

    Attributes:
        format: what the device gives.

    Raises:
        sounddevice.PortAudioError: the device cannot be opened; `open_input` translates it.
    """

    def __init__(self, on_block: OnBlock, device: StreamFormat) -> None:
        import sounddevice  # noqa: PLC0415 - PortAudio may be missing

        self.format = device
        self._on_block = on_block
        self._converter = BlockConverter(device.rate, device.channels)
        self._signs = SignsOfLife(time.monotonic())
        self._stream: RawInputStream | None = begin_stream(
            lambda: sounddevice.RawInputStream(
                device=device.device,
                samplerate=device.rate,
                blocksize=round(device.rate * BLOCK_SECONDS),
                channels=device.channels,
                dtype="int16",
                latency="low",
                callback=self._take,
            )
        )

    @property
    def latency(self) -> float:
        """Seconds from a sound until its block is there, as the device reports them."""
        return float(self._stream.latency) if self._stream is not None else 0.0

    @property
    def zeros_seconds(self) -> float:
        """How long it may give nothing but zeros until that is an ailment."""
        return self._signs.zeros_seconds

    @zeros_seconds.setter
    def zeros_seconds(self, seconds: float) -> None:
        self._signs.zeros_seconds = seconds

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

    def _take(self, indata: memoryview, _frames: int, _time: object, _status: object) -> None:
        data = bytes(indata)
        self._signs.saw(time.monotonic(), sounding=data.count(0) != len(data))
        for block in self._converter.feed(data):
            self._on_block(block)
