"""Plays and hears through a sound server itself: PulseAudio, or PipeWire in its place.

PortAudio knows no such server. It gets there through ALSA, and where the server dies at the wrong moment, PortAudio
19.6 goes round in a circle that nothing ends: it takes a whole core, and every call that closes the stream waits for
ever. Here, a server that dies ends a stream, and one that hangs holds up nothing but the stream's own thread, which is
left behind then.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE, StreamFormat
from voice_coach.audio.signs import Ailment, SignsOfLife

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

_LIBRARIES = ("libpulse.so.0", "libpulse-simple.so.0")
_PLAYBACK, _RECORD = 1, 2
_INT16 = 3
_NO_LIMIT = 0xFFFFFFFF

_OPEN_SECONDS = 3.0
_CLOSE_SECONDS = 0.3
_OUTPUT_SECONDS = 0.03
"""How much sound lies between a write and the loudspeaker's own buffer."""
_INPUT_SECONDS = 2 * BLOCK_SECONDS
"""How much sound a microphone gives at a time: to wake up for each block of 10 ms costs twice as much."""
_SETTLED_AFTER = 20
"""Writes after which the server knows how late the sound is."""
_UNKNOWN = 2**64 - 1
"""Microseconds that stand for an error."""


class PulseError(Exception):
    """The server is not there, does not answer, or has no such device; the message says which."""


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _BufferSizes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize"))


class _Libraries:
    """The C functions of PulseAudio's clients that are used here."""

    def __init__(self) -> None:
        general, simple = (ctypes.CDLL(name) for name in _LIBRARIES)
        text, number, pointer = ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p
        self.strerror = general.pa_strerror
        self.strerror.restype, self.strerror.argtypes = text, [number]
        self.new = simple.pa_simple_new
        self.new.restype = pointer
        self.new.argtypes = [text, text, number, text, text, pointer, pointer, pointer, pointer]
        self.free = simple.pa_simple_free
        self.free.restype, self.free.argtypes = None, [pointer]
        self.latency = simple.pa_simple_get_latency
        self.latency.restype, self.latency.argtypes = ctypes.c_uint64, [pointer, pointer]
        self.write, self.read = simple.pa_simple_write, simple.pa_simple_read
        for move in (self.write, self.read):
            move.restype, move.argtypes = number, [pointer, pointer, ctypes.c_size_t, pointer]

    def reason(self, error: ctypes.c_int) -> str:
        """Give what an error number means, in the server's words."""
        message: bytes = self.strerror(error.value) or b"unknown"
        return message.decode(errors="replace")


@cache
def _libraries() -> _Libraries | None:
    if sys.platform != "linux":
        return None
    try:
        return _Libraries()
    except (OSError, AttributeError):
        return None


def can_stream() -> bool:
    """Tell whether the libraries for this are here; whether there is a server is another question."""
    return _libraries() is not None


class _PulseStream(ABC):
    """A stream with a thread of its own.

    Args:
        rate: samples per second (Hz); int16, mono. The server converts.
        device: the server's name of the device; None is its own choice.

    Raises:
        PulseError: it cannot be opened.
    """

    _direction: ClassVar[int]
    _name: ClassVar[str]

    def __init__(self, rate: int, device: str | None) -> None:
        self.format = StreamFormat(rate, 1)
        self._device = device
        self._signs = SignsOfLife(time.monotonic())
        self._refused = ""
        self._opened = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        if not self._opened.wait(_OPEN_SECONDS):
            self._closing.set()
            raise PulseError("the sound server does not answer")
        if self._refused:
            raise PulseError(self._refused)

    @property
    def is_proven(self) -> bool:
        """It has worked since it was opened."""
        return self._signs.ever_sounded

    def ailment(self) -> Ailment | None:
        """Tell what is wrong with the device; None where nothing is."""
        return self._signs.ailment(time.monotonic()) if self._thread.is_alive() else Ailment.STOPPED

    def close(self) -> None:
        """Stop, and free the device; where the server hangs, leave it to the stream's thread. Safe to call twice."""
        self._closing.set()
        self._thread.join(_CLOSE_SECONDS)

    @property
    @abstractmethod
    def _sizes(self) -> _BufferSizes: ...

    @abstractmethod
    def _move(self, libraries: _Libraries, stream: int, error: ctypes.c_int) -> bool:
        """Move the next sound; False where the server is gone."""

    def _run(self) -> None:
        libraries, error = _libraries(), ctypes.c_int()
        stream = None if libraries is None else self._connect(libraries, error)
        if libraries is None or stream is None:
            self._refused = "no library for sound servers" if libraries is None else libraries.reason(error)
            self._opened.set()
            return
        self._opened.set()
        while not self._closing.is_set() and self._move(libraries, stream, error):
            pass
        libraries.free(stream)

    def _connect(self, libraries: _Libraries, error: ctypes.c_int) -> int | None:
        spec = _SampleSpec(_INT16, self.format.rate, self.format.channels)
        device = None if self._device is None else self._device.encode()
        stream: int | None = libraries.new(
            None,
            b"voice-coach",
            self._direction,
            device,
            self._name.encode(),
            ctypes.byref(spec),
            None,
            ctypes.byref(self._sizes),
            ctypes.byref(error),
        )
        return stream

    def _bytes(self, seconds: float) -> int:
        return 2 * round(self.format.rate * seconds)


