"""The time of day where the user is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo


class _Here(tzinfo):
    """The time zone of this machine, with the offset that each moment has in it.

    `datetime.astimezone()` gives a fixed offset instead, the one of that moment: on the day on which the clocks
    change, what was done just after midnight would be of the day before.
    """

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, _moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


HERE = _Here()


def now_here() -> datetime:
    """Give the time of day; its time zone knows the date of every other moment, too."""
    return datetime.now(HERE)


def date_here() -> date:
    """Give today's date."""
    return now_here().date()
