"""Beside a loudspeaker the coach never obeys itself, gives way to voices, and goes on where nothing came of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tests.audio.echo_loop import EchoLoop, LoopSpeaker
from tests.audio.echo_room import RATE, VOICE_DBFS, EchoRoom, at_level
from tests.models import model_folder
from voice_coach.audio.clip import Clip
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.models import SpeechModel
from voice_coach.speech.selfhearing import Ear, GuardedListener
from voice_coach.speech.voice import PyttsxVoice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from voice_coach.audio.canceller import Canceller
    from voice_coach.audio.clip import GivesWay

RECORDINGS = Path(__file__).parents[1] / "recordings"
BOOK = load_phrasebook()
LINES = (
    "Sit where you can see both soles, and look for broken skin.",
    "Ball under your left foot, just in front of the heel. Roll from heel to toes, three seconds each way.",
    "The pad behind the toes carries you all day. Slow strokes let it soften.",
)


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return SpeechModel(model_folder())


@pytest.fixture(scope="module")
def voice() -> Iterator[PyttsxVoice]:
    voice = PyttsxVoice()
    yield voice
    voice.close()


def recording(name: str) -> NDArray[np.float32]:
    samples, _ = soundfile.read(RECORDINGS / f"{name}.flac", dtype="float32")
    return at_level(samples, VOICE_DBFS)


def cough() -> NDArray[np.float32]:
    noise = np.random.default_rng(3).normal(size=RATE // 3) * np.hanning(RATE // 3)
    return at_level(noise.astype(np.float32), VOICE_DBFS)


class NoCanceller:
    """Changes nothing."""

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        del played
        return heard

    def rest(self, blocks: int) -> None:
        """Do nothing."""


class Scene:
    """A coach that speaks, and a person in its room."""

    def __init__(
        self,
        model: SpeechModel,
        voice: PyttsxVoice,
        room: EchoRoom,
        *,
        full: bool = False,
        canceller: Canceller | None = None,
    ) -> None:
        self._voice = voice
        self.speaker = LoopSpeaker(voice.rate)
        self._loop = EchoLoop(self.speaker, room)
        self.refusals: list[tuple[float, float | None]] = []
        self.listener = GuardedListener(
            model,
            BOOK.grammar(),
            self.speaker,
            self.speaker.reference,
            BOOK.over_the_coach,
            full=full,
            canceller=canceller,
            on_half_duplex=lambda *why: self.refusals.append(why),
        )
        self.heard: list[str] = []
        self.ended: list[str] = []
        self.ears: list[Ear] = []

    def coach(self, line: str, gives_way: GivesWay = "waits") -> None:
        clip = self._voice.render(line)
        self.speaker.say(Clip(clip.samples, clip.rate, line, gives_way), lambda: self.ended.append(line))

    def say(self, sound: NDArray[np.float32]) -> None:
        self._loop.say(sound)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            utterances = self.listener.feed(self._loop.next_block())
            self.heard += [u.command.id for u in utterances if u.command is not None]
            self.ears.append(self.listener.ear)

    def lose(self, seconds: float) -> None:
        """Let time go by of which the microphone loses the sound."""
        for _ in range(round(seconds * 100)):
            self._loop.next_block()

    def wait_for_silence(self) -> None:
        while self.speaker.is_speaking:
            self.wait(0.1)
        self.wait(0.5)

    def warm_up(self) -> None:
        """Let the coach say a line, so that its echo is known."""
        self.wait(1.0)
        self.coach(LINES[0])
        self.wait_for_silence()


@pytest.mark.parametrize("attenuation", [0.0, -6.0, -14.0, -20.0])
def test_the_coach_alone_is_never_obeyed_and_never_gives_way(
    attenuation: float, model: SpeechModel, voice: PyttsxVoice
) -> None:
    scene = Scene(model, voice, EchoRoom(attenuation, 150))
    scene.warm_up()
    for line in ("Say resume, or finish. Next, stop.", *LINES):
        scene.coach(line)
        scene.wait_for_silence()
    assert scene.heard == []
    assert scene.speaker.pauses == 0
    assert len(scene.ended) == len(LINES) + 2


@pytest.mark.parametrize("attenuation", [0.0, -6.0, -20.0])
def test_stop_over_the_coach_is_heard_and_the_coach_is_silent_before_that(
    attenuation: float, model: SpeechModel, voice: PyttsxVoice
) -> None:
    scene = Scene(model, voice, EchoRoom(attenuation, 40))
    scene.warm_up()
    scene.coach(LINES[1])
    scene.wait(1.5)
    for _ in range(2):
        if not scene.heard:
            scene.say(recording("stop_1"))
            scene.wait(1.6)
    assert scene.heard == ["stop"]
    assert scene.speaker.pauses >= 1


def test_after_a_cough_the_coach_goes_on_to_the_end_of_the_line(model: SpeechModel, voice: PyttsxVoice) -> None:
    scene = Scene(model, voice, EchoRoom(-6, 40))
    scene.warm_up()
    scene.coach(LINES[1])
    scene.wait(1.5)
    scene.say(cough())
    scene.wait(0.5)
    assert scene.listener.ear is Ear.VOICE
    waits_at = scene.speaker.progress
    scene.wait(0.5)
    assert scene.speaker.progress == waits_at
    scene.wait_for_silence()
    assert scene.ended[-1] == LINES[1]
    assert scene.heard == []


def test_in_half_duplex_what_may_wait_counts_once_the_coach_has_given_way(
    model: SpeechModel, voice: PyttsxVoice
) -> None:
    assert "seven" not in BOOK.over_the_coach
    scene = Scene(model, voice, EchoRoom(-20, 400))
    scene.warm_up()
    scene.coach(LINES[1])
    scene.wait(1.5)
    scene.say(cough())
    scene.wait(1.0)
    scene.say(recording("seven_1"))
    scene.wait(1.7)
    assert scene.heard == ["seven"]


def test_a_line_that_begins_while_somebody_speaks_waits_for_the_end_of_that(
    model: SpeechModel, voice: PyttsxVoice
) -> None:
    scene = Scene(model, voice, EchoRoom(-6, 40))
    scene.warm_up()
    scene.say(recording("stop_2"))
    while scene.listener.partial == "":
        scene.wait(0.01)
    scene.coach(LINES[1])
    scene.wait(1.0)
    assert scene.speaker.pauses == 1
    assert scene.heard == ["stop"]


def test_a_safety_line_does_not_wait(model: SpeechModel, voice: PyttsxVoice) -> None:
    scene = Scene(model, voice, EchoRoom(-14, 40))
    scene.warm_up()
    scene.coach(LINES[1], "is lowered")
    scene.wait(1.5)
    scene.say(cough())
    scene.wait(0.5)
    before = scene.speaker.progress
    scene.wait(0.5)
    after = scene.speaker.progress
    assert before is not None
    assert after is not None
    assert after[1] > before[1]


def test_whoever_talks_on_and_on_is_not_waited_for_for_ever(model: SpeechModel, voice: PyttsxVoice) -> None:
    scene = Scene(model, voice, EchoRoom(-14, 40))
    scene.warm_up()
    talk = np.concatenate([recording("sentence_1")] * 6)
    scene.coach(LINES[1])
    scene.wait(1.0)
    scene.say(talk)
    scene.wait(25.0)
    assert scene.ended[-1] == LINES[1]


def heard_over_the_coach(scene: Scene) -> list[str]:
    """Let somebody say a word over a line, and give what is heard."""
    scene.coach(LINES[1])
    scene.wait(1.5)
    scene.say(recording("seven_1"))
    scene.wait(1.7)
    return scene.heard


class TestLostSound:
    """What the microphone has lost once made what is played late for the rest of the session."""

    @pytest.mark.parametrize("lost", [0.1, 0.28])
    def test_after_a_loss_in_a_silence_the_coach_neither_gives_way_to_itself_nor_obeys_itself(
        self, lost: float, model: SpeechModel, voice: PyttsxVoice
    ) -> None:
        scene = Scene(model, voice, EchoRoom(0, 60), full=True, canceller=KalmanCanceller())
        scene.warm_up()
        scene.lose(lost)
        scene.wait(0.5)
        for line in ("Say resume, or finish. Next, stop.", LINES[1]):
            scene.coach(line)
            scene.wait_for_silence()
        assert scene.heard == []
        assert scene.speaker.pauses == 0
        assert scene.refusals == []

    @pytest.mark.parametrize("lost", [0.2, 0.5])
    def test_after_a_loss_in_a_line_the_coach_gives_way_to_itself_once_at_the_most_and_never_obeys_itself(
        self, lost: float, model: SpeechModel, voice: PyttsxVoice
    ) -> None:
        scene = Scene(model, voice, EchoRoom(0, 60), full=True, canceller=KalmanCanceller())
        scene.warm_up()
        scene.coach(LINES[1])
        scene.wait(1.5)
        scene.lose(lost)
        scene.wait_for_silence()
        for line in ("Say resume, or finish. Next, stop.", LINES[1]):
            scene.coach(line)
            scene.wait_for_silence()
        assert scene.heard == []
        assert scene.speaker.pauses <= 1
        assert scene.refusals == []


class TestFullDuplex:
    def test_everything_counts_over_the_coach_with_headphones(self, model: SpeechModel, voice: PyttsxVoice) -> None:
        scene = Scene(model, voice, EchoRoom(-60, 40), full=True)
        scene.warm_up()
        assert heard_over_the_coach(scene) == ["seven"]
        assert scene.refusals == []

    def test_everything_counts_beside_a_loudspeaker_as_loud_as_a_person(
        self, model: SpeechModel, voice: PyttsxVoice
    ) -> None:
        scene = Scene(model, voice, EchoRoom(0, 400), full=True, canceller=KalmanCanceller())
        scene.warm_up()
        for line in LINES[1:]:
            scene.coach(line)
            scene.wait_for_silence()
        assert heard_over_the_coach(scene) == ["seven"]
        assert scene.refusals == []

    def test_without_a_canceller_it_is_refused_once_where_there_is_an_echo(
        self, model: SpeechModel, voice: PyttsxVoice
    ) -> None:
        scene = Scene(model, voice, EchoRoom(-6, 150), full=True)
        scene.warm_up()
        for line in LINES:
            scene.coach(line)
            scene.wait_for_silence()
        [(delay, taken_out)] = scene.refusals
        assert delay == pytest.approx(0.2, abs=0.06)
        assert taken_out is None

    def test_a_canceller_is_not_asked_to_find_an_echo_that_is_too_late(
        self, model: SpeechModel, voice: PyttsxVoice
    ) -> None:
        scene = Scene(model, voice, EchoRoom(-6, 600), full=True, canceller=NoCanceller())
        scene.warm_up()
        for line in LINES:
            scene.coach(line)
            scene.wait_for_silence()
        [(delay, taken_out)] = scene.refusals
        assert delay == pytest.approx(0.65, abs=0.06)
        assert taken_out is None
        assert scene.heard == []
