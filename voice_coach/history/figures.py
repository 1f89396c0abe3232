"""Reads what progress is made of: plain rows instead of whole sessions, so that many years are read at once.

Sessions on a moved clock are left out: nobody did them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice_coach.history.rows import as_moment, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from voice_coach.history.database import Database


@dataclass(frozen=True, slots=True)
class Figures:
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
    worked = database.read(
        "SELECT session_id, sum(worked) FROM (SELECT session_id, worked FROM doses WHERE worked > 0 "
        "UNION ALL SELECT session_id, worked FROM under_way WHERE worked > 0) GROUP BY session_id"
    )
    ratings = database.read(
        "SELECT session_id, step, side, rating FROM sessions JOIN ratings ON session_id = sessions.id "
        "WHERE began_at >= ? AND NOT moved_clock ORDER BY ratings.id",
        (as_text(since),),
    )
    rungs = database.read(
        "SELECT session_id, step, side, rung FROM sessions JOIN doses ON session_id = sessions.id "
        "WHERE began_at >= ? AND NOT moved_clock AND doses.worked > 0 ORDER BY doses.id",
        (as_text(since),),
    )
    skin = database.read(
        "SELECT session_id, kind, side, region FROM notes JOIN sessions ON sessions.id = session_id "
        "WHERE kind IN ('blister', 'callus') AND NOT moved_clock ORDER BY notes.id"
    )
    with database.translated():
        days = {session: as_moment(text).astimezone(zone).date() for session, text in began}
    return Figures(
        days=days,
        worked={session: seconds for session, seconds in worked if session in days},
        ratings=tuple(ratings),
        rungs=tuple(rungs),
        skin=tuple(skin),
    )
