"""How a terminal can be drawn on: with which characters, and whether it can be redrawn at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice_coach.settings import ScreenSettings

LEAST_WIDTH = 20
LEAST_HEIGHT = 6
"""Characters and lines below which the big view says nothing that a line would not say."""

_CANNOT_MOVE = frozenset({"", "dumb", "unknown"})
_FEW_LETTERS = frozenset({"linux"})
"""Terminals whose font has block characters but no braille patterns: the console of Linux."""


class Look(msgspec.Struct, frozen=True):
    """The characters to draw with."""

    blocks: bool = True
    """Block and line characters."""
    dots: bool = True
    """Braille patterns, for drawings."""
    colours: bool = True
    """Colours, as far as the terminal has them; NO_COLOR is heeded in any case."""


FULL = Look()
ASCII = Look(blocks=False, dots=False)


def look_of(stream: TextIO, screen: ScreenSettings | None = None, environment: Mapping[str, str] = os.environ) -> Look:
    """Tell which characters `stream` can show, as far as the user wants them."""
    if screen is not None and screen.colour == "never":
        usual = look_of(stream, msgspec.structs.replace(screen, colour="auto"), environment)
        return msgspec.structs.replace(usual, colours=False)
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").replace("_", "")
    if (screen is not None and screen.ascii) or not encoding.startswith("utf"):
        return ASCII
    return Look(dots=environment.get("TERM") not in _FEW_LETTERS)


def can_redraw(environment: Mapping[str, str] = os.environ, *, windows: bool = os.name == "nt") -> bool:
    """Tell whether a terminal can take back what it has shown: one that is called dumb cannot."""
    return windows or environment.get("TERM", "").lower() not in _CANNOT_MOVE


def is_large_enough(width: int, height: int) -> bool:
    """Tell whether there is room for the big view."""
    return width >= LEAST_WIDTH and height >= LEAST_HEIGHT
