"""Small charts as SVG, in words for whoever cannot see them. Colours and strokes are those of the page's style.

A chart is drawn as wide as a phone, in its pixels, so that its letters are of the page's size there.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 328
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 8, 10, 28
_INNER = _WIDTH - _LEFT - _RIGHT
_GAP = 0.25
"""Part of a bar's room that stays free."""
_LABEL = 62
"""Room for a date."""
_ROUND = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        ink: class of its style; also chooses its marks: `right` has squares, everything else has dots.
        values: one for each column, None where there is none.
    """

    ink: str
    values: Sequence[float | None]


def bar_chart(values: Sequence[float], names: Sequence[str], says: str, height: int = 170) -> str:
    """Draw a bar for each value, from 0 up.

    Args:
        values: at least one.
        names: under the bars; as many as there is room for are written.
        says: the chart in words.
        height: in the same units as the width, which is 328.
    """
    step = _step(max(values))
    top = max(1, math.ceil(max(values) / step)) * step
    frame = _Frame(height, 0, top, len(values))
    ticks = [step * number for number in range(round(top / step) + 1)]
    width = frame.column * (1 - _GAP)
    bars = "".join(
        f'<rect class="bar" x="{frame.x(number) - width / 2:.1f}" y="{frame.y(value):.1f}" '
        f'width="{width:.1f}" height="{frame.y(0) - frame.y(value):.1f}"/>'
        for number, value in enumerate(values)
        if value
    )
    return frame.svg(says, frame.scale(ticks), bars, frame.dates(names))


def line_chart(
    lines: Sequence[Line],
    names: Sequence[str],
    ticks: Sequence[int],
    says: str,
    *,
    limit: float | None = None,
    height: int = 150,
) -> str:
    """Draw lines with a mark for each value; over a gap a line goes straight on.

    Args:
        lines: at least one, all of one length.
        names: under the columns.
        ticks: what is written at the side; the first and the last are the ends of the scale.
        says: the chart in words.
        limit: where a broken line is drawn across.
        height: in the same units as the width, which is 328.
    """
    frame = _Frame(height, ticks[0], ticks[-1], len(names))
    across = "" if limit is None else frame.across(limit, "limit")
    drawn = "".join(part for line in lines for part in _drawn(line, frame))
    return frame.svg(says, frame.scale(ticks), across, drawn, frame.dates(names))


def mark(ink: str) -> str:
    """Give the mark of a line alone, for a legend; it says nothing."""
    return f'<svg class="mark" viewBox="0 0 14 14" aria-hidden="true">{_mark(ink, 7, 7)}</svg>'


class _Frame:
    """Where in a chart a value stands."""

    def __init__(self, height: int, low: float, high: float, columns: int) -> None:
        self._height = height
        self._low = low
        self._high = high
        self.column = _INNER / columns

    def x(self, number: int) -> float:
        return _LEFT + (number + 0.5) * self.column

    def y(self, value: float) -> float:
        room = self._height - _TOP - _BOTTOM
        return _TOP + room * (self._high - value) / (self._high - self._low)

    def across(self, value: float, ink: str) -> str:
        y = f"{self.y(value):.1f}"
        return f'<line class="{ink}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'

    def scale(self, ticks: Sequence[float]) -> str:
        """Draw the scale at the side, with a thin line for each of its numbers."""
        return "".join(
            f'{self.across(tick, "grid")}<text x="{_LEFT - 5}" y="{self.y(tick) + 4:.1f}" '
            f'text-anchor="end">{tick:g}</text>'
            for tick in ticks
        )

    def dates(self, names: Sequence[str]) -> str:
        """Write the names under their columns, the last one in any case, where they are not in each other's way."""
        written = []
        free = float(_WIDTH)
        for number in reversed(range(len(names))):
            x = min(max(self.x(number), _LABEL / 2), _WIDTH - _LABEL / 2)
            if x + _LABEL / 2 <= free:
                free = x - _LABEL / 2
                name = html.escape(names[number])
                written.append(f'<text x="{x:.1f}" y="{self._height - 6}" text-anchor="middle">{name}</text>')
        return "".join(reversed(written))

    def svg(self, says: str, *parts: str) -> str:
        return (
            f'<svg class="chart" viewBox="0 0 {_WIDTH} {self._height}" role="img" '
            f'aria-label="{html.escape(says, quote=True)}">{"".join(parts)}</svg>'
        )


def _drawn(line: Line, frame: _Frame) -> Iterator[str]:
    points = [(frame.x(number), frame.y(value)) for number, value in enumerate(line.values) if value is not None]
    if len(points) > 1:
        yield f'<polyline class="{line.ink}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
    yield from (_mark(line.ink, x, y) for x, y in points)


def _mark(ink: str, x: float, y: float) -> str:
    """Draw a dot, or an open square, which can be seen around a dot at the same place."""
    if ink == "right":
        return f'<rect class="right" x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10"/>'
    return f'<circle class="{ink}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>'


def _step(most: float) -> float:
    """Give a round number, so that three to five of them reach as high as `most`."""
    rough = max(1.0, most / 4)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * part for part in _ROUND if power * part >= rough), 10 * power)
