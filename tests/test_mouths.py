"""What the coach's mouth does where voice or loudspeaker fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.clip import Clip
from voice_coach.errors import VoiceError
from voice_coach.mouths import SpeakingMouth
from voice_coach.runner import Inbox, LineEnded, Trouble
from voice_coach.session.actions import Say
from voice_coach.session.manner import USUAL_MANNER, Manner
from voice_coach.speech.rehearsal import Rehearsal
from voice_coach.testing import FakeSpeaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Voice:
    """Renders silence, or fails."""

    rate = 16_000

    def __init__(self) -> None:
        self.fails = False
        self.manners: list[Manner] = []

    def render(self, text: str, beat: float | None = None, manner: Manner = USUAL_MANNER) -> Clip:
        self.manners.append(manner)
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
def remembered() -> list[Manner]:
    return []


@pytest.fixture
def mouth(
    voice: Voice, speaker: FakeSpeaker, inbox: Inbox, remembered: list[Manner], monkeypatch: pytest.MonkeyPatch
) -> Iterator[SpeakingMouth]:
    monkeypatch.setattr("voice_coach.mouths.PAUSE_BEFORE_NEWS", 0.01)
    mouth = SpeakingMouth(Rehearsal(voice), speaker, inbox, remembered.append)
    yield mouth
    mouth.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_line_is_over_when_its_last_sample_has_left(mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox) -> None:
    mouth.say(Say(1, "Hold."))
    assert inbox.empty()
    speaker.finish()
    assert inbox.get_nowait() == LineEnded(1)


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


class TestManner:
    def test_the_next_line_is_louder_and_that_is_remembered(
        self, mouth: SpeakingMouth, voice: Voice, remembered: list[Manner]
    ) -> None:
        mouth.say(Say(1, "Hold."))
        mouth.speak_like(Manner(decibels=3.0))
        mouth.say(Say(2, "Hold."))
        assert voice.manners == [USUAL_MANNER, Manner(decibels=3.0)]
        assert remembered == [Manner(decibels=3.0)]

    def test_sounds_are_louder_too(self, mouth: SpeakingMouth, speaker: FakeSpeaker) -> None:
        mouth.chime("accepted")
        mouth.speak_like(Manner(decibels=3.0))
        mouth.chime("accepted")
        usual, louder = [float(np.max(np.abs(chime.samples))) for chime in speaker.chimes]
        assert 20 * np.log10(louder / usual) == pytest.approx(3.0, abs=0.1)


class TestMuted:
    def test_the_line_being_said_is_over_at_once_and_once_only(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox
    ) -> None:
        mouth.say(Say(1, "Hold."))
        mouth.mute(on=True)
        assert speaker.hushes == 1
        assert inbox.get_nowait() == LineEnded(1)
        mouth.mute(on=False)
        assert inbox.empty()

    def test_news_are_not_told_to_their_end(self, mouth: SpeakingMouth, speaker: FakeSpeaker) -> None:
        mouth.announce("I cannot hear you.")
        wait_until(lambda: len(speaker.said) == 1)
        mouth.mute(on=True)
        assert speaker.hushes == 1

    def test_nothing_is_said_and_nothing_sounds_until_it_is_over(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox
    ) -> None:
        mouth.mute(on=True)
        mouth.say(Say(1, "Hold."))
        mouth.chime("accepted")
        mouth.announce("I cannot hear you.")
        time.sleep(0.1)
        assert (speaker.said, speaker.chimes) == ([], [])
        assert inbox.get_nowait() == LineEnded(1)
        mouth.mute(on=False)
        mouth.say(Say(2, "Let go."))
        assert len(speaker.said) == 1
        assert inbox.empty()


class TestNews:
    def test_they_are_told_at_once_where_nothing_is_being_said(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox
    ) -> None:
        mouth.announce("I cannot hear you.")
        wait_until(lambda: len(speaker.said) == 1)
        speaker.finish()
        assert inbox.empty()

    def test_they_wait_for_the_line_that_is_being_said(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker, inbox: Inbox
    ) -> None:
        mouth.say(Say(1, "Hold."))
        mouth.announce("I cannot hear you.")
        time.sleep(0.1)
        assert len(speaker.said) == 1
        speaker.finish()
        assert inbox.get_nowait() == LineEnded(1)
        wait_until(lambda: len(speaker.said) == 2)

    def test_a_line_of_the_session_comes_first_and_they_are_told_again_after_it(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker
    ) -> None:
        mouth.announce("I cannot hear you.")
        wait_until(lambda: len(speaker.said) == 1)
        mouth.say(Say(1, "Let go."))
        speaker.finish()
        wait_until(lambda: len(speaker.said) == 3)
        speaker.finish()
        time.sleep(0.1)
        assert len(speaker.said) == 3

    def test_silence_that_was_asked_for_interrupts_them(self, mouth: SpeakingMouth, speaker: FakeSpeaker) -> None:
        mouth.announce("I cannot hear you.")
        wait_until(lambda: len(speaker.said) == 1)
        mouth.hush()
        assert speaker.hushes == 1

    def test_old_news_are_no_news(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("voice_coach.mouths.NEWS_SECONDS", 0.0)
        mouth.announce("I cannot hear you.")
        time.sleep(0.1)
        assert speaker.said == []

    def test_what_the_user_must_know_is_told_however_long_the_session_speaks_and_whatever_else_happens(
        self, mouth: SpeakingMouth, speaker: FakeSpeaker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("voice_coach.mouths.NEWS_SECONDS", 0.0)
        mouth.say(Say(1, "Welcome."))
        mouth.announce("What your microphone hears is kept.", lasts=True)
        mouth.announce("I cannot hear you.")
        time.sleep(0.1)
        speaker.finish()
        wait_until(lambda: len(speaker.said) == 2)
        assert speaker.said[-1].text == "What your microphone hears is kept."
        speaker.finish()
        time.sleep(0.1)
        assert len(speaker.said) == 2

    def test_fresh_news_come_before_what_can_wait(self, mouth: SpeakingMouth, speaker: FakeSpeaker) -> None:
        mouth.say(Say(1, "Welcome."))
        mouth.announce("What your microphone hears is kept.", lasts=True)
        mouth.announce("I cannot hear you.")
        speaker.finish()
        wait_until(lambda: len(speaker.said) == 2)
        speaker.finish()
        wait_until(lambda: len(speaker.said) == 3)
        texts = [clip.text for clip in speaker.said]
        assert texts == ["Welcome.", "I cannot hear you.", "What your microphone hears is kept."]
