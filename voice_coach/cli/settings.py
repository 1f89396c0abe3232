"""Shows the settings, and where each comes from; writes them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from voice_coach.errors import RoutineFileError, SettingsError, UnknownRoutineError
from voice_coach.folders import DATA_VARIABLE, data_folder, settings_file
from voice_coach.settings import change_settings, checked, read_settings, write_new_file
from voice_coach.settings_table import SETTINGS, variable_of

_NO_COLOUR = "NO_COLOR"
"""Environment variable that forbids colours in every program (no-color.org), whatever is set here."""


def print_settings(*, as_json: bool) -> None:
    """Print every setting with its value and where that comes from; what is wrong goes to standard error."""
    settings = read_settings()
    for problem in settings.problems:
        click.echo(str(problem), err=True)
    rows = {}
    for name, setting in SETTINGS.items():
        source = settings.sources.get(name)
        value = getattr(getattr(settings, setting.section), name) if source else None
        where = {
            None: "usual",
            "environment": variable_of(name),
            "file": f"file, line {settings.lines.get(name)}",
        }[source]
        if name == "colour" and os.environ.get(_NO_COLOUR):
            value, where = "never", _NO_COLOUR
        rows[name] = (value, setting.usual if value is None else json.dumps(value, ensure_ascii=False), where)
    if as_json:
        shown = {name: {"value": value, "from": where} for name, (value, _, where) in rows.items()}
        click.echo(json.dumps({"file": str(settings_file()), "settings": shown}))
        return
    path = settings_file()
    click.echo(f"File: {path}{'' if path.exists() else ' (none yet: voice-coach settings new)'}")
    click.echo(f"Data: {data_folder()}{f' ({DATA_VARIABLE})' if os.environ.get(DATA_VARIABLE) else ''}")
    section = ""
    for name, (_, text, where) in rows.items():
        if SETTINGS[name].section != section:
            section = SETTINGS[name].section
            click.echo(f"[{section}]")
        click.echo(f"  {name:<12} {text:<28} {where}")


def begin_settings() -> None:
    """Write the file with a remark on every setting, and tell where it is.

    Raises:
        SettingsError: it cannot be written, or is there already.
    """
    click.echo(f"Written: {write_new_file()}")


def set_setting(name: str, value: str | None) -> None:
    """Write one setting into the file; None takes it out.

    Raises:
        SettingsError: there is no such setting, the value is not allowed, or the file cannot be written.
    """
    if name == "routine" and value is not None:
        value = _found_from_everywhere(value)
    if name == "model" and value is not None and value.strip():
        value = _folder_of_model(value.strip())
    change_settings({name: value})
    if value is None:
        click.echo(f"{name} is as usual.")
    else:
        written = json.dumps(checked(name, value), ensure_ascii=False)
        click.echo(f"{name} = {written}, in {settings_file()}")


def _found_from_everywhere(name: str) -> str:
    """Give a name under which sessions that begin in other folders find the routine, too.

    Raises:
        SettingsError: there is none, or its file has mistakes.
    """
    from voice_coach.routines.catalogue import load_catalogue  # noqa: PLC0415 - the other settings do without
    from voice_coach.routines.own import is_path, routine_called  # noqa: PLC0415 - as above

    name = name.strip()
    try:
        routine_called(name, load_catalogue())
    except (RoutineFileError, UnknownRoutineError) as error:
        raise SettingsError(error.what, "Nothing was written.", "voice-coach routines") from error
    return _absolute(name) if is_path(name) else name


def _folder_of_model(name: str) -> str:
    """Give the folder that is meant, as it is found from every folder.

    Raises:
        SettingsError: there is no such folder; the command that knows models by name is told.
    """
    from voice_coach.files import expanded, is_folder  # noqa: PLC0415 - as above

    path = expanded(_absolute(name))
    if is_folder(path):
        return _absolute(name)
    raise SettingsError(
        f"There is no folder {path}: the setting model is a folder, and `voice-coach model use` takes a model's name.",
        "Nothing was written.",
        _command_for_model(name),
    )


def _command_for_model(name: str) -> str:
    """Give the command that chooses the model with this name, fetches it, or shows which there are."""
    from voice_coach.speech.model_store import installed_models, known_models  # noqa: PLC0415 - as above

    known = known_models().get(name)
    there = {model.name for model in installed_models() if model.whole}
    if name in there or (known is not None and known.folder in there):
        return f'voice-coach model use "{name}"' if " " in name else f"voice-coach model use {name}"
    return "voice-coach model list" if known is None else f"voice-coach model get {name}"


def _absolute(path: str) -> str:
    """Give a path that means the same in every folder; `~` stays, as a home folder may move."""
    return path if path.startswith("~") else str(Path(path).absolute())
