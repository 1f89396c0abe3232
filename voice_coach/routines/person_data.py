"""Checks the data about people: first questions with what they bar, substitutions of tools and places, areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.schema import Cues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice_coach.routines.schema import Catalogue, FirstQuestion, RungChoice, Step, Way

EVERYTHING = "everything"
"""Name of all steps in the data of a bar."""


def names_step(name: str, step: Step) -> bool:
    """Tell whether `name`, in the data of a bar, stands for `step`: by its id, family or region."""
    return name in (step.id, step.family, step.region, EVERYTHING)


def broken_places(catalogue: Catalogue) -> Iterator[str]:
    """Give every place in these data that names something which does not exist, in words."""
    for question in (*catalogue.first_questions.values(), *catalogue.flags.values()):
        yield from (f"first question {question.id}: {fault}" for fault in _faults_of_question(catalogue, question))
    for id_, ways in catalogue.substitutions.steps.items():
        if id_ not in catalogue.steps:
            yield f"substitutions: no step is called {id_!r}"
            continue
        for number, way in enumerate(ways, start=1):
            yield from (f"substitutions: {id_}, way {number}: {fault}" for fault in _faults_of_way(catalogue, id_, way))
    for name, tool in catalogue.substitutions.tools.items():
        if tool.goes_with and tool.goes_with not in catalogue.substitutions.tools:
            yield f"substitutions: {name} goes with {tool.goes_with!r}, which is no tool"
    for area, names in catalogue.areas.items():
        yield from (f"area {area}: {fault}" for fault in _unknown_steps(catalogue, names))


def _faults_of_question(catalogue: Catalogue, question: FirstQuestion) -> Iterator[str]:
    bars = question.bars
    yield from _unknown_steps(catalogue, (*bars.out, *bars.but, *bars.ceilings))
    if any(rung < 1 for rung in bars.ceilings.values()):
        yield "a ceiling is a rung, counted from 1"
    yield from _unknown_line(catalogue, question.caution)


def _faults_of_way(catalogue: Catalogue, id_: str, way: Way) -> Iterator[str]:
    target = way.step or id_
    if target not in catalogue.steps:
        yield f"no step is called {target!r}"
        return
    step = catalogue.steps[target]
    longest = len(way.rungs) or len(step.ladder)
    if longest > len(step.ladder):
        yield f"its ladder is longer than that of {target}"
    if not 0 <= way.rung <= longest:
        yield f"rung {way.rung} is not on its ladder"
    for name in way.cues:
        if name not in Cues.__struct_fields__:
            yield f"no cue is called {name!r}"
    if way.line:
        yield from _unknown_line(catalogue, way.line)
    yield from _unknown_tools(catalogue, way.needs)
    for choices in way.rungs:
        yield from _faults_of_rung(catalogue, choices)


def _faults_of_rung(catalogue: Catalogue, choices: tuple[RungChoice, ...]) -> Iterator[str]:
    if not choices:
        yield "a rung without a choice"
    for choice in choices:
        yield from _unknown_tools(catalogue, choice.needs)


def _unknown_steps(catalogue: Catalogue, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if not any(names_step(name, step) for step in catalogue.steps.values()):
            yield f"no step, family or region is called {name!r}"


def _unknown_tools(catalogue: Catalogue, names: tuple[str, ...]) -> Iterator[str]:
    yield from (f"no tool is called {name!r}" for name in names if name not in catalogue.substitutions.tools)


def _unknown_line(catalogue: Catalogue, name: str) -> Iterator[str]:
    if name not in catalogue.lines:
        yield f"no spoken line is called {name!r}"
