"""Reminders as a calendar file, as RFC 5545 has it.

Times are local times without a zone ("floating"): seven in the morning is seven wherever the phone is, in summer and
in winter.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import TYPE_CHECKING

from voice_coach.errors import ReminderError
from voice_coach.reminders.rhythm import EVERY_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voice_coach.reminders.rhythm import Reminder, When

_LONGEST_LINE = 75
"""Octets of a line; a longer one goes on in the next, after a space."""
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "voice-coach")
_MINUTE = 60


def calendar_of(
    reminders: Sequence[Reminder], seconds: Mapping[str, float], now: dt.datetime, until: dt.date | None = None
) -> str:
    """Give a calendar with a repeating event, and an alarm, for each time of each reminder.

    The same reminder at the same time is the same event: read in again, it is no second one.

    Args:
        reminders: what and when.
        seconds: id of a routine -> how long it takes.
        now: the time now, with its zone.
        until: the last day; None goes on for ever.

    Raises:
        ReminderError: a reminder would begin after the last day.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//voice-coach//voice-coach//EN", "CALSCALE:GREGORIAN"]
    for reminder in reminders:
        for when in reminder.times:
            lines += _event(reminder, when, seconds[reminder.rhythm.routine], now, until)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(reminder: Reminder, when: When, seconds: float, now: dt.datetime, until: dt.date | None) -> list[str]:
    rhythm = reminder.rhythm
    earliest = now.date() if now.time() < when.at else now.date() + dt.timedelta(days=1)
    begin = dt.datetime.combine(when.first_from(earliest), when.at)
    if until is not None and begin.date() > until:
        raise ReminderError(
            f"The last day, {until}, comes before the first reminder at {when}, on {begin:%Y-%m-%d}.",
            "Nothing was written.",
            "a later day after --until",
        )
    text = f"{rhythm.text}\nvoice-coach start {rhythm.routine}"
    return [
        "BEGIN:VEVENT",
        f"UID:{uuid.uuid5(_NAMESPACE, f'{rhythm.id} {when}')}",
        f"DTSTAMP:{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{begin:%Y%m%dT%H%M%S}",
        f"DURATION:PT{math.ceil(seconds / _MINUTE)}M",
        f"RRULE:{_rule(when, until)}",
        f"SUMMARY:{_escaped(rhythm.title)}",
        f"DESCRIPTION:{_escaped(text)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:PT0S",
        f"DESCRIPTION:{_escaped(rhythm.title)}",
        "END:VALARM",
        "END:VEVENT",
    ]


def _rule(when: When, until: dt.date | None) -> str:
    rule = "FREQ=DAILY"
    if when.days != EVERY_DAY:
        rule = f"FREQ=WEEKLY;BYDAY={','.join(_DAYS[day] for day in sorted(when.days))}"
    return rule if until is None else f"{rule};UNTIL={until:%Y%m%d}T235959"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line that is too long, never inside a character."""
    parts, part = [], ""
    for character in line:
        if len(f"{part}{character}".encode()) > _LONGEST_LINE:
            parts.append(part)
            part = " "
        part += character
    return "\r\n".join([*parts, part])
