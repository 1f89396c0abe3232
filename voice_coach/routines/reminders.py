"""What the coach reminds of at the beginning of a session, because of earlier ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from voice_coach.session.before import Reminder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from voice_coach.history.records import PastNote, PastRecord

LAST_TIME_FOR = timedelta(days=28)
"""How long "last time" is worth a reminder."""
SKIN_FOR = timedelta(days=90)
"""A sign on the skin that was there before within so long comes back."""
STRONG_FOR = timedelta(days=28)
"""Strong ratings repeat when they come within so long."""
STRONG_FROM = 8
SKIN = frozenset({"blister", "callus"})
"""Kinds of notes that tell of rubbing."""
_LAST_TIME = {
    "pain": "last_time_hurt",
    "sharp": "last_time_hurt",
    "injury": "last_time_hurt",
    "numb": "last_time_numb",
    "blister": "last_time_skin",
    "infection": "last_time_skin",
    "bruise": "last_time_bruise",
    "bone": "last_time_bone",
}
"""Kind of note -> line that reminds of it."""
_AS_SPOKEN = {"none": "foot", "skin": "foot", "foot muscles": "foot", None: "foot"}
"""Regions that no one would name like that."""
_MOST = 2
"""So many reminders of the last session at most: more would not be listened to."""


def reminders(sessions: Sequence[PastRecord], now: datetime, *, lower: bool, worse: bool) -> Iterator[Reminder]:
    """Give the reminders, the most important first.

    Args:
        sessions: in which something happened, in their order; at least one.
        now: the time of day.
        lower: something begins lower than last time, because of what was told then.
        worse: everything is lower and shorter, because the feet were worse and no work has followed yet.
    """
    last = sessions[-1]
    if now - last.began_at <= LAST_TIME_FOR:
        yield from _of_last_time(last)
    if _was_strong(last) and sum(_was_strong(one) for one in sessions if now - one.began_at <= STRONG_FOR) > 1:
        yield Reminder("strong_again")
    for place in _skin_that_came_back(sessions, now):
        yield Reminder("skin_again", {"place": place})
    if worse:
        yield Reminder("worse_today")
    elif lower:
        yield Reminder("lower_today")


def _of_last_time(last: PastRecord) -> list[Reminder]:
    """Give what hurt last time, each place once."""
    ended_by_pain = last.reason == "body"
    found: dict[tuple[str, str], Reminder] = {}
    for note in last.notes:
        line = _LAST_TIME.get(note.kind)
        if line is not None and (note.locked or ended_by_pain):
            place = spoken_place(note.side, note.region)
            found[line, place] = Reminder(line, {"place": place})
    return list(found.values())[:_MOST]


def _was_strong(record: PastRecord) -> bool:
    return any(rating.rating >= STRONG_FROM for rating in record.ratings)


def _skin_that_came_back(sessions: Sequence[PastRecord], now: datetime) -> list[str]:
    """Give the places that were blistered or callused in the last session, and in one before."""
    recent = [record for record in sessions[:-1] if now - record.began_at <= SKIN_FOR]
    earlier = {spoken_place(note.side, note.region) for record in recent for note in _signs(record)}
    latest = dict.fromkeys(spoken_place(note.side, note.region) for note in _signs(sessions[-1]))
    return [place for place in latest if place in earlier]


def _signs(record: PastRecord) -> Iterator[PastNote]:
    return (note for note in record.notes if note.kind in SKIN)


def spoken_place(side: str | None, region: str | None) -> str:
    """Name a place of the body as one would say it: `left sole`, or `sole` where nobody knows which."""
    spoken = _AS_SPOKEN.get(region, region or "foot")
    return f"{side} {spoken}" if side in ("left", "right") else spoken
