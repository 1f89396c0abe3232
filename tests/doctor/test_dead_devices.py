"""An examination where a device is open, and dead or muted: it goes on to its end, and tells what helps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.models import model_folder
from voice_coach.audio.interfaces import StreamFormat
from voice_coach.audio.pulse import ServerDevice, ServerView
from voice_coach.doctor import examination, listening_in
from voice_coach.doctor.examination import Examination
from voice_coach.settings import AudioSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.audio.devices import Device
    from voice_coach.doctor.findings import Finding


class DeadStream:
    """Takes or gives nothing."""

    format = StreamFormat(16_000, 1)
    latency = 0.02

    def __init__(self, *_: object) -> None:
        """Open nothing."""

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture(autouse=True)
def dead_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening_in, "open_input", DeadStream)
    monkeypatch.setattr(listening_in, "open_output", DeadStream)
    monkeypatch.setattr(examination, "ask_server", server_with_a_muted_headset)
    for patience in ("_FIRST_SOUND_SECONDS", "_ANSWER_SECONDS"):
        monkeypatch.setattr(examination, patience, 0.05)


def server_with_a_muted_headset() -> ServerView:
    headset = ServerDevice("headset", "A headset", 1, is_real=True, is_muted=True)
    other = ServerDevice("other", "Another one", 1, is_real=True, is_muted=False)
    devices = (headset, other)
    return ServerView("PulseAudio 16.1", devices, devices, None, None, "other", "other", time.monotonic())


def examined(settings: AudioSettings, asked: list[str] | None = None) -> dict[str, Finding]:
    ask = None if asked is None else asked.append
    found = Examination(Settings(settings), model_folder(), quick=asked is None, ask=ask).findings()
    return {finding.part: finding for finding in found}


def test_nobody_is_asked_to_speak_into_a_microphone_that_gives_nothing() -> None:
    asked: list[str] = []
    findings = examined(AudioSettings(), asked)
    assert findings["room"].verdict == "broken"
    assert (findings["echo"].verdict, findings["your voice"].verdict) == ("not checked", "not checked")
    assert asked == []


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("loudspeaker", AudioSettings(speaker="headset")), ("microphone", AudioSettings(microphone="headset"))],
)
def test_what_unmutes_a_chosen_device_names_that_device(kind: str, settings: AudioSettings) -> None:
    findings = examined(settings)
    assert findings[kind].verdict == "broken"
    assert "mute headset 0" in findings[kind].remedy


class DyingStream(DeadStream):
    """A microphone that gives noise until somebody is asked to speak."""

    def __init__(self, on_block: Callable[[bytes], None], _device: Device | None) -> None:
        block = np.random.default_rng(1).normal(0, 30, 160).astype("<i2").tobytes()
        for _ in range(20):
            on_block(block)


def test_a_microphone_that_dies_while_somebody_speaks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening_in, "open_input", DyingStream)
    asked: list[str] = []
    findings = examined(AudioSettings(), asked)
    assert len(asked) == 1
    assert findings["your voice"].verdict == "broken"
    assert "microphone" in findings["your voice"].says
