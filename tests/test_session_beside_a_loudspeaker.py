"""A session in a room in which the microphone really hears the loudspeaker, on devices of a sound server."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audio.echo_room import EchoRoom
from tests.audio.rig import SoundRig, missing_programs
from tests.test_session_on_devices import PATIENCE, Coach

if TYPE_CHECKING:
    from typing import Any

STOP = Path(__file__).parent / "recordings" / "stop_2.flac"


def is_heard(row: dict[str, Any]) -> bool:
    return row["kind"] == "heard" and row["command"] is not None


@pytest.mark.devices
@pytest.mark.timeout(150)
@pytest.mark.parametrize("duplex", ["half", "auto"])
def test_the_coach_does_not_obey_itself_and_obeys_whoever_speaks_over_it(duplex: str, tmp_path: Path) -> None:
    """Nobody answers, so the coach says "resume" itself; then somebody says "stop" over it."""
    if missing := missing_programs():
        pytest.skip(f"a session on devices needs {', '.join(missing)}")
    room = EchoRoom(attenuation_db=-6, delay_ms=40, reverberation=0.3)
    with SoundRig(room) as rig, Coach(rig, tmp_path, "--duplex", duplex) as coach:
        coach.wait_for(lambda row: row["kind"] == "say" and "resume" in row["text"], "the line that holds a command")
        assert [row for row in coach.rows if is_heard(row)] == []
        assert coach.row_within(2.5, is_heard) is None, "the coach has heard itself"
        stopped = coach.hear("stop", lambda: rig.say(STOP))
        assert coach.wait_for(lambda row: row["kind"] == "say", "the answer")["text"].startswith("Stopped")
        coach.process.send_signal(signal.SIGINT)
        coach.wait_for(lambda row: row["kind"] == "end", "the end")
        assert coach.process.wait(timeout=PATIENCE) == 0
    assert stopped["command"] == "stop"
