from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.chimes import CHIMES, chime_clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATES = (22_050, 48_000)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", CHIMES)
def test_a_chime_is_short_quiet_and_begins_and_ends_without_a_click(name: str, rate: int) -> None:
    clip = chime_clip(name, rate)
    loudness = np.abs(clip.samples.astype(int))
    assert clip.rate == rate
    assert clip.seconds <= 0.15
    assert 1_000 < loudness.max() < 32_767 / 4
    assert max(loudness[0], loudness[-1]) < loudness.max() / 20


def test_chimes_are_clearly_different() -> None:
    for one, other in itertools.combinations(CHIMES, 2):
        a, b = (_spectrum(chime_clip(name, RATES[0]).samples) for name in (one, other))
        assert float(a @ b) < 0.9, (one, other)


def test_a_chime_is_made_once() -> None:
    assert chime_clip("hold", RATES[0]) is chime_clip("hold", RATES[0])


def test_there_is_no_chime_of_another_name() -> None:
    with pytest.raises(KeyError):
        chime_clip("gong", RATES[0])


def _spectrum(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Give the course of the spectrum: ten spans of 15 ms, as one vector of length 1."""
    padded = np.zeros((10, 331))
    padded.flat[: len(samples)] = samples
    spectrum = np.abs(np.fft.rfft(padded)).ravel()
    return np.asarray(spectrum / np.linalg.norm(spectrum))
