"""Writes routine files: a template to begin with, and a routine as the dials of a session left it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from voice_coach.routines.checking import check
from voice_coach.routines.marked_yaml import UnreadableError, entries, nodes_of
from voice_coach.routines.routine_file import SCHEMA_NAME
from voice_coach.routines.schema import Routine, RoutineStep, TimedDose

if TYPE_CHECKING:
    from voice_coach.routines.schema import Catalogue, Step
    from voice_coach.session.actions import SavedStep, SaveWanted

_FIRST_LINE = f"# yaml-language-server: $schema=./{SCHEMA_NAME}"
_DIALS = ("seconds", "repetitions", "hold", "gap", "rung")
_USUAL: dict[str, Any] = {"place": None, "sides": "each", "rung_ceiling": 9, "check": True, "stroke": None, "caps": {}}


def template(id_: str, catalogue: Catalogue) -> str:
    """Give the text of a routine to begin with, with a remark on every field and a list of the steps."""
    name = id_.replace("_", " ").strip().capitalize() or "My routine"
    text = _template(name, id_, catalogue)
    return text if check(text, id_, catalogue).routine is not None else _template("My routine", id_, catalogue)


def _template(name: str, id_: str, catalogue: Catalogue) -> str:
    return f"""{_FIRST_LINE}
#
# A routine of your own. A line that begins with # is a remark.
#
#   check it with    voice-coach routines check {id_}
#   begin it with    voice-coach start {id_}
#
# No routine can go past a limit: the check adds up what each foot gets in the whole routine.

name: {_text(name)}
when: "after a long day"
kit: "one ball"

# What the coach says first. Without it, the name of the routine.
# greeting: "A quiet evening. You need {{tools}}."

# Where it is done: chair, floor or bed. In bed nobody is asked to stand up.
# place: floor

# Left, then right (each), or only the foot that is asked for (one).
# sides: each

# The firmest rung of every step in here, for feet that are sore.
# rung_ceiling: 2

# Seconds of each rolling stroke, 2 to 5.
# stroke: 3

# Stricter limits than the usual ones, in seconds for each foot.
# caps: {{sole_pressure: 120}}

# What is done, in order. Seconds and repetitions are for each foot; what is left out is as in the list below.
steps:
  - {{step: foot_check, seconds: 20}}
  - {{step: ball_roll, seconds: 60}}
  - step: plantar_pull
    repetitions: 3
    hold: 10
    note: "Keep your {{side}} knee loose."   # a sentence of yours; {{side}} becomes left or right
  - {{step: settle, seconds: 30}}

