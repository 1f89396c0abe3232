"""Reads what progress is made of: plain rows instead of whole sessions, so that many years are read at once.

Sessions on a moved clock are left out: nobody did them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from voice_coach.history.rows import as_moment, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from voice_coach.history.database import Database


class Figures(msgspec.Struct, frozen=True):
    """What was done, rated and noted.

    Attributes:
        days: session -> the day on which it began, where the person is; in the order of the sessions.
        worked: session -> seconds of all its doses; only sessions with any.
        ratings: session, step, side and rating, since the moment asked for, in their order.
        rungs: session, step, side and the rung at the end of that side, since then, in their order.
        skin: session, kind, side and region of each sign of rubbing, of all time, in their order.
    """

    days: Mapping[int, date]
    worked: Mapping[int, float]
    ratings: tuple[tuple[int, str, str, int], ...] = ()
    rungs: tuple[tuple[int, str, str, int], ...] = ()
    skin: tuple[tuple[int, str, str | None, str | None], ...] = ()


def read_figures(database: Database, since: datetime, zone: tzinfo | None) -> Figures:
    """Read the figures.

    Args:
        database: the history.
        since: ratings and rungs of sessions that began at this moment or later; the rest is of all time.
        zone: where the person is; None for the zone of this machine.

    Raises:
        HistoryError: the history cannot be read.
    """
    began = database.read("SELECT id, began_at FROM sessions WHERE NOT moved_clock ORDER BY id")
    done = database.read("SELECT session_id, sum(worked) FROM doses WHERE worked > 0 GROUP BY session_id")
    under_way = database.read("SELECT session_id, worked FROM under_way WHERE worked > 0")
    # left to itself, SQLite goes through all doses there ever were; CROSS JOIN begins with the few sessions
    ratings = database.read(
        "SELECT session_id, step, side, rating FROM sessions CROSS JOIN ratings ON session_id = sessions.id "
        "WHERE began_at >= ? AND NOT moved_clock ORDER BY ratings.id",
        (as_text(since),),
    )
    rungs = database.read(
        "SELECT session_id, step, side, rung FROM sessions CROSS JOIN doses ON session_id = sessions.id "
        "WHERE began_at >= ? AND NOT moved_clock AND doses.worked > 0 ORDER BY doses.id",
        (as_text(since),),
    )
    skin = database.read(
        "SELECT session_id, kind, side, region FROM notes JOIN sessions ON sessions.id = session_id "
        "WHERE kind IN ('blister', 'callus') AND NOT moved_clock ORDER BY notes.id"
    )
    with database.translated():
        days = {session: _day(text, zone) for session, text in began}
    worked = {session: seconds for session, seconds in done if session in days}
    for session, seconds in under_way:
        if session in days:
            worked[session] = worked.get(session, 0.0) + seconds
    return Figures(
        days=days,
        worked=worked,
        ratings=tuple(ratings),
        rungs=tuple(rungs),
        skin=tuple(skin),
    )


def _day(text: str, zone: tzinfo | None) -> date:
    moment = as_moment(text)
    if zone is not None:
        return moment.astimezone(zone).date()
    return date.fromtimestamp(moment.timestamp())  # noqa: DTZ012 - as this machine has it, in half the time
