"""PortAudio, and what it says when it cannot: in plain words, and never on the screen."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from voice_coach.audio.quiet import quiet_stderr
from voice_coach.errors import AudioError, MicrophoneError, SpeakerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

_T = TypeVar("_T")

OPEN_SECONDS = 5.0
"""How long a device may take to open."""
CLOSE_SECONDS = 1.0
"""How long it may take to close; it takes some 5 ms."""

_LOCK = threading.RLock()
"""PortAudio has one state for the whole process, and the environment is read while a stream is opened."""
_LEFT_BEHIND: list[threading.Thread] = []
"""Threads in calls of PortAudio that had not come back in time; as long as one is in there, it cannot begin afresh."""


class Stream(Protocol):
    """A stream of PortAudio, as far as it is used here."""

    def start(self) -> None: ...

    def abort(self, *, ignore_errors: bool) -> None: ...

    def close(self, *, ignore_errors: bool) -> None: ...


_S = TypeVar("_S", bound=Stream)


class NoAnswerError(Exception):
    """PortAudio has not come back in time."""


def answer_within(seconds: float, call: Callable[[], _T], late: Callable[[_T], object]) -> _T:
    """Give what `call` gives, and raise what it raises.

    Drivers hang, and a call into PortAudio then never comes back. It is left behind with a thread of its own, and
    PortAudio is not ended politely when the program ends: that would wait for it as well.

    Args:
        seconds: how long to wait.
        call: calls PortAudio.
        late: gets what `call` gives after that, in its thread.

    Raises:
        NoAnswerError: it has not come back in so many seconds.
    """
    call_of = _Call(call, late)
    call_of.thread.start()
    call_of.thread.join(seconds)
    with call_of.lock:
        if call_of.is_over:
            return call_of.outcome()
        call_of.is_late = True
    _LEFT_BEHIND.append(call_of.thread)
    never_end_politely()
    raise NoAnswerError("it does not answer")


class _Call(Generic[_T]):
    def __init__(self, call: Callable[[], _T], late: Callable[[_T], object]) -> None:
        self._call, self._late = call, late
        self._given: list[_T] = []
        self._raised: Exception | None = None
        self.lock = threading.Lock()
        self.is_over = False
        self.is_late = False
        self.thread = threading.Thread(target=self._run, name="PortAudio", daemon=True)

    def outcome(self) -> _T:
        if self._raised is not None:
            raise self._raised
        return self._given[0]

    def _run(self) -> None:
        try:
            self._given.append(self._call())
        except Exception as error:  # noqa: BLE001 - it is raised where the call is waited for
            self._raised = error
        with self.lock:
            self.is_over = True
        if self.is_late and self._given:
            self._late(self._given[0])


def end_stream(stream: Stream) -> None:
    """Stop a stream at once, and free its device; where PortAudio hangs, leave it."""
    with contextlib.suppress(NoAnswerError):
        answer_within(CLOSE_SECONDS, lambda: _end(stream), lambda _nothing: None)


def begin_stream(open_stream: Callable[[], _S]) -> _S:
    """Open a stream and start it.

    Raises:
        NoAnswerError: that takes too long; where it succeeds in the end, it is ended again.
    """

    def begin() -> _S:
        stream = open_stream()
        stream.start()
        return stream

    return answer_within(OPEN_SECONDS, begin, _end)


def _end(stream: Stream) -> None:
    stream.abort(ignore_errors=True)
    stream.close(ignore_errors=True)


@contextlib.contextmanager
def port_audio(kind: type[AudioError]) -> Iterator[ModuleType]:
    """Give the module `sounddevice`; what PortAudio raises in the `with` block becomes an error of `kind`.

    One thread at a time is in such a block.
    """
    name, meaning = _NAMES.get(kind, _NAMES[SpeakerError])
    with _LOCK, quiet_stderr():
        try:
            import sounddevice  # noqa: PLC0415 - takes long, and PortAudio may be missing
        except OSError as error:
            raise kind("The sound library PortAudio is missing.", meaning, _library_remedy()) from error
        try:
            yield sounddevice
        except (sounddevice.PortAudioError, ValueError, NoAnswerError) as error:
            raise kind(_what_happened(name, error), meaning, device_remedy(name)) from error


def start_afresh() -> None:
    """Let PortAudio look for devices again: it knows those that were there when it began.

    No stream may be open: PortAudio would drop it, and the program crash.

    Raises:
        AudioError: PortAudio cannot begin again.
    """
    with port_audio(AudioError) as sounddevice:
        if any(thread.is_alive() for thread in _LEFT_BEHIND):
            raise NoAnswerError("it does not answer")
        sounddevice._terminate()  # noqa: SLF001 - there is no public name for it
        sounddevice._initialize()  # noqa: SLF001 - as above


def never_end_politely() -> None:
    """Leave PortAudio as it is when the program ends: a stream that hangs would hang the end of the program too."""
    sounddevice = sys.modules.get("sounddevice")
    if sounddevice is not None:
        import atexit  # noqa: PLC0415 - next to never needed

        atexit.unregister(sounddevice._exit_handler)  # noqa: SLF001 - there is no public name for it


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables, which sound servers' libraries read while a stream is opened."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def device_remedy(name: str) -> str:
    """Give the command that helps where the "microphone" or the "loudspeaker" cannot be opened."""
    if sys.platform == "linux":
        kind = "sinks" if name == "loudspeaker" else "sources"
        return f"pactl list short {kind} (and plug one in), or voice-coach start --text"
    return f"plug in a {name}, or voice-coach start --text"


_NAMES: dict[type[AudioError], tuple[str, str]] = {
    SpeakerError: ("loudspeaker", "The coach cannot be heard."),
    MicrophoneError: ("microphone", "The coach cannot hear you."),
}


def _what_happened(name: str, error: Exception) -> str:
    reason = str(error.args[0] if error.args else error).rstrip(".")
    if "querying device" in reason:
        return f"There is no {name}."
    return f"The {name} cannot be opened ({reason})."


def _library_remedy() -> str:
    if sys.platform == "linux":
        return "sudo apt install libportaudio2"
    return "pip install --force-reinstall sounddevice"
