"""Which sessions are still going on: each holds a lock that the system lets go of when its program dies.

One file beside the history holds the locks, a byte for each session; its content means nothing. Nothing is left to
clean up after a kill, and a number of a process that is used again cannot deceive anybody.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ALIVE_EVERY = 5.0
"""So many seconds of a session at most pass without a sign that it is alive."""

_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
"""What systems say of a lock that another holds, Windows the last, too. Some disks have no locks, and say otherwise."""

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, byte: int) -> None:
        os.lseek(file, byte, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock(file: int, byte: int) -> None:
        os.lseek(file, byte, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int, byte: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)

    def _unlock(file: int, byte: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, byte)


class Alive:
    """The locks in one file. Two of these in one process do not see each other's locks.

    On a disk without locks everything goes on as if nobody else were there: else no session could be gone on with and
    nothing be fetched, ever.

    Args:
        path: of the file; it is made where it does not exist.

    Raises:
        OSError: the file cannot be made or opened.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._held: set[int] = set()

    def hold(self, number: int) -> bool:
        """Hold the lock of session `number` until this is closed; False where another holds it."""
        try:
            _lock(self._file, number)
        except OSError as error:
            if error.errno in _HELD:
                return False
        self._held.add(number)
        return True

    def let_go(self, number: int) -> None:
        """Let go of a lock that is held."""
        self._held.discard(number)
        with suppress(OSError):  # without locks there is none to let go of
            _unlock(self._file, number)

    def is_held(self, number: int) -> bool:
        """Tell whether session `number` is still going on, here or in another process."""
        if number in self._held:
            return True
        if self.hold(number):
            self.let_go(number)
            return False
        return True

    def close(self) -> None:
        """Let go of every lock. Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
