"""Checks a routine that a person wrote: its fields, its doses against the caps, and its spoken lines.

Every mistake is told with its line, its field and what would be right, and all of them at once.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import dose_in_routine, least_gap
from voice_coach.routines.marked_yaml import Problem, UnreadableError, entries, nodes_of, plain
from voice_coach.routines.routine_file import MOST_STEPS, WANTS, RoutineFile, StepInFile
from voice_coach.routines.schema import HoldDose, Routine, RoutineStep, Step, TimedDose
from voice_coach.session.greeting import TOOLS
from voice_coach.session.phases import COMMANDS
from voice_coach.session.plan import plan_routine
from voice_coach.session.wording import counted, minutes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yaml.nodes import Node

    from voice_coach.commands.grammar import Grammar
    from voice_coach.routines.schema import Catalogue, Dose

_CRAMP = "cramp"
_SPEAKABLE = re.compile(r"[\w .,;:!?'\u2019()/%&+\u2013\u2014-]*")
_SLOT = "{side}"
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Checked:
    """A routine file after its check: a routine, or the problems that are in the way."""

    routine: Routine | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Fields:
    """A mapping that has been read: the values that will do, and where each stands.

    Attributes:
        node: the mapping.
        where: its name in words, empty at the top.
        values: field -> its value.
        nodes: field -> where its value stands, also of those that will not do.
    """

    node: Node
    where: str
    values: dict[str, Any] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Every field that is there will do."""
        return self.values.keys() == self.nodes.keys()


@dataclass(slots=True)
class _Entry:
    """A step of the file whose fields, and whose dose, will do."""

    fields: _Fields
    step: Step
    dose: Dose


def check(text: str, id_: str, catalogue: Catalogue) -> Checked:
    """Check the text of a routine file; `id_` becomes the id of the routine."""
    try:
        node = nodes_of(text)
    except UnreadableError as error:
        return Checked(None, error.problems)
    checker = _Checker(catalogue)
    routine = checker.routine(node, id_)
    return Checked(None if checker.problems else routine, tuple(sorted(set(checker.problems))))


