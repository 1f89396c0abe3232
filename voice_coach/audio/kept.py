"""A microphone and a loudspeaker that a `Keeper` can look after."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from voice_coach.audio.devices import Device, Kind, choose, devices_of_server, find_device, open_input, open_output
from voice_coach.audio.keeper import Ill
from voice_coach.audio.signs import Ailment
from voice_coach.errors import AudioError, MicrophoneError, SpeakerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.audio.interfaces import OpenDevice, OpenMicrophone
    from voice_coach.audio.microphone import OnBlock
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.audio.pulse import ServerView

_SETTLED_SECONDS = 0.5
"""How long a stream must be open until what the server says about it holds."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A device does not work; it is tried again."""

    error: AudioError


@dataclass(frozen=True, slots=True)
class Instead:
    """The device that was chosen is not there, and another is used."""

    error: AudioError


@dataclass(frozen=True, slots=True)
class Back:
    """A device works again.

    Attributes:
        device: what people call it; empty where that is not known.
    """

    device: str


News = Lost | Instead | Back


class _KeptDevice(ABC):
    """What both have in common.

    Args:
        chosen: part of the device's name; None is the system's choice.
        tell: gets the news, from any thread.
    """

    kind: ClassVar[Kind]
    error: ClassVar[type[AudioError]]
    variable: ClassVar[str]

    def __init__(self, chosen: str | None, tell: Callable[[News], None]) -> None:
        self._chosen = chosen
        self._tell = tell
        self._device: Device | None = None
        self._missed = False
        """The user knows that another one is used than the chosen one."""
        self._is_lost = False
        """The user knows that it does not work; whoever said so tells when it does again."""
        self._home: str | None = None
        self._opened_at: float | None = None

    @property
    @abstractmethod
    def _stream(self) -> OpenDevice | None: ...

    @abstractmethod
    def _open(self, device: Device | None) -> None: ...

    @abstractmethod
    def _own(self, view: ServerView) -> str | None: ...

    @property
    def is_open(self) -> bool:
        return self._stream is not None

    @property
    def is_proven(self) -> bool:
        return self._stream is not None and self._stream.is_proven

    def open(self, view: ServerView | None) -> None:
        """See `Part.open`."""
        missing = self._look_for_device(view)
        self._open(self._device)
        self._home = None
        self._opened_at = time.monotonic()
        if missing is not None:
            self._miss(missing)
        elif self._missed:
            self._missed = False
            if not self._is_lost:
                self.back()

    def adopt(self, device: Device | None) -> None:
        """Look after a stream that is open already, on `device` (None: the system's choice)."""
        self._device = device
        self._missed = device is None and self._chosen is not None
        self._opened_at = time.monotonic()

    def examine(self, view: ServerView | None) -> Ill | None:
        """See `Part.examine`."""
        ailment = None if self._stream is None else self._stream.ailment()
        if ailment in (Ailment.STOPPED, Ailment.NO_SOUND):
            return Ill(self._gone())
        moved = self._moved(view) if view is not None and self._is_settled(view) else None
        if moved is not None:
            return moved
        return Ill(self._silent(), gone=False) if ailment is Ailment.ONLY_ZEROS else None

    def lost(self, error: AudioError) -> None:
        """See `Part.lost`."""
        self._is_lost = True
        self._tell(Lost(error))

    def back(self) -> None:
        """See `Part.back`."""
        self._is_lost = False
        self._tell(Back(self._device.description if self._device is not None else ""))

    def _is_settled(self, view: ServerView) -> bool:
        return self._opened_at is not None and view.seen_at > self._opened_at + _SETTLED_SECONDS

    def _look_for_device(self, view: ServerView | None) -> AudioError | None:
        """Find the device to open; where the chosen one is not there, give the reason, and take the system's choice."""
        missing = None
        if self._chosen is not None:
            try:
                self._device = find_device(self.kind, self._chosen, view)
            except AudioError as error:
                missing = error
            else:
                return None
        is_first = self._opened_at is None and self._chosen is None
        # asking the sound server takes as long as the first word of the coach may
        self._device = None if is_first else find_device(self.kind, None, view)
        return missing

    def _miss(self, error: AudioError) -> None:
        if not self._missed:
            self._missed = True
            # of no kind: the coach hears and is heard
            self._tell(Instead(AudioError(error.what, "Another one is used until it is there.", error.remedy)))

    def _moved(self, view: ServerView) -> Ill | None:
        """Tell whether the server has taken the stream to a device where it is of no use, or of less than it may be."""
        own = self._own(view)
        if own is None or (own == self._home and self._chosen is None):
            return None
        before, self._home = self._home, own
        devices = devices_of_server(self.kind, view)
        is_real = any(device.name == own and device.is_real for device in devices)
        if own != before and not is_real and not self._is_wanted(own):
            return Ill(self._moved_away())
        chosen = None if self._chosen is None else _chosen(devices, self._chosen, self.kind)
        if before not in (None, own):
            self._device = None
            if self._chosen is not None and chosen is None:
                self._miss(self._gone())
        if chosen is not None and chosen.name != own and (self._device is None or self._device.name != chosen.name):
            return Ill(None)
        return None

    def _is_wanted(self, name: str) -> bool:
        if self._device is not None and self._device.of_server:
            return self._device.name == name
        return os.environ.get(self.variable) == name

    def _gone(self) -> AudioError:
        return self.error(f"The {self.kind} has gone.", _UNTIL_BACK[self.kind], "voice-coach devices")

    @abstractmethod
    def _moved_away(self) -> AudioError: ...

    def _silent(self) -> AudioError:
        return self._gone()


