"""A terminal taken over for a session, and given back as it was found, however the session ends."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Self, TextIO

from voice_coach.runner import Inbox, Typed
from voice_coach.screen.guard import TerminalGuard

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

_FULL_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[2J"
"""The other screen of a terminal, so that what was there before comes back; no cursor."""
_BACK = "\x1b[0m\x1b[?25h\x1b[?1049l"
_BACK_FOR_PRINTF = r"\033[0m\033[?25h\033[?1049l"


class Terminal:
    """Lets a terminal give each key at once and not echo it, and may use its whole screen.

    Ctrl-C stays Ctrl-C. Ctrl-Z pauses the session, gives the terminal back and stops the program; `fg` takes the
    terminal again. It is a `Timed` part of a session: the stopping happens in `advance`, when the session has halted.

    Args:
        keys: where keys come from.
        out: what is drawn on.
        inbox: gets the pause.
        halted: tells whether the session stands still.
        full_screen: use the other screen.
    """

    def __init__(
        self, keys: TextIO, out: TextIO, inbox: Inbox, halted: Callable[[], bool], *, full_screen: bool
    ) -> None:
        self._keys = keys
        self._out = out
        self._inbox = inbox
        self._halted = halted
        self._full_screen = full_screen
        self._guard: TerminalGuard | None = None
        self._found: list[Any] | None = None
        self._handlers: list[tuple[int, Any]] = []
        self._stop_wanted = False
        self._continued = False
        self.on_return: Callable[[], None] = _nothing
        """Called when the terminal was away for a while: draw everything again."""

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            import termios  # noqa: PLC0415 - not on Windows

            self._found = termios.tcgetattr(self._keys)
            self._guard = TerminalGuard(self._keys, _BACK_FOR_PRINTF if self._full_screen else r"\033[0m")
            self._take_signals()
        try:
            self._take()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._leave()

    @property
    def due(self) -> float | None:
        return None

    def advance(self, _now: float) -> None:
        """Stop the program where Ctrl-Z asked for it; draw again where it goes on."""
        if self._stop_wanted and self._halted():
            self._stop_wanted = False
            self._stop()
        if self._continued:
            self._continued = False
            self._take()
            self.on_return()

    def _leave(self) -> None:
        self._give_back()
        for number, handler in self._handlers:
            signal.signal(number, handler)
        self._handlers = []
        if self._guard is not None:
            self._guard.close()
            self._guard = None

    def _take(self) -> None:
        if sys.platform != "win32":
            import termios  # noqa: PLC0415 - not on Windows
            import tty  # noqa: PLC0415 - not on Windows

            with contextlib.suppress(termios.error):  # the terminal has gone
                tty.setcbreak(self._keys)
        if self._full_screen:
            self._write(_FULL_SCREEN)

    def _give_back(self) -> None:
        if self._full_screen:
            self._write(_BACK)
        if sys.platform != "win32" and self._found is not None:
            import termios  # noqa: PLC0415 - not on Windows

            with contextlib.suppress(termios.error):  # the terminal has gone: there is nothing to put back
                termios.tcsetattr(self._keys, termios.TCSADRAIN, self._found)

    def _write(self, codes: str) -> None:
        with contextlib.suppress(OSError):  # the terminal has gone
            self._out.write(codes)
            self._out.flush()

    def _take_signals(self) -> None:
        if sys.platform == "win32":
            return
        for number, handler in ((signal.SIGTSTP, self._asked_to_stop), (signal.SIGCONT, self._told_to_go_on)):
            self._handlers.append((number, signal.signal(number, handler)))

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop_wanted = True
        self._inbox.put(Typed("pause"))

    def _told_to_go_on(self, _signal: int, _frame: FrameType | None) -> None:
        self._continued = True

    def _stop(self) -> None:
        if sys.platform == "win32":
            return
        self._give_back()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # everything stands still here until the shell lets it go on
        signal.signal(signal.SIGTSTP, handler)
        self._continued = True


def _nothing() -> None:
    """Do nothing."""
