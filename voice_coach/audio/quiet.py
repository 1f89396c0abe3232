"""C libraries write to the error stream behind Python's back; a screen read from two metres has no room."""

from __future__ import annotations

import contextlib
import os
import sys
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


@contextlib.contextmanager
def libraries_silenced() -> Iterator[None]:
    """Keep what C libraries write to file descriptor 2 off the screen; Python's own error stream goes on.

    ALSA complains there whenever a busy machine is late with a block.
    """
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console has no such descriptor
        yield
        return
    python_stderr = sys.stderr
    with os.fdopen(os.dup(kept), "w", encoding=python_stderr.encoding, errors="replace", buffering=1) as stream:
        try:
            sys.stderr = stream
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            sys.stderr = python_stderr
