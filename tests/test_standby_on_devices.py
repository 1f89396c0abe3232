"""Standby as a user has it: nothing is touched from the first word to the last."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

import pytest

from tests.audio.rig import SoundRig, missing_programs
from tests.cli.program import Program
from tests.models import model_folder
from voice_coach.history.store import History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 30.0
AGAIN_AFTER = 6.0
TIMES = 4


class Standby:
    """`voice-coach standby`, running, and somebody in the room who speaks."""

    def __init__(self, rig: SoundRig, folder: Path) -> None:
        Program(folder).answer_first_questions()
        command = [sys.executable, "-m", "voice_coach", "standby", "--plain", "--model", str(model_folder())]
        self._rig, self._folder = rig, folder
        self.process = subprocess.Popen(
            command,
            env=os.environ | rig.environment | {"VOICE_COACH_DATA": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._shown: list[str] = []
        self._incoming: queue.SimpleQueue[str] = queue.SimpleQueue()
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
            self._incoming.put(line)

    def shows(self, text: str, within: float = PATIENCE) -> bool:
        """Wait until a line with `text` is on the screen."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._shown.append(self._incoming.get(timeout=left))
            except queue.Empty:
                break
            if text in self._shown[-1]:
                return True
        return False

    def say(self, words: str, *, until: str) -> None:
        """Say something, and say it again where nothing comes of it, as people do."""
        path = self._folder / "said.wav"
        subprocess.run(["flite", "-voice", "rms", "-t", words, "-o", str(path)], check=True)
        for _ in range(TIMES):
            self._rig.play_into_microphone(path)
            if self.shows(until, AGAIN_AFTER):
                return
        pytest.fail(f"{words!r} did not lead to {until!r}:\n{''.join(self._shown)}")


@pytest.fixture
def rig() -> Iterator[SoundRig]:
    if missing := [*missing_programs(), *(["flite"] if shutil.which("flite") is None else [])]:
        pytest.skip(f"standby on devices needs {', '.join(missing)}")
    with SoundRig() as rig:
        yield rig


@pytest.mark.devices
@pytest.mark.timeout(180)
def test_a_whole_session_runs_by_voice_alone_and_standby_waits_again_afterwards(rig: SoundRig, tmp_path: Path) -> None:
    with Standby(rig, tmp_path) as standby:
        assert standby.shows("Standing by")
        standby.say("my arch is cramping", until="Arch grab relief")
        assert standby.shows("Pull them up toward your shin")
        standby.say("end the session", until="Standing by")
        standby.say("leave standby", until="> leave standby")
        assert standby.process.wait(PATIENCE) == 0
    history = History(tmp_path / "history.db")
    try:
        assert [session.routine for session in history.sessions(2)] == ["arch_cramp_now"]
    finally:
        history.close()
