"""PortAudio, and what it says when it cannot: in plain words, and never on the screen."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING

from voice_coach.audio.quiet import quiet_stderr
from voice_coach.errors import AudioError, MicrophoneError, SpeakerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

_LOCK = threading.RLock()
"""PortAudio has one state for the whole process, and the environment is read while a stream is opened."""


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
        except (sounddevice.PortAudioError, ValueError) as error:
            raise kind(_what_happened(name, error), meaning, device_remedy(name)) from error


def start_afresh() -> None:
    """Let PortAudio look for devices again: it knows those that were there when it began.

    No stream may be open: PortAudio would drop it, and the program crash.

    Raises:
        AudioError: PortAudio cannot begin again.
    """
    with port_audio(AudioError) as sounddevice:
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
