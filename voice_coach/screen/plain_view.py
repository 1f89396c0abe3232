"""The plain view: each line as it is spoken, with the countdown, for a terminal, a pipe or a screen reader."""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING, TextIO

from voice_coach.screen.sentences import (
    BETTER_MODEL,
    PHASE_WORDS,
    TYPED,
    clock,
    next_second,
    side_words,
    unheard_sentence,
)
from voice_coach.screen.writing import write_now
from voice_coach.session.actions import Action, DoseEnded, Ended, Say, StepBegan
from voice_coach.session.phases import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.runner import EarsReady, Mended
    from voice_coach.session.session import View

_COUNTED_EVERY = 10
_DRAWING_WIDTH, _DRAWING_HEIGHT = 60, 18
_USUAL_COLUMNS = 80
_CLEAR_LINE = "\r\x1b[K"


class PlainView:
    """Prints what is said, heard and done; in a terminal, the last line counts down.

    Args:
        out: where it prints.
        err: where trouble goes.
        look: gives what there is to see now.
        live: redraw the last line every second (a terminal), or print the countdown now and then (a pipe).
        drawings: draw the position when details are asked for; else it is told in words.
    """

    def __init__(
        self, out: TextIO, err: TextIO, look: Callable[[], View], *, live: bool, drawings: bool = True
    ) -> None:
        self._out = out
        self._err = err
        self._look = look
        self._live = live
        self._drawings = drawings
        self._step = ""
        self._next_second: float | None = 0.0
        self._counted: tuple[int, float] | None = None
        self._typed = ""
        self._status = ""
        self._writing = threading.RLock()
        """Keys come on a thread of their own; the session belongs to the main one."""
        self._advice = ""

    def type(self, text: str) -> None:
        """Show what is being typed after the countdown. May be called from any thread."""
        with self._writing:
            self._typed = text
            self._draw_last_line()

    def close(self) -> None:
        """Leave the terminal with an empty line."""
        self._next_second = None
        self._clear()

    def begin_again(self, _routine: str) -> None:
        """Forget the session; another one begins."""
        self._step = ""
        self._next_second = 0.0
        self._counted = None

    def acted(self, now: float, action: Action) -> None:
        if isinstance(action, StepBegan):
            self._step = action.step
            side = "" if action.side == "both" else f", {side_words(action.side)}"
            self._print(
                now,
                f"== {action.number}/{action.of} {action.name}{side} ({clock(action.planned)}, rung {action.rung})",
            )
        elif isinstance(action, Say):
            self._print(now, f"   {action.text}")
        elif isinstance(action, DoseEnded):
            worked = "done" if action.done else "left out"
            self._print(now, f"   [{worked}: {clock(action.worked)} of {clock(action.planned)}]")
        elif isinstance(action, Ended):
            self._clear()
            self._next_second = None

    def heard(self, now: float, text: str, command: Command | None) -> None:
        meaning = "?  I did not get that; say or type: what can I say" if command is None else f"({command.id})"
        self._print(now, f" > {text}  {meaning}")
        if command is not None and command.id == "details":
            self._draw(now)
        if command is None and self._advice:
            self._print(now, f"   {self._advice}")
            self._advice = ""

    def listening(self, now: float, ready: EarsReady) -> None:
        """Say that commands are heard now, and which phrases the model cannot hear."""
        self._print(now, "   (listening)")
        self._advice = BETTER_MODEL if ready.in_the_box else ""
        if ready.unheard:
            self._tell(f"{unheard_sentence(ready.unheard)} {TYPED}")

    def troubled(self, _now: float, error: CoachError) -> None:
        self._tell(str(error))

    def mended(self, _now: float, news: Mended) -> None:
        self._tell(news.sentence)

    @property
    def due(self) -> float | None:
        """When the countdown is to be looked at next."""
        return self._next_second

    def advance(self, now: float) -> None:
        """Show the countdown as it stands."""
        if self._next_second is None or now < self._next_second:
            return
        view = self._look()
        self._next_second = next_second(now, view)
        if self._live:
            self.redraw()
        elif view.phase is Phase.WORK and view.left is not None:
            self._count(now, view.left)

    def redraw(self) -> None:
        """Draw the last line of a terminal anew: where the session is, and what is being typed."""
        if self._live and self._next_second is not None:
            self._status = _status(self._look())
            self._draw_last_line()

    def _draw_last_line(self) -> None:
        with self._writing:
            if self._live and self._next_second is not None:
                write_now(self._out, f"{_CLEAR_LINE}{_cut(self._status, f' > {self._typed}', _columns(self._out))}")

    def _draw(self, now: float) -> None:
        """Show the position of this step."""
        from voice_coach.screen.drawing import load_drawings, plain_drawing  # noqa: PLC0415 - few ask for it

        drawing = load_drawings().get(self._step)
        if drawing is None:
            return
        if not self._drawings:
            self._print(now, f"   {drawing.says}")
            return
        for row in plain_drawing(self._step, _DRAWING_WIDTH, _DRAWING_HEIGHT):
            self._print(now, f"   {row}")

    def _count(self, now: float, left: float) -> None:
        seconds = math.ceil(left - 1e-6)
        if seconds > 0 and seconds % _COUNTED_EVERY == 0 and self._counted != (seconds, round(now)):
            self._counted = (seconds, round(now))
            self._print(now, f"   {clock(seconds)} left")

    def _print(self, now: float, text: str) -> None:
        with self._writing:
            self._clear()
            write_now(self._out, f"{clock(now)}{text}\n")
            self.redraw()

    def _tell(self, sentence: str) -> None:
        with self._writing:
            self._clear()
            write_now(self._err, f"{sentence}\n")

    def _clear(self) -> None:
        if self._live:
            write_now(self._out, _CLEAR_LINE)


def _columns(out: TextIO) -> int:
    """Give how many characters a line of a terminal has; the usual number where it does not tell."""
    try:
        return os.get_terminal_size(out.fileno()).columns or _USUAL_COLUMNS
    except (OSError, ValueError):
        return _USUAL_COLUMNS


def _cut(status: str, typed: str, columns: int) -> str:
    """Fit a line into a terminal: one that is wrapped cannot be taken back. The end of what is typed is seen."""
    room = max(1, columns - 1)
    return f"{status[: max(0, room - len(typed))]}{typed}"[-room:]


def _status(view: View) -> str:
    parts = [PHASE_WORDS[view.phase]]
    if view.step is not None and view.left is not None:
        side = "" if view.side in (None, "both") else f" {side_words(view.side)}"
        parts = [f"{clock(math.ceil(max(0.0, view.left) - 1e-6))}{side}", *parts, f"rung {view.rung}"]
    return " | ".join(part for part in parts if part)
