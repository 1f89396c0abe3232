"""Reads keys one by one, so that a typed command and the countdown share a terminal."""

from __future__ import annotations

import os
import re
import selectors
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol, TextIO

from voice_coach.typed_input import LONGEST_LINE, put_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.runner import Inbox

_WAIT = 0.1
_ENTER = "\r\n"
_RUB_OUT = "\x7f\x08"
_NO_LETTERS = re.compile(r"\x1b(?:\[\[[A-E]|\[[0-?]*[ -/]*[@-~]|O[A-DFHP-S])")
"""What arrow keys, function keys and their kind send; they mean nothing here."""


class Keys(Protocol):
    """Where keys come from."""

    def read(self, seconds: float) -> str | None:
        """Give the keys pressed within `seconds`, perhaps none; None when no more can come.

        Raises:
            OSError: the terminal has gone.
        """


class Keyboard:
    """Collects keys into lines on a thread of its own.

    Args:
        keys: where they come from.
        inbox: gets the finished lines.
        on_change: called with what is being typed, after each key.
    """

    def __init__(self, keys: Keys, inbox: Inbox, on_change: Callable[[str], None]) -> None:
        self._keys = keys
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
            while not self._closing.is_set():
                keys = self._keys.read(_WAIT)
                if keys is None:
                    return
                self._take(keys)
        except OSError:
            return  # the terminal has gone: nothing more can be typed
        finally:
            self.open = False

    def _take(self, keys: str) -> None:
        letters = _NO_LETTERS.sub("", keys)
        if not letters:
            return
        for key in letters:
            self._press(key)
        self._on_change(self._typed)

    def _press(self, key: str) -> None:
        if key in _ENTER:
            put_line(self._typed, self._inbox)
            self._typed = ""
        elif key in _RUB_OUT:
            self._typed = self._typed[:-1]
        elif key.isprintable() and len(self._typed) < LONGEST_LINE:
            self._typed += key


def keys_of(stream: TextIO) -> Keys:
    """Give the keys of a terminal, which `Terminal` has made ready for it."""
    return _WindowsKeys() if sys.platform == "win32" else _PosixKeys(stream)


class _PosixKeys:
    def __init__(self, stream: TextIO) -> None:
        self._file = stream.fileno()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._file, selectors.EVENT_READ)

    def read(self, seconds: float) -> str | None:
        if not self._selector.select(seconds):
            return ""
        data = os.read(self._file, 1024)
        return data.decode("utf-8", errors="ignore") if data else None


class _WindowsKeys:
    """The keys of a Windows console; `getwch` shows nothing of them."""

    _STEP = 0.02
    _CTRL_C = "\x03"
    _PREFIXES = "\x00\xe0"

    def read(self, seconds: float) -> str | None:
        if sys.platform != "win32":
            return None
        import msvcrt  # noqa: PLC0415 - only on Windows

        end = time.monotonic() + seconds
        while not msvcrt.kbhit():
            if time.monotonic() >= end:
                return ""
            time.sleep(self._STEP)
        key = msvcrt.getwch()
        if key in self._PREFIXES:  # an arrow key or a function key: the second half says which
            msvcrt.getwch()
            return ""
        if key == self._CTRL_C:
            signal.raise_signal(signal.SIGINT)
            return ""
        return key
