"""Streams of a sound server: a server that is dead, or hangs, holds nobody up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio import pulse_streams
from voice_coach.audio.pulse_streams import PulseError, PulseInput, PulseOutput
from voice_coach.audio.signs import Ailment

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.audio.rig import SoundRig

pytestmark = pytest.mark.skipif(not pulse_streams.can_stream(), reason="the client libraries of PulseAudio are missing")


def silence(frames: int) -> NDArray[np.int16]:
    return np.zeros(frames, np.int16)


def ignore(_block: bytes) -> None:
    pass


def test_without_a_server_it_is_refused_at_once_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nothing'}")
    began = time.monotonic()
    with pytest.raises(PulseError, match=r"\w"):
        PulseOutput(22_050, silence)
    with pytest.raises(PulseError, match=r"\w"):
        PulseInput(ignore)
    assert time.monotonic() - began < 2


class DyingServer:
    """Takes what is played, and is dead when it is asked how late that is."""

    def __init__(self) -> None:
        self.freed = 0

    def new(self, *_: object) -> int:
        return 1

    def write(self, *_: object) -> int:
        return 0

    def latency(self, *_: object) -> int:
        return 2**64 - 1

    def free(self, _stream: int) -> None:
        self.freed += 1


def test_a_server_that_cannot_tell_how_late_the_sound_is_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer stands for "unknown"; taken for a time, no line would ever end."""
    server = DyingServer()
    monkeypatch.setattr(pulse_streams, "_libraries", lambda: server)
    stream = PulseOutput(22_050, silence)
    deadline = time.monotonic() + 5
    while stream.ailment() is not Ailment.STOPPED:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (server.freed, stream.latency < 1.0) == (1, True)


@pytest.mark.devices
class TestWithAServer:
    def test_a_device_that_is_not_there_is_refused(self, sound_rig: SoundRig) -> None:
        del sound_rig  # the server is found through the environment
        with pytest.raises(PulseError, match=r"(?i)no such entity"):
            PulseInput(ignore, "yeti")

    def test_blocks_of_ten_milliseconds_come_from_the_device_that_was_named(self, sound_rig: SoundRig) -> None:
        blocks: list[bytes] = []
        sound_rig.plug_in("headset")
        stream = PulseInput(blocks.append, "headset.monitor")
        deadline = time.monotonic() + 6
        while not blocks:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        stream.close()
        assert {len(block) for block in blocks} == {320}
        assert stream.is_proven is False, "nobody makes a sound in that one"
        assert stream.ailment() is Ailment.STOPPED

    def test_a_server_that_dies_ends_both_streams(self, sound_rig: SoundRig) -> None:
        streams = [PulseOutput(22_050, silence), PulseInput(ignore)]
        time.sleep(0.5)
        assert [stream.ailment() for stream in streams] == [None, None]
        sound_rig.stop_server()
        deadline = time.monotonic() + 3
        while any(stream.ailment() is not Ailment.STOPPED for stream in streams):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def test_a_server_that_hangs_holds_up_nobody(self, sound_rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pulse_streams, "_OPEN_SECONDS", 0.5)
        streams = [PulseOutput(22_050, silence), PulseInput(ignore)]
        time.sleep(0.5)
        sound_rig.freeze()
        time.sleep(0.2)
        began = time.monotonic()
        for stream in streams:
            stream.close()
            stream.close()
        with pytest.raises(PulseError, match="does not answer"):
            PulseOutput(22_050, silence)
        assert time.monotonic() - began < 4 * 0.3 + 0.5 + 1.0
