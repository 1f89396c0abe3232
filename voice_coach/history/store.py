"""The history: every session and every finished side of a step, written down as it happens.

SQLite in WAL mode: whatever has been written survives a kill at any moment. Times of day are UTC, ISO 8601.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voice_coach.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voice_coach.session.actions import DoseEnded, Ended

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY,
    routine TEXT NOT NULL,
    began_at TEXT NOT NULL,
    moved_clock INTEGER NOT NULL,
    ended_at TEXT,
    reason TEXT,
    seconds REAL,
    worked REAL
) STRICT;
CREATE TABLE IF NOT EXISTS doses (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    ended_at TEXT NOT NULL,
    step TEXT NOT NULL,
    side TEXT NOT NULL,
    planned REAL NOT NULL,
    worked REAL NOT NULL,
    rung INTEGER NOT NULL,
    done INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS doses_by_session ON doses (session_id);
"""
_VERSION = 1
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PastSession:
    """One session of the history.

    Attributes:
        ended_at: None where the session was killed.
        seconds: its whole length; None where it was killed.
        worked: seconds of all doses.
        steps: different steps that were done, by id, in their order.
    """

    id: int
    routine: str
    began_at: datetime
    ended_at: datetime | None
    reason: str | None
    seconds: float | None
    worked: float
    steps: tuple[str, ...]


class History:
    """The history in one file.

    Args:
        path: of the database; it is made, with its folder, where it does not exist.

    Raises:
        HistoryError: the file cannot be made, read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        with self._translated():
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute("PRAGMA foreign_keys = ON")
            self._database.executescript(_SCHEMA)
            self._database.execute(f"PRAGMA user_version = {_VERSION}")

    def begin_session(self, routine: str, *, moved_clock: bool = False) -> int:
        """Write down that a session of `routine` begins now, and give its id.

        Args:
            routine: its id.
            moved_clock: the session runs faster than time, so nobody does its doses.
        """
        with self._translated(), closing(self._database.cursor()) as cursor:
            cursor.execute(
                "INSERT INTO sessions (routine, began_at, moved_clock) VALUES (?, ?, ?)",
                (routine, _now(), int(moved_clock)),
            )
            id_ = cursor.lastrowid
        if id_ is None:
            raise self._error("SQLite gave no id")
        return id_

    def add_dose(self, session: int, dose: DoseEnded) -> None:
        """Write down one side of a step that has ended now."""
        values = (dose.step, dose.side, dose.planned, dose.worked, dose.rung, int(dose.done))
        with self._translated():
            self._database.execute(
                "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (session, _now(), *values),
            )

    def end_session(self, session: int, ended: Ended) -> None:
        """Write down that the session is over."""
        with self._translated():
            self._database.execute(
                "UPDATE sessions SET ended_at = ?, reason = ?, seconds = ?, worked = ? WHERE id = ?",
                (_now(), ended.reason, ended.seconds, ended.worked, session),
            )

    def sessions(self, most: int = 20) -> list[PastSession]:
        """Give the latest sessions, the newest first."""
        with self._translated():
            rows = self._database.execute(
                "SELECT id, routine, began_at, ended_at, reason, seconds, "
                "coalesce(worked, (SELECT sum(worked) FROM doses WHERE session_id = sessions.id), 0) "
                "FROM sessions ORDER BY id DESC LIMIT ?",
                (most,),
            ).fetchall()
            return [
                PastSession(
                    id=id_,
                    routine=routine,
                    began_at=datetime.fromisoformat(began_at),
                    ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
                    reason=reason,
                    seconds=seconds,
                    worked=worked,
                    steps=self._steps(id_),
                )
                for id_, routine, began_at, ended_at, reason, seconds, worked in rows
            ]

    def close(self) -> None:
        with self._translated():
            self._database.close()

    def _steps(self, session: int) -> tuple[str, ...]:
        rows = self._database.execute(
            "SELECT step FROM doses WHERE session_id = ? AND worked > 0 GROUP BY step ORDER BY min(id)",
            (session,),
        )
        return tuple(step for (step,) in rows)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._error(str(error)) from error

    def _error(self, reason: str) -> HistoryError:
        return HistoryError(
            f"The history in {self._path} cannot be used: {reason}.",
            "What you do now is not written down; sessions work all the same.",
            f"df -h {self._path.parent} && ls -ld {self._path.parent}",
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
