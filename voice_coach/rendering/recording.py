"""A whole routine as a sound file: the session runs on a moved clock, and nobody is asked anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from voice_coach.audio.wav_files import WavSpeaker
from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.mouths import SpeakingMouth
from voice_coach.nobody import Nobody
from voice_coach.rendering.chapters import Chapter, Contents
from voice_coach.runner import EndWanted, Inbox, LineEnded, Runner
from voice_coach.screen.sentences import side_words
from voice_coach.session.actions import Action, Say, StepBegan
from voice_coach.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.runner import EarsReady, Mended, Timed
    from voice_coach.session.plan import Plan
    from voice_coach.speech.rehearsal import Rehearsal

_LAST = "rating_at_end"
_LEFT_OUT = ("rating", _LAST)
"""Names of lines that a file cannot make sense of: they ask for a number. After the last, nothing is left to say."""
_INSTEAD = {"opening_question": "recorded_check"}
"""Names of lines that ask, and of those that tell the same."""


def record(plan: Plan, rehearsal: Rehearsal, path: Path, words_per_second: float) -> Contents:
    """Write the sound of a whole session into a WAV file, and tell what is where.

    Args:
        plan: the session.
        rehearsal: gives the lines as sound; is closed.
        path: the file; an existing one is replaced.
        words_per_second: how fast the voice speaks, to know beforehand how long a line takes.

    Raises:
        SoundFileError: the file cannot be written.
        VoiceError: the voice fails.
    """
    inbox = Inbox()
    speaker = WavSpeaker(path, rehearsal.rate)
    mouth = _RecordedMouth(rehearsal, speaker, inbox, plan)
    notes = _Notes()
    clock = FastClock()
    phrasebook = load_phrasebook()
    session = Session(plan, phrasebook.grammar(), words_per_second)
    speaking = _Speaking(speaker)
    try:
        Runner(
            session=session,
            phrasebook=phrasebook,
            clock=clock,
            inbox=inbox,
            mouth=mouth,
            timed=[speaking, _AfterTheLine(Nobody(session, clock, (), inbox), speaker)],
            watchers=[notes],
        ).run()
    finally:
        mouth.close()
    if notes.trouble is not None:
        raise notes.trouble
    chapters = tuple(notes.chapters)
    if not chapters or chapters[0].at > 0:
        chapters = (Chapter(0.0, plan.routine.name), *chapters)
    return Contents(plan.routine.name, chapters, clock.now())


class _SaysUntil(Protocol):
    @property
    def ends_at(self) -> float | None: ...

    def advance(self, to_seconds: float) -> None: ...


class _Speaking:
    """Keeps the sound file in step with the session."""

    def __init__(self, speaker: _SaysUntil) -> None:
        self._speaker = speaker

    @property
    def due(self) -> float | None:
        return self._speaker.ends_at

    def advance(self, now: float) -> None:
        self._speaker.advance(now)


class _AfterTheLine:
    """Answers a question when it has been said: nothing is cut off in a recording."""

    def __init__(self, answers: Timed, speaker: _SaysUntil) -> None:
        self._answers = answers
        self._speaker = speaker

    @property
    def due(self) -> float | None:
        return self._answers.due if self._speaker.ends_at is None else None

    def advance(self, now: float) -> None:
        if self._speaker.ends_at is None:
            self._answers.advance(now)


class _RecordedMouth(SpeakingMouth):
    """Says what makes sense in a recording, and begins with what a recording cannot do."""

    def __init__(self, rehearsal: Rehearsal, speaker: WavSpeaker, inbox: Inbox, plan: Plan) -> None:
        super().__init__(rehearsal, speaker, inbox)
        self._to = inbox
        self._left_out = {plan.lines[name].say for name in _LEFT_OUT}
        self._last = plan.lines[_LAST].say
        self._instead = {plan.lines[asks].say: plan.lines[tells].say for asks, tells in _INSTEAD.items()}
        self._before = plan.lines["recorded_beginning"].say if plan.routine.greeting else ""

    def say(self, line: Say) -> None:
        if line.text in self._left_out:
            self._to.put(LineEnded(line.token))
            if line.text == self._last:
                self._to.put(EndWanted())
            return
        text = self._instead.get(line.text, line.text)
        if self._before:
            text, self._before = f"{self._before} {text}", ""
        super().say(Say(line.token, text, line.beat, line.safety))

    def chime(self, name: str) -> None:
        if name != "accepted":  # nobody has said anything
            super().chime(name)

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        wanted = ((self._instead.get(text, text), beat) for text, beat in lines if text not in self._left_out)
        super().prepare(wanted)


class _Notes:
    """Notes where each step begins, and whether the voice has failed."""

    def __init__(self) -> None:
        self.chapters: list[Chapter] = []
        self.trouble: CoachError | None = None

    def acted(self, now: float, action: Action) -> None:
        if isinstance(action, StepBegan):
            side = side_words(action.side)
            self.chapters.append(Chapter(now, f"{action.name}, {side}" if side else action.name))

    def heard(self, now: float, text: str, command: Command | None) -> None:
        """Note nothing: what is heard is said by nobody."""

    def listening(self, now: float, ready: EarsReady) -> None:
        """Note nothing."""

    def troubled(self, _now: float, error: CoachError) -> None:
        self.trouble = self.trouble or error

    def mended(self, now: float, news: Mended) -> None:
        """Nothing of it is kept."""
