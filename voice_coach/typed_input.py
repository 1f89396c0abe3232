"""Commands that are typed, piped in, or written in a script beforehand."""

from __future__ import annotations

import math
import os
import selectors
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from voice_coach.errors import ScriptError
from voice_coach.files import read_bounded
from voice_coach.runner import Inbox, Typed

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 200
"""Characters of a typed line that are read; no command is longer."""
MOST_WAITING = 1000
"""Messages that may wait for the session before more is read: a pipe may have no end."""
_CHUNK = 65536
_BREATHER = 0.05
"""Seconds until it is looked again whether there is room for more."""
_WAIT = 0.1
"""Seconds for which a reader waits for something before it looks whether it is closed."""
_FIRST_PIPED_LINE = 0.2
"""Seconds that a moved clock waits for the first line of a pipe, before the session begins."""


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """Something said at a moment of the session."""

    at: float
    """Seconds since the session began."""
    text: str


def later(lines: tuple[ScriptLine, ...], seconds: float) -> tuple[ScriptLine, ...]:
    """Give the lines for a session that goes on at its second `seconds`: they count from there."""
    return tuple(ScriptLine(line.at + seconds, line.text) for line in lines)


def read_script(path: Path) -> tuple[ScriptLine, ...]:
    """Read a script: on each line a second of the session and what is said then, as in `12.5 harder`.

    Empty lines and what follows a `#` do not count. Lines may stand in any order.

    Raises:
        ScriptError: the file cannot be read, or a line has no time or no text.
    """
    try:
        text = read_bounded(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ScriptError(
            f"The script {path} cannot be read: {reason}.", "Nothing was started.", f"ls -l {path}"
        ) from error
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.partition("#")[0].strip()
        if said:
            lines.append(_script_line(path, number, said))
    return tuple(sorted(lines, key=lambda line: line.at))


def _script_line(path: Path, number: int, line: str) -> ScriptLine:
    time, _, text = line.partition(" ")
    try:
        at = float(time)
    except ValueError:
        at = math.nan
    if not (math.isfinite(at) and at >= 0 and text.strip()):
        raise ScriptError(
            f"Line {number} of {path} is {line!r}; it should be a second and what is said, as in '12.5 harder'.",
            "Nothing was started.",
            f"edit line {number} of {path}",
        )
    return ScriptLine(at, text.strip()[:LONGEST_LINE])


class Script:
    """Says the lines of a script at their times."""

    def __init__(self, lines: tuple[ScriptLine, ...], inbox: Inbox) -> None:
        self._lines = list(lines)
        self._inbox = inbox

    @property
    def open(self) -> bool:
        return bool(self._lines)

    @property
    def due(self) -> float | None:
        return self._lines[0].at if self._lines else None

    def advance(self, now: float) -> None:
        while self._lines and self._lines[0].at <= now:
            self._inbox.put(Typed(self._lines.pop(0).text))


class _Lines:
    """Cuts what comes out of a file into lines."""

    def __init__(self, stream: TextIO, inbox: Inbox) -> None:
        self._inbox = inbox
        self._file = stream.fileno()
        self._selector = _selector_of(self._file)
        self._rest = b""
        self.open = True

    def close(self) -> None:
        """Read no more: what is typed from now on is for somebody else. Safe to call twice."""
        self.open = False
        if self._selector is not None:
            self._selector.close()

    @property
    def due(self) -> float | None:
        return None

    @property
    def _has_room(self) -> bool:
        return self._inbox.qsize() < MOST_WAITING

    def _may_read(self, seconds: float) -> bool:
        """Tell whether there is something to read within `seconds`, as far as that can be known."""
        return self._selector is None or bool(self._selector.select(seconds))

    def _chunk(self) -> None:
        """Read what there is, and wait where there is nothing."""
        data = os.read(self._file, _CHUNK)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data:
            lines.append(self._rest)
            self.open = False
        self._rest = self._rest[:LONGEST_LINE]
        for line in lines:
            put_line(line[:LONGEST_LINE].decode("utf-8", errors="replace"), self._inbox)


class LineReader(_Lines):
    """Reads typed or piped lines on a thread of its own, in real time."""

    def __init__(self, stream: TextIO, inbox: Inbox) -> None:
        super().__init__(stream, inbox)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, name="typed lines", daemon=True)
        self._thread.start()

    def advance(self, _now: float) -> None:
        """Do nothing: the thread reads."""

    def close(self) -> None:
        """See `_Lines.close`. Where nothing tells whether there is something to read, the thread may wait on."""
        self._closing.set()
        if self._selector is not None:
            self._thread.join()
        super().close()

    def _read(self) -> None:
        try:
            while self.open and not self._closing.is_set():
                if not self._has_room:
                    time.sleep(_BREATHER)
                elif self._may_read(_WAIT):
                    self._chunk()
        except OSError:
            self.open = False  # the terminal has gone: nothing more can be typed


class PipedLines(_Lines):
    """Reads the lines that a pipe holds already, for a clock that is moved: nothing is waited for but the first."""

    def __init__(self, stream: TextIO, inbox: Inbox) -> None:
        super().__init__(stream, inbox)
        self._take(_FIRST_PIPED_LINE)

    def advance(self, _now: float) -> None:
        """Take what has come since."""
        if self.open:
            self._take(0.0)

    def _take(self, wait: float) -> None:
        while self.open and self._has_room and self._may_read(wait):
            self._chunk()
            wait = 0.0


def _selector_of(file: int) -> selectors.BaseSelector | None:
    """Give what tells whether there is something to read; None for a file, which is always ready, and on Windows."""
    if os.name == "nt":
        return None
    selector = selectors.DefaultSelector()
    try:
        selector.register(file, selectors.EVENT_READ)
    except (PermissionError, ValueError):
        selector.close()
        return None
    return selector


def put_line(line: str, inbox: Inbox) -> None:
    """Put a typed line into the inbox, unless it is empty; signs that steer a terminal are left out."""
    if text := "".join(sign if sign.isprintable() else " " for sign in line).strip():
        inbox.put(Typed(text))


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person sits at `stream`."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _is_of_the_system(stream: TextIO) -> bool:
    """Tell whether there is a file of the system behind `stream`: in some editors and tests there is none."""
    try:
        stream.fileno()
    except (OSError, ValueError):
        return False
    return True


def standard_input(inbox: Inbox, *, fast: bool) -> LineReader | PipedLines | None:
    """Give a reader of the standard input; None where there is none, or where a moved clock would outrun it."""
    stream: TextIO | None = sys.stdin
    if stream is None or stream.closed or not _is_of_the_system(stream):
        return None
    if not fast:
        return LineReader(stream, inbox)
    return None if is_terminal(stream) else PipedLines(stream, inbox)
