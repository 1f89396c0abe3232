"""Sessions that lose their devices: it is noticed within three seconds and told, and they go on and recover.

Each ends as if nothing had happened, and its history is whole.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.audio.rig import SoundRig, missing_programs
from tests.models import model_folder
from voice_coach.history.store import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOTICED_WITHIN = 3.0
LATE = 1.5
"""Seconds that a busy machine may take to do what takes no time."""
PATIENCE = 30.0


@dataclass
class Told:
    """A line of the program, and when it came."""

    at: float
    text: str


@dataclass
class Coach:
    """A session, running, and what it tells on its error stream."""

    rig: SoundRig
    data: Path
    arguments: tuple[str, ...] = ()
    told: list[Told] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "voice_coach", "start", "quick_3", "--json", "--model", str(model_folder())]
        self.process = subprocess.Popen(
            [*command, *self.arguments],
            env=self.rig.whole_environment() | {"VOICE_COACH_DATA": str(self.data)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.readers = [threading.Thread(target=read, daemon=True) for read in (self._read_rows, self._read_troubles)]
        for reader in self.readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _read_rows(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.rows.append(json.loads(line))

    def _read_troubles(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(Told(time.monotonic(), line.strip()))

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"{what} did not happen; it told {self.told}, and did {self.rows[-3:]}")
            time.sleep(0.02)

    def wait_until_told(self, words: str) -> float:
        """Give when a line with these words came."""
        self.wait_for(lambda: any(words in told.text for told in self.told), f'telling "{words}"')
        return next(told.at for told in self.told if words in told.text)

    def end(self) -> dict[str, Any]:
        """Type that it is to end, and give its last row; the history must tell the same."""
        self.type("finish")
        self.wait_for(lambda: any(row["kind"] == "end" for row in self.rows), "the end")
        assert self.process.wait(timeout=PATIENCE) == 0
        self._look_into_the_history()
        return self.rows[-1]

    def _look_into_the_history(self) -> None:
        with contextlib.closing(sqlite3.connect(self.data / "history.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        history = History(self.data / "history.db")
        (session,) = history.sessions()
        history.close()
        assert session.reason == self.rows[-1]["reason"]
        assert session.ended_at is not None

    def begin(self) -> None:
        """Wait until it speaks and hears."""
        self.wait_for(lambda: any(row["kind"] == "say" for row in self.rows), "the first line")
        time.sleep(4.0)

    def tells(self, words: str) -> int:
        return sum(words in told.text for told in self.told)


@pytest.fixture
def rig() -> Iterator[SoundRig]:
    if missing := missing_programs():
        pytest.skip(f"a session on devices needs {', '.join(missing)}")
    with SoundRig() as rig:
        yield rig


@pytest.fixture
def coach(rig: SoundRig, tmp_path: Path) -> Iterator[Coach]:
    with Coach(rig, tmp_path) as coach:
        coach.begin()
        yield coach


pytestmark = [pytest.mark.devices, pytest.mark.timeout(180)]


def test_a_sound_server_that_dies_and_comes_back(coach: Coach, rig: SoundRig) -> None:
    """Both devices are lost and told; keys work meanwhile; both come back by themselves."""
    lost_at = time.monotonic()
    rig.stop_server()
    for name in ("loudspeaker", "microphone"):
        assert coach.wait_until_told(f"The {name} has gone") - lost_at < NOTICED_WITHIN + LATE
    coach.type("how long")
    coach.wait_for(lambda: any(row["kind"] == "heard" for row in coach.rows), "obeying a typed command")
    rig.start_server()
    coach.wait_until_told("The loudspeaker works")
    coach.wait_until_told("The microphone works")
    with rig.recording() as recording:
        coach.wait_for(lambda: recording.last_sound_at() > 0, "speaking again")
    assert coach.end()["kind"] == "end"
    assert coach.tells("has gone") == 2


def test_a_microphone_that_the_server_moves_to_the_loudspeakers_monitor(coach: Coach, rig: SoundRig) -> None:
    """The coach would hear nobody but itself: it says that the microphone has gone, and takes it back later."""
    lost_at = time.monotonic()
    rig.unplug("mic")
    assert coach.wait_until_told("what the loudspeaker plays") - lost_at < NOTICED_WITHIN + LATE
    with rig.recording() as recording:
        coach.wait_for(lambda: recording.last_sound_at() > 0, "saying aloud that it hears nothing")
    rig.plug_in("mic")
    coach.wait_until_told("The microphone works")
    assert coach.end()["kind"] == "end"


def test_a_microphone_that_gives_only_zeros(coach: Coach, rig: SoundRig) -> None:
    lost_at = time.monotonic()
    rig.mute()
    assert coach.wait_until_told("nothing but silence") - lost_at < NOTICED_WITHIN + LATE
    rig.unmute()
    coach.wait_until_told("The microphone works")
    assert coach.end()["kind"] == "end"


def test_a_sound_server_that_dies_again_and_again(coach: Coach, rig: SoundRig) -> None:
    """Whenever it dies, also while devices are being opened: both come back each time."""
    for dead_for, alive_for in ((0.05, 1.0), (1.0, 0.3), (0.3, 2.5), (2.5, 0.0)):
        rig.stop_server()
        time.sleep(dead_for)
        rig.start_server()
        time.sleep(alive_for)
    coach.wait_for(lambda: set(rig.devices_of(coach.process.pid)) == {"sink-input", "source-output"}, "coming back")
    with rig.recording() as recording:
        coach.type("how long")
        coach.wait_for(lambda: recording.last_sound_at() > 0, "speaking again")
    coach.end()


def test_a_sound_server_that_hangs_hangs_nobody_else(coach: Coach, rig: SoundRig) -> None:
    lost_at = time.monotonic()
    rig.freeze()
    for name in ("loudspeaker", "microphone"):
        assert coach.wait_until_told(f"The {name} has gone") - lost_at < NOTICED_WITHIN + LATE
    assert coach.end()["kind"] == "end"


def test_devices_are_chosen_by_part_of_their_names(rig: SoundRig, tmp_path: Path) -> None:
    """What is remembered is used, and a device that is not there is told while another one is used."""
    rig.plug_in("headset")
    environment = rig.whole_environment() | {"VOICE_COACH_DATA": str(tmp_path)}
    for variable in ("PULSE_SINK", "PULSE_SOURCE"):
        environment.pop(variable)
    command = [sys.executable, "-m", "voice_coach", "devices", "use", "--speaker", "HEADS", "--microphone", "mic.mon"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    with Coach(rig, tmp_path) as coach:
        coach.begin()
        assert rig.devices_of(coach.process.pid) == {"sink-input": "headset", "source-output": "mic.monitor"}
        rig.unplug("headset")
        coach.wait_until_told("Another one is used until it is there")
        rig.plug_in("headset")
        coach.wait_for(lambda: rig.devices_of(coach.process.pid).get("sink-input") == "headset", "going back")
        coach.end()
