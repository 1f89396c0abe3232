"""A session that is moved step by step, for a test that looks at it in the middle of things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.actions import Action, Hush, Say, StateChanged
from voice_coach.session.events import Event, Heard, NotUnderstood, SpeechEnded
from voice_coach.testing.lengths import LineSeconds, seconds_of
from voice_coach.testing.records import SessionRecord
from voice_coach.testing.sessions import all_phrases, answer_now, new_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voice_coach.session.plan import Plan


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
        self._grammar = all_phrases()
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
        return self.receive(NotUnderstood(typed=True) if command is None else Heard(command, text, typed=True))

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
        answer = answer_now(self.session, self._answers)
        given, self._given = self._given, answer is not None
        if answer is not None and not given:
            self.type(answer)
