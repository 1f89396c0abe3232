"""The coach's mouth: loud through a speaker, or silent where everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.errors import SpeakerError, VoiceError
from voice_coach.runner import Inbox, LineEnded, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voice_coach.audio.interfaces import Speaker
    from voice_coach.errors import CoachError
    from voice_coach.session.actions import Say
    from voice_coach.speech.rehearsal import Rehearsal


class SilentMouth:
    """Says nothing: a line is over at the moment it begins."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def say(self, line: Say) -> None:
        self._inbox.put(LineEnded(line.token))

    def chime(self, name: str) -> None:
        """Do nothing."""

    def hush(self) -> None:
        """Do nothing."""

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class SpeakingMouth:
    """Says lines through a speaker. Where voice or loudspeaker fails, it goes on silently and says so once.

    Args:
        rehearsal: gives the lines as sound.
        speaker: plays them.
        inbox: gets the ends of lines, and the trouble.
    """

    def __init__(self, rehearsal: Rehearsal, speaker: Speaker, inbox: Inbox) -> None:
        self._rehearsal = rehearsal
        self._speaker = speaker
        self._inbox = inbox
        self._failed = False

    def say(self, line: Say) -> None:
        ended = LineEnded(line.token)
        if not self._failed and not self._speaker.is_alive:
            self._fail(_speaker_gone())
        if self._failed:
            self._inbox.put(ended)
            return
        try:
            clip = self._rehearsal.clip(line.text, line.beat)
        except VoiceError as error:
            self._fail(error)
            self._inbox.put(ended)
            return
        self._speaker.say(clip, lambda: self._inbox.put(ended))

    def _fail(self, error: CoachError) -> None:
        self._failed = True
        self._inbox.put(Trouble(error))

    def chime(self, name: str) -> None:
        from voice_coach.audio.chimes import chime_clip  # noqa: PLC0415 - needs numpy

        self._speaker.chime(chime_clip(name, self._speaker.rate))

    def hush(self) -> None:
        self._speaker.hush()

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        self._rehearsal.prepare(lines)

    def close(self) -> None:
        self._speaker.close()
        self._rehearsal.close()


def _speaker_gone() -> SpeakerError:
    return SpeakerError(
        "The loudspeaker has gone.",
        "The session goes on; read the lines and type the commands.",
        "voice-coach start (when the loudspeaker is back)",
    )
