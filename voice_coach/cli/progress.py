"""Shows what the history adds up to: in the terminal, or as a page."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click
import msgspec

from voice_coach.assembly.knowing import known_person
from voice_coach.errors import HistoryFileError
from voice_coach.files import write_whole
from voice_coach.folders import history_file
from voice_coach.here import now_here
from voice_coach.history.figures import Figures, read_figures
from voice_coach.history.progress import Progress, progress_of
from voice_coach.history.rescue import Past, reading
from voice_coach.rendering.progress_words import progress_words
from voice_coach.routines.adaptation import LOOK_BACK, before_session
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.screen.look import look_of
from voice_coach.screen.progress_view import progress_lines
from voice_coach.session.before import NOTHING_BEFORE, Reminder
from voice_coach.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.routines.schema import Catalogue
    from voice_coach.session.before import Before

_WIDTH, _HEIGHT = 80, 24


def print_progress(weeks: int, *, plain: bool) -> None:
    """Print the progress of the last weeks.

    Args:
        weeks: how many; 0 for all.
        plain: no bars and no columns.

    Raises:
        HistoryError: the history cannot be read.
    """
    catalogue = load_catalogue()
    progress, before = _progress(weeks, catalogue)
    width = shutil.get_terminal_size((_WIDTH, _HEIGHT)).columns
    screen = read_settings().screen
    plain, look = plain or screen.plain, look_of(sys.stdout, screen)
    for line in progress_lines(progress, before, catalogue, width=width, look=look, plain=plain):
        click.echo(line)


def write_page(path: Path, weeks: int) -> None:
    """Write the progress of the last weeks as an HTML page.

    Args:
        path: of the page; what is there is replaced.
        weeks: how many; 0 for all.

    Raises:
        HistoryError: the history cannot be read.
        HistoryFileError: the page cannot be written.
    """
    from voice_coach.rendering.progress_page import progress_page  # noqa: PLC0415 - only a page needs it

    catalogue = load_catalogue()
    progress, before = _progress(weeks, catalogue)
    if progress.last is None:
        click.echo(progress_words().nothing)
        return
    try:
        write_whole(path, progress_page(progress, before, catalogue))
    except OSError as error:
        raise HistoryFileError(
            f"{path} cannot be written ({error.strerror}).", "There is no page.", "name a file in another folder"
        ) from error
    click.echo(f"Written: {path}")


def _progress(weeks: int, catalogue: Catalogue) -> tuple[Progress, Before]:
    now = now_here()
    path = history_file()
    if not path.exists():
        return progress_of(Figures({}, {}), now.date(), weeks), NOTHING_BEFORE
    with reading(path) as history:
        figures = read_figures(history.database, now.date(), weeks, None)
        past = history.past(now - LOOK_BACK)
    before = _with_flags(before_session(past, now, catalogue), Past(past), catalogue)
    return progress_of(figures, now.date(), weeks), before


def _with_flags(before: Before, past: Past, catalogue: Catalogue) -> Before:
    """Add what bars every session until the user clears it."""
    person = known_person(catalogue, past, lambda line: click.echo(line, err=True), asks=False, may_move=False)
    set_ = [flag for flag in catalogue.flags.values() if person.answers.get(flag.id, "no") != "no"]
    reminders = (*(Reminder(flag.caution) for flag in set_), *before.reminders)
    return msgspec.structs.replace(before, reminders=reminders)
