"""A listener that dozes hears what a wakeful one hears, and spares the recogniser the silence."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tests.models import model_folder
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.dozing import DOZE_AFTER, DozingListener
from voice_coach.speech.listener import Listener
from voice_coach.speech.models import SpeechModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from voice_coach.speech.listener import Utterance

RATE = 16_000
RECORDINGS = Path(__file__).parents[1] / "recordings"
WORDS = ("stop_1", "no_1", "left_2", "three_1", "yes_2", "seven_1", "eight_1", "right_1")
GRAMMAR = load_phrasebook().grammar()


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return SpeechModel(model_folder())


def room(seconds: float, dbfs: float) -> NDArray[np.float64]:
    """Give a stretch of a room's noise."""
    return np.random.default_rng(4).normal(size=round(seconds * RATE)) * 10 ** (dbfs / 20)


def blocks(sound: NDArray[np.float64]) -> Iterator[bytes]:
    data = np.clip(sound * 32767, -32768, 32767).astype("<i2").tobytes()
    for start in range(0, len(data) - 319, 320):
        yield data[start : start + 320]


def tape(dbfs: float) -> NDArray[np.float64]:
    """Give words with five seconds of a room's noise between them."""
    words = [soundfile.read(RECORDINGS / f"{name}.flac", dtype="float64")[0] for name in WORDS]
    sound = np.concatenate([piece for word in words for piece in (np.zeros(5 * RATE), word)] + [np.zeros(2 * RATE)])
    return sound + room(len(sound) / RATE, dbfs)


def hear(listener: Listener, sound: NDArray[np.float64]) -> list[Utterance]:
    return [utterance for block in blocks(sound) for utterance in listener.feed(block)]


def commands(utterances: list[Utterance]) -> list[str]:
    return [utterance.command.id for utterance in utterances if utterance.command is not None]


@pytest.mark.parametrize("dbfs", [-75.0, -60.0, -50.0])
def test_it_hears_what_a_wakeful_listener_hears_and_as_soon(model: SpeechModel, dbfs: float) -> None:
    sound = tape(dbfs)
    wakeful, dozing = hear(Listener(model, GRAMMAR), sound), hear(DozingListener(model, GRAMMAR), sound)
    assert commands(dozing) == commands(wakeful)
    assert len(commands(dozing)) >= len(WORDS) - 2
    for one, other in zip(dozing, wakeful, strict=True):
        assert one.committed_at == pytest.approx(other.committed_at, abs=0.4)
        assert one.at == pytest.approx(other.at, abs=0.15)


def test_it_dozes_in_noise_too_and_hears_what_a_wakeful_listener_hears(model: SpeechModel) -> None:
    sound, dozing = tape(-38.0), DozingListener(model, GRAMMAR)
    dozed, heard = 0, []
    for block in blocks(sound):
        heard += dozing.feed(block)
        dozed += dozing.dozing
    assert commands(heard) == commands(hear(Listener(model, GRAMMAR), sound)) != []
    assert dozed * 0.01 > len(WORDS) * 2.0


def test_a_quiet_room_costs_little(model: SpeechModel) -> None:
    sound = room(20, -60)
    assert processor_time(lambda: hear(DozingListener(model, GRAMMAR), sound)) < 0.4 * processor_time(
        lambda: hear(Listener(model, GRAMMAR), sound)
    )


def test_it_dozes_when_nothing_has_sounded_for_a_while_and_wakes_at_a_word(model: SpeechModel) -> None:
    listener = DozingListener(model, GRAMMAR)
    hear(listener, room(DOZE_AFTER + 1.0, -60))
    assert listener.dozing
    hear(listener, soundfile.read(RECORDINGS / "stop_1.flac", dtype="float64")[0])
    assert not listener.dozing


def test_it_stays_awake_in_loud_noise(model: SpeechModel) -> None:
    listener = DozingListener(model, GRAMMAR)
    hear(listener, room(4, -30))
    assert not listener.dozing


def test_a_grammar_that_changes_while_it_dozes_is_heard_afterwards(model: SpeechModel) -> None:
    listener = DozingListener(model, load_phrasebook().grammar(frozenset({"next"})))
    hear(listener, room(4, -60))
    assert listener.dozing
    listener.use_grammar(load_phrasebook().grammar(frozenset({"stop"})))
    word = soundfile.read(RECORDINGS / "stop_1.flac", dtype="float64")[0]
    assert commands(hear(listener, np.concatenate([word, room(1, -60)]))) == ["stop"]


def test_nothing_is_being_said_when_the_sound_ends_while_it_dozes(model: SpeechModel) -> None:
    listener = DozingListener(model, GRAMMAR)
    hear(listener, room(4, -60))
    assert listener.flush() == []


def processor_time(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
