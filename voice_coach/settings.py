"""What the user has chosen for good: one TOML file with a remark on every setting, `settings_table.py` tells which.

An option of the command line wins over the environment, that over the file, and that over the usual value. A bad
value is told with its line, and the usual one is taken in its place: nobody with a cramp mends a file first.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from voice_coach.errors import SettingsError
from voice_coach.files import quoted, read_bounded, write_whole
from voice_coach.folders import settings_file
from voice_coach.session.manner import USUAL_WORDS_PER_MINUTE
from voice_coach.settings_table import SECTIONS, SETTINGS, BadValueError, Value, names_in, new_file, variable_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

USUAL_ROUTINE = "quick_3"
_NOTHING_WRITTEN = "Nothing was written."
_INSTEAD = "The usual value is used instead."

Duplex = Literal["auto", "half"]


class AudioSettings(msgspec.Struct, frozen=True):
    """How the coach sounds and hears.

    Attributes:
        microphone: part of the name of a microphone; None is the system's choice.
        speaker: part of the name of a loudspeaker; None is the system's choice.
        loudness: dB above (below where negative) the usual.
        speech_rate: words a minute.
        duplex: what counts while the coach speaks: everything, as far as it can be told from the user ("auto"), or a
            few commands ("half").
    """

    microphone: str | None = None
    speaker: str | None = None
    loudness: float = 0.0
    speech_rate: int = USUAL_WORDS_PER_MINUTE
    duplex: Duplex = "auto"


class ScreenSettings(msgspec.Struct, frozen=True):
    """What is shown.

    Attributes:
        plain: lines only, nothing is redrawn.
        ascii: no characters beyond ASCII.
        colour: `auto` or `never`.
    """

    plain: bool = False
    ascii: bool = False
    colour: str = "auto"


class SessionSettings(msgspec.Struct, frozen=True):
    """What begins where nothing is named.

    Attributes:
        routine: its id, name or file.
        minutes: how long it may take; None is as long as it takes.
    """

    routine: str = USUAL_ROUTINE
    minutes: int | None = None


class ListeningSettings(msgspec.Struct, frozen=True):
    """What speech is understood with.

    Attributes:
        model: folder of a Vosk model; None is the one that `voice-coach model` has chosen, or the package's.
    """

    model: str | None = None


class Settings(msgspec.Struct, frozen=True):
    """All settings, where each comes from, and what was wrong with some.

    Attributes:
        sources: "option", "environment" or "file" by the name of a setting; the usual value where it is missing.
        lines: number of the line in the file, by the name of a setting that comes from there.
        problems: values that could not be used, with what is used instead.
    """

    audio: AudioSettings = AudioSettings()
    screen: ScreenSettings = ScreenSettings()
    session: SessionSettings = SessionSettings()
    listening: ListeningSettings = ListeningSettings()
    sources: Mapping[str, str] = {}
    lines: Mapping[str, int] = {}
    problems: tuple[SettingsError, ...] = ()


def read_settings(options: Mapping[str, Value] | None = None, file: Path | None = None) -> Settings:
    """Give the settings in force; nothing that is wrong with them raises.

    Args:
        options: what the command line says, by the name of the setting; None says nothing.
        file: instead of the one in the data folder; it need not exist.
    """
    path = file or settings_file()
    problems: list[SettingsError] = []
    text, table = _read(path, problems)
    lines: dict[str, int] = {}
    in_file: dict[str, object] = {}
    for section, said in table.items():
        known = names_in(section)
        for name, value in said.items():
            line = _line_of(text, section, name)
            if name in known:
                lines[name], in_file[name] = line, value
                continue
            there_are = f"there is no such setting in [{section}]; there are {', '.join(known)}."
            problems.append(_bad_value(f"Line {line} of {path} says {name}, but {there_are}", path))
    places: list[tuple[str, Mapping[str, object], Callable[[str], str]]] = [
        ("file", in_file, lambda name: f"Line {lines[name]} of {path}"),
        ("environment", _environment(), lambda name: f"The environment variable {variable_of(name)}"),
        ("option", options or {}, lambda name: f"The option --{name.replace('_', '-')}"),
    ]
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, given, place in places:
        for name, value in given.items():
            if value is None or name not in SETTINGS:
                continue
            try:
                values[name] = SETTINGS[name].check(value)
            except BadValueError as bad:
                bad_value = f"{place(name)} says {name} = {_shown(value)}, but {bad}"
                remedy = f"unset {variable_of(name)}" if source == "environment" else f"edit {quoted(path)}"
                problems.append(SettingsError(bad_value, _INSTEAD, remedy))
            else:
                sources[name] = source
    return Settings(
        AudioSettings(**_of("audio", values)),
        ScreenSettings(**_of("screen", values)),
        SessionSettings(**_of("session", values)),
        ListeningSettings(**_of("listening", values)),
        sources,
        {name: lines[name] for name, source in sources.items() if source == "file"},
        tuple(problems),
    )


def bad_routine(what: str, settings: Settings) -> SettingsError:
    """Tell that the routine which the settings name will not do."""
    from_outside = settings.sources.get("routine") == "environment"
    remedy = f"unset {variable_of('routine')}" if from_outside else "voice-coach settings forget routine"
    return SettingsError(f"The routine of your settings cannot be used. {what}", _INSTEAD, remedy)


def _of(section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names_in(section) if name in values}


def write_new_file(file: Path | None = None) -> Path:
    """Write the file with a remark on every setting, where there is none, and give its path.

    Raises:
        SettingsError: it cannot be written, or is there already.
    """
    path = file or settings_file()
    if path.exists():
        raise SettingsError(
            f"There are settings already: {path}.", "They were left as they are.", f"edit {quoted(path)}"
        )
    try:
        write_whole(path, new_file())
    except OSError as error:
        raise SettingsError(
            f"The settings cannot be written into {path} ({_reason(error)}).",
            "Nothing was written.",
            f"edit {quoted(path)}",
        ) from error
    return path


def change_settings(changes: Mapping[str, Value], file: Path | None = None) -> None:
    """Write `changes` into the settings file; None removes a setting. Comments and everything else stay.

    The file changes as a whole or not at all. Where there is none, it begins with a remark on every setting.

    Raises:
        SettingsError: a value is not allowed, or the file cannot be read or written.
    """
    import tomlkit  # noqa: PLC0415 - only to write
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

    path = file or settings_file()
    values: dict[str, Value] = {}
    for name, value in changes.items():
        try:
            values[name] = checked(name, value)
        except BadValueError as bad:
            what = f"{name} cannot be {_shown(value)}: {bad}"
            if name not in SETTINGS:
                what = f"{name} cannot be changed: {bad}"
            raise SettingsError(what, _NOTHING_WRITTEN, "voice-coach settings") from bad
    try:
        document = tomlkit.parse(read_bounded(path).decode("utf-8-sig") if path.exists() else new_file())
        for name, value in values.items():
            section = document.setdefault(SETTINGS[name].section, tomlkit.table())
            if value is not None:
                section[name] = value
            else:
                section.pop(name, None)
        write_whole(path, tomlkit.dumps(document))
    except (OSError, ValueError, RecursionError, TOMLKitError, AttributeError, TypeError) as error:
        raise SettingsError(
            f"The settings cannot be written into {path} ({_reason(error)}).",
            _NOTHING_WRITTEN,
            f"edit {quoted(path)}",
        ) from error


def _read(path: Path, problems: list[SettingsError]) -> tuple[str, dict[str, dict[str, object]]]:
    if not path.exists():
        return "", {}
    import tomllib  # noqa: PLC0415 - most have no settings

    try:
        text = read_bounded(path).decode("utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:  # numbers and brackets without end are no TOMLDecodeError
        problems.append(_bad_value(f"The settings in {path} cannot be read: {_reason(error)}.", path))
        return "", {}
    for name, section in document.items():
        if name not in SECTIONS or not isinstance(section, dict):
            there_are = ", ".join(f"[{section}]" for section in SECTIONS)
            what = f"{path} says {name}, but there is no such section; there are {there_are}."
            problems.append(_bad_value(what, path))
    return text, {name: section for name, section in document.items() if name in SECTIONS and isinstance(section, dict)}


def _environment() -> dict[str, str]:
    return {name: value for name in SETTINGS if (value := os.environ.get(variable_of(name)))}


def checked(name: str, value: Value) -> Value:
    """Give a value as it counts, a text, too, as it comes from a command line; None stays None.

    Raises:
        BadValueError: it is not allowed, or there is no such setting.
    """
    if name not in SETTINGS:
        raise BadValueError(f"there is no such setting; there are {', '.join(SETTINGS)}.")
    return None if value is None else SETTINGS[name].check(value)


def _line_of(text: str, wanted: str, name: str) -> int:
    """Give the number of the line that sets `name` in the section; 1 where it cannot be told."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = header[1]
        key = rf"\s*[\"']?{re.escape(name)}[\"']?\s*="
        dotted = rf"\s*{wanted}\s*\.{key}"
        if (section == wanted and re.match(key, line)) or re.match(dotted, line):
            return number
    return 1


def _shown(value: object) -> str:
    try:
        return f'"{value}"' if isinstance(value, str) else str(value)
    except ValueError:  # more digits than Python turns into text
        return "a number of thousands of digits"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _bad_value(what: str, path: Path) -> SettingsError:
    return SettingsError(what, _INSTEAD, f"edit {quoted(path)}")
