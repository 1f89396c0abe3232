"""The one place where clock, devices and people meet the core.

The runner waits for a message or for the next moment that something is due, tells the session, and carries out
what the session wants: lines and sounds go to the mouth, everything goes to the views and to the history.
"""

from __future__ import annotations

import queue
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from voice_coach.session.actions import (
    Action,
    Chime,
    Hush,
    Say,
    SetAside,
    SpeakDifferently,
    StateChanged,
    StepBegan,
    Voiced,
)
from voice_coach.session.events import (
    Event,
    Heard,
    Interrupted,
    NotUnderstood,
    Slept,
    SpeechEnded,
    TakenUp,
    VoiceSwitched,
)
from voice_coach.session.manner import Manner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from voice_coach.clocks import Clock
    from voice_coach.commands.grammar import Command, Grammar
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.errors import CoachError
    from voice_coach.session.session import Session


SWITCH_KEY = "t"
"""Typed by itself, it switches from voice to text and back."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A line from the keyboard, a pipe or a script."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance from the recogniser; `command` is None where it is no active phrase."""

    text: str
    command: Command | None


@dataclass(frozen=True, slots=True)
class LineEnded:
    """A line of the coach is over."""

    token: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of the program has failed; the session goes on without it."""

    error: CoachError
    spoken: str = ""
    """What the coach says about it; nothing where the screen is enough."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A part of the program that had failed works again."""

    sentence: str
    spoken: str = ""
    """What the coach says about it, after the sound of listening again; nothing where the screen is enough."""
    ears: bool = False
    """It is what the coach hears with."""


@dataclass(frozen=True, slots=True)
class EarsReady:
    """Listening can begin: the microphone is open and the model loaded."""

    ears: Ears
    unheard: list[str]
    """Phrases that the model cannot hear."""
    in_the_box: bool = False
    """The model is the small one of the package: a larger one hears better."""


@dataclass(frozen=True, slots=True)
class EndWanted:
    """The program is to end: Ctrl-C, or the system asks it to."""


Message = Typed | Said | LineEnded | Trouble | Mended | EarsReady | EndWanted
Inbox = queue.SimpleQueue[Message]


class Mouth(Protocol):
    """Says lines; answers each with `LineEnded` in the inbox."""

    def say(self, line: Say) -> None: ...

    def chime(self, name: str) -> None: ...

    def hush(self) -> None: ...

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        """Be ready for these lines, given as (text, beat)."""

    def speak_like(self, manner: Manner) -> None:
        """Speak like this from the next line on, and remember it."""

    def mute(self, *, on: bool) -> None:
        """Say nothing aloud from now on, and end every line at once; or speak again."""

    def announce(self, text: str, *, lasts: bool = False) -> None:
        """Say something that is no line of the session, when there is time for it; nothing is answered.

        What does not last is dropped where there is no time for it soon, or where there is something newer.
        """

    def close(self) -> None: ...


class Ears(Protocol):
    """Hear the user; put `Said` into the inbox."""

    def listen_for(self, active: frozenset[str]) -> None:
        """Change the commands that may be heard, by their ids."""

    def close(self) -> None: ...


class Timed(Protocol):
    """Something that happens by the session's clock: a script, a recording, a sound file, a countdown."""

    @property
    def due(self) -> float | None:
        """When `advance` is needed next, in seconds of the session; None when never."""

    def advance(self, now: float) -> None:
        """Do what is due by `now`."""


class Watcher(Protocol):
    """Sees everything that happens: a view, the profile."""

    def acted(self, now: float, action: Action) -> None: ...

    def heard(self, now: float, text: str, command: Command | None) -> None: ...

    def listening(self, now: float, ready: EarsReady) -> None: ...

    def troubled(self, now: float, error: CoachError) -> None: ...

    def mended(self, now: float, news: Mended) -> None: ...


@runtime_checkable
class BeginsAgain(Protocol):
    """A watcher that can watch another session after this one."""

    def begin_again(self, routine: str) -> None:
        """Forget the session; another one begins, of the routine with this name."""


class Sources(Protocol):
    """Tells whether anybody can still say or type something."""

    @property
    def open(self) -> bool: ...


class Journal(Protocol):
    """Keeps what a session was told, and what has followed: the history."""

    def told(self, now: float, event: Event | None) -> None:
        """Keep an event that counted; None is the beginning."""

    def followed(self, now: float, actions: Sequence[Action]) -> None:
        """Write down what was kept, and all that has followed from it."""