class _Checker:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._heard = _heard_while_speaking()
        self._packaged_texts = {
            text for each in catalogue.routines.values() for text in (each.name, each.length, each.greeting)
        }
        self.problems: list[Problem] = []

    def routine(self, node: Node, id_: str) -> Routine | None:
        """Check a whole routine and give it; None where something essential is missing."""
        if not self._looks_like_a_routine(node):
            return None
        top = self._fields(node, RoutineFile, "")
        for name in ("name", "length", "greeting"):
            if name in top.values:
                self._check_spoken(top, name)
        for name in ("when", "kit"):
            if not str(top.values.get(name, "")).isprintable():
                self._tell(top, name, "this is text on one line, without special characters")
        caps = self._caps(top)
        steps = self._steps(top)
        doses = [self._entry(fields, top) for fields in steps]
        self._check_sums([entry for entry in doses if entry is not None], caps)
        self._check_cramps(top, doses)
        return None if self.problems else self._made(top, steps, caps, id_)

    def _looks_like_a_routine(self, node: Node) -> bool:
        if not isinstance(node, MappingNode):
            self._say(node, "", "a routine is written as fields, one a line: `name: ...`, then `steps:`")
            return False
        values = [value for _, value in entries(node)]
        only = values[0] if len(values) == 1 else None
        if isinstance(only, MappingNode) and any(key.value == "steps" for key, _ in entries(only)):
            self._say(node, "", "the file's name is the routine's; leave this line out and move the rest to the left")
            return False
        return True

    # --- fields

    def _fields(self, node: Node, type_: type[msgspec.Struct], where: str) -> _Fields:
        """Read a mapping by a struct's fields."""
        found = _Fields(node, where)
        known = {info.name: info for info in msgspec.structs.fields(type_)}
        if not isinstance(node, MappingNode):
            self._say(node, where, f"a step is written as fields, for example {_example_step()}")
            return found
        for key, value in entries(node):
            name = str(key.value) if isinstance(key, ScalarNode) else ""
            if name not in known:
                self._say(key, where, _unknown("field", name, known))
            elif name in found.nodes:
                self._say(key, where, f"`{name}` stands here twice; leave one of them out")
            else:
                found.nodes[name] = value
                self._convert(found, name, known[name].type)
        for name, info in known.items():
            if info.required and name not in found.nodes:
                self._say(node, where, f"`{name}` is missing: {WANTS[name]}")
        return found

    def _convert(self, found: _Fields, name: str, type_: Any) -> None:
        """Put the value of a field among those that will do, or tell what is wrong with it."""
        node = found.nodes[name]
        if name in ("steps", "caps"):
            right = SequenceNode if name == "steps" else MappingNode
            if isinstance(node, right):
                found.values[name] = node
            else:
                self._tell(found, name, f"{_shown(node)} will not do; wanted: {WANTS[name]}")
            return
        if not isinstance(node, ScalarNode):
            self._tell(found, name, f"{_shown(node)} will not do; wanted: {WANTS[name]}")
            return
        value = plain(node)
        if isinstance(value, bool | int | float) and name in ("name", "when", "kit", "greeting", "note", "step"):
            value = node.value
        try:
            found.values[name] = msgspec.convert(value, type_)
        except msgspec.ValidationError:
            self._tell(found, name, f"{_shown(node)} will not do; wanted: {WANTS[name]}")

    def _caps(self, top: _Fields) -> dict[str, float]:
        """Read the routine's own caps, which may only be stricter."""
        node = top.values.get("caps")
        if node is None:
            return {}
        fields = _Fields(node, "caps")
        known = self._catalogue.limits.caps
        for key, value in entries(node):
            name = str(key.value)
            if name not in known:
                self._say(key, "caps", _unknown("limit", name, known))
            elif name in fields.nodes:
                self._say(key, "caps", f"`{name}` stands here twice; leave one of them out")
            else:
                fields.nodes[name] = value
                seconds = plain(value) if isinstance(value, ScalarNode) else None
                if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
                    self._tell(fields, name, f"{_shown(value)} will not do; wanted: seconds, more than 0")
                elif seconds > known[name].seconds:
                    self._tell(fields, name, f"a routine cannot raise a limit; {known[name].seconds:g} or less")
                else:
                    fields.values[name] = float(seconds)
        return fields.values

    def _steps(self, top: _Fields) -> list[_Fields]:
        node = top.values.get("steps")
        if node is None:
            return []
        if not 1 <= len(node.value) <= MOST_STEPS:
            self._tell(top, "steps", f"{counted(len(node.value), 'step')} will not do; wanted: {WANTS['steps']}")
            return []
        return [
            self._fields(each, StepInFile, _step_words(number, each)) for number, each in enumerate(node.value, start=1)
        ]

    # --- what belongs together

    def _entry(self, fields: _Fields, top: _Fields) -> _Entry | None:
        """Check one step against the catalogue; None where its dose is not known."""
        step = self._catalogue.steps.get(fields.values.get("step", ""))
        if step is None:
            if "step" in fields.values:
                self._tell(fields, "step", _unknown("step", fields.values["step"], self._catalogue.steps))
            return None
        self._check_rung(fields, step, top)
        if fields.values.get("note"):
            self._check_spoken(fields, "note", step)
        if not self._dose_is_of_its_kind(fields, step) or not fields.whole:
            return None
        self._check_gap(fields, step)
        dose = dose_in_routine(step, _routine_step(fields), self._catalogue.limits)
        if dose.seconds <= step.longest:
            return _Entry(fields, step, dose)
        self._tell(fields, _dose_field(fields, dose), _too_long(step, dose))
        return None

    def _dose_is_of_its_kind(self, fields: _Fields, step: Step) -> bool:
        timed = isinstance(step.dose, TimedDose)
        wrong = [name for name in (("repetitions", "hold", "gap") if timed else ("seconds",)) if name in fields.nodes]
        right = "`seconds`" if timed else "`repetitions` and `hold`"
        for name in wrong:
            self._tell(fields, name, f"{step.id} is measured in {right}; leave this out")
        return not wrong

    def _check_gap(self, fields: _Fields, step: Step) -> None:
        gap, least = fields.values.get("gap"), least_gap(step, self._catalogue.limits)
        if gap is not None and gap < least:
            says = f"{gap:g} s will not do; {step.id} is let go between two repetitions: {least:g} s or more"
            self._tell(fields, "gap", says)

    def _check_rung(self, fields: _Fields, step: Step, top: _Fields) -> None:
        rung, ceiling = fields.values.get("rung"), top.values.get("rung_ceiling", len(step.ladder))
        if rung is None:
            return
        if rung > len(step.ladder):
            ladder = "; ".join(f"{number} {rung.text}" for number, rung in enumerate(step.ladder, start=1))
            self._tell(fields, "rung", f"{step.id} has {counted(len(step.ladder), 'rung')}: {ladder}")
        elif rung > ceiling:
            self._tell(fields, "rung", f"this routine's `rung_ceiling` is {ceiling}; {ceiling} or less")

    def _check_sums(self, doses: list[_Entry], stricter: dict[str, float]) -> None:
        """Add up what each foot gets in the whole routine, and tell where it goes over a limit of a session."""
        had: dict[tuple[str, str], float] = {}
        for entry in doses:
            passed = []
            for key, words, most, seconds in self._counted(entry, stricter):
                before, had[key] = had.get(key, 0.0), had.get(key, 0.0) + seconds
                if before <= most < had[key]:
                    passed.append((had[key] - most, words, most))
            if passed:
                over, words, most = max(passed)
                says = (
                    f"with this, {words} comes to {most + over:g} s for each foot; a session may have {most:g} s: "
                    f"take {over:g} s away, here or before"
                )
                self._tell(entry.fields, _dose_field(entry.fields, entry.dose), says)

    def _counted(
        self, entry: _Entry, stricter: dict[str, float]
    ) -> Iterable[tuple[tuple[str, str], str, float, float]]:
        """Give every limit that an entry counts under: its key, its name, its most, and the seconds to add."""
        step, dose = entry.step, entry.dose
        yield ("longest", step.id), step.id, step.longest, dose.seconds
        for name in step.caps:
            cap = self._catalogue.limits.caps[name]
            pool = step.id if cap.pool == "step" else ""
            most = min(cap.seconds, stricter.get(name, cap.seconds))
            yield (name, pool), cap.name, most, dose.held if cap.counts == "hold" else dose.seconds

    def _check_cramps(self, top: _Fields, doses: list[_Entry | None]) -> None:
        """Check what the relief of a cramp needs, and what only it may have."""
        for entry in doses[1:]:
            if entry is not None and entry.step.family == _CRAMP:
                self._tell(entry.fields, "step", "the relief of a cramp can only be the first step of a routine")
        first = doses[0] if doses else None
        if first is None:
            return
        relief = first.step.family == _CRAMP
        if relief and top.values.get("sides") != "one":
            self._tell(first.fields, "step", "a cramp has one side: add `sides: one` to the routine")
        if not relief and not top.values.get("check", True):
            says = "only a routine that begins with the relief of a cramp may go without the question; leave this out"
            self._tell(top, "check", says)

    # --- what is spoken

    def _check_spoken(self, fields: _Fields, name: str, step: Step | None = None) -> None:
        """Check a line that the coach speaks: it can be spoken, and holds nothing that the coach would obey."""
        text = fields.values[name]
        if text in self._packaged_texts:
            return
        bare = text.replace(TOOLS, "a ball") if name == "greeting" else text
        if step is not None and _SLOT in text:
            if step.sides == "both":
                self._tell(fields, name, f"{step.id} is done with both feet at once; write it without {_SLOT}")
            bare = text.replace(_SLOT, "left")
        odd = sorted(set(_SPEAKABLE.sub("", bare)))
        if odd:
            self._tell(fields, name, f"{', '.join(map(repr, odd))} cannot be spoken; leave it out")
        phrases = _without_parts(self._heard.phrases_in(text.replace(_SLOT, "left")))
        if phrases:
            said = " and ".join(repr(phrase) for phrase in phrases)
            self._tell(fields, name, f"a user says {said} to give a command, and the coach would hear itself say it")
        if not text.strip():
            self._tell(fields, name, f"this is empty; wanted: {WANTS[name]}")

    # --- the routine

    def _made(self, top: _Fields, steps: list[_Fields], caps: dict[str, float], id_: str) -> Routine | None:
        values = {name: value for name, value in top.values.items() if name not in ("steps", "caps")}
        routine = Routine(
            **{"when": "", "kit": "", **values}, id=id_, caps=caps, steps=tuple(_routine_step(each) for each in steps)
        )
        first = self._catalogue.steps[routine.steps[0].step]
        if not routine.greeting and first.family != _CRAMP:
            routine = msgspec.structs.replace(routine, greeting=f"{routine.name.rstrip('.!?')}.")
        seconds, most = plan_routine(self._catalogue, routine).seconds, self._catalogue.limits.session.end_after
        if seconds > most:
            self._say(
                top.nodes["steps"],
                "steps",
                f"the routine takes {minutes(seconds)}; a session ends after {minutes(most)}",
            )
        return routine

    def _tell(self, fields: _Fields, name: str, says: str) -> None:
        """Note a problem with a field."""
        self._say(
            fields.nodes.get(name, fields.node),
            ", ".join(filter(None, (fields.where, f"`{name}`" if name else ""))),
            says,
        )

    def _say(self, node: Node, where: str, says: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(mark.line + 1, mark.column + 1, where, says))


