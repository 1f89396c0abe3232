"""Line drawings of the positions: data in positions.yaml, drawn with dots or with plain characters, at any size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

import msgspec

from voice_coach.errors import ContentError
from voice_coach.packaged import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100
HEIGHT = 60
"""Size of the plane in which drawings are given."""

Ink = Literal["body", "tool", "move"]
"""What is drawn."""

Point = tuple[float, float]

_ARROW_HEAD = 5.0
_ARROW_ANGLE = 0.55
_CIRCLE_POINTS = 24
_FINE_PEN = ((0, 0),)
_BROAD_PEN = ((0, 0), (1, 0), (0, 1), (1, 1))
_BROAD_FROM = 1.1
"""Dots for each unit of the plane from which lines are two dots broad, so that they are seen from afar."""
_DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800
_DOTS_ACROSS, _DOTS_DOWN = 2, 4
_PLAIN = {
    0b00_00_00_00: " ",
    0b11_00_00_00: '"',
    0b10_00_00_00: "'",
    0b01_00_00_00: "'",
    0b00_11_00_00: "-",
    0b00_00_11_00: "-",
    0b00_10_00_00: "'",
    0b00_01_00_00: "'",
    0b00_00_10_00: ".",
    0b00_00_01_00: ".",
    0b00_00_00_11: "_",
    0b00_00_00_10: ".",
    0b00_00_00_01: ".",
    0b10_10_10_10: "|",
    0b01_01_01_01: "|",
    0b10_10_10_00: "|",
    0b01_01_01_00: "|",
    0b00_10_10_10: "|",
    0b00_01_01_01: "|",
    0b10_10_01_01: "\\",
    0b10_01_01_01: "\\",
    0b10_10_10_01: "\\",
    0b10_01_00_00: "`",
    0b10_11_01_00: "\\",
    0b01_01_10_10: "/",
    0b01_10_10_10: "/",
    0b01_01_01_10: "/",
    0b01_11_10_00: "/",
    0b01_10_00_00: "'",
    0b00_01_10_00: "-",
    0b00_10_01_00: "-",
    0b00_00_01_10: ".",
    0b00_00_10_01: ".",
    0b11_11_11_11: "#",
    0b01_11_11_10: "/",
    0b10_11_11_01: "\\",
    0b11_10_10_10: "|",
    0b01_01_01_11: "|",
    0b10_10_10_11: "|",
    0b11_01_01_01: "|",
}
"""Patterns of eight dots (two across, four down, top left first) and the characters that look most like them."""


class _Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Circle(_Frozen, frozen=True):
    circle: tuple[float, float, float]
    """x, y and radius."""


Stroke = tuple[Point, ...] | Circle


class _Part(_Frozen, frozen=True):
    body: tuple[Stroke, ...] = ()
    tool: tuple[Stroke, ...] = ()


class _DrawingData(_Frozen, frozen=True):
    says: str
    parts: tuple[str, ...] = ()
    body: tuple[Stroke, ...] = ()
    tool: tuple[Stroke, ...] = ()
    move: tuple[tuple[Point, ...], ...] = ()


class _Positions(_Frozen, frozen=True):
    parts: dict[str, _Part]
    drawings: dict[str, _DrawingData]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of a position.

    Attributes:
        says: the picture in words.
        lines: polylines by what they show, in a plane of `WIDTH` by `HEIGHT`, y going down.
    """

    says: str
    lines: tuple[tuple[Ink, tuple[Point, ...]], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a drawing that stand beside each other and show the same."""

    text: str
    ink: Ink = "body"


@cache
def load_drawings() -> dict[str, Drawing]:
    """Load the drawings in the package, by the id of their step.

    Raises:
        ContentError: the file breaks the schema, or names a part that does not exist.
    """
    try:
        data = msgspec.convert(read_yaml("voice_coach.screen", "positions"), _Positions, strict=False)
    except msgspec.ValidationError as error:
        raise _broken(str(error)) from error
    for id_, drawing in data.drawings.items():
        unknown = set(drawing.parts) - data.parts.keys()
        if unknown:
            raise _broken(f"{id_}: no part is called {', '.join(sorted(unknown))}")
    return {id_: _assembled(drawing, data.parts) for id_, drawing in data.drawings.items()}


@lru_cache(maxsize=64)
def drawn(step: str, width: int, height: int, *, dots: bool) -> tuple[tuple[Run, ...], ...]:
    """Draw the position of `step` in at most `width` by `height` characters.

    Args:
        step: id of the step; one without a drawing gives nothing.
        width: characters across.
        height: lines.
        dots: with the Unicode braille patterns, eight dots a character, instead of plain ASCII.
    """
    drawing = load_drawings().get(step)
    if drawing is None or width < 1 or height < 1:
        return ()
    across, down = width * _DOTS_ACROSS, height * _DOTS_DOWN
    scale = min((across - 1) / WIDTH, (down - 1) / HEIGHT)
    pen = _BROAD_PEN if dots and scale >= _BROAD_FROM else _FINE_PEN
    grid: dict[tuple[int, int], tuple[int, Ink]] = {}
    for ink, points in drawing.lines:
        for x, y in _dots(points, scale, pen):
            key = (x // _DOTS_ACROSS, y // _DOTS_DOWN)
            before, _ = grid.get(key, (0, ink))
            grid[key] = (before | _bit(x, y), ink)
    rows = min(height, math.ceil((HEIGHT * scale + 1) / _DOTS_DOWN))
    columns = min(width, math.ceil((WIDTH * scale + 1) / _DOTS_ACROSS))
    return tuple(
        _runs([grid.get((column, row), (0, "body")) for column in range(columns)], dots=dots) for row in range(rows)
    )


def plain_drawing(step: str, width: int, height: int) -> list[str]:
    """Draw the position of `step` with ASCII characters, as lines without spaces at their ends."""
    rows = ["".join(run.text for run in row).rstrip() for row in drawn(step, width, height, dots=False)]
    while rows and not rows[0]:
        del rows[0]
    while rows and not rows[-1]:
        del rows[-1]
    return rows


def _assembled(data: _DrawingData, parts: dict[str, _Part]) -> Drawing:
    lines: list[tuple[Ink, tuple[Point, ...]]] = []
    pieces = [parts[name] for name in data.parts]
    for piece in pieces:
        lines += [("body", _points(stroke)) for stroke in piece.body]
    lines += [("body", _points(stroke)) for stroke in data.body]
    for piece in pieces:
        lines += [("tool", _points(stroke)) for stroke in piece.tool]
    lines += [("tool", _points(stroke)) for stroke in data.tool]
    for arrow in data.move:
        lines += [("move", arrow), *(("move", side) for side in _head(arrow))]
    return Drawing(data.says, tuple(lines))


def _points(stroke: Stroke) -> tuple[Point, ...]:
    if not isinstance(stroke, Circle):
        return stroke
    x, y, radius = stroke.circle
    angles = (2 * math.pi * index / _CIRCLE_POINTS for index in range(_CIRCLE_POINTS + 1))
    return tuple((x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles)


def _head(arrow: tuple[Point, ...]) -> tuple[tuple[Point, ...], ...]:
    (from_x, from_y), (x, y) = arrow[-2], arrow[-1]
    back = math.atan2(from_y - y, from_x - x)
    ends = (back - _ARROW_ANGLE, back + _ARROW_ANGLE)
    return tuple(((x, y), (x + _ARROW_HEAD * math.cos(end), y + _ARROW_HEAD * math.sin(end))) for end in ends)


def _dots(points: tuple[Point, ...], scale: float, pen: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    """Give the dots of a polyline, each at least once, as `pen` draws them."""
    for (x1, y1), (x2, y2) in pairwise(points):
        count = max(1, math.ceil(max(abs(x2 - x1), abs(y2 - y1)) * scale))
        for index in range(count + 1):
            share = index / count
            x, y = (x1 + (x2 - x1) * share) * scale, (y1 + (y2 - y1) * share) * scale
            for right, below in pen:
                yield max(0, round(x)) + right, max(0, round(y)) + below


def _bit(x: int, y: int) -> int:
    """Give the bit of a dot in its character: top left first, row by row."""
    return 1 << (7 - (y % _DOTS_DOWN * _DOTS_ACROSS + x % _DOTS_ACROSS))


def _runs(cells: list[tuple[int, Ink]], *, dots: bool) -> tuple[Run, ...]:
    character = _braille if dots else _plain
    return tuple(
        Run("".join(character(pattern) for pattern, _ in group), ink)
        for ink, group in groupby(cells, key=lambda cell: cell[1])
    )


@cache
def _braille(pattern: int) -> str:
    if pattern == 0:
        return " "
    bits = [
        _DOT_BITS[row][column]
        for row in range(_DOTS_DOWN)
        for column in range(_DOTS_ACROSS)
        if pattern & 1 << (7 - (row * _DOTS_ACROSS + column))
    ]
    return chr(_BRAILLE + sum(bits))


@cache
def _plain(pattern: int) -> str:
    """Give the ASCII character that differs from `pattern` in the fewest dots."""
    if pattern == 0:
        return " "
    candidates = (known for known in _PLAIN if known)
    nearest = min(candidates, key=lambda known: (pattern ^ known).bit_count())
    return _PLAIN[nearest]


def _broken(reason: str) -> ContentError:
    return ContentError(
        f"The drawings cannot be used: positions.yaml: {reason}.",
        "No session can start without them.",
        "pip install --force-reinstall voice-coach",
    )
