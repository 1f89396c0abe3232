"""The program, running on the devices of a rig, and every line that it prints."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Self

import pytest

from tests.audio.rig import SoundRig, missing_programs
from tests.cli.program import Program
from tests.models import model_folder

if TYPE_CHECKING:
    from pathlib import Path


class Line(NamedTuple):
    """A line, and the `time.monotonic()` at which it came."""

    arrived_at: float
    text: str


class Running:
    """`voice-coach` with these arguments, for somebody who has answered every first question.

    Args:
        rig: whose devices it uses.
        folder: for history and models.
        arguments: of the command line.
        errors: where its error stream goes, as `subprocess` names it.
    """

    def __init__(self, rig: SoundRig, folder: Path, *arguments: str, errors: int = subprocess.STDOUT) -> None:
        Program(folder).answer_first_questions()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "voice_coach", *arguments, "--model", str(model_folder())],
            env=os.environ | rig.environment | {"VOICE_COACH_DATA": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(Line(time.monotonic(), line))
        self._lines.put(None)

    def next_line(self, deadline: float) -> Line | None:
        """Give the next line; None where none comes before `deadline` (`time.monotonic()`), or none any more."""
        try:
            return self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None


def skip_without_devices_and_voice() -> None:
    """Skip a test where the programs for virtual devices, or for another voice than the coach's, are missing."""
    if missing := [*missing_programs(), *(["flite"] if shutil.which("flite") is None else [])]:
        pytest.skip(f"a program on devices needs {', '.join(missing)}")


def speak(words: str, folder: Path) -> Path:
    """Give words spoken by another synthesiser than the coach's, as a file in `folder`.

    The voice is one that the speech model hears clearly: how well it hears others is the hearing bench's matter.
    """
    path = folder / f"{words.replace(' ', '_')}.wav"
    subprocess.run(["flite", "-voice", "awb", "-t", words, "-o", str(path)], check=True)
    return path
