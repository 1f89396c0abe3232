"""When the feet are due: the rhythm of the article, and the times that a person has chosen for it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from voice_coach.errors import ReminderError
from voice_coach.packaged import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")


class Rhythm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the rhythm.

    Attributes:
        routine: id of the routine to start.
        title: a few words for a calendar or a notification.
        text: a sentence or two.
        source: fact of the article.
    """

    routine: str
    title: str
    text: str
    source: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A time on some days of the week, by the clock on the wall.

    Attributes:
        days: 0 is Monday.
    """

    days: frozenset[int]
    at: dt.time

    def __str__(self) -> str:
        """Give it as it is written on the command line: `tue,thu 07:30`, or `07:30` for every day."""
        days = "" if self.days == EVERY_DAY else ",".join(DAYS[day] for day in sorted(self.days)) + " "
        return f"{days}{self.at:%H:%M}"

    def first_from(self, day: dt.date) -> dt.date:
        """Give the first of its days that is not before `day`."""
        return next(
            later for later in (day + dt.timedelta(ahead) for ahead in range(7)) if later.weekday() in self.days
        )


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to be reminded of, and when."""

    rhythm: Rhythm
    times: tuple[When, ...]

    @property
    def summary(self) -> str:
        """What and when, in a line."""
        return f"{self.rhythm.title} ({'; '.join(str(when) for when in self.times)})"


@cache
def load_rhythms() -> dict[str, Rhythm]:
    """Load the rhythm in the package, by id."""
    data = msgspec.convert(read_yaml("voice_coach.reminders", "rhythm"), dict[str, Rhythm])
    return {id_: msgspec.structs.replace(rhythm, id=id_) for id_, rhythm in data.items()}


def find_rhythm(name: str) -> Rhythm:
    """Give the part of the rhythm with the id `name`.

    Raises:
        ReminderError: there is none.
    """
    rhythms = load_rhythms()
    rhythm = rhythms.get(name.replace("-", "_"))
    if rhythm is None:
        raise ReminderError(
            f"There is no reminder called {name!r}; there are {', '.join(rhythms)}.",
            "Nothing was done.",
            "voice-coach remind list",
        )
    return rhythm


def reminders_of(chosen: dict[str, Sequence[str]]) -> list[Reminder]:
    """Give the reminders that a person has chosen.

    Args:
        chosen: id of a part of the rhythm -> times as they were written.

    Raises:
        ReminderError: a time cannot be understood, or none is given.
    """
    reminders = [
        Reminder(find_rhythm(name), tuple(dict.fromkeys(read_when(text) for text in texts)))
        for name, texts in chosen.items()
        if texts
    ]
    if not reminders:
        raise ReminderError(
            "No time was given.",
            "There is nothing to remind you of.",
            'voice-coach remind calendar feet.ics --waking 06:45 --after-run "tue,thu,sun 18:30"',
        )
    return reminders


def read_when(text: str) -> When:
    """Read `07:30`, `tue,thu 07:30` or `mon-fri 06:45`.

    Raises:
        ReminderError: it is no such time.
    """
    *days, clock = text.lower().split() or [""]
    match = _TIME.fullmatch(clock)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:  # noqa: PLR2004 - hours and minutes of a day
        raise _not_understood(text)
    parts = [part for part in ",".join(days).split(",") if part]
    numbers = frozenset(day for part in parts for day in _days(part, text)) if parts else EVERY_DAY
    return When(numbers, dt.time(int(match[1]), int(match[2])))


def _days(part: str, text: str) -> list[int]:
    if part in ("daily", "every", "day"):
        return sorted(EVERY_DAY)
    begin, _, end = part.partition("-")
    names = [name[:3] for name in (begin, end or begin)]
    if any(name not in DAYS for name in names):
        raise _not_understood(text)
    first, last = (DAYS.index(name) for name in names)
    return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]


def _not_understood(text: str) -> ReminderError:
    return ReminderError(
        f"{text!r} is no time: it should be as in '07:30', 'tue,thu 18:00' or 'mon-fri 06:45'.",
        "Nothing was written.",
        "voice-coach remind calendar feet.ics --waking 06:45",
    )
