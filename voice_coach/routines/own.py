"""The user's own routines: YAML files in the folder for user data, or anywhere else by their path.

The id of a routine is the name of its file. One that has the id of a packaged routine takes its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from voice_coach.errors import RoutineFileError
from voice_coach.files import expanded, quoted, write_whole
from voice_coach.folders import routines_folder
from voice_coach.routines.catalogue import find_routine, plain_name
from voice_coach.routines.checking import check
from voice_coach.routines.marked_yaml import Problem, UnreadableError, text_of
from voice_coach.routines.routine_file import SCHEMA_NAME, packaged_schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voice_coach.routines.schema import Catalogue, Routine

SUFFIXES = (".yaml", ".yml")
_ID = re.compile(r"(?=.*[^\W_])\w{1,40}")
_NAMES = "The file's name becomes the routine's id: up to 40 letters, digits, - and _, for example evening_feet.yaml."


@dataclass(frozen=True, slots=True)
class Found:
    """A routine, and the file it is from: None for one of the package."""

    routine: Routine
    path: Path | None = None


@dataclass(slots=True)
class OwnRoutines:
    """The routines in the user's folder.

    Attributes:
        good: id -> routine and file.
        broken: id -> what is wrong with its file.
        unread: files that look as if they were meant to be routines.
    """

    good: dict[str, Found] = field(default_factory=dict)
    broken: dict[str, RoutineFileError] = field(default_factory=dict)
    unread: list[Path] = field(default_factory=list)


def id_of(path: Path) -> str:
    """Give the id of the routine in the file `path`: its name, lower case, in snake case."""
    return plain_name(path.stem)


def is_path(name: str) -> bool:
    """Tell whether a name on the command line means a file."""
    return name.lower().endswith(SUFFIXES) or "/" in name or "\\" in name


def problems_in(path: Path, catalogue: Catalogue) -> tuple[Routine | None, Sequence[Problem]]:
    """Check the routine file `path`: the routine, or the problems that are in the way."""
    try:
        text = text_of(path)
    except UnreadableError as error:
        return None, error.problems
    checked = check(text, id_of(path), catalogue)
    if _ID.fullmatch(id_of(path)):
        return checked.routine, checked.problems
    return None, (Problem(1, 1, "", _NAMES), *checked.problems)


def read_routine(path: Path, catalogue: Catalogue) -> Routine:
    """Read the routine file `path`.

    Raises:
        RoutineFileError: it has mistakes; all of them are told.
    """
    routine, problems = problems_in(path, catalogue)
    if routine is None:
        raise _broken(path, problems)
    return routine


def own_routines(catalogue: Catalogue) -> OwnRoutines:
    """Read all files in the user's folder; those with mistakes are among the broken ones."""
    found = OwnRoutines()
    for path in _candidates():
        if path.suffix != ".yaml" or id_of(path) in found.good | found.broken:
            found.unread.append(path)
            continue
        try:
            found.good[id_of(path)] = Found(read_routine(path, catalogue), path)
        except RoutineFileError as error:
            found.broken[id_of(path)] = error
    return found


def routine_called(name: str, catalogue: Catalogue) -> Found:
    """Find a routine by path, id or name: the user's own ones first, then those of the package.

    Raises:
        RoutineFileError: the file that is meant has mistakes.
        UnknownRoutineError: there is no such routine.
    """
    if is_path(name):
        path = expanded(name)
        return Found(replace(read_routine(path, catalogue), file=quoted(path)), path)
    mine = file_called(name)
    if mine is not None:
        return Found(read_routine(mine, catalogue), mine)
    if plain_name(name) in catalogue.routines:
        return Found(catalogue.routines[plain_name(name)])
    own = own_routines(catalogue).good
    routine = find_routine(catalogue, name, {id_: found.routine for id_, found in own.items()})
    return own.get(routine.id, Found(routine))


def file_called(name: str) -> Path | None:
    """Give the file in the user's folder that holds the routine with the id `name`."""
    return next((path for path in own_files() if id_of(path) == plain_name(name)), None)


def own_files() -> list[Path]:
    """Give the files in the user's folder that hold routines."""
    return [path for path in _candidates() if path.suffix == ".yaml"]


def new_file(id_: str, text: str) -> Path:
    """Write a new routine into the user's folder, with the JSON Schema for editors beside it.

    Raises:
        RoutineFileError: there is a file of this name, the name will not do, or nothing can be written.
    """
    path = routines_folder() / f"{id_}.yaml"
    if not _ID.fullmatch(id_):
        raise RoutineFileError(f"A routine cannot be called {id_!r}.", _NAMES, "voice-coach routines new evening_feet")
    there = file_called(id_)
    if there is not None:
        raise RoutineFileError(
            f"There is a routine of this name already: {there}.", "It was left as it is.", f"edit {quoted(there)}"
        )
    write_own(path, text)
    return path


def write_own(path: Path, text: str) -> None:
    """Write a routine file; in the user's folder, the JSON Schema for editors lies beside it.

    Raises:
        RoutineFileError: it cannot be written.
    """
    try:
        write_whole(path, text)
        if path.parent == routines_folder():
            write_whole(path.with_name(SCHEMA_NAME), packaged_schema())
    except OSError as error:
        raise RoutineFileError(
            f"{path} cannot be written ({error.strerror}).", "Nothing was saved.", f"ls -ld {quoted(path.parent)}"
        ) from error


def _candidates() -> list[Path]:
    """Give the files in the user's folder that look like routines."""
    folder = routines_folder()
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in paths if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]


def _broken(path: Path, problems: Sequence[Problem]) -> RoutineFileError:
    there_are = "There is a mistake" if len(problems) == 1 else f"There are {len(problems)} mistakes"
    lines = "".join(f"  {problem}\n" for problem in problems)
    return RoutineFileError(
        f"{there_are} in {path}:\n{lines}", "Nothing was started.", f"voice-coach routines check {quoted(path)}"
    )
