"""Progress as lines of text: bars and columns, or in plain mode one fact a line, as a screen reader likes it.

The bars are drawn by hand: they need one character, work without Unicode and without colour, and stand beside their
numbers, so that nobody depends on them.
"""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from voice_coach.rendering.progress_words import (
    day_name,
    next_time,
    progress_words,
    shown_tracks,
    skin_signs,
    span_name,
    spans_name,
    step_name,
    totals,
    track_name,
)
from voice_coach.screen.look import FULL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voice_coach.history.progress import Progress, Span, Track
    from voice_coach.routines.schema import Catalogue
    from voice_coach.screen.look import Look
    from voice_coach.session.before import Before

    _Values = tuple[int | None, ...]

_NARROWEST = 40
_CELL = 3
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_BAR = 40
_EIGHTHS = "▏▎▍▌▋▊▉█"
_NAME_WIDTH = 38


def progress_lines(
    progress: Progress,
    before: Before,
    catalogue: Catalogue,
    *,
    width: int = 80,
    look: Look = FULL,
    plain: bool = False,
) -> list[str]:
    """Give what `voice-coach progress` prints.

    Args:
        progress: what the history adds up to.
        before: what it means for the next session.
        catalogue: has the names of steps.
        width: of the terminal, in characters; under 40 counts as 40.
        look: which characters it can show.
        plain: no bars and no columns.
    """
    words = progress_words()
    if progress.last is None:
        return [words.nothing]
    page = _Page(max(_NARROWEST, width), look, plain=plain)
    page.heading(f"Progress on {day_name(progress.today)}")
    for name, value in totals(progress):
        page.text(f"{name}: {value}.")
    page.text(words.rhythm)
    page.heading("Next time")
    for sentence in next_time(before, catalogue):
        page.item(sentence)
    page.heading("Minutes a week" if len(progress.spans) > 1 else "Minutes this week")
    page.bars(progress.spans)
    _tracks(page, progress, catalogue)
    page.heading("Skin")
    page.text(words.skin if progress.skin else words.no_skin)
    for place in progress.skin:
        page.item(f"{place.place.capitalize()}: {skin_signs(place)}")
        if place.came_back:
            page.text(words.skin_again)
    page.text("")
    page.text(words.honest)
    return page.lines


def _tracks(page: _Page, progress: Progress, catalogue: Catalogue) -> None:
    words = progress_words()
    each = spans_name(progress)
    shown = shown_tracks(progress, catalogue)
    rated = _rows(shown, _ratings, catalogue)
    if rated:
        page.heading(f"How strong it was, zero to ten: the strongest of each {each}")
        page.columns(progress.spans, rated)
        page.text(words.ratings)
    runged = _rows(shown, lambda track: track.rungs, catalogue)
    if runged:
        page.heading(f"Rung at the end of each {each}")
        page.columns(progress.spans, runged)
        page.text(words.rungs)


def _ratings(track: Track) -> tuple[int | None, ...]:
    return tuple(None if rated is None else rated.strongest for rated in track.ratings)


def _rows(
    tracks: Sequence[Track], values: Callable[[Track], _Values], catalogue: Catalogue
) -> list[tuple[str, _Values]]:
    """Give a row for each side of a step, or one for each foot where they are the same."""
    rows: list[tuple[str, _Values]] = []
    for step, group in groupby(tracks, lambda track: track.step):
        sides = [track for track in group if any(value is not None for value in values(track))]
        same = len({values(track) for track in sides}) == 1
        if same and {track.side for track in sides} == {"left", "right"}:
            rows.append((f"{step_name(step, catalogue)}, each foot", values(sides[0])))
        else:
            rows += [(track_name(track, catalogue), values(track)) for track in sides]
    return rows


class _Page:
    """Collects lines."""

    def __init__(self, width: int, look: Look, *, plain: bool) -> None:
        self.lines: list[str] = []
        self._width = width
        self._look = look
        self._plain = plain

    def heading(self, text: str) -> None:
        if self.lines:
            self.lines.append("")
        self._fill(text, "", "")

    def text(self, text: str) -> None:
        self._fill(text, "  ", "  ")

    def item(self, text: str) -> None:
        self._fill(text, "  - ", "    ")

    def bars(self, spans: Sequence[Span]) -> None:
        """Draw minutes a week, a line a span; a span without work has an empty line, and no remark."""
        most = max(span.minutes_a_week for span in spans)
        names = max(len(span_name(span)) for span in spans)
        room = max(4, min(_LONGEST_BAR, self._width - names - 25))
        for span in spans:
            sessions = f"{span.sessions} session{'' if span.sessions == 1 else 's'}"
            if self._plain:
                self.text(f"{span_name(span)}: {span.minutes_a_week:.0f} minutes, {sessions}")
            else:
                line = f"  {span_name(span):{names}} {span.minutes_a_week:>5.0f} "
                bar = self._bar(span.minutes_a_week, most, room)
                self.lines.append(f"{line}{bar:{room}} {sessions}" if span.sessions else line.rstrip()[:-1].rstrip())

    def columns(self, spans: Sequence[Span], rows: Sequence[tuple[str, Sequence[int | None]]]) -> None:
        """Print values, a line a row, a column a span; as many of the latest as there is room for."""
        if self._plain:
            for name, values in rows:
                told = [f"{span_name(span)} {value}" for span, value in _there(spans, values)]
                self.text(f"{name}: {'; '.join(told)}")
            return
        names = min(_NAME_WIDTH, self._width // 2, max(len(name) for name, _ in rows))
        shown = min(len(spans), (self._width - names - 2) // _CELL)
        for line in _dates(spans[-shown:]):
            self.lines.append(f"  {'':{names}}{line}".rstrip())
        for name, values in rows:
            first, *rest = textwrap.wrap(name, names)
            cells = "".join(f"{'.' if value is None else value:>{_CELL}}" for value in values[-shown:])
            self.lines.append(f"  {first:{names}}{cells}")
            self.lines += [f"    {line}" for line in rest]

    def _bar(self, value: float, most: float, room: int) -> str:
        if most <= 0:
            return ""
        if not self._look.blocks:
            return "#" * max(1, round(value / most * room))
        eighths = max(1, round(value / most * room * len(_EIGHTHS)))
        whole, rest = divmod(eighths, len(_EIGHTHS))
        return _EIGHTHS[-1] * whole + (_EIGHTHS[rest - 1] if rest else "")

    def _fill(self, text: str, first: str, rest: str) -> None:
        self.lines += textwrap.wrap(
            text, self._width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
        ) or [""]


def _there(spans: Sequence[Span], values: Sequence[int | None]) -> Iterator[tuple[Span, int]]:
    for span, value in zip(spans, values, strict=True):
        if value is not None:
            yield span, value


def _dates(spans: Sequence[Span]) -> tuple[str, str]:
    """Head columns with months over days; where a column is more than a week, with years over months."""
    weekly = spans[0].weeks == 1
    over = [_MONTHS[span.begins.month - 1] if weekly else f"{span.begins:%Y}" for span in spans]
    under = [span.begins.day if weekly else span.begins.month for span in spans]
    return _changes(over), "".join(f"{number:>{_CELL}}" for number in under)


def _changes(names: Sequence[str]) -> str:
    """Write a name over the column where it begins; one that has a single column has no room before the next."""
    line = ""
    for number, (before, name, after) in enumerate(zip(["", *names], names, [*names[1:], ""], strict=False)):
        if name != before and after in (name, ""):
            line = line.ljust(number * _CELL) + name
    return line
