from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.clip import Clip
from voice_coach.errors import VoiceError
from voice_coach.session.manner import USUAL_MANNER, Manner
from voice_coach.speech.rehearsal import Rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RATE = 1_000


class SlowVoice:
    """Notes what it renders, one line at a time, as long as it is allowed to."""

    rate = RATE

    def __init__(self) -> None:
        self.rendered: list[tuple[str, float | None]] = []
        self.manners: list[Manner] = []
        self.allowed = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)

    def render(self, text: str, beat: float | None = None, manner: Manner = USUAL_MANNER) -> Clip:
        self.entered.release()
        assert self.allowed.acquire(timeout=5)
        self.rendered.append((text, beat))
        self.manners.append(manner)
        if text == "fails":
            raise VoiceError("It failed.", "Silence.", "again")
        return Clip(np.ones(100, np.int16), RATE)

    def close(self) -> None:
        self.allow(1_000)

    def allow(self, lines: int) -> None:
        self.allowed.release(lines)


@pytest.fixture
def voice() -> SlowVoice:
    return SlowVoice()


@pytest.fixture
def rehearsal(voice: SlowVoice) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(voice)
    yield rehearsal
    voice.close()
    rehearsal.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_line_is_rendered_once(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    voice.allow(1)
    assert rehearsal.clip("one") is rehearsal.clip("one")
    assert voice.rendered == [("one", None)]


def test_a_line_on_beats_is_another_line(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    voice.allow(2)
    assert rehearsal.clip("one") is not rehearsal.clip("one", 1.0)


def test_prepared_lines_are_rendered_in_order_without_asking(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    voice.allow(2)
    rehearsal.prepare([("one", None), ("two", 1.0)])
    wait_until(lambda: len(voice.rendered) == 2)
    assert voice.rendered == [("one", None), ("two", 1.0)]


def test_a_line_that_is_needed_now_comes_before_prepared_ones(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    rehearsal.prepare([("first", None), ("second", None), ("third", None)])
    assert voice.entered.acquire(timeout=5)
    needed = threading.Thread(target=rehearsal.clip, args=("now",))
    needed.start()
    wait_until(lambda: rehearsal._waiting == 1)
    voice.allow(10)
    needed.join()
    assert [text for text, _ in voice.rendered[:2]] == ["first", "now"]


def test_a_line_being_rendered_is_waited_for_not_rendered_again(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    rehearsal.prepare([("one", None)])
    assert voice.entered.acquire(timeout=5)
    voice.allow(2)
    rehearsal.clip("one")
    assert voice.rendered == [("one", None)]


def test_newly_prepared_lines_replace_those_still_waiting(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    rehearsal.prepare([("first", None), ("stale", None)])
    assert voice.entered.acquire(timeout=5)
    rehearsal.prepare([("fresh", None)])
    voice.allow(10)
    wait_until(lambda: len(voice.rendered) == 2)
    assert [text for text, _ in voice.rendered] == ["first", "fresh"]


def test_a_failure_ahead_of_time_is_silent_and_one_when_needed_is_not(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    voice.allow(10)
    rehearsal.prepare([("fails", None), ("works", None)])
    wait_until(lambda: len(voice.rendered) == 2)
    with pytest.raises(VoiceError):
        rehearsal.clip("fails")


def test_the_longest_unused_clips_are_forgotten_when_memory_is_full(voice: SlowVoice) -> None:
    rehearsal = Rehearsal(voice, most_clips=2)
    voice.allow(10)
    for text in ("one", "two", "one", "three", "one"):
        rehearsal.clip(text)
    rehearsal.clip("two")
    rehearsal.close()
    assert [text for text, _ in voice.rendered] == ["one", "two", "three", "two"]


def test_memory_is_bounded_in_bytes_too(voice: SlowVoice) -> None:
    rehearsal = Rehearsal(voice, most_bytes=450)
    voice.allow(10)
    for text in ("one", "two", "three"):
        rehearsal.clip(text)
    rehearsal.close()
    assert rehearsal._bytes == 400


def test_closes_twice(rehearsal: Rehearsal) -> None:
    rehearsal.close()
    rehearsal.close()


def test_another_manner_of_speaking_makes_another_line(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    voice.allow(3)
    usual = rehearsal.clip("one")
    rehearsal.manner = Manner(decibels=3.0)
    louder = rehearsal.clip("one")
    rehearsal.manner = USUAL_MANNER
    assert louder is not usual
    assert rehearsal.clip("one") is usual
    assert voice.manners == [USUAL_MANNER, Manner(decibels=3.0)]


def test_lines_that_wait_to_be_rendered_are_rendered_in_the_new_manner(voice: SlowVoice, rehearsal: Rehearsal) -> None:
    rehearsal.prepare([("first", None), ("second", None)])
    assert voice.entered.acquire(timeout=5)
    rehearsal.manner = Manner(words_per_minute=200)
    voice.allow(10)
    wait_until(lambda: len(voice.rendered) == 2)
    assert voice.manners[1] == Manner(words_per_minute=200)
