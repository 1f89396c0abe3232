"""Puts the terminal back when the program is killed outright, and cannot do it itself."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TextIO

_SCRIPT = """trap '' HUP INT QUIT TERM TSTP TTIN TTOU
read -r _ && exit 0
stty "$1" <&1
printf '%b' "$2"
"""
"""A line on the standard input means that all went well; its end without one, that the program was killed."""


class TerminalGuard:
    """A shell that waits beside the program, in a session of its own, where no key reaches it.

    Where this machine has no `sh` or `stty`, there is no guard, and nothing else is different.

    Args:
        terminal: what to put back.
        put_back: what to print then, with backslash escapes.
    """

    def __init__(self, terminal: TextIO, put_back: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        stty, shell = shutil.which("stty"), shutil.which("sh")
        if stty is None or shell is None:
            return
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            modes = subprocess.run([stty, "-g"], stdin=terminal, capture_output=True, check=True)  # noqa: S603
            self._process = subprocess.Popen(  # noqa: S603 - a script of three lines, above
                [shell, "-c", _SCRIPT, "guard", modes.stdout.decode().strip(), put_back],
                stdin=subprocess.PIPE,
                stdout=terminal,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def close(self) -> None:
        """Tell that the terminal is as it was. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):  # it was killed itself
            process.communicate(b"well\n")
