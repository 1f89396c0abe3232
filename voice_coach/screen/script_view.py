"""The script view: one JSON object a line for everything that happens."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from voice_coach.screen.sentences import TYPED, unheard_sentence
from voice_coach.screen.writing import write_now
from voice_coach.session.actions import (
    Action,
    Attend,
    Chime,
    DoseEnded,
    Ended,
    Hush,
    NextDayAnswered,
    Noted,
    ProfileAnswered,
    Rated,
    SaveWanted,
    Say,
    SetAside,
    SpeakDifferently,
    StateChanged,
    StepBegan,
    Voiced,
)

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.runner import EarsReady, Mended

_DIGITS = 3


class ScriptView:
    """Writes `{"t": seconds, "kind": ...}`, an object for everything that happens.

    The kinds are say, hush, chime, step, dose, heard, state, rated, noted, profile, next_day, save, speak, voice,
    attend, set_aside and end.

    Args:
        out: where the lines go; each is flushed, so that a pipe sees it at once.
        err: where trouble goes, as a sentence.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._state: dict[str, Any] = {}

    def acted(self, now: float, action: Action) -> None:
        row = _row(action)
        if isinstance(action, StateChanged):
            state = {**row, "worked": None}
            if state == self._state:
                return  # only the set of active commands has changed
            self._state = state
        self._write(now, row)

    def heard(self, now: float, text: str, command: Command | None) -> None:
        row: dict[str, Any] = {
            "kind": "heard",
            "text": text,
            "command": None if command is None else command.id,
        }
        if command is not None and command.value is not None:
            row["value"] = command.value
        self._write(now, row)

    def listening(self, _now: float, ready: EarsReady) -> None:
        if ready.unheard:
            write_now(self._err, f"{unheard_sentence(ready.unheard)} {TYPED}\n")

    def troubled(self, _now: float, error: CoachError) -> None:
        write_now(self._err, f"{error}\n")

    def mended(self, _now: float, news: Mended) -> None:
        write_now(self._err, f"{news.sentence}\n")

    def _write(self, now: float, row: dict[str, Any]) -> None:
        line = {"t": round(now, _DIGITS), **{key: _rounded(value) for key, value in row.items()}}
        write_now(self._out, f"{json.dumps(line)}\n")


def _rounded(value: object) -> object:
    return round(value, _DIGITS) if isinstance(value, float) else value


_KINDS: dict[type[Action], str] = {
    Say: "say",
    Hush: "hush",
    Chime: "chime",
    StepBegan: "step",
    DoseEnded: "dose",
    StateChanged: "state",
    Rated: "rated",
    Noted: "noted",
    ProfileAnswered: "profile",
    NextDayAnswered: "next_day",
    SaveWanted: "save",
    SpeakDifferently: "speak",
    Voiced: "voice",
    Attend: "attend",
    SetAside: "set_aside",
    Ended: "end",
}
_LEFT_OUT = frozenset({"token", "beat", "active", "safety"})
"""Fields that matter inside the program only."""
_RENAMED = {"phase": "state", "kind": "what"}


def _row(action: Action) -> dict[str, Any]:
    fields = [name for name in type(action).__slots__ if name not in _LEFT_OUT]
    row = {_RENAMED.get(name, name): getattr(action, name) for name in fields}
    if isinstance(action, SaveWanted):
        row["steps"] = [asdict(step) for step in action.steps]
    return {"kind": _KINDS[type(action)], **row}
