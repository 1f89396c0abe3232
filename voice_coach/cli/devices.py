"""Prints the sound devices, and remembers which of them to use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from voice_coach.audio.devices import choose, list_devices
from voice_coach.errors import AudioError
from voice_coach.folders import settings_file
from voice_coach.settings import change_settings, read_settings

if TYPE_CHECKING:
    from voice_coach.audio.devices import Device, Kind

_KINDS: tuple[tuple[Kind, str], ...] = (("microphone", "microphone"), ("loudspeaker", "speaker"))
"""Kinds of devices, each with the name of its setting."""


def print_devices(*, as_json: bool) -> None:
    """Print the devices; those that sessions use are marked.

    Raises:
        AudioError: PortAudio is missing.
    """
    settings = read_settings()
    for problem in settings.problems:
        click.echo(str(problem), err=True)
    if as_json:
        rows = [row for kind, setting in _KINDS for row in _rows(kind, getattr(settings.audio, setting))]
        click.echo(json.dumps(rows))
        return
    for kind, setting in _KINDS:
        click.echo(f"{kind.capitalize()}s:")
        devices, chosen = list_devices(kind), getattr(settings.audio, setting)
        used = _used(devices, kind, chosen)
        for device in devices:
            click.echo(_line(device, is_used=device == used))
        if not devices:
            click.echo("  none")
        if chosen is not None:
            click.echo(_about_choice(kind, chosen, settings.sources[setting], devices))


def use_devices(microphone: str | None, speaker: str | None) -> None:
    """Use these devices in every session from now on.

    Raises:
        AudioError: there is none with such a name, or more than one.
        SettingsError: the settings cannot be written.
    """
    changes: dict[str, str | int | float | None] = {}
    told = []
    for (kind, setting), name in zip(_KINDS, (microphone, speaker), strict=True):
        if name is not None:
            device = choose(name, list_devices(kind), kind)
            changes[setting] = device.name
            told.append(f"Sessions use the {kind} {device.description} from now on.")
    change_settings(changes)
    for line in told:
        click.echo(line)


def forget_devices() -> None:
    """Use whatever the system would take.

    Raises:
        SettingsError: the settings cannot be written.
    """
    if settings_file().exists():
        change_settings({setting: None for _, setting in _KINDS})
    click.echo("Sessions use the devices that the system chooses.")


def _rows(kind: Kind, chosen: str | None) -> list[dict[str, Any]]:
    devices = list_devices(kind)
    used = _used(devices, kind, chosen)
    return [_row(device, device == used) for device in devices]


def _used(devices: list[Device], kind: Kind, chosen: str | None) -> Device | None:
    """Give the one of `devices` that sessions use; None where the chosen one is not there."""
    if chosen is None:
        return next((device for device in devices if device.is_default), None)
    try:
        return choose(chosen, devices, kind)
    except AudioError:
        return None


def _line(device: Device, *, is_used: bool) -> str:
    star = "*" if is_used else " "
    channels = "mono" if device.channels == 1 else f"{device.channels} channels"
    notes = [*([f"{device.rate} Hz"] if device.rate else []), channels, device.system]
    if not device.is_real:
        notes.append("what the loudspeaker plays" if device.kind == "microphone" else "heard by nobody")
    if device.is_muted:
        notes.append("muted")
    called = device.name if device.of_server else device.description
    described = f"  {device.description}" if device.of_server and device.description != device.name else ""
    return f"{star} {called}{described}  ({', '.join(notes)})"


def _about_choice(kind: Kind, chosen: str, source: str, devices: list[Device]) -> str:
    try:
        choose(chosen, devices, kind)
    except AudioError as error:
        return f'  Chosen: "{chosen}" ({source}). {error.what} Another one is used until it is there.'
    return f'  Chosen: "{chosen}" ({source})'


def _row(device: Device, is_used: bool) -> dict[str, Any]:
    return {
        "kind": device.kind,
        "name": device.name,
        "description": device.description,
        "system": device.system,
        "rate": device.rate,
        "channels": device.channels,
        "default": device.is_default,
        "real": device.is_real,
        "muted": device.is_muted,
        "used": is_used,
    }
