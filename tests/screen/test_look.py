"""Which terminals are drawn on, and with which characters."""

from __future__ import annotations

import io

import pytest

from voice_coach.screen.look import ASCII, FULL, Look, can_redraw, is_large_enough, look_of
from voice_coach.settings import ScreenSettings


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "environment", "look"),
    [
        ("utf-8", {"TERM": "xterm-256color"}, FULL),
        ("UTF-8", {}, FULL),
        ("utf-8", {"TERM": "linux"}, Look(dots=False)),
        ("iso8859-1", {"TERM": "xterm"}, ASCII),
        ("ascii", {}, ASCII),
    ],
)
def test_characters_are_those_that_a_terminal_can_show(encoding: str, environment: dict[str, str], look: Look) -> None:
    assert look_of(stream(encoding), None, environment) == look


def test_the_user_may_want_fewer() -> None:
    assert look_of(stream("utf-8"), ScreenSettings(ascii=True), {}) == ASCII
    assert look_of(stream("utf-8"), ScreenSettings(colour="never"), {}) == Look(colours=False)


@pytest.mark.parametrize(
    ("environment", "windows", "can"),
    [
        ({"TERM": "xterm"}, False, True),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "DUMB"}, False, False),
        ({}, False, False),
        ({}, True, True),
    ],
)
def test_a_dumb_terminal_is_not_redrawn(*, environment: dict[str, str], windows: bool, can: bool) -> None:
    assert can_redraw(environment, windows=windows) is can


@pytest.mark.parametrize(("size", "large"), [((80, 24), True), ((20, 6), True), ((19, 24), False), ((80, 5), False)])
def test_a_tiny_terminal_gets_lines(*, size: tuple[int, int], large: bool) -> None:
    assert is_large_enough(*size) is large
