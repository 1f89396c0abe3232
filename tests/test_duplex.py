"""What counts while the coach speaks, and what is said where full duplex is not possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.models import model_folder
from voice_coach import duplex
from voice_coach.audio.clip import Clip
from voice_coach.audio.over_echo import VoiceOverEcho
from voice_coach.audio.player import DeviceSpeaker
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.runner import Inbox, Trouble
from voice_coach.speech.models import SpeechModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from voice_coach.settings import Duplex


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return SpeechModel(model_folder())


@pytest.fixture
def speaker() -> Iterator[DeviceSpeaker]:
    speaker = DeviceSpeaker(22_050)
    yield speaker
    speaker.close()


@pytest.mark.parametrize(("setting", "everything_counts"), [("auto", True), ("half", False)])
def test_what_counts_while_the_coach_speaks(
    setting: Duplex, *, everything_counts: bool, model: SpeechModel, speaker: DeviceSpeaker
) -> None:
    book = load_phrasebook()
    listener = duplex.listen_beside(speaker, setting, model=model, phrasebook=book, inbox=Inbox())
    counting = {command.id for command in listener.over_the_coach.meanings.values()}
    assert ("harder" in counting) is everything_counts
    assert {"stop", "pain", "dizzy", "next", "pause"} <= counting


def test_what_is_played_goes_to_whoever_wants_it(speaker: DeviceSpeaker) -> None:
    played: list[NDArray[np.int16]] = []
    speaker.on_played = played.append
    speaker.say(Clip(np.full(500, 7, np.int16), speaker.rate), lambda: None)
    speaker.read(220)
    assert 7 in np.concatenate(played)


@pytest.mark.parametrize(
    ("taken_out", "words"), [(None, ["0.62 s late", "0.60 s"]), (3.4, ["only 3 dB", "of the coach"])]
)
def test_why_full_duplex_is_not_possible_is_said_in_a_line_with_a_remedy(
    taken_out: float | None, words: list[str]
) -> None:
    error = duplex.no_full_duplex(0.62, taken_out)
    assert all(word in error.what for word in words)
    assert "as soon as it is silent" in error.meaning
    assert "--duplex half" in error.remedy


def test_a_loudspeaker_with_a_clock_of_its_own_that_the_canceller_cannot_follow_is_told(
    model: SpeechModel, speaker: DeviceSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox()
    listener = duplex.listen_beside(speaker, "auto", model=model, phrasebook=load_phrasebook(), inbox=inbox)
    monkeypatch.setattr(VoiceOverEcho, "is_echo", True)
    monkeypatch.setattr(VoiceOverEcho, "delay", 0.1)
    monkeypatch.setattr(VoiceOverEcho, "taken_out", 2.0)
    speaker.say(Clip(np.full(4410, 7000, np.int16), speaker.rate), lambda: None)
    for _ in range(10):
        speaker.read(220)
        listener.feed(bytes(320))
    told = inbox.get()
    assert isinstance(told, Trouble)
    assert "only 2 dB" in told.error.what
    assert inbox.empty()
    assert "harder" not in {command.id for command in listener.over_the_coach.meanings.values()}
