"""The coach's turn to speak: one line at a time, the rest in a queue."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from voice_coach.session.actions import Action, Hush, Say

ECHO = 0.5
"""Seconds after a line in which the microphone may still hear it: loudspeaker, room and recogniser take their time."""
MOST_WORDS_PER_SECOND = 5.0
"""No voice is faster than this; what comes later in a line than so many words, nobody has heard yet."""
BREATH = 0.2
"""Seconds of silence between a command and what the coach says to it: the user hears that the coach has heard."""
_OVERDUE_FACTOR = 3.0
_OVERDUE_SECONDS = 5.0
_USUAL_WORDS_PER_SECOND = 2.5


@dataclass(frozen=True, slots=True)
class Utterance:
    """A line of the coach, ready to be spoken.

    Attributes:
        ears_closed: it holds a phrase that a user might say.
        safety: only stop and body words may interrupt it.
        keep: it is said later where a receipt interrupts it; without it, it is dropped.
        yields: cues of the work come first, and interrupt it.
    """

    text: str
    beat: float | None = None
    ears_closed: bool = False
    safety: bool = False
    keep: bool = False
    yields: bool = False


@dataclass(slots=True)
class Speaking:
    """What is being said, what waits, and when a lost line is given up.

    Attributes:
        words_per_second: of the voice, to know beforehand how long a line takes; None where there is none.
        muted: there is a voice, and it is silent for now: lines are read.
        quiet_until: when the next line may begin, in the session's seconds; lines on a beat do not wait.
    """

    words_per_second: float | None = None
    muted: bool = False
    current: Utterance | None = None
    token: int = 0
    began: float = 0.0
    quiet_until: float = 0.0
    waiting: deque[Utterance] = field(default_factory=deque)
    last: Utterance | None = None
    last_ended: float = 0.0

    @property
    def silent(self) -> bool:
        return self.current is None and not self.waiting

    @property
    def may_cue(self) -> bool:
        """Tell whether a cue of the work may be said now: nothing is said or waits, or it gives way."""
        return all(line is None or line.yields for line in (self.current, *self.waiting))

    def drop_yielding(self) -> None:
        """Forget what gives way to cues: it has had its time."""
        self.waiting = deque(line for line in self.waiting if not line.yields)
        if self.current is not None and self.current.yields:
            self.current = replace(self.current, keep=False)

    def drop(self, text: str) -> None:
        """Forget a line that is not true any more: if it is being said, it is not said again."""
        self.waiting = deque(line for line in self.waiting if line.text != text)
        if self.current is not None and self.current.text == text:
            self.current = replace(self.current, keep=False)

    @property
    def due(self) -> float | None:
        """When the next line may begin; None where none waits for that."""
        return self.quiet_until if self.waiting and self.current is None else None

    def draw_breath(self, now: float) -> None:
        """Be quiet for a moment before the next line, where lines take time at all."""
        if self.words_per_second is not None and not self.muted:
            self.quiet_until = now + BREATH

    @property
    def overdue(self) -> float | None:
        """When to stop waiting for the end of the current line: the loudspeaker may have died."""
        if self.current is None:
            return None
        words = len(self.current.text.split())
        usual = words * max(self.current.beat or 0.0, 1 / _USUAL_WORDS_PER_SECOND)
        return self.began + _OVERDUE_FACTOR * usual + _OVERDUE_SECONDS

    def seconds(self, text: str) -> float:
        """Tell how long `text` will take, roughly, in seconds."""
        if self.words_per_second is None or self.muted:
            return 0.0
        return len(text.split()) / self.words_per_second

    def add(self, utterance: Utterance, now: float) -> list[Action]:
        """Speak `utterance` after what waits already."""
        self.waiting.append(utterance)
        return self.go_on(now)

    def instead(self, utterance: Utterance, now: float) -> list[Action]:
        """Speak `utterance` at once, or after the safety lines that are being said or wait.

        What it interrupts is dropped, unless it is to be kept for afterwards.
        """
        silence: list[Action] = []
        kept = [line for line in self.waiting if line.keep and not line.safety]
        if self.current is not None and not self.current.safety:
            silence = [Hush()]
            kept = [self.current, *kept] if self.current.keep else kept
            self._end_current(now)
        self.waiting = deque([*self._safety_waiting, utterance, *kept])
        return silence + self.go_on(now)

    def forget(self, now: float, *, urgent: bool = False) -> bool:
        """Forget what is being said and what waits; safety lines only where it is `urgent`.

        Whoever calls sees to the silence, if there is to be one: False where a safety line goes on.
        """
        self.waiting = deque(() if urgent else self._safety_waiting)
        if not urgent and self.current is not None and self.current.safety:
            return False
        self._end_current(now)
        return True

    @property
    def _safety_waiting(self) -> list[Utterance]:
        return [line for line in self.waiting if line.safety]

    def echoes(self, now: float) -> list[Utterance]:
        """Give the lines that the microphone may hear now: the one being said, and one that has just ended."""
        recent = self.last if self.last is not None and now < self.last_ended + ECHO else None
        return [line for line in (self.current, recent) if line is not None]

    def said_by(self, now: float) -> list[str]:
        """Give of the lines that the microphone may hear as much as can have been said, had it been said very fast."""
        said = int((now - self.began) * MOST_WORDS_PER_SECOND) + 1
        return [" ".join(line.text.split()[:said]) if line is self.current else line.text for line in self.echoes(now)]

    def ears_open_at(self, now: float) -> float | None:
        """Give the moment from which all commands count again after a line that held some; None where they do."""
        closed = self.last is not None and self.last.ears_closed
        return self.last_ended + ECHO if closed and now < self.last_ended + ECHO else None

    def echo_over_at(self, now: float) -> float | None:
        """Give the moment from which the microphone hears the last line no more; None where it does not now."""
        return self.last_ended + ECHO if self.last is not None and now < self.last_ended + ECHO else None

    def _end_current(self, now: float) -> None:
        if self.current is not None:
            self.last, self.last_ended = self.current, now
            self.current = None

    def ended(self, token: int, now: float) -> list[Action] | None:
        """Note that the line with `token` is over; None when it is not the one being said."""
        if self.current is None or token != self.token:
            return None
        self._end_current(now)
        return self.go_on(now)

    def go_on(self, now: float) -> list[Action]:
        """Begin the next line, if it may begin."""
        if self.current is not None or not self.waiting:
            return []
        if now < self.quiet_until and self.waiting[0].beat is None:
            return []
        self.current = self.waiting.popleft()
        self.token += 1
        self.began = now
        return [Say(self.token, self.current.text, self.current.beat, self.current.safety)]