def _heard_while_speaking() -> Grammar:
    """Give every phrase that counts in one phase or another, without the answers to questions."""
    return load_phrasebook().grammar(frozenset().union(*COMMANDS.values()))


def _without_parts(phrases: Iterable[str]) -> list[str]:
    """Leave out the phrases that are a part of another one: of `sharp` and `sharp pain` only the latter is told."""
    whole = sorted(phrases)
    return [phrase for phrase in whole if not any(phrase != other and f" {phrase} " in f" {other} " for other in whole)]


def _routine_step(fields: _Fields) -> RoutineStep:
    return RoutineStep(**fields.values)


def _step_words(number: int, node: Node) -> str:
    """Name a step by its place and, where it has one, its id."""
    if isinstance(node, MappingNode):
        for key, value in entries(node):
            if key.value == "step" and isinstance(value, ScalarNode) and value.value.isprintable():
                return f"step {number} ({value.value[:_SHOWN]})"
    return f"step {number}"


def _dose_field(fields: _Fields, dose: Dose) -> str:
    """Give the field that a dose that is too long is told at."""
    names = ("seconds",) if isinstance(dose, TimedDose) else ("repetitions", "hold", "gap")
    return next((name for name in names if name in fields.nodes), "step")


def _too_long(step: Step, dose: Dose) -> str:
    most = f"the most of {step.id} is {step.longest:g} s for each side"
    if not isinstance(dose, HoldDose):
        return f"{dose.seconds:g} s will not do; {most}"
    fits = int((step.longest + dose.gap) // (dose.hold + dose.gap))
    says = f"{dose.repetitions} times {dose.hold:g} s with rests of {dose.gap:g} s are {dose.seconds:g} s; {most}"
    return f"{says}: {fits} repetitions at most" if fits else f"{says}: a shorter hold"


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Tell that there is no such name, and which one may be meant."""
    plain_name = re.sub(r"[\s-]+", "_", name.strip().lower())
    beginning = [each for each in known if plain_name and each.startswith(plain_name)]
    close = beginning or difflib.get_close_matches(plain_name, list(known), n=1, cutoff=0.5)
    meant = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known)}"
    return f"there is no {kind} called {_quoted(name)}; {meant}"


def _shown(node: Node) -> str:
    """Show a value as it stands in the file."""
    if not isinstance(node, ScalarNode):
        return "a list" if isinstance(node, SequenceNode) else "a group of fields"
    if node.value == "":
        return "nothing"
    return _quoted(node.value)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _example_step() -> str:
    return "`- {step: ball_roll, seconds: 60}`"