class KeptMicrophone(_KeptDevice):
    """A microphone that comes back. Its keeper opens it."""

    kind = "microphone"
    error = MicrophoneError
    variable = "PULSE_SOURCE"

    def __init__(self, chosen: str | None, tell: Callable[[News], None]) -> None:
        super().__init__(chosen, tell)
        self._input: OpenMicrophone | None = None
        self._on_block: OnBlock = lambda _block: None
        self._zeros_seconds: float | None = None

    @property
    def is_busy(self) -> bool:
        return False

    def start(self, on_block: OnBlock) -> None:
        """Send the blocks of whatever device is open, now or later, to `on_block`."""
        self._on_block = on_block

    def close(self) -> None:
        """Send no more blocks. The device is closed by the keeper, which may be busy with it."""
        self._on_block = lambda _block: None

    def shut(self) -> None:
        """See `Part.shut`."""
        stream, self._input = self._input, None
        if stream is not None:
            self._zeros_seconds = stream.zeros_seconds
            stream.close()

    @property
    def _stream(self) -> OpenMicrophone | None:
        return self._input

    def _open(self, device: Device | None) -> None:
        self._on_block(b"")
        self._input = open_input(self._take, device)
        if self._zeros_seconds is not None:
            self._input.zeros_seconds = self._zeros_seconds

    def _take(self, block: bytes) -> None:
        self._on_block(block)

    def _own(self, view: ServerView) -> str | None:
        return view.microphone

    def _moved_away(self) -> AudioError:
        return MicrophoneError(
            "The microphone has gone, and the sound server gives what the loudspeaker plays in its place.",
            _UNTIL_BACK["microphone"],
            "voice-coach devices",
        )

    def _silent(self) -> AudioError:
        return MicrophoneError(
            "The microphone gives nothing but silence; it may be muted.",
            "Commands can be typed until it hears something.",
            "voice-coach doctor",
        )


class KeptSpeaker(_KeptDevice):
    """Opens the device of a loudspeaker, and opens it again.

    Args:
        speaker: plays on whatever device is open; it stays open.
    """

    kind = "loudspeaker"
    error = SpeakerError
    variable = "PULSE_SINK"

    def __init__(self, speaker: DeviceSpeaker, chosen: str | None, tell: Callable[[News], None]) -> None:
        super().__init__(chosen, tell)
        self._speaker = speaker

    @property
    def is_busy(self) -> bool:
        return self._speaker.is_speaking

    def shut(self) -> None:
        """See `Part.shut`."""
        self._speaker.unplug()

    @property
    def _stream(self) -> OpenDevice | None:
        return self._speaker.stream

    def _open(self, device: Device | None) -> None:
        self._speaker.plug_in(open_output(self._speaker.rate, self._speaker.read, device))

    def _own(self, view: ServerView) -> str | None:
        return view.loudspeaker

    def _moved_away(self) -> AudioError:
        return self._gone()


_UNTIL_BACK: dict[Kind, str] = {
    "microphone": "Commands can be typed until it is back.",
    "loudspeaker": "Read the lines until it is back.",
}


def _chosen(devices: list[Device], part: str, kind: Kind) -> Device | None:
    try:
        return choose(part, devices, kind)
    except AudioError:
        return None
