"""What timers and notifications need of the system: files and programs, in one small interface."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple, Protocol

from voice_coach.errors import ReminderError
from voice_coach.files import quoted, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LONGEST_SECONDS = 30


class Ran(NamedTuple):
    """How a program ended."""

    status: int
    output: str
    """What it wrote, on both streams."""


class System(Protocol):
    """Files and programs."""

    def has(self, program: str) -> bool:
        """Tell whether there is such a program."""

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
        """Run a program to its end."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, and the folders above it."""

    def read(self, path: Path) -> bytes:
        """Read a file."""

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""

    def files(self, folder: Path, pattern: str) -> list[Path]:
        """Give the files in `folder` whose names match `pattern`, sorted."""


class RealSystem:
    """The system itself.

    Its methods raise `ReminderError` where a file or a program does not do what it should.
    """

    def has(self, program: str) -> bool:
        return shutil.which(program) is not None

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
        import os  # noqa: PLC0415 - only here

        try:
            done = subprocess.run(  # noqa: S603 - our own commands
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",  # consoles of Windows have an encoding of their own
                env={**os.environ, **(environment or {})},
                timeout=_LONGEST_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Ran(127, str(error))
        return Ran(done.returncode, done.stdout.strip())

    def write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except OSError as error:
            raise _no_file(path, "written", error) from error

    def read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise _no_file(path, "read", error) from error

    def remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _no_file(path, "removed", error) from error

    def files(self, folder: Path, pattern: str) -> list[Path]:
        return sorted(folder.glob(pattern))


def _no_file(path: Path, done: str, error: OSError) -> ReminderError:
    return ReminderError(
        f"The file {path} cannot be {done} ({error.strerror}).",
        "The reminders are as they were.",
        f"ls -ld {quoted(path.parent)}",
    )
