"""The coach's voice is taken out of what the microphone hears, and a person's is left as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.audio.echo_loop import Drift
from tests.audio.echo_room import RATE, Convolver, Delay, EchoRoom, at_level
from voice_coach.audio.kalman_canceller import KalmanCanceller

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sound = NDArray[np.float32]

BLOCK = 160


def speech_like(seconds: float, seed: int) -> Sound:
    """Noise that comes in syllables: a quarter of a second each, some loud, some quiet, with pauses."""
    random = np.random.default_rng(seed)
    count = round(4 * seconds)
    loudness = np.repeat(10 ** (random.uniform(-30, 0, count) / 20), RATE // 4)
    pauses = np.repeat(random.random(count) > 0.2, RATE // 4)
    coloured = np.convolve(random.standard_normal(len(loudness)), np.ones(4) / 4, "same")
    return at_level((coloured * loudness * pauses).astype(np.float32), -20.0)


def in_the_room(played: Sound, room: EchoRoom) -> Sound:
    delay, convolver = Delay(round(room.delay_ms / 1000 * RATE)), Convolver(room.response())
    return np.concatenate([convolver.feed(delay.feed(block)) for block in played.reshape(-1, BLOCK)])


def cleaned(canceller: KalmanCanceller, heard: Sound, played: Sound) -> Sound:
    sixteen_bits = np.clip(heard * 32768, -32768, 32767).astype("<i2")
    blocks = zip(sixteen_bits.reshape(-1, BLOCK), played.reshape(-1, BLOCK), strict=True)
    rest = b"".join(canceller.process(block.tobytes(), reference) for block, reference in blocks)
    return np.frombuffer(rest, "<i2").astype(np.float32) / np.float32(32768)


def decibels(sound: Sound) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-12))


def last(seconds: float, sound: Sound) -> Sound:
    return sound[-round(seconds * RATE) :]


@pytest.mark.parametrize(("attenuation", "delay"), [(0.0, 40.0), (-6.0, 150.0), (0.0, 400.0)])
def test_the_echo_is_20_db_weaker_once_the_room_is_known(attenuation: float, delay: float) -> None:
    played = speech_like(12, seed=1)
    heard = in_the_room(played, EchoRoom(attenuation, delay))
    rest = cleaned(KalmanCanceller(), heard, played)
    assert decibels(last(3, rest)) < decibels(last(3, heard)) - 20


def test_a_person_who_speaks_over_the_coach_is_left_as_they_were() -> None:
    played, voice = speech_like(16, seed=1), speech_like(16, seed=2) * np.float32(0.5)
    voice[: 8 * RATE] = 0
    rest = cleaned(KalmanCanceller(), in_the_room(played, EchoRoom(-6, 40)) + voice, played)
    assert decibels(last(8, rest - voice)) < decibels(last(8, voice)) - 15


def test_a_person_does_not_make_it_forget_the_room() -> None:
    played, voice = speech_like(16, seed=1), speech_like(16, seed=2)
    voice[: 8 * RATE] = voice[12 * RATE :] = 0
    heard = in_the_room(played, EchoRoom(-6, 40))
    rest = cleaned(KalmanCanceller(), heard + voice, played)
    begin, end = 12 * RATE, 13 * RATE
    assert decibels(rest[begin:end]) < decibels(heard[begin:end]) - 15


def test_a_loudspeaker_that_was_moved_is_learned_anew() -> None:
    played = speech_like(24, seed=1)
    heard = in_the_room(played, EchoRoom(-6, 40))
    heard[10 * RATE :] = in_the_room(played, EchoRoom(-6, 55, reverberation=0.2))[10 * RATE :]
    rest = cleaned(KalmanCanceller(), heard, played)
    assert decibels(last(3, rest)) < decibels(last(3, heard)) - 15


def test_clocks_that_differ_a_little_leave_more_of_the_echo_and_most_is_taken_out() -> None:
    played, drift = speech_like(14, seed=1), Drift(20)
    heard = in_the_room(np.concatenate([drift.feed(block) for block in played.reshape(-1, BLOCK)]), EchoRoom(-6, 40))
    rest = cleaned(KalmanCanceller(), heard, played)
    assert decibels(last(3, rest)) < decibels(last(3, heard)) - 10


def test_where_nothing_is_played_everything_is_left() -> None:
    heard = speech_like(2, seed=3)
    rest = cleaned(KalmanCanceller(), heard, np.zeros_like(heard))
    assert rest == pytest.approx(heard, abs=2 / 32768)


def test_a_pause_that_is_told_is_as_good_as_one_that_is_heard() -> None:
    played = speech_like(6, seed=1)
    heard = in_the_room(played, EchoRoom(-6, 150))
    pause = np.zeros(2 * RATE, np.float32)
    listening, resting = KalmanCanceller(), KalmanCanceller()
    for canceller in (listening, resting):
        cleaned(canceller, heard, played)
    cleaned(listening, pause, pause)
    resting.rest(200)
    assert cleaned(resting, heard, played) == pytest.approx(cleaned(listening, heard, played), abs=0.01)
