"""What is done about a history that is damaged, or cannot be read: what is known all the same, and since when not.

One that is damaged is put aside under a new name, which tells the day, and a new one is begun.
"""

from __future__ import annotations

import re
import time
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec

from voice_coach.errors import BrokenHistoryError, HistoryError
from voice_coach.history.alive import Alive
from voice_coach.history.database import BESIDE
from voice_coach.history.store import History, lock_file, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta
    from pathlib import Path

    from voice_coach.history.records import PastRecord

_PUTTING_ASIDE = 0
"""Number of the lock that whoever puts a history aside holds: no session has it."""
_DAY_PUT_ASIDE = re.compile(r"-damaged-(\d{4}-\d\d-\d\d)-")
_EVER = datetime.min.replace(tzinfo=UTC)
_KEPT = "The history was damaged. It is kept as {}, and a new one begins."
_WAIT = 5.0
_RETRY = 0.02


class Past(msgspec.Struct, frozen=True):
    """The sessions of the last time.

    Attributes:
        records: those that people did, in their order, as far as they are known.
        unknown_since: there may have been others up to this day, where the user is; None where all are known.
    """

    records: list[PastRecord]
    unknown_since: date | None = None


def open_history(
    path: Path, recent: timedelta, tell: Callable[[str], None], now: Callable[[], datetime] = utc_now
) -> tuple[History | None, Past]:
    """Open the history for a session, with its sessions of the last time; faults are told in a line.

    Args:
        path: of the file.
        recent: how far back sessions are wanted.
        tell: is told what is wrong.
        now: gives the time of day.

    Returns:
        The history, or None where nothing can be written; and what is known of the past.
    """
    try:
        return _opened(path, recent, now)
    except BrokenHistoryError:
        aside = put_aside(path, now())
        if aside is not None:
            tell(_KEPT.format(aside))
    except HistoryError as error:
        tell(str(error))
        return None, read_past(path, recent, now)
    try:
        return _opened(path, recent, now)
    except HistoryError as error:
        tell(str(error))
        return None, Past([], _today(now))


def open_to_read(path: Path) -> History:
    """Open the history to look at it; where its folder or its disk takes no writing, too.

    Raises:
        HistoryError: it cannot be read, or is damaged.
    """
    try:
        return History(path)
    except BrokenHistoryError:
        raise
    except HistoryError:
        return History(path, read_only=True)


@contextmanager
def reading(path: Path) -> Iterator[History]:
    """Open the history to look at it, as long as this goes on; see `open_to_read`.

    Raises:
        HistoryError: it cannot be read, or is damaged.
    """
    with damage_left_alone(), closing(open_to_read(path)) as history:
        yield history


@contextmanager
def damage_left_alone() -> Iterator[None]:
    """Tell what becomes of a damaged history where no session begins."""
    try:
        yield
    except BrokenHistoryError as error:
        meaning = "It is left as it is; the next session puts it aside, keeps it, and begins a new one."
        raise BrokenHistoryError(error.what, meaning, "voice-coach start") from error


def put_aside_if_damaged(path: Path, tell: Callable[[str], None]) -> None:
    """Put a damaged history aside, and tell where it is kept."""
    aside = put_aside(path, utc_now()) if path.exists() else None
    if aside is not None:
        tell(_KEPT.format(aside))


def read_past(path: Path, recent: timedelta, now: Callable[[], datetime] = utc_now) -> Past:
    """Read the sessions of the last time, and change nothing: what was done today counts wherever it can be read."""
    try:
        if not path.is_file():
            return Past([], put_aside_on(path))
        with closing(History(path, now, read_only=True)) as history:
            records, whole = history.past(now() - recent), not history.misses_latest
    except (HistoryError, OSError):
        return Past([], _today(now))
    return Past(records, put_aside_on(path) if whole else _today(now))


def put_aside_on(path: Path) -> date | None:
    """Give the last day on which a history at `path` was put aside; None where none was."""
    names = (_DAY_PUT_ASIDE.search(file.name) for file in damaged_ones(path))
    return max((date.fromisoformat(found[1]) for found in names if found), default=None)


def damaged_ones(path: Path) -> list[Path]:
    """Give the files of damaged histories that were put aside beside the history at `path`."""
    return sorted(path.parent.glob(f"{path.stem}-damaged-*"))


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
        for ending in BESIDE:
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    except OSError:
        return None
    finally:
        lock.close()
    return aside


def _opened(path: Path, recent: timedelta, now: Callable[[], datetime]) -> tuple[History, Past]:
    history = History(path, now)
    try:
        return history, Past(history.past(now() - recent), put_aside_on(path))
    except HistoryError:
        history.close()
        raise


def _today(now: Callable[[], datetime]) -> date:
    return now().astimezone().date()


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
