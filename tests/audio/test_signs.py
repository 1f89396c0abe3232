"""Whether a device is alive, told from its blocks."""

from __future__ import annotations

import pytest

from voice_coach.audio.signs import (
    FIRST_SOUND_SECONDS,
    NO_SOUND_SECONDS,
    ZEROS_SECONDS,
    Ailment,
    SignsOfLife,
)

BLOCK = 0.01


def feed(signs: SignsOfLife, begin: float, seconds: float, *, sounding: bool) -> float:
    """Give blocks for so many seconds, and the time after them."""
    for index in range(round(seconds / BLOCK)):
        signs.saw(begin + index * BLOCK, sounding=sounding)
    return begin + seconds


def test_a_device_that_gives_sound_is_well() -> None:
    signs = SignsOfLife(100.0)
    now = feed(signs, 100.0, 10.0, sounding=True)
    assert signs.ailment(now) is None
    assert signs.ever_sounded


def test_losses_are_noticed_within_three_seconds() -> None:
    assert NO_SOUND_SECONDS < 2.75
    assert ZEROS_SECONDS < 2.75


def test_a_device_that_stops_giving_blocks_has_gone() -> None:
    signs = SignsOfLife(100.0)
    now = feed(signs, 100.0, 5.0, sounding=True)
    assert signs.ailment(now + NO_SOUND_SECONDS - 0.1) is None
    assert signs.ailment(now + NO_SOUND_SECONDS + 0.1) is Ailment.NO_SOUND


def test_the_first_block_may_take_longer() -> None:
    signs = SignsOfLife(100.0)
    assert signs.ailment(100.0 + NO_SOUND_SECONDS + 0.5) is None
    assert signs.ailment(100.0 + FIRST_SOUND_SECONDS + 0.1) is Ailment.NO_SOUND


@pytest.mark.parametrize("sounded", [0.0, 5.0])
def test_nothing_but_zeros_is_an_ailment(sounded: float) -> None:
    signs = SignsOfLife(100.0)
    now = feed(signs, 100.0, sounded, sounding=True)
    now = feed(signs, now, ZEROS_SECONDS + 0.1, sounding=False)
    assert signs.ailment(now) is Ailment.ONLY_ZEROS


def test_a_single_sound_among_zeros_is_life() -> None:
    signs = SignsOfLife(100.0)
    now = feed(signs, 100.0, ZEROS_SECONDS - 0.1, sounding=False)
    signs.saw(now, sounding=True)
    now = feed(signs, now, ZEROS_SECONDS - 0.1, sounding=False)
    assert signs.ailment(now) is None


def test_a_microphone_that_filters_noise_is_given_more_time_after_each_silence() -> None:
    signs = SignsOfLife(100.0)
    now = feed(signs, 100.0, 1.0, sounding=True)
    now = feed(signs, now, ZEROS_SECONDS + 1.0, sounding=False)
    now = feed(signs, now, 1.0, sounding=True)
    now = feed(signs, now, ZEROS_SECONDS + 1.0, sounding=False)
    assert signs.ailment(now) is None
    assert signs.zeros_seconds == 4 * ZEROS_SECONDS


def test_a_microphone_that_is_muted_from_the_beginning_teaches_no_patience() -> None:
    signs = SignsOfLife(100.0)
    now = feed(signs, 100.0, ZEROS_SECONDS + 5.0, sounding=False)
    feed(signs, now, 1.0, sounding=True)
    assert signs.zeros_seconds == ZEROS_SECONDS
