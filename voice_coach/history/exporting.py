"""The whole history, read from the database.

Where a session stood when it was cut off is not in it: what it may have had at most is a dose of it, and nobody goes on
with it elsewhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from voice_coach.history.document import Document, DoseRow, NextDayRow, NoteRow, RatingRow, SessionRow
from voice_coach.history.rows import HAD, as_moment

if TYPE_CHECKING:
    from voice_coach.history.database import Database

_FLAG_FIELDS = frozenset({"done", "locked", "moved_clock"})


def read_document(database: Database) -> Document:
    """Read the whole history.

    Raises:
        HistoryError: the history cannot be read.
    """
    with database.at_one_moment():
        doses = _children(
            database,
            "SELECT session_id, ended_at, step, side, planned, worked, rung, done, began_rung FROM "  # noqa: S608 - ours
            "(SELECT id, session_id, ended_at, step, side, planned, worked, rung, done, began_rung FROM doses "
            f"UNION ALL SELECT 9e15, session_id, coalesce(seen_at, began_at), step, side, planned, {HAD}, rung, 0, "
            "began_rung FROM under_way JOIN sessions ON sessions.id = session_id WHERE step IS NOT NULL) ORDER BY id",
            DoseRow,
        )
        ratings = _children(
            database,
            "SELECT session_id, rated_at, step, family, side, rung, rating, asked FROM ratings ORDER BY id",
            RatingRow,
        )
        notes = _children(
            database,
            "SELECT session_id, noted_at, kind, locked, step, side, family, region FROM notes ORDER BY id",
            NoteRow,
        )
        next_days = _children(
            database, "SELECT session_id, answered_at, about, answer FROM next_days ORDER BY answered_at", NextDayRow
        )
        sessions = database.read(
            "SELECT id, routine, began_at, ended_at, seen_at, reason, seconds, worked, moved_clock, version, wishes, "
            "rungs, dose_factor FROM sessions ORDER BY id"
        )
    with database.translated():
        return Document(
            sessions=tuple(
                _session(
                    row,
                    doses=doses.get(row[0], ()),
                    ratings=ratings.get(row[0], ()),
                    notes=notes.get(row[0], ()),
                    next_days=next_days.get(row[0], ()),
                )
                for row in sessions
            )
        )


def _children(database: Database, query: str, kind: type[Any]) -> dict[int, tuple[Any, ...]]:
    """Give what belongs to each session, as rows of a kind."""
    found: dict[int, list[Any]] = {}
    fields = kind.__struct_fields__
    rows = database.read(query)
    with database.translated():
        for session, *values in rows:
            found.setdefault(session, []).append(_made(dict(zip(fields, values, strict=True)), kind))
    return {session: tuple(children) for session, children in found.items()}


def _session(row: tuple[Any, ...], **parts: tuple[Any, ...]) -> SessionRow:
    *values, wishes, rungs, dose_factor = row
    fields = dict(zip(SessionRow.__struct_fields__, values, strict=False))
    plan = {"wishes": json.loads(wishes), "rungs": json.loads(rungs), "dose_factor": dose_factor}
    session: SessionRow = _made({**fields, **plan, **parts}, SessionRow)
    return session


def _made(fields: dict[str, Any], kind: type[Any]) -> Any:
    """Make a row of what SQLite gives: 0 and 1 for no and yes, text for times."""
    for name, value in fields.items():
        if name in _FLAG_FIELDS:
            fields[name] = bool(value)
        elif name.endswith("_at") and value is not None:
            fields[name] = as_moment(value)
    return kind(**fields)
