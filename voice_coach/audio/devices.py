"""Finds sound devices, by part of their names too, and opens them.

Under PulseAudio and PipeWire the devices are those of the server, and are opened through it. Elsewhere they are
PortAudio's. Where the server's client libraries are missing, PortAudio reaches the server through one device of its
own, and which of the server's it is then stands in an environment variable while a stream is opened.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from voice_coach.audio.interfaces import LISTENING_RATE, StreamFormat
from voice_coach.audio.port_audio import OPEN_SECONDS, answer_within, device_remedy, environment, port_audio
from voice_coach.audio.pulse import ask_server
from voice_coach.audio.pulse_streams import PulseError, PulseInput, PulseOutput, can_stream
from voice_coach.errors import AudioError, MicrophoneError, SpeakerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from voice_coach.audio.interfaces import OpenDevice, OpenMicrophone
    from voice_coach.audio.microphone import OnBlock
    from voice_coach.audio.player import DeviceSpeaker, ReadSamples
    from voice_coach.audio.pulse import ServerDevice, ServerView

Kind = Literal["microphone", "loudspeaker"]

_MOST_CHANNELS = 2
_SERVER_VARIABLES: dict[Kind, tuple[str, str]] = {
    "microphone": ("PULSE_SOURCE", "PIPEWIRE_NODE"),
    "loudspeaker": ("PULSE_SINK", "PIPEWIRE_NODE"),
}
"""What PulseAudio's library and PipeWire's own plugin read when a stream is opened."""
_SERVER_DOORS = ("pulse", "default")
"""The names under which PortAudio may reach a sound server, the better one first."""
_ALIASES = frozenset({"pulse", "pipewire", "default", "sysdefault", "dmix", "jack", "oss"})
"""Names that ALSA gives to whatever is the usual device."""
_ERRORS: dict[Kind, type[AudioError]] = {"microphone": MicrophoneError, "loudspeaker": SpeakerError}
_MEANINGS: dict[Kind, str] = {
    "microphone": "The coach cannot hear you.",
    "loudspeaker": "The coach cannot be heard.",
}


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or a loudspeaker.

    Attributes:
        name: what it is chosen by, whole or in part.
        description: what people call it.
        system: what offers it, as "PulseAudio 16.1" or "Core Audio".
        rate: its own samples per second (Hz); None where a sound server converts them.
        channels: how many it has.
        is_default: the system takes it where none is chosen.
        is_real: it hears a room, or is heard in one: no monitor of a loudspeaker, no dummy.
        is_muted: the mixer has silenced it.
        of_server: it is reached through a sound server.
    """

    kind: Kind
    name: str
    description: str
    system: str
    rate: int | None
    channels: int
    is_default: bool = False
    is_real: bool = True
    is_muted: bool = False
    of_server: bool = False


def list_devices(kind: Kind, view: ServerView | None = None) -> list[Device]:
    """Give the devices of one kind, those of a sound server first.

    Args:
        kind: which.
        view: what the sound server said last; it is asked where this is None.

    Raises:
        AudioError: PortAudio is missing, and there is none of a sound server.
    """
    view = view or ask_server()
    devices = [] if view is None else devices_of_server(kind, view)
    try:
        with port_audio(_ERRORS[kind]) as sounddevice:
            direct = _of_port_audio(kind, sounddevice)
    except AudioError:
        if devices and can_stream():
            return devices
        raise
    if devices:
        direct = [device for device in direct if device.description not in _ALIASES]
    return devices + direct


def choose(part: str, devices: Sequence[Device], kind: Kind) -> Device:
    """Give the device whose name is `part`, or has it in its name or description.

    A device that is no monitor of a loudspeaker comes before one that is.

    Raises:
        AudioError: there is none, or more than one.
    """
    wanted = part.casefold()
    matching = [device for device in devices if wanted in f"{device.name}\n{device.description}".casefold()]
    exact = [device for device in matching if wanted in (device.name.casefold(), device.description.casefold())]
    for candidates in (exact, [d for d in matching if d.is_real and d.of_server], [d for d in matching if d.is_real]):
        if len(candidates) == 1:
            return candidates[0]
    if len(matching) == 1:
        return matching[0]
    if matching:
        names = ", ".join(sorted({device.name for device in matching}))
        raise _ERRORS[kind](f'More than one {kind} has "{part}" in its name: {names}.', _MEANINGS[kind], _LIST)
    raise _ERRORS[kind](f'There is no {kind} with "{part}" in its name.', _MEANINGS[kind], _LIST)


def find_device(kind: Kind, part: str | None, view: ServerView | None = None) -> Device | None:
    """Give the device to open: the chosen one, or None for the system's own choice.

    Raises:
        AudioError: the chosen one is not there, or there is none at all.
    """
    if part is not None:
        return choose(part, list_devices(kind, view), kind)
    view = view or ask_server()
    if view is None or any(os.environ.get(name) for name in _SERVER_VARIABLES[kind]):
        return None
    real = [device for device in devices_of_server(kind, view) if device.is_real]
    if not real:
        raise _ERRORS[kind](f"There is no {kind}.", _MEANINGS[kind], device_remedy(kind))
    # where the default is the monitor of the loudspeaker, the coach would hear nobody but itself
    return None if any(device.is_default for device in real) else real[0]


def open_speaker(rate: int, device: Device | None = None) -> DeviceSpeaker:
    """Open a loudspeaker, the default one unless `device` is given, for clips of `rate` samples per second (Hz).

    Raises:
        SpeakerError: PortAudio is missing, there is no loudspeaker, or it cannot be opened.
    """
    from voice_coach.audio.player import DeviceSpeaker  # noqa: PLC0415 - needs numpy

    speaker = DeviceSpeaker(rate)
    try:
        speaker.plug_in(open_output(rate, speaker.read, device))
    except SpeakerError:
        speaker.close()
        raise
    return speaker


