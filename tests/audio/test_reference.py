"""What the loudspeaker plays comes to the listener at 16 kHz, in its time, silence included."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from tests.audio.echo_room import EchoRoom
from tests.audio.test_kalman_canceller import decibels, in_the_room, last, speech_like
from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.audio.kalman_canceller import KalmanCanceller
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


EVEN_RATE = 22_000
"""Of which 220 samples are 10 ms."""
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
@pytest.mark.parametrize(("known_for", "noticed_after"), [(0, 1.1), (6, 0.4)])
def test_blocks_that_the_microphone_has_lost_make_nothing_late_for_good(
    known_for: int, noticed_after: float, lost: int, sound: NDArray[np.int16]
) -> None:
    """The coach's echo came before the coach, who gave way to it at every line, and obeyed it."""
    reference = Reference(EVEN_RATE)
    for _ in range(known_for * 100):
        reference.played(sound)
        reference.take()
    before = lateness(reference)
    for _ in range(lost):
        reference.played(sound)
    was_back = []
    for _ in range(150):
        reference.played(sound)
        reference.take()
        was_back.append(reference.late_for > 0)
    assert lateness(reference) == pytest.approx(before, abs=1.1 * BLOCK_SECONDS)
    noticed = round(noticed_after / BLOCK_SECONDS)
    assert any(was_back[:noticed])
    assert not any(was_back[noticed:])


class Turns(NamedTuple):
    """Of a loudspeaker and a microphone that both take, and give, several blocks at once, late by chance.

    Attributes:
        heard: blocks that the microphone gives at once.
        played: blocks that the loudspeaker plays at once.
        heard_jitter: seconds that the microphone may be late.
        played_jitter: the same of the loudspeaker.
        later: seconds that the microphone is later by all the time.
    """

    heard: int
    played: int
    heard_jitter: float
    played_jitter: float
    later: float = 0.0

    def order(self, seconds: float, seed: int) -> list[bool]:
        """Give in which order single blocks are played (True) and heard (False)."""
        random = np.random.default_rng(seed)
        events = []
        for number in range(round(seconds / BLOCK_SECONDS)):
            if number % self.played == 0:
                events.append((number * BLOCK_SECONDS + random.uniform(0, self.played_jitter), True, self.played))
            if number % self.heard == 0 and number:
                late = self.later + random.uniform(0, self.heard_jitter)
                events.append((number * BLOCK_SECONDS + late, False, self.heard))
        return [is_played for _, is_played, count in sorted(events) for _ in range(count)]


JITTER = [Turns(10, 1, 0.05, 0.0), Turns(10, 10, 0.02, 0.02), Turns(2, 2, 0.04, 0.04, later=0.05)]


@pytest.mark.parametrize("turns", JITTER)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nothing_is_left_out_because_of_jitter_but_at_the_most_once_while_it_is_learned(
    turns: Turns, seed: int
) -> None:
    """Ten bursts of 100 ms in a row may all be late once in a while, whereupon their jitter is known."""
    reference = Reference(EVEN_RATE)
    backs = 0
    for is_played in turns.order(120, seed):
        if is_played:
            reference.played(HISS)
        else:
            reference.take()
            backs += reference.late_for > 0
    assert backs <= 1


@pytest.mark.parametrize("turns", JITTER)
def test_with_jitter_a_loss_of_200_ms_is_noticed(turns: Turns) -> None:
    reference = Reference(EVEN_RATE)
    was_back: list[bool] = []
    lost = range(1000, 1020)
    for is_played in turns.order(13, seed=0):
        if is_played:
            reference.played(HISS)
        elif len(was_back) in lost:
            was_back.append(False)
        else:
            reference.take()
            was_back.append(reference.late_for > 0)
    assert not any(was_back[:1020])
    assert any(was_back[1020:1100])


@pytest.mark.parametrize("turns", JITTER)
def test_jitter_does_not_keep_the_canceller_from_its_work(turns: Turns) -> None:
    """Where sound was left out again and again it took out 6 to 10 dB."""
    sound = speech_like(20, seed=1)
    played = (sound * 32767).astype(np.int16).reshape(-1, 160)
    heard = in_the_room(sound, EchoRoom(-6, 120)).reshape(-1, 160)
    reference, canceller = Reference(16_000), KalmanCanceller()
    given = 0
    rest: list[NDArray[np.float32]] = []
    for is_played in turns.order(20, seed=0):
        if is_played:
            reference.played(played[given])
            given += 1
        elif len(rest) < len(heard):
            block = (heard[len(rest)] * 32767).astype("<i2").tobytes()
            left = np.frombuffer(canceller.process(block, reference.take()), "<i2")
            rest.append(left.astype(np.float32) / np.float32(32768))
    before = np.concatenate(heard[: len(rest)])
    assert decibels(last(8, np.concatenate(rest))) < decibels(last(8, before)) - 18


def test_what_turns_out_not_to_have_been_lost_is_left_out_once_only() -> None:
    """A microphone whose jitter is greater than it was in the first seconds."""
    reference = Reference(EVEN_RATE)
    was_back = []
    for second in range(30):
        ahead = 8 if second % 2 and second > 6 else 0
        for _ in range(ahead):
            reference.played(HISS)
        for _ in range(100 - ahead):
            reference.played(HISS)
            reference.take()
            was_back.append(reference.late_for > 0)
        for _ in range(ahead):
            reference.take()
            was_back.append(reference.late_for > 0)
    assert sum(was_back) == 1


@pytest.mark.parametrize("halt", [5, 15, 25])
def test_a_microphone_that_halts_and_gives_its_sound_after_all_has_lost_nothing(halt: int) -> None:
    reference = Reference(EVEN_RATE)
    before = lateness(reference)
    was_back = False
    for _ in range(10):
        for _ in range(halt):
            reference.played(HISS)
        for _ in range(halt):
            reference.take()
            was_back = was_back or reference.late_for > 0
    assert lateness(reference) == pytest.approx(before, abs=1.1 * BLOCK_SECONDS)
    assert not was_back


def test_a_loudspeaker_whose_clock_is_faster_makes_nothing_late() -> None:
    reference = Reference(EVEN_RATE - 10)
    most = 0.0
    for second in range(60):
        for _ in range(100):
            reference.played(HISS)
            reference.take()
        if second % 10 == 0:
            most = max(most, lateness(reference))
    assert most <= 0.04
