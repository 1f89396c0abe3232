"""Reads keys one by one, so that a typed command and the countdown share the last line of a terminal."""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
import threading
from typing import TYPE_CHECKING, TextIO

from voice_coach.typed_input import LONGEST_LINE, put_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voice_coach.runner import Inbox

_WAIT = 0.1
_ENTER = "\r\n"
_RUB_OUT = "\x7f\x08"
_ESCAPE = "\x1b"


class Keyboard:
    """Collects keys into lines on a thread of its own.

    Args:
        stream: the terminal.
        inbox: gets the finished lines.
        on_change: called with what is being typed, after each key.
    """

    def __init__(self, stream: TextIO, inbox: Inbox, on_change: Callable[[str], None]) -> None:
        self._file = stream.fileno()
        self._inbox = inbox
        self._on_change = on_change
        self._typed = ""
        self._closing = threading.Event()
        self.open = True
        self._thread = threading.Thread(target=self._read, name="keyboard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading. Safe to call twice."""
        self._closing.set()
        self._thread.join()

    def _read(self) -> None:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._file, selectors.EVENT_READ)
                while not self._closing.is_set():
                    if selector.select(_WAIT) and not self._take(os.read(self._file, 1024)):
                        return
        except OSError:
            return  # the terminal has gone: nothing more can be typed
        finally:
            self.open = False

    def _take(self, data: bytes) -> bool:
        keys = data.decode("utf-8", errors="ignore")
        if not keys.startswith(_ESCAPE):  # arrow keys and their kind mean nothing here
            for key in keys:
                self._press(key)
            self._on_change(self._typed)
        return bool(data)

    def _press(self, key: str) -> None:
        if key in _ENTER:
            put_line(self._typed, self._inbox)
            self._typed = ""
        elif key in _RUB_OUT:
            self._typed = self._typed[:-1]
        elif key.isprintable() and len(self._typed) < LONGEST_LINE:
            self._typed += key


@contextlib.contextmanager
def single_keys(stream: TextIO) -> Iterator[None]:
    """Let a terminal give each key at once and not echo it; leave it as it was found, whatever happens.

    Ctrl-C stays Ctrl-C.
    """
    import termios  # noqa: PLC0415 - not on Windows
    import tty  # noqa: PLC0415 - not on Windows

    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def has_single_keys() -> bool:
    """Tell whether this system can read keys one by one."""
    return sys.platform != "win32"
