"""Sessions from elsewhere, added to the history: all that are not known yet, or none, in one transaction.

Sessions are numbered in the order in which they were done, and the rules for the next session go by that order. So
sessions that are older than what is there are put in between, and later ones get higher numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from voice_coach.errors import BusyHistoryError
from voice_coach.history.file_mistakes import NOTHING_DONE
from voice_coach.history.rows import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    import msgspec

    from voice_coach.history.database import Database
    from voice_coach.history.document import Document, SessionRow

_JUST = timedelta(seconds=2)
_TABLES = ("doses", "ratings", "notes", "under_way", "journal")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has done.

    Attributes:
        added: sessions.
        known: sessions that were there already.
        renumbered: earlier sessions that have got another number.
    """

    added: int
    known: int
    renumbered: int


def import_document(database: Database, document: Document, goes_on: Callable[[int], bool], now: datetime) -> Imported:
    """Add the sessions that are not known yet, in one transaction.

    Args:
        database: the history.
        document: what to add.
        goes_on: tells whether a session is going on now.
        now: the time of day.

    Raises:
        BusyHistoryError: a session that would get another number is going on.
        HistoryError: the history cannot be written; it is as it was.
    """
    with database.transaction():
        there = [
            (number, (began_at, routine, bool(moved)))
            for number, began_at, routine, moved in database.read(
                "SELECT id, began_at, routine, moved_clock FROM sessions ORDER BY id"
            )
        ]
        new, known = _told_apart(document.sessions, there)
        places, moved = _places(there, new)
        _check_nobody_writes(database, moved, goes_on, now)
        _renumber(database, moved)
        final = places | {number: moved.get(old, old) for number, old in known.items()}
        for session in new:
            _insert(database, places[session.number], session)
        _insert_answers(database, document.sessions, final, places.keys())
    return Imported(len(new), len(known), len(moved))


def _told_apart(
    sessions: Sequence[SessionRow], there: Sequence[tuple[int, tuple[str, str, bool]]]
) -> tuple[list[SessionRow], dict[int, int]]:
    """Give the sessions that are new, by their beginning, and number in the file -> number here of the others."""
    unused: dict[tuple[str, str, bool], list[int]] = {}
    for number, identity in there:
        unused.setdefault(identity, []).append(number)
    known: dict[int, int] = {}
    new = []
    for session in sessions:
        numbers = unused.get(session.identity)
        if numbers:
            known[session.number] = numbers.pop(0)
        else:
            new.append(session)
    return sorted(new, key=lambda session: (session.began_at, session.number)), known


def _places(
    there: Sequence[tuple[int, tuple[str, str, bool]]], new: Sequence[SessionRow]
) -> tuple[dict[int, int], dict[int, int]]:
    """Find numbers for the new sessions; what is there keeps its order, and its numbers where that can be.

    Returns:
        Number in the file -> number here, of the new ones; and old number -> new number, of those that have to move.
    """
    waiting = list(reversed(new))
    places: dict[int, int] = {}
    moved: dict[int, int] = {}
    last = 0
    for number, (began_at, _, _) in there:
        while waiting and as_text(waiting[-1].began_at) < began_at:
            last += 1
            places[waiting.pop().number] = last
        last = max(number, last + 1)
        if last != number:
            moved[number] = last
    while waiting:
        session = waiting.pop()
        # into an empty history sessions come with their own numbers
        last = max(session.number, last + 1) if not there else last + 1
        places[session.number] = last
    return places, moved


def _check_nobody_writes(
    database: Database, moved: Mapping[int, int], goes_on: Callable[[int], bool], now: datetime
) -> None:
    """Leave a session its number while its coach writes into it.

    One that has just begun is not known to go on for a moment; it was heard of just now, though.
    """
    if not moved:
        return
    query = "SELECT id, seen_at >= ? FROM sessions JOIN under_way ON session_id = id"
    rows = database.read(query, (as_text(now - _JUST),))
    if any(number in moved and (just or goes_on(number)) for number, just in rows):
        raise BusyHistoryError(
            "A session is going on, and older ones would change its number.",
            NOTHING_DONE,
            "end the session, then import again",
        )


def _renumber(database: Database, moved: Mapping[int, int]) -> None:
    """Give sessions other numbers, all higher, beginning with the highest, so that none is taken."""
    if not moved:
        return
    database.write("PRAGMA defer_foreign_keys = ON", ())
    for old, new in sorted(moved.items(), reverse=True):
        database.write("UPDATE sessions SET id = ? WHERE id = ?", (new, old))
        for table in _TABLES:
            database.write(f"UPDATE {table} SET session_id = ? WHERE session_id = ?", (new, old))  # noqa: S608 - ours
        database.write("UPDATE next_days SET session_id = ? WHERE session_id = ?", (new, old))
        database.write("UPDATE next_days SET about = ? WHERE about = ?", (new, old))


def _insert(database: Database, number: int, session: SessionRow) -> None:
    database.write(
        "INSERT INTO sessions (id, routine, began_at, ended_at, seen_at, reason, seconds, worked, moved_clock, "
        "version, wishes, rungs, dose_factor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            session.routine,
            as_text(session.began_at),
            _maybe(session.ended_at),
            _maybe(session.seen_at),
            session.reason,
            session.seconds,
            session.worked,
            int(session.moved_clock),
            session.version,
            json.dumps(session.wishes),
            json.dumps(session.rungs),
            session.dose_factor,
        ),
    )
    for dose in session.doses:
        database.write(
            "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done, began_rung) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *_values(dose)),
        )
    for rating in session.ratings:
        database.write(
            "INSERT INTO ratings (session_id, rated_at, step, family, side, rung, rating, asked) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *_values(rating)),
        )
    for note in session.notes:
        database.write(
            "INSERT INTO notes (session_id, noted_at, kind, locked, step, side, family, region) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *_values(note)),
        )


def _insert_answers(
    database: Database, sessions: Iterable[SessionRow], final: Mapping[int, int], new: Container[int]
) -> None:
    """Write down the next-day answers in new sessions, and those about them; a session that has one keeps it."""
    for session in sessions:
        for row in session.next_days:
            if session.number in new or row.about in new:
                database.write(
                    "INSERT OR IGNORE INTO next_days (session_id, about, answered_at, answer) VALUES (?, ?, ?, ?)",
                    (final[session.number], final[row.about], as_text(row.answered_at), row.answer),
                )


def _values(row: msgspec.Struct) -> tuple[Any, ...]:
    """Give the values of a row as SQLite takes them, in the order of its fields."""
    values = (getattr(row, field) for field in row.__struct_fields__)
    return tuple(
        as_text(value) if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value
        for value in values
    )


def _maybe(moment: datetime | None) -> str | None:
    return None if moment is None else as_text(moment)
