"""`voice-coach devices` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.audio.rig import SoundRig, missing_programs
from tests.cli.program import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def rig() -> Iterator[SoundRig]:
    if missing := missing_programs():
        pytest.skip(f"the virtual sound devices need {', '.join(missing)}")
    with SoundRig() as rig:
        yield rig


@pytest.fixture
def run(rig: SoundRig, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    environment = rig.whole_environment() | {"VOICE_COACH_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for variable in ("PULSE_SINK", "PULSE_SOURCE"):
        environment.pop(variable)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "voice_coach", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


pytestmark = pytest.mark.devices


def test_the_servers_devices_are_listed_by_their_own_names(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run("devices")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mic.monitor  Monitor of Null Output  (2 channels, PulseAudio" in done.stdout
    assert "what the loudspeaker plays" in done.stdout
    rows = json.loads(run("devices", "--json").stdout)
    assert {row["name"] for row in rows if row["kind"] == "loudspeaker"} >= {"speaker", "mic"}


def test_a_choice_is_remembered_marked_and_forgotten(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert run("devices", "use", "--speaker", "MIC", "--microphone", "speaker.mon").returncode == 0
    used = {row["name"] for row in json.loads(run("devices", "--json").stdout) if row["used"]}
    assert used == {"mic", "speaker.monitor"}
    assert 'Chosen: "mic" (file)' in run("devices").stdout
    assert run("devices", "forget").returncode == 0
    assert "Chosen" not in run("devices").stdout


@pytest.mark.parametrize(
    ("name", "complaint"), [("yeti", 'no loudspeaker with "yeti"'), ("null output", "More than one")]
)
def test_a_name_that_fits_none_or_several_changes_nothing(
    run: Callable[..., subprocess.CompletedProcess[str]], name: str, complaint: str
) -> None:
    done = run("devices", "use", "--speaker", name)
    assert done.returncode == 4
    assert complaint in done.stderr
    assert "Chosen" not in run("devices").stdout


def test_nothing_is_said_to_be_used_before_all_of_it_is(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    devices = json.loads(run("devices", "--json").stdout)
    name = next(device["name"] for device in devices if device["kind"] == "microphone")
    done = run("devices", "use", "--microphone", name, "--speaker", "yeti")
    assert (done.returncode, done.stdout) == (4, "")
    assert "Chosen" not in run("devices").stdout


def test_a_session_with_a_device_that_is_not_there_is_not_started(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run("start", "--microphone", "yeti")
    assert (done.returncode, done.stdout) == (4, "")
    assert "voice-coach devices" in done.stderr


def test_using_nothing_is_a_mistake(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert run("devices", "use").returncode == 2
