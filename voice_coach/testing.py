"""The fakes we ship: clock, mouth, ears, microphone and loudspeaker, and whole sessions run from a script.

    record = run_session("quick_3", [(30.0, "harder"), (60.0, "stop")], answers=ALL_IS_WELL)
    assert "Stopped. Take the pressure off." in record.lines

`run_session` goes through the real runner, with the clock moved instead of waited for. `MovedSession` goes on step by
step, for a test that looks at a session in the middle of things.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.routines.substitution import missing_tools
from voice_coach.runner import EarsReady, Inbox, LineEnded, Runner, Said, Typed
from voice_coach.session.actions import Action, Chime, DoseEnded, Ended, Hush, Say, StateChanged, StepBegan
from voice_coach.session.events import Event, Heard, NotUnderstood, SpeechEnded
from voice_coach.session.plan import UNKNOWN_SIDE, Plan, plan_routine
from voice_coach.session.session import Session
from voice_coach.typed_input import Script, ScriptLine

if TYPE_CHECKING:
    import queue
    from collections.abc import Iterable, Mapping, Sequence

    from voice_coach.audio.clip import Clip
    from voice_coach.clocks import Clock
    from voice_coach.commands.grammar import Command, Grammar
    from voice_coach.errors import CoachError
    from voice_coach.runner import Mended
    from voice_coach.session.manner import Manner

_T = TypeVar("_T")
_A = TypeVar("_A", bound=Action)

LineSeconds = float | Callable[[str, float | None], float]
"""How long a line takes to say, in seconds: always the same, or by its text and its beat."""

USUAL_WORDS_PER_SECOND = 2.6
"""What a session that is run from here is told about the voice, where lines take time."""


ALL_IS_WELL: Mapping[str, str] = {"opening": "no", "first": "no", "feeling": "yes", "let go": "yes"}
"""Name of a question -> what somebody answers who is well: without an answer a session waits."""


# --- what happened


@dataclass(frozen=True, slots=True)
class Happened:
    """The session did something."""

    at: float
    action: Action


@dataclass(frozen=True, slots=True)
class UserSaid:
    """The user said something; `command` is None where it means nothing."""

    at: float
    text: str
    command: Command | None


@dataclass(slots=True)
class SessionRecord:
    """Everything that happened in a session, in its order. It is a watcher: a runner can write it."""

    events: list[Happened | UserSaid] = field(default_factory=list)
    troubles: list[CoachError] = field(default_factory=list)
    mended_parts: list[Mended] = field(default_factory=list)

    def acted(self, now: float, action: Action) -> None:
        self.events.append(Happened(now, action))

    def heard(self, now: float, text: str, command: Command | None) -> None:
        self.events.append(UserSaid(now, text, command))

    def listening(self, now: float, ready: EarsReady) -> None:
        """Note nothing."""

    def troubled(self, _now: float, error: CoachError) -> None:
        self.troubles.append(error)

    def mended(self, _now: float, news: Mended) -> None:
        self.mended_parts.append(news)

    def actions(self, kind: type[_A]) -> list[_A]:
        """Give the actions of one kind."""
        return [event.action for event in self.events if isinstance(event, Happened) and isinstance(event.action, kind)]

    def timed(self, kind: type[_A]) -> list[tuple[float, _A]]:
        """Give the actions of one kind, each after its time."""
        return [
            (event.at, event.action)
            for event in self.events
            if isinstance(event, Happened) and isinstance(event.action, kind)
        ]

    @property
    def lines(self) -> list[str]:
        """What the coach began to say."""
        return [say.text for say in self.actions(Say)]

    @property
    def chimes(self) -> list[tuple[float, str]]:
        return [(at, chime.name) for at, chime in self.timed(Chime)]

    @property
    def doses(self) -> list[DoseEnded]:
        return self.actions(DoseEnded)

    @property
    def states(self) -> list[tuple[float, StateChanged]]:
        return self.timed(StateChanged)

    @property
    def steps(self) -> list[tuple[float, StepBegan]]:
        return self.timed(StepBegan)

    @property
    def ended(self) -> Ended | None:
        """How it ended; None where it has not."""
        ends = self.actions(Ended)
        return ends[0] if ends else None

    def lines_between(self, begin: float, end: float) -> list[str]:
        """Give the lines that began from `begin` on and before `end`."""
        return [say.text for at, say in self.timed(Say) if begin <= at < end]

    def state_at(self, time: float) -> StateChanged:
        """Give the state at `time`, after everything that happened then."""
        before = [state for at, state in self.states if at <= time]
        if not before:
            raise LookupError(f"nothing had happened by second {time}")
        return before[-1]


# --- clock, mouth, ears, devices


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


def seconds_of(line_seconds: LineSeconds, text: str, beat: float | None) -> float:
    """Give how long a line takes."""
    return line_seconds(text, beat) if callable(line_seconds) else line_seconds


def by_words(words_per_second: float = USUAL_WORDS_PER_SECOND) -> LineSeconds:
    """Give lengths as a voice would have them: by the words, and by the beat where it counts."""

    def seconds(text: str, beat: float | None) -> float:
        words = len(text.split())
        return words * (1 / words_per_second if beat is None else beat)

    return seconds


def plan_of(routine: str, side: str | None = None) -> Plan:
    """Plan a routine of the package, by its id."""
    catalogue = load_catalogue()
    plan = plan_routine(catalogue, find_routine(catalogue, routine), side or UNKNOWN_SIDE)
    return replace(plan, missing=missing_tools(catalogue, None))


# --- whole sessions


def run_session(
    routine: str | Plan,
    said: Iterable[tuple[float, str]] = (),
    *,
    line_seconds: LineSeconds = 0.0,
    side: str | None = None,
    typed: bool = True,
    answers: Mapping[str, str] | None = None,
) -> SessionRecord:
    """Run a session from its greeting to its summary on a moved clock, through the real runner.

    Args:
        routine: id of a routine of the package, or a plan.
        said: what the user says, as (second of the session, text).
        line_seconds: how long the coach's lines take; 0 as in text.
        side: the foot, for a routine that works on one.
        typed: the user types; False where a recogniser hears.
        answers: name of a question -> what the user types as soon as it has been asked.
    """
    phrasebook = load_phrasebook()
    inbox = Inbox()
    clock = FastClock()
    mouth = FakeMouth(inbox, clock, line_seconds)
    record = SessionRecord()
    lines = [(float(at), text) for at, text in said]
    script = Script(tuple(sorted((ScriptLine(*line) for line in lines if typed), key=lambda line: line.at)), inbox)
    ears = FakeEars([] if typed else lines, phrasebook, inbox)
    session = new_session(routine, line_seconds, side)
    Runner(
        session=session,
        phrasebook=phrasebook,
        clock=clock,
        inbox=inbox,
        mouth=mouth,
        ears=[ears],
        timed=(mouth, _Answers(session, clock, answers or {}, inbox), script, ears),
        watchers=(record,),
        sources=(script, ears),
    ).run()
    return record


@dataclass(slots=True)
class _Answers:
    """Types the answers to questions as soon as they have been asked."""

    session: Session
    clock: Clock
    answers: Mapping[str, str]
    inbox: Inbox
    given: bool = False

    @property
    def due(self) -> float | None:
        return None if self.given or _answer_now(self.session, self.answers) is None else self.clock.now()

    def advance(self, _now: float) -> None:
        answer = _answer_now(self.session, self.answers)
        if answer is not None and not self.given:
            self.inbox.put(Typed(answer))
        self.given = answer is not None


def _answer_now(session: Session, answers: Mapping[str, str]) -> str | None:
    """Give the answer to the question that has just been asked; None where there is none, or the ears are closed."""
    answer = answers.get(session.asks or "")
    return answer if answer in session.active else None


def new_session(routine: str | Plan, line_seconds: LineSeconds = 0.0, side: str | None = None) -> Session:
    """Give a session that has not begun; `line_seconds` tells it whether lines take time."""
    plan = plan_of(routine, side) if isinstance(routine, str) else routine
    speed = None if line_seconds == 0.0 else USUAL_WORDS_PER_SECOND
    return Session(plan, _all_phrases(), speed)


@cache
def _all_phrases() -> Grammar:
    return load_phrasebook().grammar()


class MovedSession:
    """A session that goes on as far as it is told, with a mouth whose lines take `line_seconds`.

    It begins at once. Everything that is due on the way happens at its own moment, in `record`. Questions whose names
    are in `answers` are answered as soon as they have been asked.
    """

    def __init__(
        self,
        routine: str | Plan,
        *,
        line_seconds: LineSeconds = 0.0,
        side: str | None = None,
        begin: float = 0.0,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        self.session = new_session(routine, line_seconds, side)
        self.record = SessionRecord()
        self.now = begin
        self.events: list[tuple[float, Event]] = []
        """What went into the session, with the times: enough to replay it."""
        self._grammar = _all_phrases()
        self._line_seconds = line_seconds
        self._answers = answers or {}
        self._given = False
        self._ends: tuple[float, int] | None = None
        self._note(self.session.begin(begin))
        self._silence()

    @property
    def state(self) -> StateChanged:
        """The state as it was last shown."""
        return self.record.actions(StateChanged)[-1]

    @property
    def due(self) -> float | None:
        """When something happens next; None while the session waits for a person."""
        times = [self.session.deadline, None if self._ends is None else self._ends[0]]
        return None if self.session.over else min((time for time in times if time is not None), default=None)

    def move_to(self, time: float) -> None:
        """Let everything happen that is due until `time`, and stand there."""
        while (due := self.due) is not None and due <= time:
            self._move(max(due, self.now))
        self.now = max(self.now, time)

    def move_by(self, seconds: float) -> None:
        self.move_to(self.now + seconds)

    def move_to_end(self, most_moments: int = 100_000) -> None:
        """Go on until the session is over or waits for a person.

        Raises:
            RuntimeError: it goes on without an end.
        """
        for _ in range(most_moments):
            due = self.due
            if due is None:
                return
            self._move(max(due, self.now))
        raise RuntimeError(f"after {most_moments} moments the session still goes on, at second {self.now}")

    def move_until(self, reached: Callable[[StateChanged], bool]) -> None:
        """Go on until a state is `reached`.

        Raises:
            LookupError: it never is.
        """
        while not reached(self.state):
            due = self.due
            if due is None:
                raise LookupError(f"the session came to rest, {self.state.phase}, at second {self.now}")
            self._move(max(due, self.now))

    def type(self, text: str) -> list[Action]:
        """Type `text` now, and give what the session does."""
        command = self._grammar.match_typed(text)
        self.record.heard(self.now, text, command)
        return self.receive(NotUnderstood() if command is None else Heard(command, text, typed=True))

    def hear(self, text: str) -> list[Action]:
        """Let the recogniser hear `text` now, and give what the session does."""
        command = self._grammar.match(text)
        self.record.heard(self.now, text, command)
        return self.receive(NotUnderstood() if command is None else Heard(command, text))

    def receive(self, event: Event) -> list[Action]:
        """Let `event` happen now, and give what the session does."""
        self.events.append((self.now, event))
        actions = self.session.receive(event, self.now)
        self._note(actions)
        self._silence()
        return actions

    def _move(self, time: float) -> None:
        self.now = time
        if self._ends is not None and self._ends[0] <= time:
            token, self._ends = self._ends[1], None
            self.receive(SpeechEnded(token))
        else:
            self._note(self.session.tick(time))
        self._silence()

    def _note(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self.record.acted(self.now, action)
            if isinstance(action, Hush):
                self._ends = None
            elif isinstance(action, Say):
                self._ends = (self.now + seconds_of(self._line_seconds, action.text, action.beat), action.token)

    def _silence(self) -> None:
        """End the lines that take no time, and answer what has been asked."""
        while self._ends is not None and self._ends[0] <= self.now and not self.session.over:
            token, self._ends = self._ends[1], None
            self.events.append((self.now, SpeechEnded(token)))
            self._note(self.session.receive(SpeechEnded(token), self.now))
        answer = _answer_now(self.session, self._answers)
        given, self._given = self._given, answer is not None
        if answer is not None and not given:
            self.type(answer)