# The steps there are, their usual dose for each side, and the most of it in a session:
#
{"".join(f"#   {step.id:<15}{_usual_dose(step):<48}{step.name}{_nl}" for step in catalogue.steps.values())}"""


_nl = "\n"


def _usual_dose(step: Step) -> str:
    dose = step.dose
    if isinstance(dose, TimedDose):
        return f"seconds: {dose.seconds:g} (most {step.longest:g})"
    gap = f", gap: {dose.gap:g}" if dose.gap else ""
    return f"repetitions: {dose.repetitions}, hold: {dose.hold:g}{gap} (most {step.longest:g} s)"


def routine_text(routine: Routine, remark: str) -> str:
    """Give the text of a whole routine; `remark` stands at its top."""
    fields = msgspec.structs.asdict(routine)
    lines = [_FIRST_LINE, "#", *(f"# {line}" for line in remark.splitlines()), ""]
    lines += [
        f"{name}: {_text(fields[name])}" for name in ("name", "when", "kit", "length", "greeting") if fields[name]
    ]
    lines += [f"{name}: {_value(fields[name])}" for name, usual in _USUAL.items() if fields[name] != usual]
    lines += ["steps:", *(f"  - {_step_text(entry)}" for entry in routine.steps)]
    return "\n".join(lines) + "\n"


def saved(routine: Routine, wanted: SaveWanted) -> Routine:
    """Give `routine` as the user wants it to begin from now on."""
    changes = {step.number: _changes(routine, step) for step in wanted.steps}
    steps = tuple(
        msgspec.structs.replace(entry, **changes.get(number, {}))
        for number, entry in enumerate(routine.steps)
        if number not in wanted.left_out
    )
    stroke = routine.stroke if wanted.stroke is None else wanted.stroke
    return msgspec.structs.replace(routine, steps=steps, stroke=stroke)


def edited(text: str, routine: Routine, wanted: SaveWanted, catalogue: Catalogue) -> str | None:
    """Change only what is wanted in the `text` of `routine`, and leave remarks and layout as they are.

    Gives None where that is not possible; then the file has to be written anew.
    """
    try:
        changed = _Editing(text).apply(routine, wanted)
    except (UnreadableError, _NotEditableError):
        return None
    return changed if check(changed, routine.id, catalogue).routine == saved(routine, wanted) else None


class _NotEditableError(Exception):
    """The layout of the file is none that can be changed in place."""


class _Editing:
    """Changes in a text, found by the places of its YAML nodes and made from the end to the beginning."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._changes: list[tuple[int, int, str]] = []
        self._top = nodes_of(text)

    def apply(self, routine: Routine, wanted: SaveWanted) -> str:
        steps = _field(self._top, "steps")
        if not isinstance(steps, SequenceNode):
            raise _NotEditableError
        for saved_step in wanted.steps:
            if saved_step.number not in wanted.left_out:
                for name, value in _changes(routine, saved_step).items():
                    self._set(steps.value[saved_step.number], name, value)
        for number in wanted.left_out:
            self._remove(steps, number)
        if wanted.stroke is not None:
            self._set_stroke(wanted.stroke)
        text = self._text
        for start, end, new in sorted(self._changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _set(self, step: Node, name: str, value: float) -> None:
        node = _field(step, name)
        if node is not None:
            self._changes.append((node.start_mark.index, node.end_mark.index, f"{value:g}"))
            return
        last = list(entries(step))[-1][1]
        if isinstance(last, ScalarNode) and last.style in ("|", ">"):
            raise _NotEditableError
        if isinstance(step, MappingNode) and step.flow_style:
            place, new = last.end_mark.index, f", {name}: {value:g}"
        else:
            place = self._end_of_line(last.end_mark.index)
            new = f"{self._newline}{' ' * step.start_mark.column}{name}: {value:g}"
        # several new fields of a step have the same place: one change after the other
        before = next((change for change in self._changes if change[:2] == (place, place)), None)
        if before is not None:
            self._changes.remove(before)
            new = before[2] + new
        self._changes.append((place, place, new))

    def _remove(self, steps: SequenceNode, number: int) -> None:
        if steps.flow_style:
            raise _NotEditableError
        start = self._start_of_line(steps.value[number].start_mark.index)
        last = number == len(steps.value) - 1
        end = (
            self._end_of_line(_last_index(steps.value[number])) + len(self._newline)
            if last
            else self._start_of_line(steps.value[number + 1].start_mark.index)
        )
        self._changes.append((start, min(end, len(self._text)), ""))

    def _set_stroke(self, stroke: float) -> None:
        node = _field(self._top, "stroke")
        if node is not None:
            self._changes.append((node.start_mark.index, node.end_mark.index, f"{stroke:g}"))
            return
        key = next(key for key, _ in entries(self._top) if key.value == "steps")
        place = key.start_mark.index
        if key.start_mark.column != 0 or place != self._start_of_line(place):
            raise _NotEditableError
        self._changes.append((place, place, f"stroke: {stroke:g}{self._newline}"))

    def _start_of_line(self, index: int) -> int:
        return self._text.rfind("\n", 0, index) + 1

    def _end_of_line(self, index: int) -> int:
        end = self._text.find(self._newline, index)
        return len(self._text) if end < 0 else end


def _last_index(node: Node) -> int:
    """Give the place where the last scalar in `node` ends."""
    if isinstance(node, MappingNode) and node.value and not node.flow_style:
        return _last_index(list(entries(node))[-1][1])
    index: int = node.end_mark.index
    return index


def _changes(routine: Routine, step: SavedStep) -> dict[str, float]:
    """Give what is saved of a step: nothing where another one was done in its place."""
    if routine.steps[step.number].step != step.step:
        return {}
    values = {name: getattr(step, name) for name in _DIALS}
    return {name: value for name, value in values.items() if value is not None}


def _field(node: Node, name: str) -> Node | None:
    return next((value for key, value in entries(node) if key.value == name), None)


def _step_text(entry: RoutineStep) -> str:
    values = {name: getattr(entry, name) for name in _DIALS}
    parts = [f"step: {entry.step}", *(f"{name}: {value:g}" for name, value in values.items() if value is not None)]
    if entry.note:
        parts.append(f"note: {_text(entry.note)}")
    return f"{{{', '.join(parts)}}}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {each:g}' for name, each in value.items())}}}"
    return value if isinstance(value, str) else f"{value:g}"
