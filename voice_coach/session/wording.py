"""Fills the slots of cues and lines: numbers as words, sides, times as a person would say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.numbers import in_words
from voice_coach.session.sides import UNKNOWN_SIDE

if TYPE_CHECKING:
    from voice_coach.routines.schema import SpokenLine

_MINUTE = 60
_ROUNDED_TO = 5
_EXACT_BELOW = 10
_NEARLY_A_MINUTE = 55
_MOST_HOURS = 9999


def fill(line: SpokenLine, **slots: str) -> str:
    """Give the sentence with its slots filled and its first letters capital."""
    return sentence(line.say.format(**slots))


def sentence(text: str) -> str:
    """Give `text` with a capital letter at its beginning and after every full stop."""
    parts = text.split(". ")
    return ". ".join(part[:1].upper() + part[1:] for part in parts)


def spoken_number(number: float) -> str:
    """Give 3 as `three` and 2.5 as `two and a half`; other fractions are rounded."""
    whole = int(number)
    return f"{in_words(whole)} and a half" if number - whole == 0.5 else in_words(round(number))  # noqa: PLR2004


def spoken_side(side: str) -> str:
    """Give the word for a side in a cue: before the user has said which foot it is, it is the sore one."""
    return "sore" if side == UNKNOWN_SIDE else side


def about(seconds: float) -> str:
    """Give a length as a person would say it: never to the second, where it is long."""
    if seconds < _EXACT_BELOW:
        return counted(round(seconds), "second")
    if seconds < _NEARLY_A_MINUTE:
        return f"{in_words(round(seconds / _ROUNDED_TO) * _ROUNDED_TO)} seconds"
    return minutes(seconds)


def minutes(seconds: float) -> str:
    """Give a length in minutes and halves of minutes, at least half a minute."""
    halves = max(1, round(seconds / (_MINUTE / 2)))
    whole, half = divmod(halves, 2)
    if whole == 0:
        return "half a minute"
    if half:
        return f"{in_words(whole)} and a half minutes"
    return "one minute" if whole == 1 else f"{in_words(whole)} minutes"


def hours(seconds: float) -> str:
    """Give a length of any size, in hours from one hour on."""
    whole = round(seconds / (_MINUTE * _MINUTE))
    if seconds < _MINUTE * (_MINUTE - 1):
        return about(seconds)
    return "an hour" if whole == 1 else f"{in_words(min(whole, _MOST_HOURS))} hours"


def counted(number: int, singular: str) -> str:
    """Give `one step`, `two steps`."""
    return f"{in_words(number)} {singular}" if number == 1 else f"{in_words(number)} {singular}s"
