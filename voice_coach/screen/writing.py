"""Writes to a terminal or a pipe, and minds no terminal that has gone."""

from __future__ import annotations

import errno
from typing import TextIO


def write_now(stream: TextIO, text: str) -> None:
    """Write `text` at once; where the terminal was closed, nobody reads it, and the session need not know.

    Raises:
        BrokenPipeError: whoever read a pipe has gone.
        OSError: a file cannot be written.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        if error.errno != errno.EIO:
            raise
