"""The tables of the history, and how a file of an earlier version becomes one of this version.

A file carries its version as SQLite's `user_version`; 0 is a new file. Every version has one script that makes it
out of the one before. Rule: a script that was released is never changed; what is to be different is a new script.
"""

from __future__ import annotations

import sqlite3
import time

_FIRST = """
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

# What a session began with, what was said in it, and where it stands while it goes on: `under_way` has a row for
# every session that may be gone on with, and its row is deleted when it ends for good.
_SECOND = """
ALTER TABLE sessions ADD COLUMN seen_at TEXT;
ALTER TABLE sessions ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN wishes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE sessions ADD COLUMN rungs TEXT NOT NULL DEFAULT '{}';
ALTER TABLE sessions ADD COLUMN dose_factor REAL NOT NULL DEFAULT 1;
CREATE INDEX sessions_by_time ON sessions (began_at);
ALTER TABLE doses ADD COLUMN began_rung INTEGER;
CREATE TABLE under_way (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    step TEXT,
    side TEXT,
    planned REAL NOT NULL DEFAULT 0,
    worked REAL NOT NULL DEFAULT 0,
    began_rung INTEGER NOT NULL DEFAULT 1,
    rung INTEGER NOT NULL DEFAULT 1,
    running INTEGER NOT NULL DEFAULT 0,
    snapshot TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    rated_at TEXT NOT NULL,
    step TEXT NOT NULL,
    family TEXT NOT NULL,
    side TEXT NOT NULL,
    rung INTEGER NOT NULL,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 0 AND 10),
    asked TEXT NOT NULL
) STRICT;
CREATE INDEX ratings_by_session ON ratings (session_id);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    noted_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    step TEXT,
    side TEXT,
    family TEXT,
    region TEXT,
    locked INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_by_session ON notes (session_id);
CREATE TABLE next_days (
    about INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    answered_at TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('worse', 'same', 'better'))
) STRICT;
CREATE INDEX next_days_by_session ON next_days (session_id);
"""

# What a session under way was planned from and told, to bring a new one to where it stands, at second `at`.
_THIRD = """
ALTER TABLE under_way ADD COLUMN beginning TEXT NOT NULL DEFAULT '';
ALTER TABLE under_way ADD COLUMN at REAL NOT NULL DEFAULT 0;
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_session ON journal (session_id);
"""

# Ten years are summed up from these alone: the seconds of a session, in the order of its doses; where a side of a step
# was done last before a session, and how it was rated.
_FOURTH = """
DROP INDEX doses_by_session;
CREATE INDEX doses_by_session ON doses (session_id, id, worked);
CREATE INDEX doses_by_step ON doses (step, side, session_id);
CREATE INDEX ratings_by_step ON ratings (step, side, session_id, rating);
"""

_SCRIPTS = (_FIRST, _SECOND, _THIRD, _FOURTH)
VERSION = len(_SCRIPTS)
"""The version of the history that this program writes."""
_READABLE = 3
"""From this version on there are the same tables and columns, so that where nothing can be written, it is read."""

_WAL_WAIT = 5.0
_WAL_RETRY = 0.02


class NewerVersionError(Exception):
    """The file was written by a later program than this one."""


def bring_up_to_date(database: sqlite3.Connection, *, read_only: bool = False) -> None:
    """Make the tables of this version, out of those of an earlier one where there are any.

    All of it is one transaction: a kill in the middle leaves the earlier version, whole.

    Args:
        database: the history.
        read_only: it can only be read, and stays as it is where its version can be read.

    Raises:
        NewerVersionError: the file is of a later version; it was left as it is.
        sqlite3.Error: the file cannot be read or written.
    """
    version = _version(database)
    if version == VERSION or (read_only and version >= _READABLE):
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        # another coach may have been quicker: only now nobody else can write
        for number in range(_version(database), VERSION):
            _run(database, _SCRIPTS[number])
        database.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def write_ahead(database: sqlite3.Connection) -> None:
    """Put the database into WAL mode, once and for all; while another coach does the same, SQLite does not wait."""
    deadline = time.monotonic() + _WAL_WAIT
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY)
        else:
            return


def _version(database: sqlite3.Connection) -> int:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise NewerVersionError(version)
    return int(version)


def _run(database: sqlite3.Connection, script: str) -> None:
    """Run a script inside the transaction that is open: `executescript` would commit it first."""
    for statement in script.split(";\n"):
        if statement.strip():
            database.execute(statement)
