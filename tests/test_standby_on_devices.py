"""Standby as a user has it: nothing is touched from the first word to the last."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.audio.rig import SoundRig
from tests.running import Running, skip_without_devices_and_voice, speak
from voice_coach.history.store import History

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 30.0
AGAIN_AFTER = 6.0
TIMES = 4


class Standby(Running):
    """`voice-coach standby`, and somebody in the room who speaks."""

    def __init__(self, rig: SoundRig, folder: Path) -> None:
        super().__init__(rig, folder, "standby", "--plain")
        self._rig, self._folder = rig, folder
        self._shown: list[str] = []

    def shows(self, text: str, within: float = PATIENCE) -> bool:
        """Wait until a line with `text` is on the screen."""
        deadline = time.monotonic() + within
        while (line := self.next_line(deadline)) is not None:
            self._shown.append(line.text)
            if text in line.text:
                return True
        return False

    def say(self, words: str, *, until: str) -> None:
        """Say something, and say it again where nothing comes of it, as people do."""
        path = speak(words, self._folder)
        for _ in range(TIMES):
            self._rig.play_into_microphone(path)
            if self.shows(until, AGAIN_AFTER):
                return
        pytest.fail(f"{words!r} did not lead to {until!r}:\n{''.join(self._shown)}")


@pytest.mark.devices
@pytest.mark.timeout(180)
def test_a_whole_session_runs_by_voice_alone_and_standby_waits_again_afterwards(tmp_path: Path) -> None:
    skip_without_devices_and_voice()
    with SoundRig() as rig, Standby(rig, tmp_path) as standby:
        assert standby.shows("Standing by")
        standby.say("my arch is cramping", until="Arch grab relief")
        assert standby.shows("Pull them up toward your shin")
        standby.say("end the session", until="Standing by")
        standby.say("leave standby", until="> leave standby")
        assert standby.process.wait(PATIENCE) == 0
    with closing(History(tmp_path / "history.db")) as history:
        assert [session.routine for session in history.sessions(2)] == ["arch_cramp_now"]