@dataclass(slots=True)
class Runner:
    """Runs one session to its end.

    Attributes:
        timed: parts that are due by the session's clock, in the order in which they act at the same moment.
        sources: where commands may still come from; when all are closed, a session that waits for one is ended.
        taken_up: what a session that was cut off earlier is told in place of its beginning.
        instead: makes this the runner of another session, when the one that was cut off has been set aside.
    """

    session: Session
    phrasebook: Phrasebook
    clock: Clock
    inbox: Inbox
    mouth: Mouth
    ears: list[Ears] = field(default_factory=list)
    timed: Sequence[Timed] = ()
    watchers: Sequence[Watcher] = ()
    sources: Sequence[Sources] = ()
    journal: Journal | None = None
    taken_up: TakenUp | None = None
    instead: Callable[[Runner], None] | None = None
    _listening_for: frozenset[str] | None = None
    _voiced: bool = True
    """What is said counts: the user has not switched to text."""
    _grammar: Grammar = field(init=False)

    def run(self) -> None:
        """Run the session until it is over."""
        self._grammar = self.phrasebook.grammar()
        try:
            self._begin()
            while not self.session.over:
                self._next()
        finally:
            for ears in self.ears:
                ears.close()

    def _begin(self) -> None:
        now = self.clock.now()
        if self.taken_up is not None:
            self._carry_out(now, self._tell_session(self.taken_up, now))
            return
        actions = self.session.begin(now)
        if self.journal is not None:
            self.journal.told(now, None)
        self._carry_out(now, actions)

    def _tell_session(self, event: Event, now: float) -> list[Action]:
        """Let an event happen; what counted is kept before what follows from it."""
        actions = self.session.receive(event, now)
        if self.journal is not None and self.session.heeded:
            self.journal.told(now, event)
        return actions

    def _next(self) -> None:
        if self._nobody_is_left():
            self._interrupt()
            return
        message = self.clock.wait(self.inbox, self._due())
        slept = self.clock.slept()
        now = self.clock.now()
        if slept:
            self._carry_out(now, self._tell_session(Slept(slept), now))
        for part in self.timed:
            part.advance(now)
        session = self.session
        if message is not None:
            self._take(message, now)
        if session is self.session and not session.over:
            self._carry_out(now, self.session.tick(now))

    def _nobody_is_left(self) -> bool:
        """Tell whether the session waits for somebody, and nobody can come: a view that counts on is nobody."""
        waits = self.session.deadline is None and self.inbox.empty()
        return waits and not any(source.open for source in self.sources)

    def _due(self) -> float | None:
        times = [self.session.deadline, *(part.due for part in self.timed)]
        return min((time for time in times if time is not None), default=None)

    def _interrupt(self) -> None:
        now = self.clock.now()
        self._carry_out(now, self._tell_session(Interrupted(), now))

    def _take(self, message: Message, now: float) -> None:
        if self.session.over:
            return
        if isinstance(message, Typed) and message.text.strip().lower() == SWITCH_KEY:
            self._carry_out(now, self._tell_session(VoiceSwitched(), now))
        elif isinstance(message, Typed):
            self._heard(message.text, self._grammar.match_typed(message.text), now, typed=True)
        elif isinstance(message, Said):
            if self._voiced:
                self._heard(message.text, message.command, now, typed=False)
        elif isinstance(message, LineEnded):
            self._carry_out(now, self._tell_session(SpeechEnded(message.token), now))
        elif isinstance(message, EarsReady):
            self._begin_to_listen(message, now)
        elif isinstance(message, EndWanted):
            self._interrupt()
        else:
            self._tell(message, now)

    def _tell(self, news: Trouble | Mended, now: float) -> None:
        if news.spoken:
            if isinstance(news, Mended):
                self.mouth.chime("listening")
            self.mouth.announce(news.spoken)
        for watcher in self.watchers:
            if isinstance(news, Mended):
                watcher.mended(now, news)
            else:
                watcher.troubled(now, news.error)

    def _begin_to_listen(self, ready: EarsReady, now: float) -> None:
        self.ears.append(ready.ears)
        ready.ears.listen_for(self.session.listened_for)
        for watcher in self.watchers:
            watcher.listening(now, ready)

    def _heard(self, text: str, command: Command | None, now: float, *, typed: bool) -> None:
        for watcher in self.watchers:
            watcher.heard(now, text, command)
        event = NotUnderstood(typed) if command is None else Heard(command, text, typed)
        self._carry_out(now, self._tell_session(event, now))

    def _carry_out(self, now: float, actions: list[Action]) -> None:
        silenced = self._silence(actions)
        if self.journal is not None:
            self.journal.followed(now, actions)
        for number, action in enumerate(actions):
            if number >= silenced:
                self._do(action)
            for watcher in self.watchers:
                watcher.acted(now, action)
        if any(isinstance(action, SetAside) for action in actions) and self.instead is not None:
            self._begin_instead(self.instead)
        elif actions and not self.session.over:
            self._listen()

    def _begin_instead(self, instead: Callable[[Runner], None]) -> None:
        """Begin another session in the place of this one; whoever has switched to text stays there."""
        self._forget_lines()
        in_text = not self._voiced
        instead(self)
        self._voiced = True
        self._begin()
        if in_text:
            now = self.clock.now()
            self._carry_out(now, self._tell_session(VoiceSwitched(), now))

    def _silence(self, actions: Sequence[Action]) -> int:
        """Be silent before anything is written down, and give how many of the first actions are done by that."""
        if any(isinstance(action, Hush) for action in actions):
            self.mouth.hush()
        return sum(1 for _ in takewhile(lambda action: isinstance(action, Hush), actions))

    def _do(self, action: Action) -> None:
        if isinstance(action, Say):
            self.mouth.say(action)
        elif isinstance(action, Hush):
            self.mouth.hush()
        elif isinstance(action, Chime):
            self.mouth.chime(action.name)
        elif isinstance(action, SpeakDifferently):
            self.mouth.speak_like(Manner(action.words_per_minute, action.decibels))
        elif isinstance(action, Voiced):
            self._voiced = action.on
            self.mouth.mute(on=not action.on)
        elif isinstance(action, StepBegan | StateChanged):
            self.mouth.prepare(self.session.upcoming())

    def _forget_lines(self) -> None:
        """Take from the inbox what belongs to lines of a session that is over; another one counts them anew."""
        kept = []
        while not self.inbox.empty():
            message = self.inbox.get()
            if not isinstance(message, LineEnded):
                kept.append(message)
        for message in kept:
            self.inbox.put(message)

    def _listen(self) -> None:
        wanted = self.session.listened_for
        if wanted != self._listening_for:
            self._listening_for = wanted
            for ears in self.ears:
                ears.listen_for(wanted)
