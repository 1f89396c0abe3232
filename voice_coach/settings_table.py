"""Every setting there is: where it stands in the file, which values it takes, what is usual, what it is for.

Rule: a setting is added here and in `settings.py`, where its type is; the file, the environment, `voice-coach settings`
and the documentation go by this table.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from voice_coach.session.manner import LOUDNESS_DECIBELS, USUAL_WORDS_PER_MINUTE, WORDS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float | bool | None
MINUTES = (1, 30)
COLOURS = ("auto", "never")
DUPLEX = ("auto", "half")


class BadValueError(Exception):
    """The value is not allowed; the message tells which are."""


class Setting(msgspec.Struct, frozen=True):
    """One setting.

    Attributes:
        section: of the file.
        check: gives the value as it counts; a text, too, as it comes from the environment.
        usual: what counts where nothing is set, in words or as a value of the file.
        example: a value, as it is written in the file.
        says: what it is for, and which values it takes.
        option: of `voice-coach start`, if it has one.
    """

    section: str
    check: Callable[[object], Value]
    usual: str
    example: str
    says: str
    option: str = ""


def variable_of(name: str) -> str:
    """Give the environment variable of a setting."""
    return f"VOICE_COACH_{name.upper()}"


def _text(what: str) -> Callable[[object], Value]:
    def check(value: object) -> Value:
        if not isinstance(value, str) or not value.strip():
            raise BadValueError(f"it must be {what} in quotes.")
        return value.strip()

    return check


def _number(least: float, most: float, unit: str) -> Callable[[object], float]:
    def check(value: object) -> float:
        number: object = value
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                number = float(value)
        if isinstance(number, bool) or not isinstance(number, int | float) or not least <= number <= most:
            raise BadValueError(f"it must be a number from {least} to {most} ({unit}).")
        return float(number)

    return check


def _whole_number(least: int, most: int, unit: str) -> Callable[[object], Value]:
    check = _number(least, most, unit)
    return lambda value: round(check(value))


_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


def _yes_or_no(value: object) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise BadValueError("it must be true or false.")


def _one_of(*allowed: str) -> Callable[[object], Value]:
    def check(value: object) -> Value:
        if value not in allowed:
            raise BadValueError(f"it must be one of {', '.join(allowed)}.")
        return str(value)

    return check


_DEVICE = _text("part of a device's name")
SETTINGS: dict[str, Setting] = {
    "microphone": Setting(
        "audio",
        _DEVICE,
        "the system's choice",
        '"Yeti"',
        "Part of the name of a microphone, as `voice-coach devices` lists it.",
        "--microphone",
    ),
    "speaker": Setting(
        "audio", _DEVICE, "the system's choice", '"headphones"', "The same for the loudspeaker.", "--speaker"
    ),
    "loudness": Setting(
        "audio",
        _number(*LOUDNESS_DECIBELS, "decibels above the usual"),
        "0",
        "3",
        'Decibels above the usual, -12 to 6. "Louder" and "quieter" change it.',
    ),
    "speech_rate": Setting(
        "audio",
        _whole_number(*WORDS_PER_MINUTE, "words a minute"),
        str(USUAL_WORDS_PER_MINUTE),
        str(USUAL_WORDS_PER_MINUTE),
        'Words a minute, 110 to 240. "Talk faster" and "talk slower" change it.',
    ),
    "duplex": Setting(
        "audio",
        _one_of(*DUPLEX),
        '"auto"',
        '"half"',
        'While the coach speaks: "auto", all commands count, as far as it can be told from you; "half", a few.',
        "--duplex",
    ),
    "model": Setting(
        "listening",
        _text("the folder of a Vosk model"),
        "as `voice-coach model` says",
        '"/home/me/vosk-model"',
        "Folder of the Vosk model to listen with.",
        "--model",
    ),
    "plain": Setting(
        "screen",
        _yes_or_no,
        "false",
        "true",
        "true prints lines only and redraws nothing, for screen readers.",
        "--plain",
    ),
    "ascii": Setting(
        "screen", _yes_or_no, "false", "true", "true draws with plain letters, for terminals without Unicode."
    ),
    "colour": Setting(
        "screen", _one_of(*COLOURS), '"auto"', '"never"', '"auto" or "never". NO_COLOR=1 says never, too.'
    ),
    "routine": Setting(
        "session",
        _text("the name of a routine"),
        '"quick_3"',
        '"full_15"',
        "The routine that `voice-coach start` begins where you name none.",
        "ROUTINE",
    ),
    "minutes": Setting(
        "session",
        _whole_number(*MINUTES, "minutes"),
        "as long as the routine takes",
        "8",
        "Minutes that such a session may take, 1 to 30.",
        "--minutes",
    ),
}
SECTIONS = tuple(dict.fromkeys(setting.section for setting in SETTINGS.values()))
_SAYS = {
    "audio": "How the coach sounds and hears",
    "listening": "What it understands speech with",
    "screen": "What you see",
    "session": "What begins where you name nothing",
}


def names_in(section: str) -> list[str]:
    return [name for name, setting in SETTINGS.items() if setting.section == section]


def new_file() -> str:
    """Give a file in which everything is as usual, with a remark on every setting."""
    lines = [
        "# Settings of voice-coach. Take the # in front of a line away to set it.",
        "# An option of the command line wins over an environment variable, that over this file.",
        "# `voice-coach settings` shows what counts, and from where.",
    ]
    for section in SECTIONS:
        lines += ["", f"# {_SAYS[section]}.", f"[{section}]"]
        for name in names_in(section):
            setting = SETTINGS[name]
            lines += [f"# {setting.says} Usual: {setting.usual}.", f"# {name} = {setting.example}"]
    return "\n".join(lines) + "\n"
