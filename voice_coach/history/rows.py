"""Makes plain data of the rows of the history. Times of day are ISO 8601 in the file.

All of these raise `ValueError` where a row does not hold what it should.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from voice_coach.history.alive import ALIVE_EVERY
from voice_coach.history.records import NextDay, PastDose, PastNote, PastRating, PastRecord, PastSession, Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voice_coach.session.journal import Entry

Row = tuple[Any, ...]
HAD = f"iif(running, min(max(under_way.worked, planned), under_way.worked + {ALIVE_EVERY}), under_way.worked)"
"""Seconds that the side under way has had at most, in SQL: its clock may have run on after the last sign of life."""


def as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def as_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def as_array(numbers: Iterable[int]) -> str:
    """Give numbers as SQLite's `json_each` takes them."""
    return f"[{','.join(map(str, numbers))}]"


def as_object(values: Mapping[str, Any]) -> str:
    """Give named values as a JSON object."""
    return msgspec.json.encode(dict(values)).decode()


def dose(row: Row) -> PastDose:
    step, side, ended_at, planned, worked, rung, done, began_rung, running = row
    return PastDose(step, side, as_moment(ended_at), planned, worked, rung, bool(done), began_rung, bool(running))


def rating(row: Row) -> PastRating:
    step, family, side, rung, rated, asked, at = row
    return PastRating(step, family, side, rung, rated, asked, as_moment(at))


def note(row: Row) -> PastNote:
    kind, step, side, family, region, locked, at = row
    return PastNote(kind, step, side, family, region, bool(locked), as_moment(at))


def next_day(row: Row) -> NextDay:
    return NextDay(*row)


def listed(found: Iterable[Row]) -> list[PastSession]:
    """Make the sessions of a list; their steps and notes are texts with commas, and None where there are none."""
    lists: dict[str | None, tuple[str, ...]] = {None: ()}  # many sessions have the same steps: each list is made once
    sessions = []
    for id_, routine, began_at, ended_at, reason, seconds, worked, steps, notes, moved_clock in found:
        for text in (steps, notes):
            if text not in lists:
                lists[text] = tuple(dict.fromkeys(text.split(",")))
        began, ended = as_moment(began_at), _maybe(ended_at)
        done = (lists[steps], lists[notes])
        sessions.append(PastSession(id_, routine, began, ended, reason, seconds, worked, *done, bool(moved_clock)))
    return sessions


def record(
    row: Row,
    doses: Iterable[PastDose],
    ratings: Iterable[PastRating],
    notes: Iterable[PastNote],
    answers: Sequence[NextDay],
) -> PastRecord:
    """Make a session with everything in it; of several answers, the last one counts."""
    id_, routine, began_at, ended_at, seen_at, reason, seconds, moved_clock, rungs, dose_factor = row
    return PastRecord(
        id=id_,
        routine=routine,
        began_at=as_moment(began_at),
        ended_at=_maybe(ended_at),
        seen_at=_maybe(seen_at),
        reason=reason,
        seconds=seconds,
        moved_clock=bool(moved_clock),
        doses=tuple(doses),
        ratings=tuple(ratings),
        notes=tuple(notes),
        answered=answers[-1] if answers else None,
        rungs=msgspec.json.decode(rungs),
        dose_factor=dose_factor,
    )


def entry(row: Row) -> Entry:
    from voice_coach.session.journal import from_text  # noqa: PLC0415 - the whole session is behind it

    return from_text(*row)


def unfinished(row: Row, journal: Iterable[Entry]) -> Unfinished:
    from voice_coach.session.snapshot import from_text  # noqa: PLC0415 - the whole session is behind it

    id_, routine, began_at, seen_at, version, wishes, step, side, worked, running, snapshot, at, beginning = row
    return Unfinished(
        id=id_,
        routine=routine,
        began_at=as_moment(began_at),
        seen_at=as_moment(seen_at),
        version=version,
        wishes=msgspec.json.decode(wishes),
        step=step,
        side=side,
        worked=worked,
        running=bool(running),
        snapshot=from_text(snapshot),
        at=at,
        beginning=beginning,
        journal=tuple(journal),
    )


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else as_moment(text)
