"""Reads files no further than they can make sense, and writes them as a whole or not at all."""

from __future__ import annotations

import errno
import glob
import os
import shlex
import time
from contextlib import suppress
from pathlib import Path

MOST_BYTES = 1_000_000
"""Size of a file that a person writes by hand, with much to spare. Some files, like /dev/zero, have no end."""
LEFTOVER_AFTER = 60.0
"""Seconds after which something temporary belongs to nobody any more: it is needed for a moment only."""
_TEMPORARY_PREFIX = ".voice-coach-tmp-"
"""Begins no name but ours: what begins with it and is old is removed, beside files of other programs, too."""


def read_bounded(path: Path, most: int = MOST_BYTES) -> bytes:
    """Give what is in the file, or comes out of the pipe, at `path`.

    Raises:
        OSError: it cannot be read, holds more than `most` bytes, or its name cannot be one.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except ValueError as error:  # a NUL in the name, or half of a character
        raise OSError(errno.EINVAL, "there can be no file of this name") from error
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it holds more than {most:,} bytes".replace(",", " "))
    return data


def is_file(path: Path) -> bool:
    """Tell whether there is a file of this name; False, too, where there can be none."""
    with suppress(OSError, ValueError):
        return path.is_file()
    return False


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder of this name; False, too, where there can be none."""
    with suppress(OSError, ValueError):
        return path.is_dir()
    return False


def are_one(path: Path, other: Path) -> bool:
    """Tell whether both name the same file or folder, which need not exist."""
    with suppress(OSError):
        return path.samefile(other)
    return os.path.realpath(path) == os.path.realpath(other)


def expanded(name: str) -> Path:
    """Give the path with a leading `~` as the home folder; as it stands where there is no such home."""
    with suppress(RuntimeError):
        return Path(name).expanduser()
    return Path(name)


def quoted(path: Path) -> str:
    """Give the path as one word of a command that a person may paste."""
    text = str(path)
    if os.name == "nt":
        return f'"{text}"' if " " in text else text
    return shlex.quote(text)


def folders_in(folder: Path) -> list[Path]:
    """Give the folders that lie directly in `folder`, by name; none, too, where it is not there or may not be read."""
    with suppress(OSError, ValueError):
        return sorted(entry for entry in folder.iterdir() if is_folder(entry))
    return []


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` into `path`: who looks sees the old file or the new one, never half of one.

    A link stays a link: what it points to is written. Line ends stay as they are. A new file is for its owner's eyes
    only: what these files tell about feet is nobody else's business. What is no file, such as a pipe or a terminal,
    is written to.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    import tempfile  # noqa: PLC0415 - most commands write no file

    data = content.encode() if isinstance(content, str) else content
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path.parent, _TEMPORARY_PREFIX)
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY_PREFIX, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(folder: Path, prefix: str, *, needed: Path | None = None, after: float = LEFTOVER_AFTER) -> None:
    """Remove what a program that was killed has left in `folder`: files and folders that begin with `prefix`.

    What cannot be removed stays.

    Args:
        folder: where it lies.
        prefix: of names that nobody else gives.
        needed: stays whatever its name and age, with every folder that it is in.
        after: seconds; what is newer may still be somebody's, and stays.
    """
    import shutil  # noqa: PLC0415 - as above

    oldest = time.time() - after
    for left in folder.glob(f"{glob.escape(prefix)}*"):
        with suppress(OSError):
            if left.lstat().st_mtime > oldest:
                continue
            if needed is not None and needed.resolve().is_relative_to(left.resolve()):
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
