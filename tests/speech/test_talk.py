"""Talk is what has been said lately that is no command."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_coach.speech.talk import Talk

WITHIN = 10.0


def test_nobody_has_talked_at_first() -> None:
    assert Talk(WITHIN).seconds(5.0) == 0.0


def test_what_is_said_adds_up_and_pauses_do_not_count() -> None:
    talk = Talk(WITHIN)
    talk.note(1.0, 2.0)
    talk.note(4.0, 4.5)
    assert talk.seconds(5.0) == pytest.approx(1.5)


def test_it_is_forgotten_as_it_was_said() -> None:
    talk = Talk(WITHIN)
    talk.note(1.0, 3.0)
    assert [talk.seconds(now) for now in (11.0, 12.0, 13.0, 14.0)] == pytest.approx([2.0, 1.0, 0.0, 0.0])


def test_of_a_day_of_talk_that_nobody_asks_about_only_the_last_of_it_is_kept() -> None:
    """Standby listens beside a television, and asks only where it hears a phrase of its own."""
    talk = Talk(WITHIN)
    tracemalloc.start()
    for second in range(24 * 3600):
        talk.note(second, second + 0.5)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 100_000
    assert talk.seconds(24 * 3600) == pytest.approx(WITHIN / 2)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=30), st.integers(0, 200))
def test_there_is_never_more_of_it_than_time_nor_more_than_was_said(spans: list[tuple[int, int]], later: int) -> None:
    talk, now, said = Talk(WITHIN), 0.0, 0.0
    for pause, length in spans:
        talk.note(now + pause / 10, now + (pause + length) / 10)
        now += (pause + length) / 10
        said += length / 10
        assert talk.seconds(now) <= min(said, WITHIN) + 1e-6
    before = talk.seconds(now)
    assert 0.0 <= talk.seconds(now + later / 10) <= before + 1e-6
