"""Lists, shows, begins and checks routines: those of the package, and the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voice_coach.cli.paper import Paper
from voice_coach.errors import RoutineFileError
from voice_coach.files import expanded
from voice_coach.routines.catalogue import dose_in_routine, find_routine, load_catalogue, plain_name, step_in_routine
from voice_coach.routines.knowledge import load_facts, load_sources, tags_in
from voice_coach.routines.own import (
    Found,
    file_called,
    is_path,
    new_file,
    own_files,
    own_routines,
    problems_in,
    routine_called,
)
from voice_coach.routines.schema import HoldDose
from voice_coach.routines.writing import routine_text, template
from voice_coach.session.plan import plan_routine
from voice_coach.session.wording import counted, minutes, sentence, spoken_number

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.routines.schema import Catalogue, Dose, Routine, RoutineStep, Step

_CUES = {
    "setup": "To set up",
    "go": "To begin",
    "then": "Then",
    "halfway": "Half-way",
    "each_repetition": "Each time",
    "between": "Between",
    "let_go": "Once it lets go",
    "near_end": "Near the end",
}
"""Cue of a step -> what it is called here, in the order in which they are spoken."""
_SIDES = {"each": "for each side", "both": "both sides at once", "asked": "for the side that needs it"}


def print_routines() -> None:
    """Print every routine with its length, when it is for, and what it needs; the user's own are marked."""
    catalogue = load_catalogue()
    own = own_routines(catalogue)
    for id_, routine in {**catalogue.routines, **{id_: found.routine for id_, found in own.good.items()}}.items():
        if id_ not in own.broken:
            click.echo(f"{id_:20} {_summary(catalogue, routine)}{' (yours)' if id_ in own.good else ''}")
    for id_ in own.broken:
        click.echo(f"{id_:20} (yours) cannot be used yet; see: voice-coach routines check {id_}")
    for path in own.unread:
        click.echo(f"{path.name:20} is not read; a routine is one file NAME.yaml", err=True)


def _summary(catalogue: Catalogue, routine: Routine) -> str:
    when = f": {routine.when}" if routine.when else ""
    length = minutes(plan_routine(catalogue, routine).seconds)
    return f"{routine.name} ({length}){when}. Needs: {_kit(catalogue, routine)}."


def _kit(catalogue: Catalogue, routine: Routine) -> str:
    tools = [tool for entry in routine.steps for tool in catalogue.steps[entry.step].tools[:1]]
    return routine.kit or ", ".join(dict.fromkeys(tools)) or "nothing"


def show_routine(name: str) -> None:
    """Print a whole routine: what is done, how, how much at most, why, and where all that comes from.

    Raises:
        RoutineFileError: the file that is meant has mistakes.
        UnknownRoutineError: there is no such routine.
    """
    catalogue = load_catalogue()
    found = routine_called(name, catalogue)
    paper = Paper()
    _show_top(paper, catalogue, found)
    for number, entry in enumerate(found.routine.steps, start=1):
        _show_step(paper, catalogue, found.routine, entry, number)
    steps = _steps_of(catalogue, found.routine)
    _show_limits(paper, catalogue, found.routine, steps)
    _show_facts(paper, found.routine, steps)
    paper.heading("Sources")
    for tag in _tags(found.routine, steps):
        paper.source(tag)
    paper.line("No clinician has signed this off; see: voice-coach about")


def _steps_of(catalogue: Catalogue, routine: Routine) -> list[Step]:
    return list({entry.step: catalogue.steps[entry.step] for entry in routine.steps}.values())


def _show_top(paper: Paper, catalogue: Catalogue, found: Found) -> None:
    routine = found.routine
    paper.title(f"{routine.name} ({routine.id})")
    if found.path is not None:
        paper.line(f"Yours, from {found.path}")
    if routine.when:
        paper.line(f"When: {routine.when}")
    paper.line(f"Needs: {_kit(catalogue, routine)}")
    foot = "the foot that you ask for" if routine.sides == "one" else "left, then right"
    paper.line(f"Takes {minutes(plan_routine(catalogue, routine).seconds)}, {foot}")
    if routine.greeting:
        paper.line(f'Greeting: "{routine.greeting}"')
    if routine.check and all(entry.step != "foot_check" for entry in routine.steps):
        paper.line(f'Opens with: "{catalogue.lines["opening_question"].say}"')
    if routine.rung_ceiling < max(len(step.ladder) for step in _steps_of(catalogue, routine)):
        paper.line(f"No step goes over rung {routine.rung_ceiling} here.")


def _show_step(paper: Paper, catalogue: Catalogue, routine: Routine, entry: RoutineStep, number: int) -> None:
    step = step_in_routine(catalogue, entry)
    paper.heading(f"{number}. {step.name} ({step.id})")
    dose = dose_in_routine(step, entry, catalogue.limits)
    paper.line(f"Dose: {_dose(dose)}, {_SIDES[step.sides]}; {step.longest:g} s a side at most in a session")
    paper.line(f"Where: {step.area}. Position: {step.position}. With: {' or '.join(step.tools) or 'no tool'}.")
    begins = min(entry.rung or step.rung, routine.rung_ceiling)
    for place, rung in enumerate(step.ladder, start=1):
        if place <= routine.rung_ceiling:
            paper.line(f"Rung {place}: {rung.text}{' (begins here)' if place == begins else ''}")
    for cue, label in _CUES.items():
        if text := getattr(step.cues, cue):
            paper.line(f'{label}: "{_spoken(text, catalogue, dose)}"')
    for label, text in (("Why", step.why), ("Details", step.details), ("Careful", step.safety)):
        if text:
            paper.line(f"{label}: {text}")
    paper.line(f"From: {step.sources}")


