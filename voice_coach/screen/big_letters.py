"""Letters and digits as large as the room for them, made of block characters."""

from __future__ import annotations

from functools import cache, lru_cache

import msgspec

from voice_coach.packaged import read_yaml

_ROWS = 7
_LARGEST = 12
_TALLEST = 2.0
_WIDEST = 1.5
"""How much higher than wide, and wider than high, a pixel may become: narrow digits are read as well as square ones."""
_SMOOTH_FROM = 4
"""Pixels of so many half lines are round at their corners, where smaller ones have no room for it."""
_FINEST = 4
"""Into how many parts a pixel is cut at most to round it."""
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}

Bitmap = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=256)
def big_text(text: str, width: int, height: int, *, blocks: bool) -> tuple[str, ...]:
    """Give `text` in the largest letters that fit into `width` by `height` characters, as lines of equal width.

    Args:
        text: digits, capitals, colon, question mark; what the font lacks is left out.
        width: characters across.
        height: lines.
        blocks: with the Unicode half blocks, two pixels a character; else with `#`.

    Returns:
        Nothing where even the smallest letters do not fit.
    """
    bitmap = _bitmap(text)
    across, down = _scale(len(bitmap[0]), width, height * 2 if blocks else height, blocks=blocks)
    if across == 0 or down == 0:
        return ()
    parts = 1
    while blocks and down // parts >= _SMOOTH_FROM and across // parts >= _SMOOTH_FROM // 2 and parts < _FINEST:
        bitmap, parts = _smooth(bitmap), parts * 2
    rows = _stretched(bitmap, across / parts, down / parts)
    if not blocks:
        return tuple("".join("#" if pixel else " " for pixel in row) for row in rows)
    if len(rows) % 2:
        rows += ((False,) * len(rows[0]),)
    return tuple(
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )


def _scale(columns: int, width: int, height: int, *, blocks: bool) -> tuple[int, int]:
    """Give how many characters across, and how many lines (half lines, with blocks) down, a pixel may have."""
    halves = 1 if blocks else 2
    across = min(width // columns, _LARGEST) if columns else 0
    down = min(height // _ROWS, 2 * _LARGEST)
    across = min(across, int(down * halves * _WIDEST))
    return across, min(down, int(across * _TALLEST / halves))


@cache
def _font() -> dict[str, Bitmap]:
    data = msgspec.convert(read_yaml("voice_coach.screen", "pixel_font"), dict[str, tuple[str, ...]])
    return {letter: tuple(tuple(pixel == "#" for pixel in row) for row in rows) for letter, rows in data.items()}


def _bitmap(text: str) -> Bitmap:
    letters = [_font()[letter] for letter in text if letter in _font()]
    if not letters:
        return ((),) * _ROWS
    rows = []
    for number in range(_ROWS):
        row: tuple[bool, ...] = letters[0][number]
        for letter in letters[1:]:
            row += (False, *letter[number])
        rows.append(row)
    return tuple(rows)


def _smooth(bitmap: Bitmap) -> Bitmap:
    """Double a bitmap and round its corners (the Scale2x rule)."""
    height, width = len(bitmap), len(bitmap[0])

    def at(x: int, y: int) -> bool:
        return 0 <= x < width and 0 <= y < height and bitmap[y][x]

    rows: list[tuple[bool, ...]] = []
    for y in range(height):
        upper: list[bool] = []
        lower: list[bool] = []
        for x in range(width):
            here, above, below, left, right = at(x, y), at(x, y - 1), at(x, y + 1), at(x - 1, y), at(x + 1, y)
            plain = above == below or left == right
            upper.append(here if plain or above != left else left)
            upper.append(here if plain or above != right else right)
            lower.append(here if plain or below != left else left)
            lower.append(here if plain or below != right else right)
        rows += [tuple(upper), tuple(lower)]
    return tuple(rows)


def _stretched(bitmap: Bitmap, across: float, down: float) -> Bitmap:
    height, width = round(len(bitmap) * down), round(len(bitmap[0]) * across)
    return tuple(tuple(bitmap[int(y / down)][int(x / across)] for x in range(width)) for y in range(height))
