"""The plain view: each line as it is spoken, with the countdown, for a terminal, a pipe or a screen reader."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TextIO

from voice_coach.screen.sentences import BETTER_MODEL, unheard_sentence
from voice_coach.session.actions import Action, DoseEnded, Ended, Say, StepBegan
from voice_coach.session.phases import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.runner import EarsReady
    from voice_coach.session.session import View

_MINUTE = 60
_COUNTED_EVERY = 10
_CLEAR_LINE = "\r\x1b[K"

PHASE_WORDS = {
    Phase.NEW: "",
    Phase.GREETING: "welcome",
    Phase.SETUP: "get in place",
    Phase.SWITCH: "change feet",
    Phase.COUNT_IN: "get set",
    Phase.GO: "begin",
    Phase.WORK: "work",
    Phase.QUESTION: "your answer",
    Phase.PAUSED: "PAUSED: resume or finish",
    Phase.STOPPED: "STOPPED: resume or finish",
    Phase.SUMMARY: "done",
    Phase.ENDED: "",
}


class PlainView:
    """Prints what is said, heard and done; in a terminal, the last line counts down.

    Args:
        out: where it prints.
        err: where trouble goes.
        look: gives what there is to see now.
        live: redraw the last line every second (a terminal), or print the countdown now and then (a pipe).
    """

    def __init__(self, out: TextIO, err: TextIO, look: Callable[[], View], *, live: bool) -> None:
        self._out = out
        self._err = err
        self._look = look
        self._live = live
        self._next_second: float | None = 0.0
        self._counted: tuple[int, float] | None = None
        self._typed = ""
        self._advice = ""

    def type(self, text: str) -> None:
        """Show what is being typed after the countdown."""
        self._typed = text
        self.redraw()

    def close(self) -> None:
        """Leave the terminal with an empty line."""
        self._next_second = None
        self._clear()
        self._out.flush()

    def acted(self, now: float, action: Action) -> None:
        if isinstance(action, StepBegan):
            side = "" if action.side == "both" else f", {_side(action.side)}"
            self._print(
                now,
                f"== {action.number}/{action.of} {action.name}{side} ({_clock(action.planned)}, rung {action.rung})",
            )
        elif isinstance(action, Say):
            self._print(now, f"   {action.text}")
        elif isinstance(action, DoseEnded):
            worked = "done" if action.done else "left out"
            self._print(now, f"   [{worked}: {_clock(action.worked)} of {_clock(action.planned)}]")
        elif isinstance(action, Ended):
            self._clear()
            self._next_second = None

    def heard(self, now: float, text: str, command: Command | None) -> None:
        meaning = "?  I did not get that; say or type: what can I say" if command is None else f"({command.id})"
        self._print(now, f" > {text}  {meaning}")
        if command is None and self._advice:
            self._print(now, f"   {self._advice}")
            self._advice = ""

    def listening(self, now: float, ready: EarsReady) -> None:
        """Say that commands are heard now, and which phrases the model cannot hear."""
        self._print(now, "   (listening)")
        self._advice = BETTER_MODEL if ready.in_the_box else ""
        if ready.unheard:
            self._clear()
            print(unheard_sentence(ready.unheard), file=self._err, flush=True)

    def troubled(self, _now: float, error: CoachError) -> None:
        self._clear()
        print(error, file=self._err, flush=True)

    @property
    def due(self) -> float | None:
        """When the countdown is to be looked at next."""
        return self._next_second

    def advance(self, now: float) -> None:
        """Show the countdown as it stands."""
        if self._next_second is None or now < self._next_second:
            return
        view = self._look()
        self._next_second = _next_look(now, view)
        if self._live:
            self.redraw()
        elif view.phase is Phase.WORK and view.left is not None:
            self._count(now, view.left)

    def redraw(self) -> None:
        """Draw the last line of a terminal anew: where the session is, and what is being typed."""
        if self._live and self._next_second is not None:
            print(f"{_CLEAR_LINE}{_status(self._look())} > {self._typed}", end="", file=self._out, flush=True)

    def _count(self, now: float, left: float) -> None:
        seconds = math.ceil(left - 1e-6)
        if seconds > 0 and seconds % _COUNTED_EVERY == 0 and self._counted != (seconds, round(now)):
            self._counted = (seconds, round(now))
            self._print(now, f"   {_clock(seconds)} left")

    def _print(self, now: float, text: str) -> None:
        self._clear()
        print(f"{_clock(now)}{text}", file=self._out, flush=True)
        self.redraw()

    def _clear(self) -> None:
        if self._live:
            print(_CLEAR_LINE, end="", file=self._out)


def _next_look(now: float, view: View) -> float | None:
    """Give the moment at which the countdown shows another second."""
    if view.left is None or view.phase not in (Phase.WORK, Phase.COUNT_IN):
        return now + 1.0
    into = view.left - math.floor(view.left)
    return now + (into if into > 0.01 else 1.0)  # noqa: PLR2004 - a hundredth of a second is now


def _status(view: View) -> str:
    parts = [PHASE_WORDS[view.phase]]
    if view.step is not None and view.left is not None:
        side = "" if view.side in (None, "both") else f" {_side(view.side or '')}"
        parts = [f"{_clock(math.ceil(max(0.0, view.left) - 1e-6))}{side}", *parts, f"rung {view.rung}"]
    return " | ".join(part for part in parts if part)


def _side(side: str) -> str:
    return "sore foot" if side == "one" else f"{side} foot"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 1e-6), _MINUTE)
    return f"{minutes}:{rest:02d}"
