"""Writes a routine as a sheet for the wall."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voice_coach.errors import RoutineFileError
from voice_coach.files import write_whole
from voice_coach.rendering.sheet import as_html, as_markdown, sheet_of, write_pdf
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.own import routine_called

if TYPE_CHECKING:
    from voice_coach.rendering.sheet import SheetFormat


def print_sheet(name: str, kind: SheetFormat, path: Path | None) -> None:
    """Write the routine called `name` as a sheet, into `path` or on the standard output.

    PDF is not printed: without `path` it goes into a file of the routine's name.

    Raises:
        RoutineFileError: the file that is meant has mistakes, or the sheet cannot be written.
        UnknownRoutineError: there is no such routine.
        MissingExtraError: the library for PDF is not installed.
    """
    catalogue = load_catalogue()
    routine = routine_called(name, catalogue).routine
    sheet = sheet_of(catalogue, routine)
    if kind == "pdf" and path is None:
        path = Path(f"{routine.id}.pdf")
    if path is None:
        # a page says that it is UTF-8, whatever the terminal is
        click.echo(as_html(sheet).encode() if kind == "html" else as_markdown(sheet), nl=False)
        return
    try:
        if kind == "pdf":
            write_pdf(sheet, path)
        else:
            write_whole(path, as_html(sheet) if kind == "html" else as_markdown(sheet))
    except OSError as error:
        raise RoutineFileError(
            f"The sheet {path} cannot be written ({error.strerror or error}).",
            "Nothing was written.",
            f"voice-coach routines show {routine.id} --format {kind} --out another.{kind}",
        ) from error
    click.echo(f"{path}")
