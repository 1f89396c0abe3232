"""What the loudspeaker plays comes to the listener at 16 kHz, in its time, silence included."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.audio.reference import Reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 22_050


def taken(reference: Reference, samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Play in blocks of 10 ms, and take a block after each."""
    blocks = []
    for number in range(len(samples) * 100 // RATE):
        reference.played(samples[number * RATE // 100 : (number + 1) * RATE // 100])
        blocks.append(reference.take())
    return np.concatenate(blocks)


@pytest.mark.parametrize("silence", [0.0, 0.015, 0.4, 3.0, 30.0])
def test_a_sound_comes_when_it_is_played_however_long_the_silence_before_it(silence: float) -> None:
    tone = (9000 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)).astype(np.int16)
    played = np.concatenate([np.zeros(round(silence * RATE), np.int16), tone])
    heard = taken(Reference(RATE), played)
    first = int(np.flatnonzero(np.abs(heard) > 0.05)[0]) / 16_000
    assert first == pytest.approx(silence, abs=0.012)
    assert np.max(np.abs(heard)) == pytest.approx(9000 / 32768, rel=0.02)


def test_silence_between_two_sounds_is_silent_to_the_end_of_the_first() -> None:
    click = np.full(100, 9000, np.int16)
    played = np.concatenate([click, np.zeros(RATE, np.int16), click, np.zeros(RATE // 10, np.int16)])
    heard = taken(Reference(RATE), played)
    assert np.count_nonzero(heard[: 16_000 // 2]) < 400
    assert np.max(np.abs(heard[16_000 // 2 : 15_900])) == 0
    assert np.max(np.abs(heard[15_900:])) > 0.2


def test_what_nobody_takes_is_not_kept_for_ever() -> None:
    """A microphone may be away for the whole session; the coach speaks on."""
    reference = Reference(RATE)
    block = np.full(RATE // 100, 1000, np.int16)
    tracemalloc.start()
    for _ in range(60 * 100):
        reference.played(block.copy())
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 10 * 100 * block.nbytes


def test_what_was_not_taken_for_a_while_makes_nothing_late_afterwards() -> None:
    reference = Reference(RATE)
    for _ in range(60 * 100):
        reference.played(np.zeros(RATE // 100, np.int16))
    reference.take()
    tone = (9000 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)).astype(np.int16)
    heard = taken(reference, tone)
    assert int(np.flatnonzero(np.abs(heard) > 0.05)[0]) / 16_000 < 0.05


SILENCE = np.zeros(RATE // 100, np.int16)
HISS = np.random.default_rng(1).integers(-900, 900, RATE // 100).astype(np.int16)


def lateness(reference: Reference) -> float:
    """Play a click, and give the seconds until it is taken."""
    for _ in range(30):
        reference.played(SILENCE)
        reference.take()
    reference.played(np.full(RATE // 100, 9000, np.int16))
    late = 0.0
    while np.max(np.abs(reference.take())) < 0.1:
        reference.played(SILENCE)
        late += BLOCK_SECONDS
    return late


@pytest.mark.parametrize("sound", [SILENCE, HISS])
@pytest.mark.parametrize("lost", [4, 10, 20, 28, 45])
def test_blocks_that_the_microphone_has_lost_make_nothing_late_for_good(lost: int, sound: NDArray[np.int16]) -> None:
    """The coach's echo came before the coach, who gave way to it at every line, and obeyed it."""
    reference = Reference(RATE)
    before = lateness(reference)
    for _ in range(lost):
        reference.played(sound)
    was_back = []
    for _ in range(60):
        reference.played(sound)
        reference.take()
        was_back.append(reference.is_back)
    assert lateness(reference) == pytest.approx(before, abs=1.1 * BLOCK_SECONDS)
    assert any(was_back[:40])
    assert not any(was_back[40:])


@pytest.mark.parametrize("halt", [5, 15, 25])
def test_a_microphone_that_halts_and_gives_its_sound_after_all_has_lost_nothing(halt: int) -> None:
    reference = Reference(RATE)
    before = lateness(reference)
    was_back = False
    for _ in range(10):
        for _ in range(halt):
            reference.played(HISS)
        for _ in range(halt):
            reference.take()
            was_back = was_back or reference.is_back
    assert lateness(reference) == pytest.approx(before, abs=1.1 * BLOCK_SECONDS)
    assert not was_back


def test_a_loudspeaker_whose_clock_is_faster_makes_nothing_late() -> None:
    reference = Reference(RATE)
    most = 0.0
    for second in range(60):
        for _ in range(100):
            reference.played(HISS)
            reference.take()
        if second % 10 == 0:
            most = max(most, lateness(reference))
    assert most <= 0.04
