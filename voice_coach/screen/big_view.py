"""The view from two metres: the whole terminal, with the countdown as large as it goes."""

from __future__ import annotations

import io
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType

from voice_coach.errors import MicrophoneError, ModelError
from voice_coach.screen.layout import STATUS_FROM, frame, input_line, status_line
from voice_coach.screen.scene import HasLevel, Heard, Hearing, Line, Scene
from voice_coach.screen.sentences import (
    BETTER_MODEL,
    TYPED,
    clock,
    next_second,
    side_words,
    spoken_answers,
    unheard_sentence,
)
from voice_coach.session.actions import Action, Attend, DoseEnded, Ended, Say, StateChanged, StepBegan, Voiced
from voice_coach.session.phases import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text

    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.runner import EarsReady, Mended
    from voice_coach.screen.look import Look
    from voice_coach.session.session import View

_USUAL_SIZE = (80, 24)
_REMEMBERED_LINES = 8
_HEARD_SECONDS = 4.0
_DETAILS_SECONDS = 15.0
_LEVEL_EVERY = 0.25
"""Seconds from one look at the level meter to the next."""


def is_old_console() -> bool:
    """Tell whether this is a console of Windows that cannot move its cursor by codes."""
    return Console().legacy_windows


def _size_of(out: TextIO) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(out.fileno())
    except OSError:
        return _USUAL_SIZE  # the terminal has gone
    return size.columns, size.lines


class Painter:
    """Paints rows on a terminal, each only when it has changed.

    Args:
        out: the terminal; Rich knows which colours it has, and heeds `NO_COLOR`.
        colours: use them.
    """

    def __init__(self, out: TextIO, *, colours: bool = True) -> None:
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")  # a name may hold what this terminal cannot show
        self._console = Console(
            file=out,
            force_terminal=True,
            highlight=False,
            legacy_windows=False,
            no_color=None if colours else True,
        )
        self._shown: list[Text | None] = []
        self._gone = False

    def forget(self) -> None:
        """Paint everything anew the next time."""
        self._shown = []

    def paint(self, rows: list[Text]) -> None:
        """Let the terminal show `rows`."""
        if len(self._shown) != len(rows):
            self._shown = [None] * len(rows)
        changed = [(number, row) for number, row in enumerate(rows) if row != self._shown[number]]
        self._shown = list(rows)
        self._write(changed)

    def paint_row(self, number: int, row: Text) -> None:
        """Let the terminal show `row` as its row `number`, counted from 0; nothing before the first `paint`."""
        if 0 <= number < len(self._shown) and self._shown[number] != row:
            self._shown[number] = row
            self._write([(number, row)])

    def _write(self, changed: list[tuple[int, Text]]) -> None:
        if self._gone or not changed:
            return
        try:
            with self._console as console:
                for number, row in changed:
                    console.control(Control.move_to(0, number))
                    console.print(row, end="", soft_wrap=True)
                    console.control(Control((ControlType.ERASE_IN_LINE, 0)))
        except OSError:
            self._gone = True  # the terminal was closed; the session need not know


