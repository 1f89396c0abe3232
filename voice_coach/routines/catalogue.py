"""Loads the YAML files of the catalogue and checks them against the schema and against each other."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import msgspec

from voice_coach.errors import ContentError, UnknownRoutineError
from voice_coach.packaged import read_yaml
from voice_coach.routines.person_data import broken_places
from voice_coach.routines.schema import (
    Catalogue,
    Cues,
    Dose,
    FirstQuestion,
    HoldDose,
    Limits,
    Routine,
    RoutineStep,
    SpokenLine,
    Step,
    Substitutions,
    TimedDose,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")


@cache
def load_catalogue() -> Catalogue:
    """Load the catalogue in the package.

    Raises:
        ContentError: a file breaks the schema, or names something that does not exist.
    """
    steps = {id_: msgspec.structs.replace(step, id=id_) for id_, step in _load("steps", dict[str, Step]).items()}
    routines = {
        id_: msgspec.structs.replace(routine, id=id_) for id_, routine in _load("routines", dict[str, Routine]).items()
    }
    questions = {
        id_: msgspec.structs.replace(question, id=id_)
        for id_, question in _load("first_questions", dict[str, FirstQuestion]).items()
    }
    catalogue = Catalogue(
        steps=steps,
        routines=routines,
        limits=_load("limits", Limits),
        lines=_load("spoken_lines", dict[str, SpokenLine]),
        first_questions={id_: question for id_, question in questions.items() if not question.flag},
        flags={id_: question for id_, question in questions.items() if question.flag},
        substitutions=_load("substitutions", Substitutions),
        areas=_load("areas", dict[str, tuple[str, ...]]),
    )
    _check(catalogue)
    return catalogue


def plain_name(name: str) -> str:
    """Give a name as an id is written: lower case, words joined by underscores."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def find_routine(catalogue: Catalogue, name: str, own: Mapping[str, Routine] = MappingProxyType({})) -> Routine:
    """Give the routine with the id or name `name`; `own` ones come before those of the package.

    Raises:
        UnknownRoutineError: there is none.
    """
    wanted = plain_name(name)
    routines = {**catalogue.routines, **own}
    if wanted in routines:
        return routines[wanted]
    for routine in (*own.values(), *catalogue.routines.values()):
        if wanted == plain_name(routine.name):
            return routine
    raise UnknownRoutineError(
        f"There is no routine called {name!r}; there are {', '.join(routines)}.",
        "Nothing was started.",
        "voice-coach start quick_3",
    )


def least_gap(step: Step, limits: Limits) -> float:
    """Give the least seconds of rest between two repetitions of `step`: none where the catalogue has it without rests.

    Holds without a rest between them are one hold, on one spot.
    """
    return limits.tempo.gap.least if isinstance(step.dose, HoldDose) and step.dose.gap > 0 else 0.0


def dose_in_routine(step: Step, entry: RoutineStep, limits: Limits) -> Dose:
    """Give the dose of `step` in a routine: the entry's, completed from the step's own, with the rests it needs."""
    if isinstance(step.dose, TimedDose):
        return TimedDose(step.dose.seconds if entry.seconds is None else entry.seconds)
    return HoldDose(
        step.dose.repetitions if entry.repetitions is None else entry.repetitions,
        step.dose.hold if entry.hold is None else entry.hold,
        step.dose.gap if entry.gap is None else max(entry.gap, least_gap(step, limits)),
    )


def step_in_routine(catalogue: Catalogue, entry: RoutineStep) -> Step:
    """Give the step of an entry, with the rung it begins with, and the entry's note among its cues."""
    step = catalogue.steps[entry.step]
    if entry.rung is not None:
        step = msgspec.structs.replace(step, rung=entry.rung)
    if not entry.note:
        return step
    then = f"{step.cues.then} {entry.note}".strip()
    return msgspec.structs.replace(step, cues=msgspec.structs.replace(step.cues, then=then))


def _load(name: str, type_: type[_T]) -> _T:
    data = read_yaml("voice_coach.routines", name)
    try:
        return msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        raise _broken(f"{name}.yaml: {error}") from error


def _check(catalogue: Catalogue) -> None:
    limits = catalogue.limits
    for name in set(limits.day.caps) - limits.caps.keys():
        raise _broken(f"limits: the day has a cap {name!r}, and no session has one")
    for step in catalogue.steps.values():
        if not 1 <= step.rung <= len(step.ladder):
            raise _broken(f"step {step.id}: rung {step.rung} is not on its ladder of {len(step.ladder)}")
        unknown = {name for rung in step.ladder for name in rung.without} - set(Cues.__struct_fields__)
        if unknown:
            raise _broken(f"step {step.id}: a rung is without {', '.join(sorted(unknown))}, which is no cue")
        if step.dose.seconds > step.longest:
            raise _broken(f"step {step.id}: its dose of {step.dose.seconds} s is over its longest, {step.longest} s")
        unknown = set(step.caps) - catalogue.limits.caps.keys()
        if unknown:
            raise _broken(f"step {step.id}: no cap is called {', '.join(sorted(unknown))}")
    for routine in catalogue.routines.values():
        for entry in routine.steps:
            _check_entry(catalogue, routine, entry)
    for place in broken_places(catalogue):
        raise _broken(place)


def _check_entry(catalogue: Catalogue, routine: Routine, entry: RoutineStep) -> None:
    step = catalogue.steps.get(entry.step)
    if step is None:
        raise _broken(f"routine {routine.id}: no step is called {entry.step!r}")
    timed = isinstance(step.dose, TimedDose)
    if timed and (entry.repetitions is not None or entry.hold is not None or entry.gap is not None):
        raise _broken(f"routine {routine.id}: {entry.step} is timed, its dose is `seconds`")
    if not timed and entry.seconds is not None:
        raise _broken(f"routine {routine.id}: {entry.step} has repetitions, its dose is `repetitions` and `hold`")
    dose = dose_in_routine(step, entry, catalogue.limits)
    if dose.seconds > step.longest:
        raise _broken(f"routine {routine.id}: {entry.step} for {dose.seconds} s is over the most, {step.longest} s")
    if isinstance(dose, HoldDose) and dose.hold > catalogue.limits.hold.longest:
        raise _broken(f"routine {routine.id}: {entry.step} holds for more than {catalogue.limits.hold.longest} s")
    if entry.gap is not None and entry.gap < least_gap(step, catalogue.limits):
        raise _broken(f"routine {routine.id}: {entry.step} rests for less than {catalogue.limits.tempo.gap.least} s")


def _broken(reason: str) -> ContentError:
    return ContentError(
        f"The catalogue cannot be used: {reason}.",
        "No session can start without it.",
        "pip install --force-reinstall voice-coach",
    )
