"""An echo is found where it is, and only where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.doctor.measuring import decibels, find_echo, hear

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 16_000


def noise(seconds: float, dbfs: float, seed: int = 1) -> NDArray[np.float32]:
    return (np.random.default_rng(seed).normal(size=round(seconds * RATE)) * 10 ** (dbfs / 20)).astype(np.float32)


def heard(played: NDArray[np.float32], delay: float, gain_db: float, noise_dbfs: float = -65) -> NDArray[np.float32]:
    """Give what a microphone hears: two seconds of the room, and what is played from second 1 on."""
    sound = noise(len(played) / RATE + 2, noise_dbfs, seed=2)
    start = round((1 + delay) * RATE)
    sound[start : start + len(played)] += played * np.float32(10 ** (gain_db / 20))
    return sound


@pytest.mark.parametrize("delay", [0.02, 0.15, 0.4])
@pytest.mark.parametrize("gain", [0.0, -14.0, -26.0])
def test_an_echo_is_found_with_its_delay_and_level(delay: float, gain: float) -> None:
    played = noise(2, -20)
    echo = find_echo(played, heard(played, delay, gain), played_at=101.0, heard_at=100.0)
    assert echo is not None
    assert echo.delay == pytest.approx(delay, abs=0.001)
    assert echo.dbfs == pytest.approx(-20 + gain, abs=0.5)
    assert echo.gain == pytest.approx(gain, abs=0.5)


def test_other_sounds_are_no_echo() -> None:
    played = noise(2, -20)
    assert find_echo(played, heard(noise(2, -20, seed=3), 0.1, -6), 101.0, 100.0) is None


def test_what_comes_before_it_was_played_is_no_echo() -> None:
    played = noise(2, -20)
    assert find_echo(played, heard(played, -0.5, -6), 101.0, 100.0) is None


def test_a_microphone_that_heard_nothing_yet_has_no_echo() -> None:
    played = noise(2, -20)
    assert find_echo(played, heard(played, 0.1, -6), 120.0, 100.0) is None


def test_the_room_is_the_quieter_half_of_what_is_heard() -> None:
    sound = noise(2, -60)
    sound[:8_000] += noise(0.5, -20)
    room = hear(sound)
    assert room.noise_dbfs == pytest.approx(-60, abs=1)
    assert room.loudest_dbfs == pytest.approx(-20, abs=2)
    assert not room.is_clipped
    assert not room.is_zeros


def test_zeros_and_clipping_are_noticed() -> None:
    assert hear(np.zeros(RATE, np.float32)).is_zeros
    assert hear(np.clip(noise(1, 0), -1, 1)).is_clipped


def test_silence_has_a_level() -> None:
    assert decibels(np.zeros(10, np.float32)) == -100
