"""Finds and opens the sound devices, and says in plain words why it cannot.

The system's default device is used. Under PulseAudio and PipeWire single devices have no name here; the
environment variables PULSE_SINK and PULSE_SOURCE, or the desktop's mixer, choose one.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, NamedTuple

from voice_coach.audio.interfaces import LISTENING_RATE
from voice_coach.audio.quiet import quiet_stderr
from voice_coach.errors import AudioError, MicrophoneError, SpeakerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import ModuleType

    from voice_coach.audio.microphone import DeviceMicrophone
    from voice_coach.audio.player import DeviceSpeaker

_MOST_CHANNELS = 2


class StreamFormat(NamedTuple):
    """How a device takes or gives its sound: int16, frames interleaved.

    Attributes:
        rate: samples per second (Hz).
        channels: 1 or 2.
    """

    rate: int
    channels: int


def open_speaker(rate: int) -> DeviceSpeaker:
    """Open the default loudspeaker for clips of `rate` samples per second (Hz).

    Raises:
        SpeakerError: PortAudio is missing, there is no loudspeaker, or it cannot be opened.
    """
    with _port_audio(SpeakerError, "loudspeaker", "The coach cannot be heard.") as sounddevice:
        from voice_coach.audio.player import DeviceSpeaker  # noqa: PLC0415 - needs numpy

        device = _format(sounddevice, rate, "output", sounddevice.check_output_settings)
        return DeviceSpeaker(rate, device)


def open_microphone() -> DeviceMicrophone:
    """Find the default microphone; its `start` opens it.

    Raises:
        MicrophoneError: PortAudio is missing, or there is no microphone.
    """
    with port_audio_for_microphone() as sounddevice:
        from voice_coach.audio.microphone import DeviceMicrophone  # noqa: PLC0415 - as above

        device = _format(sounddevice, LISTENING_RATE, "input", sounddevice.check_input_settings)
        return DeviceMicrophone(device)


def port_audio_for_microphone() -> AbstractContextManager[ModuleType]:
    """Give the module `sounddevice`; what it raises in the `with` block becomes a `MicrophoneError`."""
    return _port_audio(MicrophoneError, "microphone", "The coach cannot hear you.")


@contextlib.contextmanager
def _port_audio(kind: type[AudioError], name: str, meaning: str) -> Iterator[ModuleType]:
    with quiet_stderr():
        try:
            import sounddevice  # noqa: PLC0415 - takes long, and PortAudio may be missing
        except OSError as error:
            raise kind("The sound library PortAudio is missing.", meaning, _port_audio_remedy()) from error
        try:
            yield sounddevice
        except sounddevice.PortAudioError as error:
            raise kind(_what_happened(name, error), meaning, _device_remedy(name)) from error


def _format(sounddevice: ModuleType, rate: int, direction: str, check: Callable[..., object]) -> StreamFormat:
    device = sounddevice.query_devices(kind=direction)
    channels = min(_MOST_CHANNELS, device[f"max_{direction}_channels"])
    own_rate = round(device["default_samplerate"])
    choices = [StreamFormat(rate, 1), StreamFormat(rate, channels), StreamFormat(own_rate, 1)]
    for choice in choices:
        with contextlib.suppress(sounddevice.PortAudioError):
            check(samplerate=choice.rate, channels=choice.channels, dtype="int16")
            return choice
    return StreamFormat(own_rate, channels)


def _what_happened(name: str, error: Exception) -> str:
    reason = str(error.args[0] if error.args else error).rstrip(".")
    if "querying device" in reason:
        return f"There is no {name}."
    return f"The {name} cannot be opened ({reason})."


def _port_audio_remedy() -> str:
    if sys.platform == "linux":
        return "sudo apt install libportaudio2"
    return "pip install --force-reinstall sounddevice"


def _device_remedy(name: str) -> str:
    if sys.platform == "linux":
        kind = "sinks" if name == "loudspeaker" else "sources"
        return f"pactl list short {kind} (and plug one in), or voice-coach start --text"
    return f"plug in a {name}, or voice-coach start --text"
