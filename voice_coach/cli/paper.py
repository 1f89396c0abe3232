"""Prints long texts as a person reads them: headings, lines that fit the terminal, and sources."""

from __future__ import annotations

import shutil
import textwrap

import click

from voice_coach.routines.knowledge import load_sources

_WIDEST = 100
_NARROWEST = 40


class Paper:
    """Prints onto the standard output, no wider than a page or the terminal."""

    def __init__(self) -> None:
        self._width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns))

    def title(self, text: str) -> None:
        self._fill(text, "", "")

    def heading(self, text: str) -> None:
        click.echo()
        self._fill(text, "", "")

    def line(self, text: str) -> None:
        self._fill(text, "  ", "    ")

    def source(self, tag: str) -> None:
        """Print a source with its addresses, which are never broken."""
        source = load_sources()[tag]
        self._fill(f"{tag}: {source.what}", "  ", "    ")
        for address in source.at:
            click.echo(f"    {address}")

    def _fill(self, text: str, first: str, rest: str) -> None:
        click.echo(
            textwrap.fill(
                text,
                self._width,
                initial_indent=first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
