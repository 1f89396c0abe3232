"""Runs the program with one part of it broken: `python -m tests.faults.broken_parts PART ARGUMENTS...`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from voice_coach.__main__ import main
from voice_coach.speech import listener, voice
from voice_coach.speech.tts_worker import HEADER, MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable

CHILDREN = {
    "dies": "raise SystemExit(1)",
    "hangs": "import time; time.sleep(600)",
    "prints rubbish": "import sys; sys.stdin.readline(); print('x' * 10_000_000)",
    "claims too much": (
        f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({HEADER.pack(MAGIC, 22050, 0xFFFFFFFF)!r})"
    ),
    "stops in mid-answer": (
        f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({HEADER.pack(MAGIC, 22050, 44100)!r} + b'12')"
    ),
    "gives half a sample": (
        f"import sys\nfor _ in sys.stdin: sys.stdout.buffer.write({HEADER.pack(MAGIC, 22050, 3)!r} + b'123');"
        " sys.stdout.buffer.flush()"
    ),
    "gives silence": (
        f"import sys\nfor _ in sys.stdin: sys.stdout.buffer.write({HEADER.pack(MAGIC, 22050, 4)!r} + bytes(4));"
        " sys.stdout.buffer.flush()"
    ),
    "has a rate of one": (
        f"import sys\nfor _ in sys.stdin: sys.stdout.buffer.write({HEADER.pack(MAGIC, 1, 4)!r} + b'1234');"
        " sys.stdout.buffer.flush()"
    ),
    "speaks once": (
        "import sys; from voice_coach.speech import tts_worker\n"
        "sys.stdin = type('One', (), {'buffer': [sys.stdin.buffer.readline()]})\n"
        "tts_worker.main(None)"
    ),
}
"""What a child process does instead of speaking."""
BLOCKS_BEFORE = 50


def _break_voice(program: str) -> None:
    start: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen
    voice._START_SECONDS = 2.0
    voice._HANGING_SECONDS = 1.0

    def broken(_command: object, **options: Any) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", program], **options)

    setattr(subprocess, "Popen", broken)  # noqa: B010 - it is a class


def _break_recogniser(fault: Callable[[], None]) -> None:
    feed = listener.Listener.feed
    heard = 0

    def broken(self: listener.Listener, block: bytes) -> Any:
        nonlocal heard
        heard += 1
        if heard > BLOCKS_BEFORE:
            fault()
        return feed(self, block)

    setattr(listener.Listener, "feed", broken)  # noqa: B010 - as above


def _raise() -> None:
    raise RuntimeError("Failed to process waveform")


if __name__ == "__main__":
    part = sys.argv.pop(1)
    if part in CHILDREN:
        _break_voice(CHILDREN[part])
    else:
        _break_recogniser({"recogniser raises": _raise, "recogniser aborts": os.abort}[part])
    main()
