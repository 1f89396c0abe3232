"""A voice over the coach's echo is noticed, the coach alone is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.audio.echo_room import COACH_DBFS, RATE, VOICE_DBFS, Convolver, Delay, EchoRoom, at_level
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.audio.over_echo import VoiceOverEcho

BLOCK = RATE // 100


def chatter(seconds: float, seed: int) -> np.ndarray:
    """Give something like speech: tones of changing pitch and loudness, syllable by syllable, with noise."""
    rng = np.random.default_rng(seed)
    pieces: list[np.ndarray] = []
    while sum(len(piece) for piece in pieces) < seconds * RATE:
        times = np.arange(round(rng.uniform(0.08, 0.2) * RATE)) / RATE
        pitch = rng.uniform(110, 260)
        tones = sum(np.sin(2 * np.pi * pitch * k * times) * rng.uniform(0.1, 1) / k for k in range(1, 25))
        hiss = rng.normal(0, 0.1, len(times)) * rng.uniform(0, 1)
        pieces += [(tones + hiss) * np.hanning(len(times)), np.zeros(round(rng.uniform(0, 0.08) * RATE))]
    return np.concatenate(pieces)[: round(seconds * RATE)].astype(np.float32)


def in_room(sound: np.ndarray, room: EchoRoom) -> np.ndarray:
    delay, convolver = Delay(round(room.delay_ms / 1000 * RATE)), Convolver(room.response())
    noise = np.random.default_rng(2).normal(0, 10 ** (room.noise_dbfs / 20), len(sound)).astype(np.float32)
    blocks = np.split(sound, len(sound) // BLOCK)
    return np.concatenate([convolver.feed(delay.feed(block)) for block in blocks]) + noise


def voices(heard: np.ndarray, played: np.ndarray, clean: np.ndarray | None = None) -> tuple[list[float], VoiceOverEcho]:
    """Give the seconds at which somebody was speaking; `clean` is what a canceller leaves of what is heard."""
    over = VoiceOverEcho()
    at = []
    for start in range(0, len(heard), BLOCK):
        here = slice(start, start + BLOCK)
        over.feed(heard[here].astype(np.float32), played[here], None if clean is None else clean[here])
        if over.is_voice:
            at.append(start / RATE)
    return at, over


@pytest.mark.parametrize("attenuation", [0.0, -6.0, -14.0, -20.0])
@pytest.mark.parametrize("delay", [40.0, 400.0])
class TestEcho:
    def test_the_coach_alone_is_no_voice(self, attenuation: float, delay: float) -> None:
        coach = at_level(chatter(12.0, 1), COACH_DBFS)
        at, over = voices(in_room(coach, EchoRoom(attenuation, delay)), coach)
        assert len(at) < 20, f"of 1,200 blocks {len(at)} were taken for a voice, at {at[:5]}"
        assert over.delay == pytest.approx(delay / 1000, abs=0.04)
        assert over.is_echo

    def test_a_voice_over_the_coach_is_noticed_within_a_third_of_a_second(
        self, attenuation: float, delay: float
    ) -> None:
        coach = at_level(chatter(12.0, 1), COACH_DBFS)
        heard = in_room(coach, EchoRoom(attenuation, delay))
        voice = at_level(chatter(0.6, 9), VOICE_DBFS)
        heard[8 * RATE :][: len(voice)] += voice
        at, _ = voices(heard, coach)
        noticed = [moment for moment in at if 8.0 <= moment <= 8.7]
        assert noticed, "the voice was not noticed"
        assert noticed[0] - 8.0 <= 0.34


@pytest.mark.parametrize("blocks_before", range(20))
def test_a_line_may_begin_as_softly_as_it_likes_at_any_moment(blocks_before: int) -> None:
    """Its first sounds are an echo already, and nothing that a loudspeaker bends."""
    coach = np.concatenate([np.zeros(blocks_before * BLOCK, np.float32), at_level(chatter(0.6, 1), -50.0)])
    _, over = voices(in_room(coach, EchoRoom(-6, 40)), coach)
    assert not over.is_voice


def test_in_silence_a_voice_is_noticed_and_noise_is_not() -> None:
    nothing = np.zeros(6 * RATE, np.float32)
    heard = in_room(nothing, EchoRoom(noise_dbfs=-50))
    heard[4 * RATE :][: RATE // 2] += at_level(chatter(0.5, 3), VOICE_DBFS)
    at, over = voices(heard, nothing)
    assert at[0] == pytest.approx(4.0, abs=0.15)
    assert over.delay is None
    assert not over.is_echo


def test_with_headphones_there_is_no_echo() -> None:
    coach = at_level(chatter(12.0, 1), COACH_DBFS)
    heard = in_room(np.zeros_like(coach), EchoRoom(noise_dbfs=-60))
    heard[6 * RATE :][: 2 * RATE] += at_level(chatter(2.0, 5), VOICE_DBFS)
    _, over = voices(heard, coach)
    assert not over.is_echo


class TestWhatIsTakenOut:
    def test_it_is_told_after_20_seconds(self) -> None:
        coach = at_level(chatter(24.0, 1), COACH_DBFS)
        heard = in_room(coach, EchoRoom(-6, 40))
        clean = heard * np.float32(0.5)
        _, early = voices(heard[: 18 * RATE], coach, clean)
        _, late = voices(heard, coach, clean)
        assert early.taken_out is None
        assert late.taken_out == pytest.approx(6.0, abs=0.1)

    def test_it_can_be_measured_anew(self) -> None:
        coach = at_level(chatter(45.0, 1), COACH_DBFS)
        heard = in_room(coach, EchoRoom(-6, 40))
        over = VoiceOverEcho()
        told = []
        for block, (far, near) in enumerate(zip(coach.reshape(-1, BLOCK), heard.reshape(-1, BLOCK), strict=True)):
            over.feed(near.astype(np.float32), far, near.astype(np.float32) * np.float32(1.0 if block < 2200 else 0.5))
            if block in (2199, 2200, 4499):
                told.append(over.taken_out)
            if block == 2199:
                over.measure_anew()
        assert told == [pytest.approx(0.0, abs=0.1), None, pytest.approx(6.0, abs=0.1)]

    def test_an_echo_of_which_hardly_anything_is_left_is_gone(self) -> None:
        coach = at_level(chatter(24.0, 1), COACH_DBFS)
        _, over = voices(in_room(coach, EchoRoom(-20, 40, noise_dbfs=-50)), coach)
        assert over.is_echo
        assert over.taken_out == math.inf


def without_the_coach(heard: np.ndarray, played: np.ndarray) -> np.ndarray:
    """Give what the program's canceller leaves of what is heard."""
    canceller = KalmanCanceller()
    blocks = (np.clip(heard, -1, 1) * 32767).astype("<i2").reshape(-1, BLOCK)
    rest = [
        canceller.process(block.tobytes(), far)
        for block, far in zip(blocks, np.split(played, len(blocks)), strict=True)
    ]
    return np.frombuffer(b"".join(rest), "<i2").astype(np.float32) / np.float32(32768)


