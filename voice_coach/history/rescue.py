"""What is done about a history that is damaged: it is put aside under a new name, and a new one is begun."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voice_coach.errors import BrokenHistoryError, HistoryError
from voice_coach.history.alive import Alive
from voice_coach.history.store import History, lock_file, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

    from voice_coach.history.records import PastRecord

_BESIDE = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""
_PUTTING_ASIDE = 0
"""Number of the lock that whoever puts a history aside holds: no session has it."""
_EVER = datetime.min.replace(tzinfo=UTC)
_WAIT = 5.0
_RETRY = 0.02


def open_history(
    path: Path, recent: timedelta, tell: Callable[[str], None], now: Callable[[], datetime] = utc_now
) -> tuple[History | None, list[PastRecord]]:
    """Open the history for a session, with its sessions of the last time; faults are told in a line.

    Args:
        path: of the file.
        recent: how far back sessions are wanted.
        tell: is told what is wrong.
        now: gives the time of day.

    Returns:
        The history, or None where nothing can be written; and the sessions that people did, as far as they can be read.
    """
    try:
        return _opened(path, recent, now)
    except BrokenHistoryError:
        aside = put_aside(path, now())
        if aside is not None:
            tell(f"The history was damaged. It is kept as {aside}, and a new one begins.")
    except HistoryError as error:
        tell(str(error))
        return None, _as_far_as_readable(path, recent, now)
    try:
        return _opened(path, recent, now)
    except HistoryError as error:
        tell(str(error))
        return None, []


def put_aside(path: Path, now: datetime) -> Path | None:
    """Give a damaged history a new name, which tells the time, and give that.

    None where it cannot be moved, or is whole: another coach may have begun a new one just now.
    """
    aside = _free_name(path, now)
    try:
        lock = Alive(lock_file(path))
    except OSError:
        return None
    try:
        if not _alone(lock) or _is_whole(path):
            return None
        path.rename(aside)
        for ending in _BESIDE:
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    except OSError:
        return None
    finally:
        lock.close()
    return aside


def _opened(path: Path, recent: timedelta, now: Callable[[], datetime]) -> tuple[History, list[PastRecord]]:
    history = History(path, now)
    try:
        return history, history.past(now() - recent)
    except HistoryError:
        history.close()
        raise


def _as_far_as_readable(path: Path, recent: timedelta, now: Callable[[], datetime]) -> list[PastRecord]:
    """Read a history that cannot be written: what was done today counts all the same."""
    if not path.is_file():
        return []
    try:
        history = History(path, now, read_only=True)
    except HistoryError:
        return []
    try:
        return history.past(now() - recent)
    except HistoryError:
        return []
    finally:
        history.close()


def _alone(lock: Alive) -> bool:
    """Wait until nobody else puts this history aside."""
    deadline = time.monotonic() + _WAIT
    while not lock.hold(_PUTTING_ASIDE):
        if time.monotonic() > deadline:
            return False
        time.sleep(_RETRY)
    return True


def _is_whole(path: Path) -> bool:
    """Look through the whole file; a fault of another kind than damage leaves it where it is."""
    try:
        history = History(path)
    except HistoryError as error:
        return not isinstance(error, BrokenHistoryError)
    try:
        history.past(_EVER)
        return history.is_whole()
    except HistoryError as error:
        return not isinstance(error, BrokenHistoryError)
    finally:
        history.close()


def _free_name(path: Path, now: datetime) -> Path:
    stem = f"{path.stem}-damaged-{now.astimezone():%Y-%m-%d-%H%M%S}"
    aside, number = path.with_name(f"{stem}{path.suffix}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}{path.suffix}")
    return aside
