"""The manual page, made of the command line itself: `python -m voice_coach.cli.man_page > voice-coach.1`."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import click

from voice_coach import __version__
from voice_coach.cli.completion import PROGRAM
from voice_coach.cli.main import EXIT_STATUSES, cli
from voice_coach.settings_table import SETTINGS, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENVIRONMENT = {
    "VOICE_COACH_DATA": "Folder for history, profile, settings, routines and models.",
    **{variable_of(name): setting.says for name, setting in SETTINGS.items()},
    "NO_COLOR": "Use no colours.",
}
_LEADING = re.compile(r"^([.'])", re.MULTILINE)


def man_page() -> str:
    """Give the page, in the language of man(7)."""
    context = cli.make_context(PROGRAM, [], resilient_parsing=True)
    lines = [
        f'.TH VOICE-COACH 1 "" "{PROGRAM} {__version__}" "User Commands"',
        ".SH NAME",
        f"{PROGRAM} \\- {_safe(_first_sentence(cli))}",
        ".SH SYNOPSIS",
        f".B {PROGRAM}",
        "[OPTIONS] COMMAND [ARGS]...",
        ".SH DESCRIPTION",
        *_paragraphs(cli.help or ""),
        ".SH OPTIONS",
        *_options(cli, context),
        ".SH COMMANDS",
        *_commands(cli, context),
        ".SH ENVIRONMENT",
        *(line for name, words in _ENVIRONMENT.items() for line in (".TP", f".B {name}", _safe(words))),
        ".SH EXIT STATUS",
        *_paragraphs(EXIT_STATUSES.replace("Exit status: ", "")),
    ]
    return "\n".join(lines) + "\n"


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, parent=context, info_name=name)
        yield f".SS {_safe(inner.command_path)} {_safe(' '.join(command.collect_usage_pieces(inner)))}"
        yield from _paragraphs(command.help or "")
        yield from _options(command, inner)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        if not isinstance(parameter, click.Option) or (context.parent and "--help" in parameter.opts):
            continue
        record = parameter.get_help_record(context)
        if record is not None:
            yield from (".TP", f".B {_safe(record[0])}", _safe(record[1]))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", inspect.cleandoc(text))):
        if number:
            yield ".PP"
        if "\b" in paragraph:
            yield ".nf"
            yield _safe(paragraph.replace("\b\n", "").replace("\b", ""))
            yield ".fi"
        else:
            yield _safe(" ".join(paragraph.split()))


def _first_sentence(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split()).rstrip(".")


def _safe(text: str) -> str:
    """Give `text` with nothing in it that man(7) would take for a request."""
    return _LEADING.sub(r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"))


if __name__ == "__main__":
    click.echo(man_page(), nl=False)
