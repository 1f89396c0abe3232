"""Every line of every routine, played beside the microphone: the coach obeys nothing that it says itself."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.audio.echo_loop import EchoLoop, LoopSpeaker
from tests.audio.echo_room import EchoRoom
from tests.models import model_folder
from voice_coach.audio.clip import Clip
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.actions import Say
from voice_coach.speech.models import SpeechModel
from voice_coach.speech.rehearsal import Rehearsal
from voice_coach.speech.selfhearing import GuardedListener
from voice_coach.speech.voice import PyttsxVoice
from voice_coach.testing import ALL_IS_WELL, by_words, run_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice_coach.audio.canceller import Canceller

LEVELS = (0.0, -6.0, -14.0, -20.0)
ROUTINES = tuple(load_catalogue().routines)
EVERYTHING = [(routine, level) for routine in ROUTINES for level in LEVELS]
USUALLY = [(routine, LEVELS[number % len(LEVELS)]) for number, routine in enumerate(ROUTINES)]
CASES = EVERYTHING if os.environ.get("VOICE_COACH_ALL_ECHOES") else USUALLY
"""With that variable every routine is played at every level; it takes minutes."""


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return SpeechModel(model_folder())


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Rehearsal]:
    voice = PyttsxVoice()
    rehearsal = Rehearsal(voice)
    yield rehearsal
    rehearsal.close()
    voice.close()


class Line(NamedTuple):
    """What the coach says, and the commands that count while it does."""

    text: str
    beat: float | None
    active: frozenset[str]


def lines_of(routine: str) -> list[Line]:
    """Give what the coach says in a routine from its greeting to its summary, each line once."""
    record = run_session(routine, line_seconds=by_words(), answers=ALL_IS_WELL)
    active: dict[tuple[str, float | None], frozenset[str]] = {}
    for at, say in record.timed(Say):
        key = (say.text, say.beat)
        active[key] = active.get(key, frozenset()) | record.state_at(at).active
    return [Line(*key, commands) for key, commands in active.items()]


def obeyed(
    routine: str,
    room: EchoRoom,
    model: SpeechModel,
    rehearsal: Rehearsal,
    canceller: Canceller | None,
    *,
    moved_after: int | None = None,
) -> list[str]:
    """Give the commands that count, and are heard while a routine is played; all are listened for.

    After every so many lines somebody moves the loudspeaker, where that is asked for.
    """
    book = load_phrasebook()
    speaker = LoopSpeaker(rehearsal.rate)
    loop = EchoLoop(speaker, room)
    listener = GuardedListener(
        model,
        book.grammar(),
        speaker,
        speaker.reference,
        book.over_the_coach,
        full=canceller is not None,
        canceller=canceller,
    )
    heard = []
    active: frozenset[str] = frozenset()
    for number, (text, beat, counting) in enumerate(lines_of(routine)):
        # what a line leaves behind may be heard in the next one
        before, active = active, counting
        if moved_after is not None and number % moved_after == moved_after - 1:
            loop.move_loudspeaker(replace(room, place=number))
        clip = rehearsal.clip(text, beat)
        speaker.say(Clip(clip.samples, clip.rate, text, "waits" if beat is None else "is muted"), lambda: None)
        rest = 35
        while rest:
            rest -= not speaker.is_speaking
            utterances = listener.feed(loop.next_block())
            heard += [u.text for u in utterances if u.command is not None and u.command.id in before | active]
    return heard


@pytest.mark.parametrize(("routine", "level"), CASES)
def test_no_line_of_a_routine_is_obeyed(routine: str, level: float, model: SpeechModel, rehearsal: Rehearsal) -> None:
    assert obeyed(routine, EchoRoom(level, 150), model, rehearsal, KalmanCanceller()) == []


@pytest.mark.parametrize(("routine", "level"), CASES[::4])
def test_none_is_obeyed_where_nothing_takes_the_coach_out(
    routine: str, level: float, model: SpeechModel, rehearsal: Rehearsal
) -> None:
    assert obeyed(routine, EchoRoom(level, 150), model, rehearsal, None) == []


def test_none_is_obeyed_while_somebody_keeps_moving_the_loudspeaker(model: SpeechModel, rehearsal: Rehearsal) -> None:
    """What the canceller leaves is loud for seconds after each move."""
    room = EchoRoom(0, 150)
    assert obeyed(ROUTINES[0], room, model, rehearsal, KalmanCanceller(), moved_after=4) == []


def test_none_is_obeyed_beside_a_loudspeaker_that_bends_its_sound(model: SpeechModel, rehearsal: Rehearsal) -> None:
    """What it adds to the sound is not what was played, so nobody can take it out."""
    room = EchoRoom(0, 150, distortion=0.1)
    assert obeyed(ROUTINES[0], room, model, rehearsal, KalmanCanceller()) == []
