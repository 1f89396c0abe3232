"""What a look at the progress says, whether in the terminal or on a page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from voice_coach.numbers import in_words
from voice_coach.packaged import read_yaml
from voice_coach.routines.adaptation import NO_LADDER
from voice_coach.session.wording import counted, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from voice_coach.history.progress import Progress, Rows, SkinPlace, Span, Track
    from voice_coach.routines.schema import Catalogue
    from voice_coach.session.before import Before

_MINUTE = 60
_FEW = 5
_TOLD_BY_NUMBERS = frozenset({"lower_today", "worse_today"})
"""Reminders that speak of a session that has begun; what they tell is told in numbers here."""


class NextTimeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_usual: str
    lower: str
    offer: str
    less: str
    enough: str


class ProgressWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences of progress.yaml."""

    nothing: str
    rhythm: str
    sore: str
    ratings: str
    rungs: str
    skin: str
    no_skin: str
    skin_again: str
    honest: str
    page: str
    next_time: NextTimeWords
    families: dict[str, str]


@cache
def progress_words() -> ProgressWords:
    """Load the sentences in the package."""
    return msgspec.convert(read_yaml("voice_coach.rendering", "progress"), ProgressWords)


def next_time(before: Before, catalogue: Catalogue) -> tuple[str, ...]:
    """Tell what earlier sessions mean for the next one; at least one sentence."""
    return tuple(_next_time(before, catalogue)) or (progress_words().next_time.as_usual,)


def totals(progress: Progress) -> tuple[tuple[str, str], ...]:
    """Give what there is at a glance, as names with their values. A row that has ended is not spoken of."""
    values = [
        ("Sessions so far", f"{progress.sessions}, on {_counted(progress.days, 'day')}"),
        ("Work so far", length(progress.seconds)),
        ("Last session", _last(progress)),
        ("Weeks in a row", _row(progress.week_rows, "week")),
        ("Days in a row", _row(progress.day_rows, "day")),
    ]
    return tuple((name, value) for name, value in values if value)


def span_name(span: Span) -> str:
    """Name a week by its Monday; several weeks also by how many they are."""
    return f"{span.begins:%Y-%m-%d}" if span.weeks == 1 else f"{span.begins:%Y-%m-%d}, {span.weeks} weeks"


def spans_name(progress: Progress) -> str:
    """Name one column of what is shown: a week, or so many weeks together."""
    weeks = progress.spans[0].weeks
    return "week" if weeks == 1 else f"{weeks} weeks"


def step_name(step: str, catalogue: Catalogue) -> str:
    """Name a step; one that is there no more, by its id."""
    known = catalogue.steps.get(step)
    return step if known is None else known.name


def track_name(track: Track, catalogue: Catalogue) -> str:
    """Name a step and the foot, where it is one foot."""
    name = step_name(track.step, catalogue)
    return f"{name}, {track.side}" if track.side in ("left", "right") else name


def rungs_of(step: str, catalogue: Catalogue) -> int:
    """Give how many rungs a step has; 0 where it is there no more."""
    known = catalogue.steps.get(step)
    return 0 if known is None else len(known.ladder)


def skin_signs(place: SkinPlace) -> str:
    """Tell the latest signs at a place, the newest first, and how many there were before."""
    latest = [f"{kind} {day_name(day)}" for day, kind in reversed(place.signs[-_FEW:])]
    before = len(place.signs) - len(latest)
    return f"{', '.join(latest)}{f', and {before} before' if before else ''}."


def shown_tracks(progress: Progress, catalogue: Catalogue) -> tuple[Track, ...]:
    """Give the tracks without those of steps on which nothing is a matter of strength: looking, resting, a cramp."""
    families = {id_: step.family for id_, step in catalogue.steps.items()}
    return tuple(track for track in progress.tracks if any(track.ratings) or families.get(track.step) not in NO_LADDER)


def length(seconds: float) -> str:
    """Give a length in minutes, and in hours where there are any."""
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def day_name(day: date) -> str:
    return day.isoformat()


def _next_time(before: Before, catalogue: Catalogue) -> Iterator[str]:
    words = progress_words()
    most = catalogue.limits.day.massages
    if before.massages_today >= most:
        yield words.next_time.enough.format(sessions=in_words(most))
    for reminder in before.reminders:
        if reminder.line not in _TOLD_BY_NUMBERS:
            yield sentence(catalogue.lines[reminder.line].say.format(**reminder.slots))
    if before.dose_factor != 1:
        yield words.next_time.less.format(percent=f"{before.dose_factor:.0%}")
    for family, change in sorted(before.rungs.items()):
        if change < 0:
            yield words.next_time.lower.format(family=_family(family), rungs=counted(-change, "rung"))
    for family in sorted(before.offers):
        yield words.next_time.offer.format(family=_family(family))


def _family(family: str) -> str:
    return progress_words().families.get(family, family.capitalize())


def _last(progress: Progress) -> str:
    if progress.last is None:
        return ""
    ago = (progress.today - progress.last).days
    words = {0: "today", 1: "yesterday"}.get(max(0, ago), f"{ago} days ago")
    return f"{day_name(progress.last)}, {words}"


def _row(rows: Rows, unit: str) -> str:
    """Tell a row that goes on, and the longest one. Where none goes on, only what was reached counts."""
    if rows.now and rows.now == rows.longest:
        return _counted(rows.now, unit)
    longest = f"{_counted(rows.longest, unit)} at most so far"
    return f"{_counted(rows.now, unit)} ({longest})" if rows.now else longest


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
