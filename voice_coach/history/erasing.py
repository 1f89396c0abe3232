"""Deletes sessions for good: afterwards no byte of them is in the files of the history.

SQLite only marks a deleted row as free, and keeps it in its write-ahead log; so rows are overwritten, the file is
built anew without the gaps, and the log is emptied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.errors import BusyHistoryError
from voice_coach.history.rows import as_array, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from voice_coach.history.database import Database


def sessions_before(database: Database, moment: datetime) -> list[int]:
    """Give the sessions that began before a moment.

    Raises:
        HistoryError: the history cannot be read.
    """
    return [
        row[0] for row in database.read("SELECT id FROM sessions WHERE began_at < ? ORDER BY id", (as_text(moment),))
    ]


def existing(database: Database, numbers: Iterable[int] | None) -> list[int]:
    """Give those of the numbers that are sessions; all sessions for None.

    Raises:
        HistoryError: the history cannot be read.
    """
    if numbers is None:
        return [row[0] for row in database.read("SELECT id FROM sessions ORDER BY id")]
    query = "SELECT id FROM sessions WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [row[0] for row in database.read(query, (as_array(numbers),))]


def erase(database: Database, numbers: Sequence[int]) -> None:
    """Delete sessions and everything in them, and leave no trace of what was deleted, now or earlier.

    Raises:
        BusyHistoryError: they are deleted, but another program reads the history, so that traces may be left.
        HistoryError: the history cannot be written.
    """
    database.write("PRAGMA secure_delete = ON", ())
    with database.transaction():
        database.write("DELETE FROM sessions WHERE id IN (SELECT value FROM json_each(?))", (as_array(numbers),))
    try:
        database.write("VACUUM", ())
        busy = database.read("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
    except BusyHistoryError:
        busy = 1
    if busy:
        raise BusyHistoryError(
            "The sessions are deleted, but another program is reading the history.",
            "Traces of them may be left in its files.",
            "end the other program, then: voice-coach history delete --before 2000-01-01 --yes",
        )
