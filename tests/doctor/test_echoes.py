"""What the doctor says about an echo, and about what a canceller leaves of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.doctor.test_measuring import heard, noise
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.doctor.echoes import about_canceller, about_delay, about_echo, left_by
from voice_coach.doctor.measuring import Echo

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOUD = Echo(delay=0.1, dbfs=-25.0, gain=-5.0)
FAINT = Echo(delay=0.1, dbfs=-50.0, gain=-30.0)


class Halves:
    """A canceller that knows the echo to be the played sound, and takes a share of it away."""

    def __init__(self, share: float) -> None:
        self.share = share

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        left = np.frombuffer(heard, "<i2") - played * 32767 * self.share
        return bytes(np.clip(left, -32768, 32767).astype("<i2"))

    def rest(self, blocks: int) -> None:
        """Do nothing."""


@pytest.mark.parametrize(("share", "cancelled"), [(0.0, 0.0), (0.5, 6.0), (0.9, 20.0)])
def test_what_is_left_is_measured_without_the_rooms_noise(share: float, cancelled: float) -> None:
    played = noise(2, -20)
    left = left_by(Halves(share), played, heard(played, 0.0, 0.0), played_at=101.0, heard_at=100.0)
    assert left == pytest.approx(-20 - cancelled, abs=0.5)


def test_the_real_canceller_takes_most_of_an_echo_away() -> None:
    played = np.concatenate([noise(0.4, level, seed) for seed, level in enumerate([-20, -35, -22, -40, -18, -30] * 2)])
    left = left_by(KalmanCanceller(), played, heard(played, 0.08, -6.0), played_at=101.0, heard_at=100.0)
    assert left < -26 - 15


def test_a_late_echo_is_told_as_too_late() -> None:
    assert about_delay(Echo(0.1, -30, -10)).verdict == "good"
    late = about_delay(Echo(0.7, -30, -10))
    assert (late.verdict, late.remedy) == ("poor", "voice-coach devices")


def test_a_loud_echo_is_poor_with_what_makes_it_quieter() -> None:
    assert about_echo(FAINT, "turn it down").verdict == "good"
    loud = about_echo(LOUD, "turn it down")
    assert (loud.verdict, loud.remedy) == ("poor", "turn it down")


def test_what_the_canceller_does_is_told() -> None:
    assert about_canceller(LOUD, -50.0).verdict == "good"
    assert about_canceller(LOUD, -50.0).figures == {"after_dbfs": -50.0, "cancelled_db": 25.0}
    assert about_canceller(LOUD, -28.0).verdict == "poor"
    assert about_canceller(FAINT, -52.0).verdict == "good"
