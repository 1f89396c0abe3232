"""Which loudspeakers are headphones, what counts beside which, and what is said where full duplex is not possible."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.models import model_folder
from voice_coach import duplex
from voice_coach.audio.canceller import find_canceller
from voice_coach.audio.clip import Clip
from voice_coach.audio.player import DeviceSpeaker
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.runner import Inbox, Trouble
from voice_coach.speech.models import SpeechModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from voice_coach.settings import Duplex


class Canceller:
    """Changes nothing."""

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        del played
        return heard


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return SpeechModel(model_folder())


@pytest.fixture
def speaker() -> Iterator[DeviceSpeaker]:
    speaker = DeviceSpeaker(22_050)
    yield speaker
    speaker.close()


@pytest.mark.parametrize(
    "name", ["Headphones", "bluez_output.AA_BB WH-1000 headset", "USB Head-phone", "John's AirPods Pro", "Galaxy Buds2"]
)
def test_headphones_are_known_by_their_names(name: str) -> None:
    assert duplex.are_headphones(name)


@pytest.mark.parametrize("name", ["", "Built-in Audio Analog Stereo", "alsa_output.pci HDMI", "JBL Flip 5"])
def test_other_loudspeakers_are_not(name: str) -> None:
    assert not duplex.are_headphones(name)


@dataclass(frozen=True)
class Case:
    setting: Duplex
    name: str
    is_installed: bool
    everything_counts: bool


@pytest.mark.parametrize(
    "case",
    [
        Case("auto", "Built-in Audio", is_installed=False, everything_counts=False),
        Case("auto", "Built-in Audio", is_installed=True, everything_counts=True),
        Case("auto", "Headphones", is_installed=False, everything_counts=True),
        Case("half", "Headphones", is_installed=True, everything_counts=False),
        Case("full", "Built-in Audio", is_installed=False, everything_counts=True),
    ],
)
def test_what_counts_while_the_coach_speaks(
    case: Case, model: SpeechModel, speaker: DeviceSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplex, "find_canceller", lambda: Canceller() if case.is_installed else None)
    book = load_phrasebook()
    listener = duplex.listen_beside(speaker, case.name, case.setting, model=model, phrasebook=book, inbox=Inbox())
    counting = {command.id for command in listener.over_the_coach.meanings.values()}
    assert ("harder" in counting) is case.everything_counts
    assert {"stop", "pain", "dizzy", "next", "pause"} <= counting


def test_what_is_played_goes_to_whoever_wants_it(speaker: DeviceSpeaker) -> None:
    played: list[NDArray[np.int16]] = []
    speaker.on_played = played.append
    speaker.say(Clip(np.full(500, 7, np.int16), speaker.rate), lambda: None)
    speaker.read(220)
    assert 7 in np.concatenate(played)


@pytest.mark.parametrize(
    ("canceller", "words"),
    [
        (None, ["not installed", "pip install", "--duplex half"]),
        (Canceller(), ["0.62 s late", "0.45 s", "loudspeaker"]),
    ],
)
def test_why_full_duplex_is_not_possible_is_said_in_a_line_with_a_remedy(
    canceller: Canceller | None, words: list[str]
) -> None:
    error = duplex.no_full_duplex(0.62, canceller)
    assert all(word in str(Trouble(error).error) for word in words)
    assert "as soon as it is silent" in error.meaning


def test_headphones_that_are_heard_in_the_room_are_told_as_such() -> None:
    """The canceller may be installed; it was not asked for headphones."""
    error = duplex.no_full_duplex(0.1, None, headphones=True)
    assert "not installed" not in error.what
    assert "pip" not in error.remedy
    assert "--duplex half" in error.remedy


def test_a_canceller_that_has_failed_is_told_as_such() -> None:
    error = duplex.no_full_duplex(None, Canceller())
    assert "has failed" in error.what
    assert "--duplex half" in error.remedy


def test_a_canceller_of_another_version_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    rtc = ModuleType("livekit.rtc")
    livekit = ModuleType("livekit")
    livekit.rtc = rtc  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "livekit", livekit)
    monkeypatch.setitem(sys.modules, "livekit.rtc", rtc)
    assert find_canceller() is None
