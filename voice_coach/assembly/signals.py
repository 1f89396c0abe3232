"""Ctrl-C and the system's request to end: a message to the session like any other."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voice_coach.runner import (
    EndWanted,
    Inbox,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def signals_end_politely(inbox: Inbox) -> Iterator[None]:
    """Let Ctrl-C, and the system's request to end, end the session with its summary; a second one ends at once."""
    asked = False

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number in (signal.SIGINT, signal.SIGTERM):
            raise KeyboardInterrupt  # a terminal that closes may say so twice
        asked = True
        inbox.put(EndWanted())

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)  # the terminal was closed; `nohup` wants it ignored
    before = [(number, signal.signal(number, ask)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
