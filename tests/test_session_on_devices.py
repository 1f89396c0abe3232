"""One session as a user has it: a real loudspeaker and microphone of a sound server, the real voice and engine."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.audio.rig import Recording, SoundRig
from tests.running import Running, skip_without_devices_and_voice, speak
from voice_coach.session.speaking import BREATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDINGS = Path(__file__).parent / "recordings"
PATIENCE = 30.0
AGAIN_AFTER = 6.0
SILENT_WITHIN = 0.05
ACCEPTED_WITHIN = 0.1


class Coach(Running):
    """A session, and everything it has printed."""

    def __init__(self, rig: SoundRig, data: Path, *options: str) -> None:
        super().__init__(rig, data, "start", "quick_3", "--json", *options, errors=subprocess.DEVNULL)
        self.rows: list[dict[str, Any]] = []

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Give the next row that is wanted."""
        row = self.row_within(PATIENCE, wanted)
        if row is not None:
            return row
        seen = [(row["t"], row["kind"], row.get("text") or row.get("state")) for row in self.rows[-8:]]
        pytest.fail(f"{what} did not happen within {PATIENCE} s; the last rows are {seen}")

    def row_within(self, seconds: float, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Give the next row that is wanted; None where it does not come in time."""
        deadline = time.monotonic() + seconds
        while (line := self.next_line(deadline)) is not None:
            row = {**json.loads(line.text), "arrived_at": line.arrived_at}
            self.rows.append(row)
            if wanted(row):
                return row
        return None

    def wait_for_state(self, state: str) -> dict[str, Any]:
        return self.wait_for(lambda row: row["kind"] == "state" and row["state"] == state, f"the state {state}")

    def wait_for_command(self, command: str) -> dict[str, Any]:
        return self.wait_for(_is_heard(command), f"hearing {command}")

    def hear(self, command: str, say: Callable[[], object]) -> dict[str, Any]:
        """Let a user say a command, and say it again where it was not understood, as people do."""
        for _ in range(2):
            say()
            if (row := self.row_within(AGAIN_AFTER, _is_heard(command))) is not None:
                return row
        say()
        return self.wait_for_command(command)


def _is_heard(command: str) -> Callable[[dict[str, Any]], bool]:
    return lambda row: row["kind"] == "heard" and row["command"] == command


@pytest.fixture
def rig() -> Iterator[SoundRig]:
    skip_without_devices_and_voice()
    with SoundRig() as rig:
        yield rig


@pytest.mark.devices
@pytest.mark.xdist_group("measures time")
@pytest.mark.timeout(180)
def test_a_session_on_real_devices_obeys_spoken_commands_and_is_silent_within_50_ms(
    rig: SoundRig, tmp_path: Path
) -> None:
    """Spoken commands take effect through a real microphone, and "stop" silences the coach within 50 ms."""
    with rig.recording() as recording, Coach(rig, tmp_path) as coach:
        coach.wait_for_state("question")
        time.sleep(3.5)  # the coach asks, and does not listen for answers until it is silent
        rig.play_into_microphone(RECORDINGS / "no_1.flac")
        coach.wait_for_command("no")
        coach.wait_for_state("work")

        coach.hear("harder", lambda: rig.play_into_microphone(speak("harder", tmp_path)))
        assert coach.wait_for_state("count_in")["rung"] == 2
        coach.wait_for_state("work")

        coach.hear("pause", lambda: rig.play_into_microphone(speak("pause", tmp_path)))
        paused = coach.wait_for_state("paused")
        time.sleep(2.0)
        resumed = coach.hear("resume", lambda: rig.play_into_microphone(speak("resume", tmp_path)))["arrived_at"]
        working = coach.wait_for_state("work")
        assert working["worked"] == pytest.approx(paused["worked"], abs=0.01)

        coach.hear("next", lambda: rig.play_into_microphone(speak("next", tmp_path)))
        assert coach.wait_for_state("switch")["side"] == "right"

        coach.wait_for(lambda row: row["kind"] == "say" and row["text"].startswith("Five"), "the count-in")
        rig.play_into_microphone(RECORDINGS / "stop_1.flac")
        stopped = coach.wait_for_command("stop")
        coach.wait_for(lambda row: row["kind"] == "say", "the answer to stop")
        coach.process.send_signal(signal.SIGINT)
        ended = coach.wait_for(lambda row: row["kind"] == "end", "the end")
        assert coach.process.wait(timeout=PATIENCE) == 0

    commit = stopped["arrived_at"]
    said_before = Recording([piece for piece in recording.pieces if commit - 2.0 < piece.arrived_at <= commit])
    said_after = Recording([p for p in recording.pieces if commit + SILENT_WITHIN < p.arrived_at < commit + BREATH])
    assert said_before.last_sound_at() > commit - 2.0, "the coach was counting when somebody began to say stop"
    assert said_after.last_sound_at() == float("-inf"), "the coach was not silent soon enough"
    answered = Recording([piece for piece in recording.pieces if resumed < piece.arrived_at < resumed + 1.0])
    assert answered.first_sound_at() - resumed <= ACCEPTED_WITHIN, "the accept sound came late"
    assert ended["reason"] == "interrupted"
    doses = [row for row in coach.rows if row["kind"] == "dose"]
    assert [(dose["side"], dose["done"]) for dose in doses] == [("left", True), ("right", False)]
    assert doses[0]["worked"] == pytest.approx(working["worked"], abs=10.0)


@pytest.mark.devices
@pytest.mark.timeout(180)
def test_a_session_that_was_killed_goes_on_when_somebody_says_yes(rig: SoundRig, tmp_path: Path) -> None:
    with Coach(rig, tmp_path) as coach:
        coach.wait_for_state("question")
        time.sleep(3.5)
        coach.hear("no", lambda: rig.play_into_microphone(RECORDINGS / "no_1.flac"))
        where = coach.wait_for_state("setup")
    with Coach(rig, tmp_path) as coach:
        asked = coach.wait_for(lambda row: row["kind"] == "say", "the first word")
        assert asked["text"] == "You stopped in the ball roll, left foot. Resume?"
        time.sleep(5.0)
        coach.hear("yes", lambda: rig.play_into_microphone(RECORDINGS / "yes_1.flac"))
        goes_on = coach.wait_for_state("count_in")
        assert (goes_on["step"], goes_on["side"]) == (where["step"], where["side"])