class TestBesideACanceller:
    @pytest.mark.parametrize("delay", [40.0, 400.0])
    def test_a_voice_half_as_loud_as_the_echo_is_noticed_sooner_than_by_all_that_is_heard(self, delay: float) -> None:
        coach = at_level(chatter(14.0, 1), COACH_DBFS)
        heard = in_room(coach, EchoRoom(0, delay))
        heard[12 * RATE :][: RATE // 2] += at_level(chatter(0.5, 9), VOICE_DBFS - 6)
        alone, _ = voices(heard, coach)
        at, _ = voices(heard, coach, without_the_coach(heard, coach))
        assert min(at) == pytest.approx(12.1, abs=0.05)
        assert min(alone, default=math.inf) > min(at)

    def test_a_loudspeaker_that_is_moved_is_no_voice(self) -> None:
        coach = at_level(chatter(20.0, 1), COACH_DBFS)
        heard = in_room(coach, EchoRoom(0, 40))
        heard[12 * RATE :] = in_room(coach, EchoRoom(0, 55, reverberation=0.2))[12 * RATE :]
        at, _ = voices(heard, coach, without_the_coach(heard, coach))
        assert at == []

    @pytest.mark.parametrize("straight", [0.1, 0.2])
    def test_a_loudspeaker_that_bends_its_sound_is_no_voice(self, straight: float) -> None:
        coach = at_level(chatter(20.0, 1), COACH_DBFS)
        heard = in_room((np.tanh(coach / straight) * straight).astype(np.float32), EchoRoom(0, 40))
        at, _ = voices(heard, coach, without_the_coach(heard, coach))
        assert at == []


def test_a_voice_that_is_forgotten_has_not_begun() -> None:
    nothing = np.zeros(5 * RATE, np.float32)
    heard = in_room(nothing, EchoRoom(noise_dbfs=-50))
    heard[4 * RATE :] += at_level(chatter(1.0, 3), VOICE_DBFS)
    _, over = voices(heard[: round(4.3 * RATE)], nothing)
    assert over.is_voice
    assert over.begun > 0
    over.forget_voice()
    assert not over.is_voice
    assert over.begun == 0


def test_the_noise_of_the_room_is_measured() -> None:
    silence = np.zeros(2 * RATE, np.float32)
    _, over = voices(in_room(silence, EchoRoom(noise_dbfs=-50)), silence)
    assert 20 * np.log10(over.noise) == pytest.approx(-50, abs=5)
