"""The calendar file, read back by another library and by its own rules."""

from __future__ import annotations

import datetime as dt

import icalendar
import pytest

from voice_coach.errors import ReminderError
from voice_coach.reminders.calendar import calendar_of
from voice_coach.reminders.rhythm import Reminder, Rhythm, reminders_of

ZONE = dt.timezone(dt.timedelta(hours=2))
NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=ZONE)
"""A Monday, at noon."""
SECONDS = {"morning_in_bed": 520.0, "sore_foot_daily": 766.0, "pre_run": 386.0, "post_run_lower_leg": 650.0, "x": 1.0}


def events(text: str) -> list[icalendar.Event]:
    return [event for event in icalendar.Calendar.from_ical(text).walk("VEVENT") if isinstance(event, icalendar.Event)]


def written(until: dt.date | None = None, **chosen: list[str]) -> str:
    return calendar_of(reminders_of(dict(chosen.items())), SECONDS, NOW, until)


def test_a_daily_reminder_begins_at_its_next_time_and_repeats_every_day() -> None:
    (event,) = events(written(waking=["06:45"]))
    assert event.decoded("DTSTART") == dt.datetime(2026, 3, 3, 6, 45)  # noqa: DTZ001 - the clock on the wall
    assert event["RRULE"].to_ical() == b"FREQ=DAILY"
    assert event.decoded("DURATION") == dt.timedelta(minutes=9)
    assert event.decoded("DTSTAMP") == dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
    assert str(event["SUMMARY"]) == "Feet, before you get up"
    assert "voice-coach start morning_in_bed" in str(event["DESCRIPTION"])


@pytest.mark.parametrize(("when", "day"), [("mon 18:00", 2), ("mon 9:00", 9), ("tue,thu 9:00", 3), ("sun 9:00", 8)])
def test_a_weekly_reminder_begins_on_one_of_its_days_that_is_still_to_come(when: str, day: int) -> None:
    (event,) = events(written(before_run=[when]))
    assert event.decoded("DTSTART").date() == dt.date(2026, 3, day)
    assert b"FREQ=WEEKLY" in event["RRULE"].to_ical()


def test_days_and_the_last_day_are_in_the_rule() -> None:
    (event,) = events(written(until=dt.date(2026, 4, 30), after_run=["tue,thu,sun 18:30"]))
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20260430T235959;BYDAY=TU,TH,SU"


def test_each_time_is_an_event_of_its_own_with_an_alarm() -> None:
    text = written(waking=["06:45"], before_run=["sat 9:00", "sun 9:30"])
    assert len(events(text)) == 3
    assert all(len(event.walk("VALARM")) == 1 for event in events(text))


def test_the_same_reminder_is_the_same_event_when_it_is_written_again() -> None:
    first, again = (events(written(waking=["06:45"], daily=[time])) for time in ("20:00", "21:00"))
    assert str(first[0]["UID"]) == str(again[0]["UID"])
    assert str(first[1]["UID"]) != str(again[1]["UID"])
    assert len({str(event["UID"]) for event in first}) == 2


def test_lines_end_as_the_standard_says_and_are_no_longer_than_it_allows() -> None:
    rhythm = Rhythm("x", "Füße; \\ Füße, " * 12, "Zeile eins\nZeile zwei " + "足" * 60, "SEED 1", "x")
    when = reminders_of({"daily": ["7:00"]})[0].times
    text = calendar_of([Reminder(rhythm, when)], SECONDS, NOW)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (event,) = events(text)
    assert str(event["SUMMARY"]) == rhythm.title
    assert str(event["DESCRIPTION"]).startswith(rhythm.text)


@pytest.mark.parametrize("until", [dt.date(2026, 3, 1), dt.date(2026, 3, 2)])
def test_a_last_day_before_the_first_reminder_is_told(until: dt.date) -> None:
    with pytest.raises(ReminderError, match="06:45"):
        written(until=until, waking=["06:45"])
