"""Reads what progress is made of: plain rows instead of whole sessions, so that many years are read at once.

Sessions on a moved clock are left out: nobody did them.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from voice_coach.history.rows import as_moment, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from voice_coach.history.database import Database

_values = msgspec.json.Decoder(list[tuple[str, str, int]]).decode


class Figures(msgspec.Struct, frozen=True):
    """What was done, rated and noted.

    Attributes:
        days: session -> the day on which it began, where the person is; in the order of the sessions.
        worked: session -> seconds of all its doses; only sessions with any.
        rungs: session -> step and side -> the rung at its end.
        ratings: session -> step, side and rating of each answer, in any order.
        skin: session, kind, side and region of each sign of rubbing, of all time, in their order.
    """

    days: Mapping[int, date]
    worked: Mapping[int, float]
    rungs: Mapping[int, Mapping[tuple[str, str], int]] = msgspec.field(default_factory=dict)
    ratings: Mapping[int, Sequence[tuple[str, str, int]]] = msgspec.field(default_factory=dict)
    skin: tuple[tuple[int, str, str | None, str | None], ...] = ()


def read_figures(database: Database, since: datetime, zone: tzinfo | None) -> Figures:
    """Read the figures.

    Args:
        database: the history.
        since: ratings and rungs are those of the first session that began at this moment or later, and of all after
            it; the rest is of all time.
        zone: where the person is; None for the zone of this machine.

    Raises:
        HistoryError: the history cannot be read.
    """
    began = database.read("SELECT id, began_at FROM sessions WHERE NOT moved_clock ORDER BY id")
    asked_for = as_text(since)
    first = min((session for session, text in began if text >= asked_for), default=sys.maxsize)
    before = database.read(
        "SELECT session_id, sum(worked) FROM doses WHERE worked > 0 AND session_id < ? GROUP BY session_id", (first,)
    )
    # a row for each session: one for each of the 36,000 doses of ten years takes more than twice as long
    done = database.read(
        "SELECT session_id, sum(worked), json_group_array(json_array(step, side, rung)) FROM doses "
        "WHERE worked > 0 AND session_id >= ? GROUP BY session_id",
        (first,),
    )
    under_way = database.read("SELECT session_id, worked FROM under_way WHERE worked > 0")
    rated = database.read(
        "SELECT session_id, json_group_array(json_array(step, side, rating)) FROM ratings "
        "WHERE session_id >= ? GROUP BY session_id",
        (first,),
    )
    skin = database.read(
        "SELECT session_id, kind, side, region FROM notes JOIN sessions ON sessions.id = session_id "
        "WHERE kind IN ('blister', 'callus') AND NOT moved_clock ORDER BY notes.id"
    )
    with database.translated():
        days = {session: _day(text, zone) for session, text in began}
        # many sessions end on the same rungs as others, or are rated the same, so each text is read once
        rungs = {text: _rungs(text) for text in {text for _, _, text in done}}
        ratings = {text: _values(text) for text in {text for _, text in rated}}
    sums = dict(before) | {session: seconds for session, seconds, _ in done}
    worked = {session: sums[session] for session in days if session in sums}
    for session, seconds in under_way:
        if session in days:
            worked[session] = worked.get(session, 0.0) + seconds
    return Figures(
        days=days,
        worked=worked,
        rungs={session: rungs[text] for session, _, text in done if session in days},
        ratings={session: ratings[text] for session, text in rated if session in days},
        skin=tuple(skin),
    )


def _rungs(text: str) -> dict[tuple[str, str], int]:
    return {(step, side): rung for step, side, rung in _values(text)}


def _day(text: str, zone: tzinfo | None) -> date:
    moment = as_moment(text)
    if zone is not None:
        return moment.astimezone(zone).date()
    return date.fromtimestamp(moment.timestamp())  # noqa: DTZ012 - as this machine has it, in half the time