class BigView:
    """Shows a session on a whole terminal.

    Args:
        out: the terminal.
        err: where trouble goes when the screen is given back.
        look_at: gives what there is to see now.
        routine: name of the routine.
        look: the characters to draw with.
        listens: a microphone is being opened.
        told: what the user was told on the terminal before.
        size: gives width and height of the terminal.
    """

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        look_at: Callable[[], View],
        routine: str,
        look: Look,
        *,
        listens: bool = False,
        told: Sequence[str] = (),
        size: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self._out = out
        self._err = err
        self._look_at = look_at
        self._routine = routine
        self._look = look
        self._size = size or (lambda: _size_of(out))
        self._painter = Painter(out, colours=look.colours)
        self._painting = threading.Lock()
        self._total = look_at().left_in_all
        self._lines = deque((Line(sentence, by="trouble") for sentence in told), maxlen=_REMEMBERED_LINES)
        self._log: list[str] = []
        self._summary: list[str] = []
        self._last_words: list[str] = []
        """Said since the last command: what a session that a body word has ended leaves to be read."""
        self._ended_by_body = False
        self._troubles: list[str] = []
        self._hearing = Hearing.OPENING if listens else Hearing.OFF
        self._deaf_since: Hearing | None = None
        """What the ears did before they failed."""
        self._in_text = False
        self._ears: HasLevel | None = None
        self._heard: tuple[float, Heard] | None = None
        self._details_until = 0.0
        self._step: tuple[str, str] | None = None
        self._answers: tuple[str, ...] = ()
        self._advice = ""
        self._typed = ""
        self._painted_size = (0, 0)
        self._due: float | None = 0.0
        self._level_due: float | None = None

    def begin_again(self, routine: str) -> None:
        """Forget the session; another one begins, of the routine with this name."""
        self._routine = routine
        self._total = 0.0
        for forgotten in (self._lines, self._log, self._summary, self._last_words):
            forgotten.clear()
        self._heard = self._step = None
        self._details_until = 0.0
        self._due = 0.0
        self._level_due = None

    # --- what is typed

    def type(self, text: str) -> None:
        """Show what is being typed. May be called from any thread."""
        with self._painting:
            self._typed = text
            width, height = self._painted_size
            self._painter.paint_row(height - 1, input_line(text, width))

    # --- what happens

    def acted(self, now: float, action: Action) -> None:
        self._due = now
        if isinstance(action, Say):
            self._say(action.text)
        elif isinstance(action, StepBegan):
            self._step = (action.step, action.name)
        elif isinstance(action, StateChanged):
            self._answers = spoken_answers(action.active, asked=action.phase is Phase.QUESTION)
        elif isinstance(action, DoseEnded):
            self._log_dose(action)
        elif isinstance(action, Attend):
            self._attend(awake=action.awake)
        elif isinstance(action, Voiced):
            self._in_text = not action.on
        elif isinstance(action, Ended):
            self._ended_by_body = action.reason == "body"
            self._due = None

    def heard(self, now: float, text: str, command: Command | None) -> None:
        self._heard = (now, Heard(text, understood=command is not None))
        if command is not None:
            self._last_words.clear()
        if command is not None and command.id == "details":
            self._details_until = now + _DETAILS_SECONDS
        if command is None and self._advice:
            self._lines.append(Line(self._advice, by="trouble"))
            self._advice = ""
        self._due = now

    def listening(self, now: float, ready: EarsReady) -> None:
        self._hearing = Hearing.ON
        self._ears = ready.ears if isinstance(ready.ears, HasLevel) else None
        self._advice = BETTER_MODEL if ready.in_the_box else ""
        if ready.unheard:
            self._tell(f"{unheard_sentence(ready.unheard)} {TYPED}")
        self._due = now

    def troubled(self, now: float, error: CoachError) -> None:
        self._tell(str(error))
        if isinstance(error, MicrophoneError | ModelError):
            self._deaf_since = self._deaf_since or self._hearing
            self._hearing = Hearing.OFF
        self._due = now

    def mended(self, now: float, news: Mended) -> None:
        self._lines.append(Line(news.sentence))
        if news.ears and self._deaf_since is not None:
            self._hearing, self._deaf_since = self._deaf_since, None
        self._due = now

    # --- when it is shown

    @property
    def due(self) -> float | None:
        """When the screen is to be looked at next."""
        if self._due is None or self._level_due is None:
            return self._due
        return min(self._due, self._level_due)

    def advance(self, now: float) -> None:
        """Show the session as it stands."""
        if self._due is None:
            return
        if now >= self._due or self._size() != self._painted_size:
            self._paint(now)
        elif self._level_due is not None and now >= self._level_due:
            self._paint_status(now)
        self._level_due = None if self._ears is None else now + _LEVEL_EVERY

    def _paint(self, now: float) -> None:
        view = self._look_at()
        self._total = max(self._total, view.left_in_all)
        self._due = self._next_look(now, view)
        with self._painting:
            width, height = self._painted_size = self._size()
            self._painter.paint(frame(self._scene(now, view), width, height, self._look))

    def _paint_status(self, now: float) -> None:
        with self._painting:
            width, height = self._painted_size
            if height >= STATUS_FROM:
                row = status_line(self._scene(now, self._look_at()), width, self._look)
                self._painter.paint_row(height - 2, row)

    def redraw(self) -> None:
        """Paint everything anew: the terminal has shown something else in the meantime."""
        self._painter.forget()
        if self._due is not None:
            self._due = 0.0

    def close(self) -> None:
        """Print what was done, now that the screen is as it was found."""
        self._due = None
        try:
            said = self._last_words if self._ended_by_body else self._summary
            print(self._routine, *self._log, *said, sep="\n", file=self._out, flush=True)
            for trouble in self._troubles:
                print(trouble, file=self._err, flush=True)
        except OSError:
            return  # the terminal was closed

    def _scene(self, now: float, view: View) -> Scene:
        heard = self._heard
        return Scene(
            view=view,
            routine=self._routine,
            total=self._total,
            step=None if self._step is None or view.step != self._step[1] else self._step[0],
            lines=tuple(self._lines),
            hearing=Hearing.TEXT if self._in_text else self._hearing,
            heard=heard[1] if heard is not None and now < heard[0] + _HEARD_SECONDS else None,
            answers=self._answers,
            level=None if self._ears is None or self._in_text else self._ears.level,
            typed=self._typed,
            details=now < self._details_until,
        )

    def _next_look(self, now: float, view: View) -> float:
        times = [next_second(now, view)]
        if self._heard is not None:
            times.append(self._heard[0] + _HEARD_SECONDS)
        times.append(self._details_until)
        return min(time for time in times if time > now)

    def _say(self, text: str) -> None:
        self._lines.append(Line(text))
        self._last_words.append(text)
        if self._look_at().phase is Phase.SUMMARY and not text.endswith("?"):
            self._summary.append(text)

    def _log_dose(self, dose: DoseEnded) -> None:
        name = dose.step if self._step is None else self._step[1]
        side = side_words(dose.side)
        done = f"{clock(dose.worked)} of {clock(dose.planned)}" if dose.done else "left out"
        self._log.append(f"  {name}{', ' if side else ''}{side}: {done}")

    def _attend(self, *, awake: bool) -> None:
        attends = Hearing.ON if awake else Hearing.ASLEEP
        if self._hearing in (Hearing.ON, Hearing.ASLEEP):
            self._hearing = attends
        elif self._deaf_since in (Hearing.ON, Hearing.ASLEEP):
            self._deaf_since = attends

    def _tell(self, sentence: str) -> None:
        self._troubles.append(sentence)
        self._lines.append(Line(sentence, by="trouble"))
