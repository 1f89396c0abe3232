"""What the coach's mouth does where voice or loudspeaker fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.clip import Clip
from voice_coach.errors import SpeakerError, VoiceError
from voice_coach.mouths import SpeakingMouth
from voice_coach.runner import Inbox, LineEnded, Trouble
from voice_coach.session.actions import Say
from voice_coach.speech.rehearsal import Rehearsal
from voice_coach.testing import FakeSpeaker

if TYPE_CHECKING:
    from collections.abc import Iterator


class Voice:
    """Renders silence, or fails."""

    rate = 16_000

    def __init__(self) -> None:
        self.fails = False

    def render(self, text: str, beat: float | None = None) -> Clip:
        if self.fails:
            raise VoiceError(f"{text!r} cannot be said.", f"Not even with the beat {beat}.", "nothing")
        return Clip(np.zeros(160, np.int16), self.rate)

    def close(self) -> None:
        pass


@pytest.fixture
def voice() -> Voice:
    return Voice()


@pytest.fixture
def speaker() -> FakeSpeaker:
    return FakeSpeaker()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def mouth(voice: Voice, speaker: FakeSpeaker, inbox: Inbox) -> Iterator[SpeakingMouth]:
    mouth = SpeakingMouth(Rehearsal(voice), speaker, inbox)
    yield mouth
    mouth.close()


def test_a_line_is_over_when_its_last_sample_has_left(mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox) -> None:
    mouth.say(Say(1, "Hold."))
    assert inbox.empty()
    speaker.finish()
    assert inbox.get_nowait() == LineEnded(1)


def test_a_lost_loudspeaker_is_told_once_and_lines_end_at_once(
    mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox
) -> None:
    speaker.is_alive = False
    mouth.say(Say(1, "Hold."))
    mouth.say(Say(2, "Let go."))
    trouble, *ends = [inbox.get_nowait() for _ in range(3)]
    assert isinstance(trouble, Trouble)
    assert isinstance(trouble.error, SpeakerError)
    assert ends == [LineEnded(1), LineEnded(2)]
    assert speaker.said == []


def test_a_voice_that_fails_is_told_once_and_lines_end_at_once(
    mouth: SpeakingMouth, voice: Voice, inbox: Inbox
) -> None:
    voice.fails = True
    mouth.say(Say(1, "Hold."))
    mouth.say(Say(2, "Let go."))
    trouble, *ends = [inbox.get_nowait() for _ in range(3)]
    assert isinstance(trouble, Trouble)
    assert isinstance(trouble.error, VoiceError)
    assert ends == [LineEnded(1), LineEnded(2)]
