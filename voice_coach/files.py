"""Writes files as a whole or not at all, and clears away what a kill has left of that."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

LEFTOVER_AFTER = 60.0
"""Seconds after which something temporary belongs to nobody any more: it is needed for a moment only."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` into `path`: who looks sees the old file or the new one, never half of one.

    A link stays a link: what it points to is written. Line ends stay as they are. A new file is for its owner's eyes
    only: what these files tell about feet is nobody else's business. What is no file, such as a pipe or a terminal,
    is written to.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    data = content.encode() if isinstance(content, str) else content
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}-"
    remove_leftovers(path.parent, prefix)
    handle, name = tempfile.mkstemp(prefix=prefix, dir=path.parent)
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


def remove_leftovers(folder: Path, prefix: str) -> None:
    """Remove what a program that was killed has left in `folder`: files and folders that begin with `prefix`.

    Only what is older than `LEFTOVER_AFTER`; what cannot be removed stays.
    """
    oldest = time.time() - LEFTOVER_AFTER
    for left in folder.glob(f"{prefix}*"):
        with suppress(OSError):
            if left.lstat().st_mtime > oldest:
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
