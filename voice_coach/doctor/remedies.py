"""Commands for the system's mixer, which help where a device is muted, too loud or too sensitive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice_coach.audio.devices import Device, Kind


def unmute(kind: Kind, device: Device | None) -> str:
    """Give what lets a device sound again; None is the system's choice."""
    if sys.platform != "linux":
        return f"unmute the {kind} in the system's sound settings"
    return f"pactl set-{_sort(kind)}-mute {_name(kind, device)} 0"


def turn_down(kind: Kind, device: Device | None) -> str:
    """Give what makes a microphone less sensitive, or a loudspeaker quieter; None is the system's choice."""
    if sys.platform != "linux":
        return f"lower the {kind} in the system's sound settings"
    volume = "50%" if kind == "microphone" else "-6dB"
    return f"pactl set-{_sort(kind)}-volume {_name(kind, device)} {volume}"


def _sort(kind: Kind) -> str:
    return "sink" if kind == "loudspeaker" else "source"


def _name(kind: Kind, device: Device | None) -> str:
    return device.name if device is not None and device.of_server else f"@DEFAULT_{_sort(kind).upper()}@"
