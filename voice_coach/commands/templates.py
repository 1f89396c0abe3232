"""Phrase templates: `[optional] (one|other) {slot}`, expanded into every phrase they stand for.

The syntax is the one of hassil, the sentence-template library. Only enumeration is needed here, with numbers as
words and no digits, and hassil's import alone would cost a third of what the program may take until its first
word; so the few lines stand here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = re.compile(r"[\[\](){}|]|[^\[\](){}|\s]+")
_MOST_BRACKETS = 50
_CLOSING = {"[": "]", "(": ")"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say something.

    Attributes:
        text: words separated by one space, lower case.
        value: what the slot in it stands for; None when the template has no slot.
    """

    text: str
    value: int | str | None = None


class TemplateError(ValueError):
    """A template has an unmatched bracket or an unknown slot; the message says which."""


def expand(template: str, slots: Mapping[str, Mapping[str, int]]) -> list[Phrase]:
    """Give every phrase of `template`, in the order written, without duplicates.

    Raises:
        TemplateError: the template cannot be read.
    """
    tokens = _TOKEN.findall(template)
    if sum(token in _CLOSING for token in tokens) > _MOST_BRACKETS:
        raise TemplateError(f"more than {_MOST_BRACKETS} brackets in {template[:60]!r}")
    phrases, rest = _alternatives(tokens, 0, slots, closing=None)
    if rest != len(tokens):
        raise TemplateError(f"unmatched {tokens[rest]!r} in {template!r}")
    unique: dict[str, Phrase] = {}
    for phrase in phrases:
        unique.setdefault(phrase.text, phrase)
    return list(unique.values())


def _alternatives(
    tokens: list[str], start: int, slots: Mapping[str, Mapping[str, int]], closing: str | None
) -> tuple[list[Phrase], int]:
    phrases: list[Phrase] = []
    position = start
    while True:
        sequence, position = _sequence(tokens, position, slots)
        phrases.extend(sequence)
        token = tokens[position] if position < len(tokens) else None
        if token == "|":
            position += 1
            continue
        if token != closing:
            raise TemplateError(f"{closing or 'end'} expected before {token or 'the end'} in {' '.join(tokens)!r}")
        return phrases, position if closing is None else position + 1


def _sequence(tokens: list[str], start: int, slots: Mapping[str, Mapping[str, int]]) -> tuple[list[Phrase], int]:
    phrases = [Phrase("")]
    position = start
    while position < len(tokens) and tokens[position] not in ("|", "]", ")", "}"):
        token = tokens[position]
        if token in _CLOSING:
            choices, position = _alternatives(tokens, position + 1, slots, _CLOSING[token])
            if token == "[":
                choices = [*choices, Phrase("")]
        elif token == "{":
            choices, position = _slot(tokens, position + 1, slots)
        else:
            choices, position = [Phrase(token)], position + 1
        phrases = list(_joined(phrases, choices))
    return phrases, position


def _slot(tokens: list[str], start: int, slots: Mapping[str, Mapping[str, int]]) -> tuple[list[Phrase], int]:
    name = tokens[start] if start < len(tokens) else ""
    if tokens[start + 1 : start + 2] != ["}"] or name not in slots:
        raise TemplateError(f"unknown slot {{{name}}} in {' '.join(tokens)!r}; known: {', '.join(sorted(slots))}")
    return [Phrase(words, value) for words, value in slots[name].items()], start + 2


def _joined(heads: list[Phrase], tails: list[Phrase]) -> Iterator[Phrase]:
    for head in heads:
        for tail in tails:
            text = f"{head.text} {tail.text}".strip()
            yield Phrase(text, head.value if tail.value is None else tail.value)
