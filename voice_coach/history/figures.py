"""Reads what progress is made of: sums instead of whole sessions, so that many years are read at once.

Sessions on a moved clock are left out: nobody did them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from voice_coach.history.progress import Spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from voice_coach.history.database import Database
    from voice_coach.history.rows import Row

_sum = msgspec.json.Decoder(tuple[int | None, int, Any, Any]).decode

_WORK = """
SELECT id, began_at, (SELECT sum(doses.worked) FROM doses WHERE session_id = sessions.id AND doses.worked > 0)
FROM sessions WHERE NOT moved_clock ORDER BY id
"""
_SIDES = """
WITH RECURSIVE steps(step) AS (
    SELECT min(step) FROM {table}
    UNION ALL SELECT (SELECT min(step) FROM {table} WHERE step > steps.step) FROM steps WHERE step NOT NULL
), sides(step, side) AS (
    SELECT step, (SELECT min(side) FROM {table} WHERE step = steps.step) FROM steps WHERE step NOT NULL
    UNION ALL SELECT step, (SELECT min(side) FROM {table} WHERE step = sides.step AND side > sides.side)
    FROM sides WHERE side NOT NULL
)
"""
"""Each side of a step: one look into the index for each, where DISTINCT would go through all that were done."""
# the last dose of each side of a step in each stretch
_RUNGS = f"""
{_SIDES.format(table="doses")}
SELECT session_id, step, side, rung FROM doses WHERE id IN (
    SELECT (
        SELECT id FROM doses WHERE step = sides.step AND side = sides.side AND worked > 0
        AND session_id BETWEEN json_extract(stretch.value, '$[0]') AND json_extract(stretch.value, '$[1]')
        AND session_id NOT IN (SELECT id FROM sessions WHERE moved_clock)
        ORDER BY session_id DESC, id DESC LIMIT 1
    ) FROM json_each(?) AS stretch CROSS JOIN sides
)
"""  # noqa: S608 - nothing in it comes from outside
_RATINGS = f"""
{_SIDES.format(table="ratings")}
SELECT step, side, (
    SELECT json_array(max(session_id), count(*), sum(rating), max(rating)) FROM ratings
    WHERE step = sides.step AND side = sides.side
    AND session_id BETWEEN json_extract(stretch.value, '$[0]') AND json_extract(stretch.value, '$[1]')
    AND session_id NOT IN (SELECT id FROM sessions WHERE moved_clock)
) FROM json_each(?) AS stretch CROSS JOIN sides
"""  # noqa: S608 - as above
_SKIN = """
SELECT session_id, kind, side, region FROM notes JOIN sessions ON sessions.id = session_id
WHERE kind IN ('blister', 'callus') AND NOT moved_clock ORDER BY notes.id
"""


class Ratings(msgspec.Struct, frozen=True):
    """How strong one side of a step was said to be.

    Attributes:
        times: how often it was rated; at least once.
        total: of all ratings.
        strongest: of them.
    """

    step: str
    side: str
    times: int
    total: int
    strongest: int


class Figures(msgspec.Struct, frozen=True):
    """What was done, rated and noted.

    Of a span, rungs and ratings may be those of all its sessions, or summed up: it comes to the same.

    Attributes:
        days: session -> the day on which it began, where the person is; in the order of the sessions.
        worked: session -> seconds of all its doses; only sessions with any.
        rungs: session -> step and side -> the rung at its end; not where a later session of the span has one.
        ratings: session -> how it was rated, with the sessions before it in the span.
        skin: session, kind, side and region of each sign of rubbing, of all time, in their order.
    """

    days: Mapping[int, date]
    worked: Mapping[int, float]
    rungs: Mapping[int, Mapping[tuple[str, str], int]] = {}
    ratings: Mapping[int, Sequence[Ratings]] = {}
    skin: tuple[tuple[int, str, str | None, str | None], ...] = ()


def read_figures(database: Database, today: date, weeks: int, zone: tzinfo | None) -> Figures:
    """Read the figures.

    Args:
        database: the history.
        today: where the person is.
        weeks: ratings and rungs are summed up for a view of the last `weeks` weeks, 0 for all; the rest is of all time.
        zone: where the person is; None for the zone of this machine.

    Raises:
        HistoryError: the history cannot be read.
    """
    with database.at_one_moment():
        found = database.read(_WORK)
        under_way = database.read("SELECT session_id, worked FROM under_way WHERE worked > 0")
        days = _days(found, zone)
        worked = {session: seconds for session, _, seconds in found if seconds is not None}
        for session, seconds in under_way:
            if session in days:
                worked[session] = worked.get(session, 0.0) + seconds
        spans = Spans(today, weeks, min((days[session] for session in worked), default=today))
        stretches = (msgspec.json.encode(list(_stretches(days, spans))).decode(),)
        ended_on = database.read(_RUNGS, stretches)
        rated = database.read(_RATINGS, stretches)
        skin = database.read(_SKIN)
    rungs: dict[int, dict[tuple[str, str], int]] = {}
    for session, step, side, rung in ended_on:
        rungs.setdefault(session, {})[step, side] = rung
    ratings: dict[int, list[Ratings]] = {}
    for step, side, text in rated:
        session, times, total, strongest = _sum(text)
        if session is not None:
            ratings.setdefault(session, []).append(Ratings(step, side, times, total, strongest))
    return Figures(days, worked, rungs, ratings, tuple(skin))


def _stretches(days: Mapping[int, date], spans: Spans) -> Iterator[tuple[int, int]]:
    """Give the first and the last of the sessions that follow each other in a span that is shown.

    A span is more than one of them only where the clock was set back.
    """
    begins = ends = 0
    here: int | None = None
    for session, day in days.items():
        number = spans.of(day) if day >= spans.first else None
        if number != here:
            if here is not None:
                yield begins, ends
            begins, here = session, number
        ends = session
    if here is not None:
        yield begins, ends


def _days(found: Iterable[Row], zone: tzinfo | None) -> dict[int, date]:
    moments = ((session, datetime.fromisoformat(began)) for session, began, _ in found)
    if zone is not None:
        return {session: moment.astimezone(zone).date() for session, moment in moments}
    here = date.fromtimestamp  # as this machine has it, in half the time
    return {session: here(moment.timestamp()) for session, moment in moments}
