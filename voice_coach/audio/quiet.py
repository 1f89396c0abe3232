"""C libraries write to the error stream behind Python's back; a screen read from two metres has no room."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Throw away what the whole process writes to file descriptor 2 meanwhile; keep it short."""
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console has no such descriptor
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
