"""The rhythm of the article, and the times that people write."""

from __future__ import annotations

import datetime as dt

import pytest

from voice_coach.errors import ReminderError
from voice_coach.reminders.rhythm import DAYS, When, find_rhythm, load_rhythms, read_when, reminders_of
from voice_coach.routines.catalogue import load_catalogue


def test_every_part_of_the_rhythm_starts_a_routine_that_there_is() -> None:
    routines = {id_: rhythm.routine for id_, rhythm in load_rhythms().items()}
    assert routines == {
        "waking": "morning_in_bed",
        "daily": "sore_foot_daily",
        "before_run": "pre_run",
        "after_run": "post_run_lower_leg",
    }
    assert set(routines.values()) <= load_catalogue().routines.keys()
    assert all(rhythm.source.startswith("SEED") for rhythm in load_rhythms().values())


@pytest.mark.parametrize(
    ("text", "days", "time"),
    [
        ("07:30", DAYS, "07:30"),
        ("6.45", DAYS, "06:45"),
        ("daily 0:00", DAYS, "00:00"),
        ("tue,thu 18:30", ("tue", "thu"), "18:30"),
        ("Tuesday, Thursday 18:30", ("tue", "thu"), "18:30"),
        ("mon-fri 23:59", DAYS[:5], "23:59"),
        ("sat-mon 9:00", ("sat", "sun", "mon"), "09:00"),
        ("sun,sun 9:00", ("sun",), "09:00"),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, days: tuple[str, ...], time: str) -> None:
    when = read_when(text)
    assert when.days == {DAYS.index(day) for day in days}
    assert f"{when.at:%H:%M}" == time
    assert read_when(str(when)) == when


@pytest.mark.parametrize(
    "text", ["", "soon", "24:00", "7:60", "7", "-1:00", "moonday 7:00", "mon-xyz 7:00", "7:00 mon"]
)
def test_what_is_no_time_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ReminderError, match="should be as in") as caught:
        read_when(text)
    assert repr(text) in caught.value.what


def test_the_first_day_is_today_or_one_of_the_six_after_it() -> None:
    monday = dt.date(2026, 3, 2)
    assert When(frozenset({0}), dt.time(7)).first_from(monday) == monday
    assert When(frozenset({6}), dt.time(7)).first_from(monday) == dt.date(2026, 3, 8)


def test_only_what_was_chosen_reminds_and_the_same_time_once() -> None:
    reminders = reminders_of({"waking": ["06:45", "6:45"], "daily": [], "before_run": ["sat 9:00", "sun 9:30"]})
    assert [reminder.summary for reminder in reminders] == [
        "Feet, before you get up (06:45)",
        "Feet, before the run (sat 09:00; sun 09:30)",
    ]


def test_nothing_chosen_and_nothing_known_are_told() -> None:
    with pytest.raises(ReminderError, match="No time was given"):
        reminders_of({"waking": []})
    with pytest.raises(ReminderError, match="there are waking, daily, before_run, after_run"):
        find_rhythm("lunch")
    assert find_rhythm("before-run").id == "before_run"