def open_output(rate: int, read: ReadSamples, device: Device | None = None) -> OpenDevice:
    """Begin to play what `read` gives, at `rate` samples per second (Hz).

    Raises:
        SpeakerError: as `open_speaker`.
    """
    if _may_be_of_server(device):
        try:
            return PulseOutput(rate, read, None if device is None else device.name)
        except PulseError as error:
            _give_up_on(device, error, SpeakerError)
    with port_audio(SpeakerError) as sounddevice, environment(_chosen_on_server(device)):
        from voice_coach.audio.player import OutputStream  # noqa: PLC0415 - needs numpy

        return OutputStream(rate, read, _format(sounddevice, rate, "loudspeaker", device))


def open_input(on_block: OnBlock, device: Device | None = None) -> OpenMicrophone:
    """Begin to hear, in blocks of 320 bytes (10 ms, 16 kHz, mono, int16).

    Raises:
        MicrophoneError: PortAudio is missing, there is no microphone, or it cannot be opened.
    """
    if _may_be_of_server(device):
        try:
            return PulseInput(on_block, None if device is None else device.name)
        except PulseError as error:
            _give_up_on(device, error, MicrophoneError)
    with port_audio(MicrophoneError) as sounddevice, environment(_chosen_on_server(device)):
        from voice_coach.audio.microphone import InputStream  # noqa: PLC0415 - needs numpy

        return InputStream(on_block, _format(sounddevice, LISTENING_RATE, "microphone", device))


def _may_be_of_server(device: Device | None) -> bool:
    return (device is None or device.of_server) and can_stream()


def _give_up_on(device: Device | None, reason: Exception, kind: type[AudioError]) -> None:
    """Raise where a device of the server was asked for; else there may be others, without a server."""
    if device is not None:
        what = f"The {device.kind} {device.description} cannot be opened ({reason})."
        raise kind(what, _MEANINGS[device.kind], _LIST) from reason


_LIST = "voice-coach devices"


def devices_of_server(kind: Kind, view: ServerView) -> list[Device]:
    """Give the devices of one kind that a sound server has."""
    devices = view.microphones if kind == "microphone" else view.loudspeakers
    default = view.default_microphone if kind == "microphone" else view.default_loudspeaker
    return [_server_device(kind, device, view.server, default) for device in devices]


def _server_device(kind: Kind, device: ServerDevice, server: str, default: str) -> Device:
    return Device(
        kind=kind,
        name=device.name,
        description=device.description,
        system=server,
        rate=None,
        channels=device.channels,
        is_default=device.name == default,
        is_real=device.is_real,
        is_muted=device.is_muted,
        of_server=True,
    )


def _of_port_audio(kind: Kind, sounddevice: ModuleType) -> list[Device]:
    direction = _direction(kind)
    systems = sounddevice.query_hostapis()
    found = []
    for device in sounddevice.query_devices():
        if device[f"max_{direction}_channels"] > 0:
            system = systems[device["hostapi"]]
            found.append(
                Device(
                    kind=kind,
                    name=_whole_name(device["name"], system["name"]),
                    description=device["name"],
                    system=system["name"],
                    rate=round(device["default_samplerate"]),
                    channels=device[f"max_{direction}_channels"],
                    is_default=device["index"] == sounddevice.default.device[direction],
                )
            )
    return found


def _whole_name(name: str, system: str) -> str:
    """Windows offers each device through several systems, under the same name."""
    return f"{name}, {system}"


def _format(sounddevice: ModuleType, rate: int, kind: Kind, device: Device | None) -> StreamFormat:
    direction = _direction(kind)
    check = sounddevice.check_input_settings if kind == "microphone" else sounddevice.check_output_settings
    number = _number(sounddevice, kind, device)
    about = sounddevice.query_devices(number, kind=direction)
    channels = min(_MOST_CHANNELS, about[f"max_{direction}_channels"])
    own_rate = round(about["default_samplerate"])
    choices = [StreamFormat(rate, 1), StreamFormat(rate, channels), StreamFormat(own_rate, 1)]
    for choice in choices:
        with contextlib.suppress(sounddevice.PortAudioError):
            about_choice = {"device": number, "samplerate": choice.rate, "channels": choice.channels, "dtype": "int16"}
            answer_within(OPEN_SECONDS, partial(check, **about_choice), lambda _nothing: None)
            return choice._replace(device=number)
    return StreamFormat(own_rate, channels, number)


def _number(sounddevice: ModuleType, kind: Kind, device: Device | None) -> int | None:
    """Give PortAudio's number of `device`, which may be another after each look; None for the default one."""
    if device is None:
        return None
    own = _of_port_audio_by_name(sounddevice, kind)
    if not device.of_server:
        if device.name not in own:
            raise sounddevice.PortAudioError(f"Error querying device {device.name}")
        return own[device.name]
    doors = [number for door in _SERVER_DOORS for name, number in own.items() if name == _whole_name(door, "ALSA")]
    return doors[0] if doors else None


def _of_port_audio_by_name(sounddevice: ModuleType, kind: Kind) -> dict[str, int]:
    systems = sounddevice.query_hostapis()
    return {
        _whole_name(device["name"], systems[device["hostapi"]]["name"]): device["index"]
        for device in sounddevice.query_devices()
        if device[f"max_{_direction(kind)}_channels"] > 0
    }


def _chosen_on_server(device: Device | None) -> dict[str, str]:
    if device is None or not device.of_server:
        return {}
    return dict.fromkeys(_SERVER_VARIABLES[device.kind], device.name)


def _direction(kind: Kind) -> Literal["input", "output"]:
    return "input" if kind == "microphone" else "output"
