"""The drawings of the positions."""

from __future__ import annotations

import pytest

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.screen.drawing import HEIGHT, WIDTH, drawn, load_drawings, plain_drawing

STEPS = sorted(load_catalogue().steps)


def text_of(step: str, width: int, height: int, *, dots: bool) -> list[str]:
    return ["".join(run.text for run in row) for row in drawn(step, width, height, dots=dots)]


def test_every_step_has_a_drawing_and_every_drawing_a_step() -> None:
    assert sorted(load_drawings()) == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_drawing_lies_in_its_plane_and_says_in_words_what_it_shows(step: str) -> None:
    drawing = load_drawings()[step]
    points = [point for _, line in drawing.lines for point in line]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert drawing.says.endswith(".")
    assert len(drawing.lines) > 3


@pytest.mark.parametrize("step", STEPS)
def test_a_drawing_fits_into_any_room(step: str) -> None:
    for width, height in [(28, 9), (44, 14), (120, 30), (3, 2), (1, 1)]:
        for dots in (True, False):
            rows = text_of(step, width, height, dots=dots)
            assert 0 < len(rows) <= height
            assert all(len(row) <= width for row in rows)
            assert dots or all(row.isascii() for row in rows)


@pytest.mark.parametrize("step", STEPS)
def test_a_drawing_in_plain_characters_has_no_empty_lines_at_its_ends(step: str) -> None:
    rows = plain_drawing(step, 60, 18)
    assert rows[0].strip()
    assert rows[-1].strip()
    assert all(row == row.rstrip() for row in rows)


def test_ball_and_movement_differ_from_the_body() -> None:
    inks = {run.ink for row in drawn("ball_roll", 60, 20, dots=True) for run in row if run.text.strip()}
    assert inks == {"body", "tool", "move"}


def test_a_step_without_a_drawing_is_drawn_as_nothing() -> None:
    assert drawn("handstand", 40, 20, dots=True) == ()
    assert plain_drawing("handstand", 40, 20) == []


def test_lines_are_broader_where_there_is_room() -> None:
    small = sum(len(row.replace(" ", "")) for row in text_of("wall_straight", 50, 15, dots=True))
    large = sum(len(row.replace(" ", "")) for row in text_of("wall_straight", 100, 30, dots=True))
    assert large > 2 * small
