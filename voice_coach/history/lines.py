"""Finds the line of a value in JSON, for whoever has to mend it."""

from __future__ import annotations

import json
import re

_SPACE = re.compile(r"[\s,:]*")
_PART = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]|\[(\.\.\.)\]")
_BYTE = re.compile(r"\(byte (\d+)\)")
_DECODER = json.JSONDecoder()


def line_in_json(text: str, path: str) -> int:
    """Give the line, from 1, of a value.

    Args:
        text: JSON without a mistake in its grammar.
        path: as msgspec tells it, such as `$.sessions[3].ratings[0].rating`; the first part of it that cannot be
            found is taken for the place of its parent.
    """
    at = _skip(text, 0)
    for key, index, _ in _PART.findall(path):
        found = _member(text, at, key) if key else _element(text, at, int(index)) if index else None
        if found is None:
            break
        at = found
    return _line(text, at)


def line_of_byte(text: str, message: str) -> int | None:
    """Give the line, from 1, of the byte that a message of msgspec names; the last where the text ends too early."""
    found = _BYTE.search(message)
    if found is None:
        return _line(text, len(text.rstrip())) if "truncated" in message else None
    return text.encode()[: int(found[1])].count(b"\n") + 1


def _member(text: str, at: int, key: str) -> int | None:
    if text[at : at + 1] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at : at + 1] == '"':
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if name == key:
            return at
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
    return None


def _element(text: str, at: int, index: int) -> int | None:
    if text[at : at + 1] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
    return at


def _skip(text: str, at: int) -> int:
    """Skip what stands between two values."""
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
