"""Keys, collected into lines."""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING

import pytest

from voice_coach.runner import Inbox, Typed
from voice_coach.screen.keyboard import Keyboard, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class Pressed:
    """Keys that are pressed one after the other; then no more can come."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(keys)
        self.over = threading.Event()

    def read(self, seconds: float) -> str | None:
        assert seconds > 0
        if not self._keys:
            self.over.set()
            return None
        return self._keys.pop(0)


def lines_of(*keys: str) -> tuple[list[str], list[str]]:
    """Give the lines that `keys` make, and what was seen while they were typed."""
    inbox = Inbox()
    seen: list[str] = []
    pressed = Pressed(keys)
    keyboard = Keyboard(pressed, inbox, seen.append)
    assert pressed.over.wait(10)
    keyboard.close()
    assert not keyboard.open
    lines = []
    while not inbox.empty():
        message = inbox.get()
        assert isinstance(message, Typed)
        lines.append(message.text)
    return lines, seen


def test_keys_make_a_line_that_ends_with_enter() -> None:
    assert lines_of("n", "o", "\r") == (["no"], ["n", "no", ""])


def test_a_pasted_text_makes_all_its_lines() -> None:
    assert lines_of("no\nharder\n")[0] == ["no", "harder"]


def test_backspace_takes_a_character_away() -> None:
    assert lines_of("noo", "\x7f", "\n")[0] == ["no"]
    assert lines_of("\x08", "no", "\n")[0] == ["no"]


def test_arrows_and_control_characters_type_nothing() -> None:
    assert lines_of("n", "\x1b[A", "\x01", "", "o", "\n")[0] == ["no"]


@pytest.mark.parametrize("key", ["\x1b[A", "\x1bOP", "\x1b[15~", "\x1b[1;5C", "\x1b[[A", "\x1b"])
def test_what_is_typed_in_the_same_moment_as_an_arrow_counts(key: str) -> None:
    assert lines_of(f"{key}stop\n")[0] == ["stop"]
    assert lines_of(f"Ou{key}{key}ch\n")[0] == ["Ouch"]


def test_an_empty_line_is_no_command() -> None:
    assert lines_of("\n", "  ", "\n")[0] == []


def test_an_endless_line_is_cut() -> None:
    assert len(lines_of("a" * 1000, "\n")[0][0]) == 200


@pytest.mark.skipif(os.name != "posix", reason="reads a pipe as if it were a terminal")
def test_keys_come_from_a_terminal_until_it_has_gone() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as stream:
        keys = keys_of(stream)
        assert keys.read(0.01) == ""
        os.write(write, "ä".encode())
        assert keys.read(1) == "ä"
        os.close(write)
        assert keys.read(1) is None


def test_a_terminal_that_fails_ends_the_keyboard() -> None:
    class Broken:
        def read(self, seconds: float) -> str | None:
            raise OSError(5, f"gone after {seconds} s")

    inbox: Inbox = queue.SimpleQueue()
    keyboard = Keyboard(Broken(), inbox, lambda _typed: None)
    keyboard.close()
    assert not keyboard.open
