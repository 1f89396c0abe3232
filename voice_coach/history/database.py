"""The file of the history as a SQLite database: opened, brought up to date, and its faults told in our own errors."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from voice_coach.errors import BrokenHistoryError, BusyHistoryError, HistoryError
from voice_coach.files import quoted
from voice_coach.history.schema import NewerVersionError, bring_up_to_date, write_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENT = 5.0
"""Seconds to wait while another coach writes, before a session and after it."""
IMPATIENT = 0.1
"""The same in the middle of a session, where "stop" must be heard: what is not written is tried again."""

_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_MAIN_CODE = 0xFF
BESIDE = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""
_ONLY_ME, _OTHERS = 0o600, 0o077


class Database:
    """One connection to the history.

    Args:
        path: of the file; it is made, with its folder, where it does not exist.
        read_only: change nothing at all, where the file, its folder or its disk takes no writing.

    Raises:
        BrokenHistoryError: the file is damaged, or no database.
        HistoryError: it cannot be made, read or written, or a later version of the program wrote it.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self.misses_latest = False
        """What was written last is not read: it is not in the file itself yet, or is being written."""
        with self.translated():
            self._connection = self._only_read() if read_only else _made(path)
        try:
            with self.translated():
                bring_up_to_date(self._connection, read_only=read_only)
                if not read_only:
                    write_ahead(self._connection)
        except HistoryError:
            self._connection.close()
            raise

    def wait_at_most(self, seconds: float) -> None:
        """Set how long a write waits while another coach writes, before it is a `BusyHistoryError`."""
        with self.translated():
            self._connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def read(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self.translated():
            return self._connection.execute(query, _bound(query, values)).fetchall()

    def write(self, statement: str, values: tuple[Any, ...]) -> int | None:
        """Carry out one statement, and give the number of the row that it has inserted, if any."""
        with self.translated():
            return self._connection.execute(statement, _bound(statement, values)).lastrowid

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let what is written be there as a whole, or not at all; inside another one it is a part of that."""
        with self.translated():
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Let everything that is read be as it was when the first of it was read."""
        with self.translated():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def synced(self) -> Iterator[None]:
        """Let what is written, and everything before it, be on the disk afterwards."""
        with self.translated():
            self._connection.execute("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            with self.translated():
                self._connection.execute("PRAGMA synchronous = NORMAL")

    def is_whole(self) -> bool:
        """Look through the whole file for damage."""
        return self.read("PRAGMA quick_check(1)") == [("ok",)]

    def close(self) -> None:
        with self.translated():
            self._connection.close()

    def _only_read(self) -> sqlite3.Connection:
        """Open the file as it is. In WAL mode even a reader makes files beside it, unless told that nothing changes.

        Told so, SQLite looks at nothing but the file, and at no lock.
        """
        address = self._path.absolute().as_uri()
        try:
            connection = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None, timeout=IMPATIENT)
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1")
        except sqlite3.OperationalError as error:
            log = self._path.with_name(f"{self._path.name}-wal")
            busy = error.sqlite_errorcode & _MAIN_CODE in _BUSY
            self.misses_latest = busy or (log.exists() and log.stat().st_size > 0)
            return sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
        return connection

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Tell faults of the file in our own errors."""
        try:
            yield
        except NewerVersionError as error:
            raise HistoryError(
                f"The history in {self._path} was written by a later version of this program.",
                "It is left as it is: what you did before is not known here, and what you do now is not written down.",
                "pip install --upgrade voice-coach",
            ) from error
        except (sqlite3.Error, OSError) as error:
            raise self._error(str(error), getattr(error, "sqlite_errorcode", 0)) from error
        except ValueError as error:  # a time, or an object in JSON, that is none
            raise self._error(str(error), sqlite3.SQLITE_CORRUPT) from error

    def _error(self, reason: str, code: int) -> HistoryError:
        kind = HistoryError
        if code & _MAIN_CODE in _BROKEN:
            kind = BrokenHistoryError
        elif code & _MAIN_CODE in _BUSY:
            kind = BusyHistoryError
        return kind(
            f"The history in {self._path} cannot be used: {reason}.",
            "What you do now is not written down; sessions work all the same.",
            f"df -h {quoted(self._path.parent)} && ls -ld {quoted(self._path.parent)}",
        )


def _bound(statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | dict[str, Any]:
    """Give the values by name where a statement numbers them, `?1`: Python 3.14 takes them in no other way."""
    if "?1" not in statement:
        return values
    return {str(number): value for number, value in enumerate(values, start=1)}


def _made(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    _keep_private(path)
    connection = sqlite3.connect(path, timeout=PATIENT, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _keep_private(path: Path) -> None:
    """Let nobody else read the history: it tells of somebody's health. SQLite gives the files beside it the same mode.

    Earlier versions left that to the system, which mostly lets everybody read.
    """
    if not path.exists():  # whoever closes a file lets go of the locks that SQLite has on it in the same process
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _ONLY_ME))
    for file in (path, *(path.with_name(path.name + ending) for ending in BESIDE)):
        with suppress(OSError):  # it is not there, or somebody else's
            if os.name == "posix" and file.stat().st_mode & _OTHERS:
                file.chmod(_ONLY_ME)