class PulseOutput(_PulseStream):
    """A loudspeaker of a sound server.

    Args:
        rate: samples per second (Hz) of what `read` gives.
        read: gives so many samples more (int16), from the stream's own thread.
        device: the server's name of it; None is its own choice.

    Raises:
        PulseError: it cannot be opened.
    """

    _direction = _PLAYBACK
    _name = "coach"

    def __init__(self, rate: int, read: Callable[[int], NDArray[np.int16]], device: str | None = None) -> None:
        self._read = read
        self._moves = 0
        self.latency = _OUTPUT_SECONDS
        """Seconds from a sample's reading until it is heard, as the server reports them."""
        super().__init__(rate, device)

    @property
    def _sizes(self) -> _BufferSizes:
        block = self._bytes(BLOCK_SECONDS)
        return _BufferSizes(_NO_LIMIT, self._bytes(_OUTPUT_SECONDS), block, block, _NO_LIMIT)

    def _move(self, libraries: _Libraries, stream: int, error: ctypes.c_int) -> bool:
        sound = self._read(round(self.format.rate * BLOCK_SECONDS)).astype("<i2").tobytes()
        if libraries.write(stream, sound, len(sound), ctypes.byref(error)) < 0:
            return False
        self._signs.saw(time.monotonic(), sounding=True)
        self._moves += 1
        if self._moves == _SETTLED_AFTER:
            microseconds = libraries.latency(stream, ctypes.byref(error))
            if microseconds == _UNKNOWN:
                return False
            self.latency = microseconds / 1e6
        return True


class PulseInput(_PulseStream):
    """A microphone of a sound server.

    Args:
        on_block: gets every block of 320 bytes (10 ms, 16 kHz, mono, int16), from the stream's own thread.
        device: the server's name of it; None is its own choice.

    Raises:
        PulseError: it cannot be opened.
    """

    _direction = _RECORD
    _name = "ear"

    def __init__(self, on_block: Callable[[bytes], None], device: str | None = None) -> None:
        self._on_block = on_block
        self._buffer = ctypes.create_string_buffer(2 * round(LISTENING_RATE * _INPUT_SECONDS))
        self.latency = _INPUT_SECONDS
        """Seconds from a sound until its block is there, at the least."""
        super().__init__(LISTENING_RATE, device)

    @property
    def zeros_seconds(self) -> float:
        """How long it may give nothing but zeros until that is an ailment."""
        return self._signs.zeros_seconds

    @zeros_seconds.setter
    def zeros_seconds(self, seconds: float) -> None:
        self._signs.zeros_seconds = seconds

    @property
    def _sizes(self) -> _BufferSizes:
        return _BufferSizes(_NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, self._bytes(_INPUT_SECONDS))

    def _move(self, libraries: _Libraries, stream: int, error: ctypes.c_int) -> bool:
        if libraries.read(stream, self._buffer, len(self._buffer), ctypes.byref(error)) < 0:
            return False
        sound = self._buffer.raw
        self._signs.saw(time.monotonic(), sounding=sound.count(0) != len(sound))
        size = self._bytes(BLOCK_SECONDS)
        for start in range(0, len(sound), size):
            self._on_block(sound[start : start + size])
        return True
