"""Letters as large as the room for them."""

from __future__ import annotations

import pytest

from voice_coach.screen.big_letters import big_text

TEXTS = ["0", "9", "34", "1:05", "14:50", "PAUSED", "STOPPED", "DONE", "?", "LEFT", "RIGHT", "BOTH", "ONE"]


@pytest.mark.parametrize("text", TEXTS)
def test_letters_fit_and_all_their_lines_are_equally_wide(text: str) -> None:
    for width, height in [(48, 14), (70, 25), (120, 46), (300, 90)]:
        for blocks in (True, False):
            rows = big_text(text, width, height, blocks=blocks)
            assert rows
            assert len(rows) <= height
            assert {len(row) for row in rows} == {len(rows[0])}
            assert len(rows[0]) <= width
            assert blocks or set("".join(rows)) <= {"#", " "}


def test_letters_for_which_there_is_no_room_are_none() -> None:
    assert big_text("STOPPED", 20, 10, blocks=True) == ()
    assert big_text("1", 20, 2, blocks=True) == ()
    assert big_text("", 20, 10, blocks=True) == ()
    assert big_text("0", 0, 0, blocks=False) == ()


def test_more_room_makes_larger_letters() -> None:
    heights = [len(big_text("34", width, height, blocks=True)) for width, height in [(20, 6), (48, 14), (120, 46)]]
    assert heights == [4, 14, 46]


def test_a_digit_is_drawn_like_this() -> None:
    assert big_text("7", 9, 7, blocks=False) == (
        "#####",
        "    #",
        "   # ",
        "   # ",
        "  #  ",
        "  #  ",
        "  #  ",
    )


def test_no_two_digits_look_alike() -> None:
    for width, height in [(5, 4), (30, 20), (60, 45)]:
        assert len({big_text(digit, width, height, blocks=True) for digit in "0123456789"}) == 10
