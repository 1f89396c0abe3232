"""What the user has chosen for good: one TOML file in the data folder.

    [audio]
    microphone = "Yeti"      # part of a name that `voice-coach devices` lists
    speaker = "Headphones"
    loudness = 3             # decibels above the usual
    speech_rate = 165        # words a minute

An option of the command line wins over the environment, that over the file, and that over the usual value. A bad
value is told with its line, and the usual one is taken in its place: nobody with a cramp mends a file first.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voice_coach.errors import SettingsError
from voice_coach.folders import settings_file
from voice_coach.session.manner import LOUDNESS_DECIBELS, USUAL_WORDS_PER_MINUTE, WORDS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    _Value = str | int | float | None

SECTION = "audio"


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """How the coach sounds and hears.

    Attributes:
        microphone: part of the name of a microphone; None is the system's choice.
        speaker: part of the name of a loudspeaker; None is the system's choice.
        loudness: dB above (below where negative) the usual.
        speech_rate: words a minute.
    """

    microphone: str | None = None
    speaker: str | None = None
    loudness: float = 0.0
    speech_rate: int = USUAL_WORDS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, where each comes from, and what was wrong with some.

    Attributes:
        sources: "option", "environment" or "file" by the name of a setting; the usual value where it is missing.
        problems: values that could not be used, with what is used instead.
    """

    audio: AudioSettings = field(default_factory=AudioSettings)
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[SettingsError, ...] = ()


class _BadValueError(Exception):
    """The value is not allowed; the message tells which are."""


def read_settings(options: Mapping[str, _Value] | None = None, file: Path | None = None) -> Settings:
    """Give the settings in force; nothing that is wrong with them raises.

    Args:
        options: what the command line says, by the name of the setting; None says nothing.
        file: instead of the one in the data folder; it need not exist.
    """
    path = file or settings_file()
    problems: list[SettingsError] = []
    text, table = _read(path, problems)
    places: list[tuple[str, Mapping[str, object], Callable[[str], str]]] = [
        ("file", table, lambda name: f"Line {_line_of(text, name)} of {path}"),
        ("environment", _environment(), lambda name: f"The environment variable {_variable(name)}"),
        ("option", options or {}, lambda name: f"The option --{name.replace('_', '-')}"),
    ]
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, given, place in places:
        for name, value in given.items():
            if value is None:
                continue
            try:
                values[name] = _checked(name, value)
            except _BadValueError as bad:
                problems.append(_bad_value(f"{place(name)} says {name} = {_shown(value)}, but {bad}", path))
            else:
                sources[name] = source
    return Settings(AudioSettings(**values), sources, tuple(problems))


def change_settings(changes: Mapping[str, _Value], file: Path | None = None) -> None:
    """Write `changes` into the settings file; None removes a setting. Comments and everything else stay.

    The file changes as a whole or not at all.

    Raises:
        SettingsError: a value is not allowed, or the file cannot be read or written.
    """
    import tomlkit  # noqa: PLC0415 - only to write
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

    from voice_coach.files import write_whole  # noqa: PLC0415 - as above

    path = file or settings_file()
    for name, value in changes.items():
        try:
            _checked(name, value) if value is not None else None
        except _BadValueError as bad:
            raise _bad_value(f"{name} cannot be {_shown(value)}: {bad}", path) from bad
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        section = document.setdefault(SECTION, tomlkit.table())
        for name, value in changes.items():
            if value is not None:
                section[name] = value
            else:
                section.pop(name, None)
        write_whole(path, tomlkit.dumps(document))
    except (OSError, UnicodeDecodeError, TOMLKitError, AttributeError, TypeError) as error:
        raise SettingsError(
            f"The settings cannot be written into {path} ({_reason(error)}).",
            "The change holds for this session only.",
            f"edit {path}",
        ) from error


def _read(path: Path, problems: list[SettingsError]) -> tuple[str, dict[str, object]]:
    if not path.exists():
        return "", {}
    import tomllib  # noqa: PLC0415 - most have no settings

    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(_bad_value(f"The settings in {path} cannot be read: {_reason(error)}.", path))
        return "", {}
    section = document.get(SECTION, {})
    if not isinstance(section, dict):
        problems.append(_bad_value(f"{SECTION} in {path} must be a section: [{SECTION}].", path))
        return text, {}
    return text, section


def _environment() -> dict[str, str]:
    return {name: value for name in _CHECKS if (value := os.environ.get(_variable(name)))}


def _variable(name: str) -> str:
    return f"VOICE_COACH_{name.upper()}"


def _checked(name: str, value: object) -> _Value:
    if name not in _CHECKS:
        raise _BadValueError(f"there is no such setting; there are {', '.join(_CHECKS)}.")
    return _CHECKS[name](value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _BadValueError("it must be part of a device's name in quotes.")
    return value.strip()


def _number(least: float, most: float, unit: str) -> Callable[[object], float]:
    def check(value: object) -> float:
        number: object = value
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                number = float(value)
        if isinstance(number, bool) or not isinstance(number, int | float) or not least <= number <= most:
            raise _BadValueError(f"it must be a number from {least} to {most} ({unit}).")
        return float(number)

    return check


_CHECKS: dict[str, Callable[[object], _Value]] = {
    "microphone": _text,
    "speaker": _text,
    "loudness": _number(*LOUDNESS_DECIBELS, "decibels above the usual"),
    "speech_rate": lambda value: round(_number(*WORDS_PER_MINUTE, "words a minute")(value)),
}


def _line_of(text: str, name: str) -> int:
    """Give the number of the line that sets `name` in the section; 1 where it cannot be told."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = header[1]
        key = rf"\s*[\"']?{re.escape(name)}[\"']?\s*="
        dotted = rf"\s*{SECTION}\s*\.{key}"
        if (section == SECTION and re.match(key, line)) or re.match(dotted, line):
            return number
    return 1


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _bad_value(what: str, path: Path) -> SettingsError:
    return SettingsError(what, "The usual value is used instead.", f"edit {path}")
