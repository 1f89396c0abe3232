"""Sound of any rate becomes sound of the wanted one, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr

from voice_coach.audio.resampling import StreamResampler, as_int16

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATES = [(48_000, 16_000), (44_100, 16_000), (32_000, 16_000), (96_000, 16_000), (8_000, 16_000)]
SPEAKER_RATES = [(22_050, 48_000), (22_050, 44_100), (22_050, 16_000)]


def tone(pitch: float, rate: int, seconds: float = 1.0) -> NDArray[np.float32]:
    return np.sin(2 * np.pi * pitch * np.arange(round(rate * seconds)) / rate).astype(np.float32) * np.float32(10_000)


def through(sound: NDArray[np.float32], rates: tuple[int, int], block: int) -> NDArray[np.float32]:
    resampler = StreamResampler(*rates)
    pieces = [resampler.feed(sound[start : start + block]) for start in range(0, len(sound), block)]
    return np.concatenate(pieces)


def decibels(sound: NDArray[np.float32], beside: NDArray[np.float32]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(sound**2)) / np.sqrt(np.mean(beside**2))))


@pytest.mark.parametrize("rates", [*RATES, *SPEAKER_RATES])
def test_a_second_stays_a_second_and_is_late_by_milliseconds_at_most(rates: tuple[int, int]) -> None:
    heard = through(tone(0.0, rates[0]), rates, rates[0] // 100)
    assert len(heard) == pytest.approx(rates[1], abs=1)
    click = np.zeros(rates[0], np.float32)
    click[rates[0] // 2] = 10_000
    late = np.argmax(through(click, rates, rates[0] // 100)) / rates[1] - 0.5
    assert late == pytest.approx(StreamResampler(*rates).delay, abs=1 / min(rates))
    assert late <= 26 / min(rates)


@pytest.mark.parametrize("rates", [*RATES, *SPEAKER_RATES])
@pytest.mark.parametrize("pitch", [100.0, 1_000.0, 3_000.0])
def test_what_speech_is_made_of_stays_as_it_is(rates: tuple[int, int], pitch: float) -> None:
    heard = through(tone(pitch, rates[0]), rates, rates[0] // 100)
    times = np.arange(len(heard)) / rates[1] - StreamResampler(*rates).delay
    wanted = (np.sin(2 * np.pi * pitch * times) * 10_000).astype(np.float32)
    inner = slice(rates[1] // 10, rates[1] * 9 // 10)
    assert decibels(heard[inner] - wanted[inner], wanted[inner]) < -50


@pytest.mark.parametrize("rates", [(48_000, 16_000), (44_100, 16_000), (22_050, 16_000)])
def test_what_the_lower_rate_cannot_hold_goes(rates: tuple[int, int]) -> None:
    high = tone(rates[1] / 2 + 500, rates[0])
    heard = through(high, rates, rates[0] // 100)
    assert decibels(heard[200:-200], high) < -55


@pytest.mark.parametrize("rates", RATES)
def test_blocks_of_any_length_give_the_same(rates: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).normal(size=rates[0]).astype(np.float32)
    whole = StreamResampler(*rates).feed(noise)
    for block in (1, 37, rates[0] // 100):
        pieces = through(noise[:5_000], rates, block)
        assert np.allclose(pieces, whole[: len(pieces)], atol=1e-4)


def test_it_is_as_good_as_a_library_that_looks_far_ahead() -> None:
    noise = np.convolve(np.random.default_rng(2).normal(size=48_000), np.ones(12) / 12, mode="same")
    ours = through(noise.astype(np.float32), (48_000, 16_000), 480)
    theirs = soxr.resample(noise, 48_000, 16_000, quality="VHQ")
    lag = int(np.argmax(np.correlate(ours[4_000:8_000], theirs[4_000:8_000], mode="full"))) - 3_999
    shifted = np.roll(ours, -lag)
    assert np.corrcoef(shifted[100:-100], theirs[100 : len(shifted) - 100])[0, 1] > 0.995


def test_too_loud_is_cut_off() -> None:
    assert list(as_int16(np.array([40_000.0, -40_000.0, 0.6], np.float32))) == [32767, -32768, 1]
