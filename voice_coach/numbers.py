"""Numbers as words, for what is said and for what is heard."""

from __future__ import annotations

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_HUNDRED = 100


def in_words(number: int) -> str:
    """Give a whole number from 0 to 9999 as words separated by spaces: 45 is `forty five`."""
    if number < len(_UNITS):
        return _UNITS[number]
    if number < _HUNDRED:
        tens, units = divmod(number, 10)
        return _TENS[tens] if units == 0 else f"{_TENS[tens]} {_UNITS[units]}"
    hundreds, rest = divmod(number, _HUNDRED)
    head = f"{in_words(hundreds)} hundred"
    return head if rest == 0 else f"{head} and {in_words(rest)}"
