"""Keeps a routine as the user wants it from now on: "save that"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.errors import CoachError, RoutineFileError
from voice_coach.folders import routines_folder
from voice_coach.routines.checking import check
from voice_coach.routines.marked_yaml import UnreadableError, text_of
from voice_coach.routines.own import write_own
from voice_coach.routines.writing import edited, routine_text, saved
from voice_coach.runner import EarsReady, Inbox, Mended, Trouble
from voice_coach.session.actions import Action, SaveWanted

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.commands.grammar import Command
    from voice_coach.routines.own import Found
    from voice_coach.routines.schema import Catalogue, Routine

_REMARK = """\
{name}, as you saved it in a session.
It takes the place of the routine {id} of voice-coach; delete this file to have that one back."""
_REMARK_OWN = """\
{name}, as you saved it in a session.
The layout of your file could not be kept; it is still there as {old}."""


class RoutineSaver:
    """Watches a session, and writes the user's own routine file when they say so.

    A file of the user's own keeps its remarks and its layout. What cannot be written is told, and the session goes on.

    Args:
        found: the routine of the session, and the user's own file it is from.
        catalogue: for the check of what is written.
        inbox: gets the trouble.
        moved_clock: nobody does the work, and nothing is saved.
    """

    def __init__(self, found: Found, catalogue: Catalogue, inbox: Inbox, *, moved_clock: bool = False) -> None:
        self._moved_clock = moved_clock
        self._routine = found.routine
        self._catalogue = catalogue
        self._inbox = inbox
        self._path = found.path or routines_folder() / f"{found.routine.id}.yaml"
        self._text = None if found.path is None else _text_or_none(found.path)
        self._last = self._text
        self.saved_in: Path | None = None
        """The file that was written in this session."""

    def acted(self, _now: float, action: Action) -> None:
        if not isinstance(action, SaveWanted):
            return
        try:
            self._save(action)
        except CoachError as error:
            self._inbox.put(Trouble(error))

    def heard(self, now: float, text: str, command: Command | None) -> None:
        """Nothing of it is kept."""

    def listening(self, now: float, ready: EarsReady) -> None:
        """Nothing of it is kept."""

    def troubled(self, now: float, error: CoachError) -> None:
        """Nothing of it is kept."""

    def mended(self, now: float, news: Mended) -> None:
        """Nothing of it is kept."""

    def _save(self, wanted: SaveWanted) -> None:
        if self._moved_clock:
            raise RoutineFileError(
                "Nothing is saved in a session on a moved clock.",
                "The session goes on.",
                f"voice-coach start {self._routine.typed}",
            )
        if _text_or_none(self._path) != self._last:
            raise RoutineFileError(
                f"{self._path} was changed while the session went on.",
                "It stays as it is; nothing was saved.",
                f"voice-coach start {self._routine.typed}",
            )
        routine = saved(self._routine, wanted)
        text = None if self._text is None else edited(self._text, self._routine, wanted, self._catalogue)
        if text is None:
            text = self._written_anew(routine)
        write_own(self._path, text)
        self._last = text
        self.saved_in = self._path

    def _written_anew(self, routine: Routine) -> str:
        """Give the whole text; a file of the user's own is kept under another name before."""
        remark = _REMARK
        old = self._path.with_name(f"{self._path.name}.old")
        if self._text is not None:
            write_own(old, self._text)
            remark = _REMARK_OWN
        text = routine_text(routine, remark.format(name=routine.name, id=routine.id, old=old.name))
        problems = check(text, routine.id, self._catalogue).problems
        if problems:
            raise RoutineFileError(
                f"This cannot be kept: {problems[0].says}.", "Nothing was saved.", "voice-coach routines show full_15"
            )
        return text


def _text_or_none(path: Path) -> str | None:
    try:
        return text_of(path)
    except UnreadableError:
        return None
