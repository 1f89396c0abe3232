"""What the history adds up to: pure summaries, by day and by week. A week begins on Monday.

Nothing here counts what was not done. A pause ends a row of days or weeks, and takes nothing from the longest one; a
row goes on as long as today, or this week, may still join it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from voice_coach.routines.reminders import SKIN_FOR, spoken_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voice_coach.history.figures import Figures, Ratings

USUAL_WEEKS = 12
"""So many weeks are shown unless the user asks for more."""
MOST_SPANS = 26
"""What is shown has so many columns at most; longer times are put together."""
_SPAN_WEEKS = (1, 4, 13, 26, 52)
_WEEK = timedelta(weeks=1)


class Rows(msgspec.Struct, frozen=True):
    """How many days, or weeks, followed each other with work in all of them.

    Attributes:
        now: the row that goes on; 0 where none does.
        longest: the longest there ever was.
    """

    now: int
    longest: int


class Span(msgspec.Struct, frozen=True):
    """A week, or several, with what was done in them.

    Attributes:
        begins: a Monday.
        weeks: how many, the one that goes on included.
        sessions: with work.
        seconds: of all doses.
    """

    begins: date
    weeks: int
    sessions: int
    seconds: float

    @property
    def minutes_a_week(self) -> float:
        return self.seconds / 60 / self.weeks


class Rated(msgspec.Struct, frozen=True):
    """How strong one side of a step was said to be in a span."""

    times: int
    mean: float
    strongest: int


class Track(msgspec.Struct, frozen=True):
    """One side of a step over time: a value for each span, None where there is none.

    Attributes:
        rungs: where the last work of the span ended.
    """

    step: str
    side: str
    ratings: tuple[Rated | None, ...]
    rungs: tuple[int | None, ...]


class SkinPlace(msgspec.Struct, frozen=True):
    """Signs of rubbing at one place of the body.

    Attributes:
        signs: day and kind of each, in their order.
        came_back: the last one came within 90 days of the one before.
    """

    place: str
    signs: tuple[tuple[date, str], ...]
    came_back: bool


class Progress(msgspec.Struct, frozen=True):
    """Everything that a view of progress shows.

    Attributes:
        sessions: with work, of all time.
        days: with work, of all time.
        seconds: of all doses, of all time.
        last: the last day with work.
        spans: the time that is shown, in its order, the present one last.
        tracks: in the order in which the steps were done last, the latest first.
        skin: places that came back first, then the latest.
    """

    today: date
    sessions: int
    days: int
    seconds: float
    last: date | None
    day_rows: Rows
    week_rows: Rows
    spans: tuple[Span, ...]
    tracks: tuple[Track, ...]
    skin: tuple[SkinPlace, ...]


def first_day(today: date, weeks: int) -> date:
    """Give the Monday with which the last `weeks` weeks begin; the one that goes on is one of them."""
    return _monday(today) - (weeks - 1) * _WEEK


def weeks_since(first: date, today: date) -> int:
    """Give how many weeks there are from the one with the day `first` to the present one."""
    return max(1, (_monday(today) - _monday(first)) // _WEEK + 1)


def progress_of(figures: Figures, today: date, weeks: int = USUAL_WEEKS) -> Progress:
    """Sum up the history.

    Args:
        figures: read for a view of the last `weeks` weeks.
        today: where the person is.
        weeks: how many to show at most; 0 for all. None lie before the first work there was.
    """
    worked_on = sorted({figures.days[session].toordinal() for session in figures.worked})
    spans = Spans(today, weeks, date.fromordinal(worked_on[0]) if worked_on else today)
    numbers = {session: spans.of(day) for session, day in figures.days.items() if day >= spans.first}
    return Progress(
        today=today,
        sessions=len(figures.worked),
        days=len(worked_on),
        seconds=sum(figures.worked.values()),
        last=date.fromordinal(worked_on[-1]) if worked_on else None,
        day_rows=_rows(worked_on, today.toordinal()),
        week_rows=_rows(sorted({_week(day) for day in worked_on}), _week(today.toordinal())),
        spans=_work(figures, spans, numbers),
        tracks=_tracks(figures, spans, numbers),
        skin=_skin(figures),
    )


class Spans:
    """Divides the time that is shown.

    Args:
        today: where the person is.
        weeks: how many to show at most; 0 for all.
        earliest: the day of the first work there was; no week lies before it.
    """

    def __init__(self, today: date, weeks: int, earliest: date) -> None:
        most = weeks_since(earliest, today)
        self.weeks = min(weeks or most, most)
        self.each = next((each for each in _SPAN_WEEKS if self.weeks <= each * MOST_SPANS), _SPAN_WEEKS[-1])
        self.count = -(-self.weeks // self.each)
        self.first = first_day(today, self.weeks)
        self._begins = self.first.toordinal()

    def of(self, day: date) -> int:
        """Give the number of the span with this day, which is not before the first. What lies ahead counts as now."""
        number = (day.toordinal() - self._begins) // (7 * self.each)
        return number if number < self.count else self.count - 1

    def begins(self, number: int) -> date:
        return self.first + number * self.each * _WEEK

    def length(self, number: int) -> int:
        """Give the weeks of a span; the last one may have fewer than the others."""
        return min(self.each, self.weeks - number * self.each)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(ordinal: int) -> int:
    """Number the week of a day; day 1, with which the calendar begins, is a Monday."""
    return (ordinal - 1) // 7


def _rows(numbers: Sequence[int], now: int) -> Rows:
    """Find days, or weeks, that follow each other; those ahead of `now`, from a clock set back, count as well."""
    longest = length = 0
    last = None
    for number in numbers:
        length = length + 1 if number - 1 == last else 1
        longest = max(longest, length)
        last = number
    goes_on = last is not None and now - last <= 1
    return Rows(length if goes_on else 0, longest)


def _work(figures: Figures, spans: Spans, numbers: Mapping[int, int]) -> tuple[Span, ...]:
    """Sum up the work of the sessions that lie in a span, by its number."""
    sessions = [0] * spans.count
    seconds = [0.0] * spans.count
    for session, worked in figures.worked.items():
        number = numbers.get(session)
        if number is not None:
            sessions[number] += 1
            seconds[number] += worked
    return tuple(
        Span(spans.begins(number), spans.length(number), sessions[number], seconds[number])
        for number in range(spans.count)
    )


def _tracks(figures: Figures, spans: Spans, numbers: Mapping[int, int]) -> tuple[Track, ...]:
    ratings: dict[tuple[str, str], dict[int, list[Ratings]]] = defaultdict(lambda: defaultdict(list))
    rungs: list[dict[tuple[str, str], int]] = [{} for _ in range(spans.count)]
    newest: dict[tuple[str, str], int] = {}
    for session in sorted(numbers.keys() & (figures.rungs.keys() | figures.ratings.keys())):
        number = numbers[session]
        ended_on = figures.rungs.get(session, {})
        rungs[number].update(ended_on)
        newest.update(dict.fromkeys(ended_on, session))
        for rated in figures.ratings.get(session, ()):
            ratings[rated.step, rated.side][number].append(rated)
            newest[rated.step, rated.side] = session
    of_step: dict[str, int] = {}
    for (step, _), session in newest.items():
        of_step[step] = max(session, of_step.get(step, session))
    return tuple(
        Track(
            step,
            side,
            tuple(_rated(ratings[step, side].get(number)) for number in range(spans.count)),
            tuple(ended_on.get((step, side)) for ended_on in rungs),
        )
        for step, side in sorted(newest, key=lambda track: (-of_step[track[0]], track))
    )


def _rated(ratings: Sequence[Ratings] | None) -> Rated | None:
    if ratings is None:
        return None
    times = sum(rated.times for rated in ratings)
    mean = sum(rated.total for rated in ratings) / times
    return Rated(times, mean, max(rated.strongest for rated in ratings))


def _skin(figures: Figures) -> tuple[SkinPlace, ...]:
    signs: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for session, kind, side, region in figures.skin:
        signs[spoken_place(side, region)].append((figures.days[session], kind))
    places = [_skin_place(place, found) for place, found in signs.items()]
    return tuple(sorted(places, key=lambda skin: (skin.came_back, skin.signs[-1][0]), reverse=True))


def _skin_place(place: str, found: Iterable[tuple[date, str]]) -> SkinPlace:
    signs = sorted(dict.fromkeys(found))
    days = sorted({day for day, _ in signs})
    came_back = len(days) > 1 and days[-1] - days[-2] <= SKIN_FOR
    return SkinPlace(place, tuple(signs), came_back)
