"""The parts of a session, in the making."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from voice_coach.clocks import Clock, RealClock
from voice_coach.runner import (
    Inbox,
    Sources,
    Timed,
    Watcher,
)
from voice_coach.screen.writing import write_now
from voice_coach.session.manner import USUAL_WORDS_PER_MINUTE
from voice_coach.session.phases import RUNNING
from voice_coach.settings import AudioSettings, ScreenSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from voice_coach.assembly.options import Options
    from voice_coach.audio.devices import Device
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.audio.sound_record import SoundRecord
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.ears import MicrophoneEars, RecordingEars
    from voice_coach.history.records import PastRecord
    from voice_coach.history.store import History
    from voice_coach.routines.schema import SpokenLine
    from voice_coach.session.session import Session, View
    from voice_coach.sound import DeviceSound


OPENING_SECONDS = 10.0

WORDS_PER_SECOND = 3.2
"""How fast the voice speaks, to know beforehand how long a line takes; measured on the lines of the catalogue."""


class _Closes(Protocol):
    def close(self) -> None: ...


@dataclass(slots=True)
class Parts:
    """The parts of a session, in the making."""

    options: Options
    stack: ExitStack
    phrasebook: Phrasebook
    inbox: Inbox = field(default_factory=Inbox)
    timed: list[Timed] = field(default_factory=list)
    sources: list[Sources] = field(default_factory=list)
    watchers: list[Watcher] = field(default_factory=list)
    ears: list[MicrophoneEars | RecordingEars] = field(default_factory=list)
    settings: AudioSettings = field(default_factory=AudioSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    lines: Mapping[str, SpokenLine] = field(default_factory=dict)
    """What the coach says, by name."""
    speaker: DeviceSpeaker | None = None
    speaker_device: Device | None = None
    """Where `speaker` plays; None is the system's choice."""
    record: SoundRecord | None = None
    """Keeps what the microphone hears, where the user wants that."""
    sound: DeviceSound | None = None
    """Looks after the devices; None where there are none, or not yet."""
    over: bool = False
    """The session is over: devices that are opened from now on must be closed by who opens them."""
    told: list[str] = field(default_factory=list)
    """What was told before there was a view."""
    history: History | None = None
    past: list[PastRecord] = field(default_factory=list)
    """Sessions of the last time."""
    session: Session | None = None
    """The session that goes on now."""
    clock: Clock = field(default_factory=RealClock)
    of_one_session: list[Watcher | Timed] = field(default_factory=list)
    """What ends with the session."""

    def tell(self, line: str) -> None:
        """Tell the user something, now and on a screen that is opened later."""
        self.told.append(line)
        tell(line)

    def view(self) -> View:
        """Give what there is to see now.

        Raises:
            LookupError: no session has been chosen yet.
        """
        if self.session is None:
            raise LookupError("there is no session yet")
        return self.session.view(self.clock.now())

    def halted(self) -> bool:
        """Tell whether the session stands still."""
        return self.session is not None and self.session.phase not in RUNNING

    def closing(self, part: _Closes) -> None:
        """See to it that `part` is closed when the session is over."""
        self.stack.callback(part.close)


def words_per_second(settings: AudioSettings) -> float:
    return WORDS_PER_SECOND * settings.speech_rate / USUAL_WORDS_PER_MINUTE


def tell(line: str) -> None:
    write_now(sys.stderr, f"{line}\n")