def _spoken(text: str, catalogue: Catalogue, dose: Dose) -> str:
    hold = f"{spoken_number(dose.hold)} seconds" if isinstance(dose, HoldDose) else ""
    stroke = spoken_number(catalogue.limits.tempo.stroke.usual)
    return sentence(text.format(side="left", stroke=stroke, hold=hold))


def _dose(dose: Dose) -> str:
    if not isinstance(dose, HoldDose):
        return f"{dose.seconds:g} s"
    gap = f", {dose.gap:g} s between" if dose.gap and dose.repetitions > 1 else ""
    return f"{dose.repetitions} x {dose.hold:g} s{gap}"


def _show_limits(paper: Paper, catalogue: Catalogue, routine: Routine, steps: list[Step]) -> None:
    """Print the caps that steps of this routine count under; of one step alone they are told with the step."""
    caps = {name: catalogue.limits.caps[name] for step in steps for name in step.caps}
    lines = []
    for name, cap in caps.items():
        if cap.pool == "all":
            most = min(cap.seconds, routine.caps.get(name, cap.seconds))
            day = catalogue.limits.day.caps.get(name)
            lines.append(f"{cap.name}: {most:g} s for each foot{f', {day:g} s in a day' if day else ''} ({cap.source})")
    if lines:
        paper.heading("Limits of a session")
        for line in lines:
            paper.line(f"- {line}")


def _show_facts(paper: Paper, routine: Routine, steps: list[Step]) -> None:
    heading = ""
    for fact in load_facts().values():
        if fact.belongs.fits(routine.id, steps):
            if fact.heading != heading:
                heading = fact.heading
                paper.heading(heading)
            paper.line(f"- {fact.text} ({fact.source})")


def _tags(routine: Routine, steps: list[Step]) -> list[str]:
    facts = [fact.source for fact in load_facts().values() if fact.belongs.fits(routine.id, steps)]
    texts = [*(step.sources for step in steps), *facts]
    caps = load_catalogue().limits.caps
    texts += [caps[name].source for step in steps for name in step.caps]
    used = set(tags_in(" ".join(texts)))
    return [tag for tag in load_sources() if tag in used]


def begin_routine(name: str, like: str | None) -> None:
    """Write a file to begin a routine of one's own with.

    Raises:
        CoachError: there is a file of this name, the routine to begin with does not exist, or nothing can be written.
    """
    catalogue = load_catalogue()
    id_ = plain_name(name.removesuffix(".yaml"))
    if like is None:
        text = template(id_, catalogue)
    else:
        routine = routine_called(like, catalogue).routine
        text = routine_text(routine, f"A routine of your own, begun with {routine.id}.")
    path = new_file(id_, text)
    click.echo(f"Written: {path}")
    if id_ in catalogue.routines:
        click.echo(f"It takes the place of the routine {id_} of voice-coach as long as the file is there.")
    click.echo(f"Open it in an editor. Then: voice-coach routines check {id_}, and voice-coach start {id_}")


def check_routines(names: tuple[str, ...]) -> None:
    """Check routine files, all of the user's own where none is named; print what is wrong, with file and line.

    Raises:
        RoutineFileError: one of them has mistakes.
        UnknownRoutineError: there is no such routine.
    """
    catalogue = load_catalogue()
    files = [_file(name, catalogue) for name in names] if names else own_files()
    if not files:
        click.echo("There is no routine of your own. Begin one with: voice-coach routines new NAME")
    for name, path in zip(names, files, strict=False):
        if path is None:
            click.echo(f"{name}: good, a routine of voice-coach")
    bad = [path for path in files if path is not None and not _check(path, catalogue)]
    if bad:
        raise RoutineFileError(
            f"{len(bad)} of {counted(len(files), 'routine')} cannot be used.",
            "Mend the lines named above.",
            "voice-coach routines new example, which shows every field",
        )


def _file(name: str, catalogue: Catalogue) -> Path | None:
    """Give the file that is meant; None for a routine of the package."""
    if is_path(name):
        return expanded(name)
    path = file_called(name)
    if path is None:
        find_routine(catalogue, name)
    return path


def _check(path: Path, catalogue: Catalogue) -> bool:
    routine, problems = problems_in(path, catalogue)
    for problem in problems:
        place = f"{path}:{problem.line}:{problem.column}"
        click.echo(f"{place}: {problem.where}: {problem.says}" if problem.where else f"{place}: {problem.says}")
    if routine is None:
        return False
    steps = counted(len(routine.steps), "step")
    click.echo(f"{path}: good ({steps}, {minutes(plan_routine(catalogue, routine).seconds)})")
    return True
