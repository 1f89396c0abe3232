"""Completes the command line in a shell: routines, devices and models by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voice_coach.errors import CoachError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from click.shell_completion import CompletionItem

PROGRAM = "voice-coach"
VARIABLE = "_VOICE_COACH_COMPLETE"
"""Environment variable with which a shell asks for completions."""


def completion_script(cli: click.Command, shell: str) -> str:
    """Give what a shell has to read in to complete this program's command line."""
    from click.shell_completion import ShellComplete, get_completion_class  # noqa: PLC0415 - --help must answer at once

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    # ShellComplete's own: that of Bash would start one to ask for its version
    return ShellComplete.source(kind(cli, {}, PROGRAM, VARIABLE))


def complete_routine(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the routines that begin like that, the user's own too."""
    from voice_coach.routines.catalogue import load_catalogue  # noqa: PLC0415 - --help must answer at once
    from voice_coach.routines.own import own_routines  # noqa: PLC0415 - as above

    try:
        catalogue = load_catalogue()
        own = {id_: found.routine for id_, found in own_routines(catalogue).good.items()}
    except CoachError:
        return []
    return _beginning(((id_, routine.name) for id_, routine in {**catalogue.routines, **own}.items()), incomplete)


def complete_setting(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the settings that begin like that."""
    from voice_coach.settings_table import SETTINGS  # noqa: PLC0415 - --help must answer at once

    return _beginning(((name, setting.says) for name, setting in SETTINGS.items()), incomplete)


def complete_microphone(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the microphones that begin like that."""
    from voice_coach.audio.devices import list_devices  # noqa: PLC0415 - needs the sound system

    try:
        return _beginning(((device.name, device.description) for device in list_devices("microphone")), incomplete)
    except CoachError:
        return []


def complete_speaker(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the loudspeakers that begin like that."""
    from voice_coach.audio.devices import list_devices  # noqa: PLC0415 - needs the sound system

    try:
        return _beginning(((device.name, device.description) for device in list_devices("loudspeaker")), incomplete)
    except CoachError:
        return []


def complete_reminder(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the parts of the rhythm that begin like that."""
    from voice_coach.reminders.rhythm import load_rhythms  # noqa: PLC0415 - --help must answer at once

    return _beginning(((id_, rhythm.title) for id_, rhythm in load_rhythms().items()), incomplete)


def _beginning(names: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - as above

    return [CompletionItem(name, help=help_) for name, help_ in names if name.startswith(incomplete)]
