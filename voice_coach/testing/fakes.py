"""Clock, mouth, ears, microphone and loudspeaker that need no machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from voice_coach.runner import Inbox, LineEnded, Said
from voice_coach.testing.lengths import LineSeconds, seconds_of

if TYPE_CHECKING:
    import queue
    from collections.abc import Callable, Iterable

    from voice_coach.audio.clip import Clip
    from voice_coach.clocks import Clock
    from voice_coach.commands.grammar import Grammar
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.session.actions import Say
    from voice_coach.session.manner import Manner

_T = TypeVar("_T")


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only when it is told to, and never back."""

    time: float = 0.0
    asleep: float = 0.0
    """Seconds that the machine sleeps next."""

    def now(self) -> float:
        return self.time

    def slept(self) -> float:
        seconds, self.asleep = self.asleep, 0.0
        return seconds

    def wait(self, inbox: queue.SimpleQueue[_T], until: float | None) -> _T | None:
        """Give the next message; None at once where there is none, whatever the time."""
        del until
        return None if inbox.empty() else inbox.get_nowait()

    def move_to(self, time: float) -> None:
        """Move on to `time`.

        Raises:
            ValueError: that is in the past.
        """
        if time < self.time:
            raise ValueError(f"the clock stands at {self.time} and cannot go back to {time}")
        self.time = time


@dataclass(slots=True)
class FakeMouth:
    """Says lines into lists; each takes as long as `line_seconds` says, on `clock`."""

    inbox: Inbox
    clock: Clock
    line_seconds: LineSeconds = 0.0
    said: list[tuple[float, str]] = field(default_factory=list)
    chimes: list[tuple[float, str]] = field(default_factory=list)
    hushes: list[float] = field(default_factory=list)
    prepared: list[tuple[str, float | None]] = field(default_factory=list)
    manners: list[Manner] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    closed: bool = False
    muted: bool = False
    _ends: tuple[float, int] | None = None

    @property
    def due(self) -> float | None:
        return None if self._ends is None else self._ends[0]

    def advance(self, now: float) -> None:
        """End the line that is over by `now`."""
        if self._ends is not None and self._ends[0] <= now:
            self.inbox.put(LineEnded(self._ends[1]))
            self._ends = None

    def say(self, line: Say) -> None:
        self.said.append((self.clock.now(), line.text))
        seconds = 0.0 if self.muted else seconds_of(self.line_seconds, line.text, line.beat)
        self._ends = None
        if seconds > 0:
            self._ends = (self.clock.now() + seconds, line.token)
        else:
            self.inbox.put(LineEnded(line.token))

    def chime(self, name: str) -> None:
        self.chimes.append((self.clock.now(), name))

    def hush(self) -> None:
        self.hushes.append(self.clock.now())
        self._ends = None

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        self.prepared = list(lines)

    def speak_like(self, manner: Manner) -> None:
        self.manners.append(manner)

    def mute(self, *, on: bool) -> None:
        self.muted = on
        if on and self._ends is not None:
            self.inbox.put(LineEnded(self._ends[1]))
            self._ends = None

    def announce(self, text: str, *, lasts: bool = False) -> None:
        del lasts
        self.announced.append(text)

    def close(self) -> None:
        self.closed = True


class FakeEars:
    """Hears lines at their times, as a recogniser would: only phrases that are listened for mean anything."""

    def __init__(self, lines: Iterable[tuple[float, str]], phrasebook: Phrasebook, inbox: Inbox) -> None:
        self._lines = sorted(lines, key=lambda line: line[0])
        self._phrasebook = phrasebook
        self._grammar: Grammar = phrasebook.grammar(frozenset())
        self._inbox = inbox
        self.listened_for: list[frozenset[str]] = []

    @property
    def open(self) -> bool:
        return bool(self._lines)

    @property
    def due(self) -> float | None:
        return self._lines[0][0] if self._lines else None

    def advance(self, now: float) -> None:
        """Hear what has been said by `now`."""
        while self._lines and self._lines[0][0] <= now:
            self.hear(self._lines.pop(0)[1])

    def hear(self, text: str) -> None:
        """Hear `text` now."""
        self._inbox.put(Said(text, self._grammar.match(text)))

    def listen_for(self, active: frozenset[str]) -> None:
        self.listened_for.append(active)
        self._grammar = self._phrasebook.grammar(active)

    def close(self) -> None:
        self._lines.clear()


class FakeMicrophone:
    """Gives the blocks of sound that a test feeds it."""

    def __init__(self) -> None:
        self._on_block: Callable[[bytes], None] | None = None
        self.closed = False

    def start(self, on_block: Callable[[bytes], None]) -> None:
        self._on_block = on_block

    def feed(self, block: bytes) -> None:
        """Sound for the length of `block`; a microphone that is not started, or closed, hears nothing."""
        if self._on_block is not None and not self.closed:
            self._on_block(block)

    def close(self) -> None:
        self.closed = True


class FakeSpeaker:
    """Plays clips into lists; `finish` ends the one being said."""

    def __init__(self, rate: int = 16_000) -> None:
        self.rate = rate
        self.said: list[Clip] = []
        self.chimes: list[Clip] = []
        self.hushes = 0
        self.closed = False
        self._on_end: Callable[[], None] | None = None

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        self.said.append(clip)
        self._on_end = on_end

    def finish(self) -> None:
        """Let the last sample of the clip being said leave."""
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end()

    def chime(self, clip: Clip) -> None:
        self.chimes.append(clip)

    def hush(self) -> None:
        self.hushes += 1
        self._on_end = None

    def close(self) -> None:
        self.closed = True
