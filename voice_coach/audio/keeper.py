"""Keeps microphone and loudspeaker at work: notices a lost device, says so, and opens it again when it is back.

PortAudio tells next to nothing of this itself. A device that was unplugged may go on to call back, with zeros; a
sound server may move a stream to another device without a word, even a microphone's to what the loudspeaker
plays; a device that was plugged in later is not in PortAudio's list before PortAudio begins afresh, and that may
happen only while no stream is open.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from voice_coach.audio.port_audio import never_end_politely, start_afresh
from voice_coach.audio.pulse import ServerWatch
from voice_coach.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.audio.pulse import ServerView

LOOK_EVERY = 0.25
"""Seconds between looks at the devices."""

BACK_OFF = (0.25, 0.5, 1.0, 2.0, 3.0)
"""Seconds until a lost device is tried again, the last one for ever after."""

REST = 30.0
"""Seconds between attempts that disturb something that works: another device must be let go while PortAudio begins
afresh, and a microphone that may just be muted hears nothing while it is opened again."""

_HEALTHY_SECONDS = 5.0
"""How long a device must have worked until the next loss is a new one, tried again at once."""

_ENDING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Ill:
    """What is wrong with an open device.

    Attributes:
        error: for the user; None where there is nothing to tell, because a better device is there.
        gone: it must be closed; where it is not, sound may come again by itself.
    """

    error: AudioError | None
    gone: bool = True


class Part(Protocol):
    """A microphone or a loudspeaker, as the keeper sees it."""

    @property
    def is_open(self) -> bool:
        """A device is open, whether it works or not."""

    @property
    def is_proven(self) -> bool:
        """Sound has come from, or gone to, the open device."""

    @property
    def is_busy(self) -> bool:
        """It must not be interrupted now."""

    def open(self, view: ServerView | None) -> None:
        """Open the device that was chosen, or another where it is not there.

        Raises:
            AudioError: there is none.
        """

    def shut(self) -> None:
        """Close the device; the part itself goes on."""

    def examine(self, view: ServerView | None) -> Ill | None:
        """Tell what is wrong with the open device; None where nothing is."""

    def lost(self, error: AudioError) -> None:
        """Tell the user that it does not work."""

    def back(self) -> None:
        """Tell the user that it works again."""


@dataclass(slots=True)
class _Kept:
    part: Part
    told: bool = False
    """The user knows that it does not work."""
    was_ill: bool = False
    """Something was wrong with it at the look before."""
    tries: int = 0
    try_at: float = 0.0
    opened_at: float = 0.0


@dataclass(slots=True)
class Keeper:
    """Looks after parts, in a thread of its own.

    Attributes:
        watch: tells what the sound server says.
        begin_afresh: lets PortAudio look for devices again.
        now: a clock, in seconds.
    """

    watch: ServerWatch = field(default_factory=ServerWatch)
    begin_afresh: Callable[[], None] = start_afresh
    now: Callable[[], float] = time.monotonic
    _kept: list[_Kept] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _afresh_at: float = float("-inf")

    def keep(self, part: Part) -> bool:
        """Look after `part` from now on; tell whether it is open.

        One that is not open is opened now; where that fails, it says so, and is tried again until it succeeds. After
        `close` it is closed, and stays so.
        """
        with self._lock:
            kept = _Kept(part, opened_at=self.now())
            self._kept.append(kept)
            is_open = part.is_open or (not self._closing.is_set() and self._opened(kept, None))
            if self._closing.is_set():  # perhaps while it was being opened
                part.shut()
                return False
            return is_open

    def start(self) -> None:
        """Begin to look."""
        self.watch.start()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more, and close what is open. Safe to call twice."""
        self._closing.set()
        self.watch.close()
        if self._thread is not None:
            self._thread.join(_ENDING_SECONDS)
            if self._thread.is_alive():
                # it waits for a device that will never answer: nobody may touch the devices any more
                never_end_politely()
                return
            self._thread = None
        for kept in self._kept:
            kept.part.shut()

    def look(self) -> None:
        """Look once at every part, and do what is due."""
        with self._lock:
            view = self.watch.view
            # first everything is told: to close a device whose sound server hangs may take for ever
            due = [kept for kept in self._kept if self._needs_opening(kept, view)]
            for kept in due:
                kept.part.shut()
                self._try(kept, view)

    def _run(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            self.look()

    def _needs_opening(self, kept: _Kept, view: ServerView | None) -> bool:
        """Tell whether a part must be opened, or opened again; what is wrong with it is told to the user."""
        if not kept.part.is_open:
            return self.now() >= kept.try_at
        ill = kept.part.examine(view)
        was_ill, kept.was_ill = kept.was_ill, ill is not None
        if ill is None:
            self._is_well(kept)
            return False
        if ill.error is not None:
            self._tell(kept, ill.error)
            if not was_ill:
                # what ails the other device as well shows a moment later, and must be told before either is closed
                return False
        return ill.gone or self.now() - kept.opened_at >= REST

    def _is_well(self, kept: _Kept) -> None:
        if kept.told and kept.part.is_proven:
            kept.told = False
            kept.part.back()
        if self.now() - kept.opened_at >= _HEALTHY_SECONDS:
            kept.tries = 0

    def _tell(self, kept: _Kept, error: AudioError) -> None:
        if not kept.told:
            kept.told = True
            kept.part.lost(error)

    def _try(self, kept: _Kept, view: ServerView | None) -> None:
        kept.try_at = self.now() + BACK_OFF[min(kept.tries, len(BACK_OFF) - 1)]
        kept.tries += 1
        if self._opened(kept, view):
            return
        others = [other for other in self._kept if other is not kept and other.part.is_open]
        if others and not self._may_disturb(others, view):
            return
        self._afresh_at = self.now()
        for other in others:
            other.part.shut()
        try:
            self.begin_afresh()
        except AudioError as error:
            self._tell(kept, error)
        for closed in (kept, *others):
            self._opened(closed, view)

    def _may_disturb(self, others: list[_Kept], view: ServerView | None) -> bool:
        """Tell whether devices that work may be let go for a moment.

        With a sound server that is of no use: PortAudio's list of devices holds nothing but the server.
        """
        is_quiet = not any(other.part.is_busy for other in others)
        return view is None and is_quiet and self.now() - self._afresh_at >= REST

    def _opened(self, kept: _Kept, view: ServerView | None) -> bool:
        try:
            kept.part.open(view)
        except AudioError as error:
            self._tell(kept, error)
            return False
        kept.opened_at = self.now()
        return True
