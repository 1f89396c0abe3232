"""The microphone: one input stream, as 16 kHz, mono, 16 bit, in blocks of 10 ms whatever the device gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.devices import port_audio_for_microphone
from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from sounddevice import RawInputStream
    from soxr import ResampleStream

    from voice_coach.audio.devices import StreamFormat

_BLOCK_BYTES = 2 * round(LISTENING_RATE * BLOCK_SECONDS)


class DeviceMicrophone:
    """Listens to a sound device. `voice_coach.audio.devices.open_microphone` makes one.

    Args:
        device: what the device can give.
    """

    def __init__(self, device: StreamFormat) -> None:
        self._device = device
        self._stream: RawInputStream | None = None
        self._resampler: ResampleStream | None = None
        self._pending = b""

    @property
    def is_alive(self) -> bool:
        """False before `start`, and when the device has gone."""
        return self._stream is not None and bool(self._stream.active)

    def start(self, on_block: Callable[[bytes], None]) -> None:
        """Begin to call `on_block` with blocks of 320 bytes.

        It is called on the device's own thread: it must return at once (put the block into a queue) and raise
        nothing.

        Raises:
            MicrophoneError: the device cannot be opened.
        """
        with port_audio_for_microphone() as sounddevice:
            self._open(sounddevice, on_block)

    def close(self) -> None:
        if self._stream is None:
            return
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        self._stream = None

    def _open(self, sounddevice: ModuleType, on_block: Callable[[bytes], None]) -> None:
        plain = self._device.rate == LISTENING_RATE and self._device.channels == 1

        def take(indata: memoryview, _frames: int, _time: object, _status: object) -> None:
            if plain:
                on_block(bytes(indata))
                return
            for block in self._converted(bytes(indata)):
                on_block(block)

        if not plain:
            import soxr  # noqa: PLC0415 - only devices that refuse 16 kHz need it

            self._resampler = soxr.ResampleStream(self._device.rate, LISTENING_RATE, 1, dtype="float32", quality="MQ")
        self._stream = sounddevice.RawInputStream(
            samplerate=self._device.rate,
            blocksize=round(self._device.rate * BLOCK_SECONDS),
            channels=self._device.channels,
            dtype="int16",
            latency="low",
            callback=take,
        )
        self._stream.start()

    def _converted(self, data: bytes) -> list[bytes]:
        frames = np.frombuffer(data, "<i2").reshape(-1, self._device.channels)
        mono = frames.mean(axis=1, dtype=np.float32)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono)
        self._pending += np.clip(np.rint(mono), -32768, 32767).astype("<i2").tobytes()
        whole = len(self._pending) - len(self._pending) % _BLOCK_BYTES
        blocks = [self._pending[start : start + _BLOCK_BYTES] for start in range(0, whole, _BLOCK_BYTES)]
        self._pending = self._pending[whole:]
        return blocks
