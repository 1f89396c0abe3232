"""`voice-coach doctor` where there is sound, and where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.audio.echo_room import COACH_DBFS, VOICE_DBFS, EchoRoom
from tests.audio.rig import SoundRig, missing_programs
from tests.cli.program import ROOT, Program
from tests.models import model_folder
from tests.running import speak
from voice_coach.doctor.examination import Examination
from voice_coach.doctor.findings import Finding, exit_status, good
from voice_coach.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDINGS = Path(__file__).parents[1] / "recordings"


class Nowhere:
    """The program on a machine without a sound server."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = Program(self.data).environment | {"PULSE_SERVER": f"unix:{self.data / 'nothing'}"} | more
        command = [sys.executable, "-m", "voice_coach", *arguments]
        return subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture
def nowhere(tmp_path: Path) -> Nowhere:
    return Nowhere(tmp_path)


def by_part(output: str) -> dict[str, dict[str, Any]]:
    return {finding["part"]: finding for finding in json.loads(output)["findings"]}


class TestWithoutSound:
    def test_it_works_and_says_what_is_missing(self, nowhere: Nowhere) -> None:
        done = nowhere.run("doctor", "--model", str(model_folder()))
        if "loudspeaker   good" in done.stdout:
            pytest.skip("this machine has sound devices without a sound server")
        assert done.returncode == 4
        assert done.stderr == ""
        assert "There is no loudspeaker." in done.stdout
        assert "There is no microphone." in done.stdout
        assert "Try: " in done.stdout

    def test_a_script_gets_json_and_the_exit_status(self, nowhere: Nowhere) -> None:
        done = nowhere.run("doctor", "--json", "--quick", "--model", str(model_folder()))
        findings = by_part(done.stdout)
        assert json.loads(done.stdout)["exit_status"] == done.returncode
        assert findings["voice"]["verdict"] == "good"
        assert findings["speech model"]["figures"]["phrases"] > 100
        assert all(finding["remedy"] for finding in findings.values() if finding["verdict"] in ("poor", "broken"))

    def test_a_missing_library_is_named_with_the_command_that_installs_it(
        self, nowhere: Nowhere, tmp_path: Path
    ) -> None:
        (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n", encoding="utf-8")
        done = nowhere.run("doctor", "--json", "--quick", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
        library = by_part(done.stdout)["sound library"]
        assert (done.returncode, library["verdict"]) == (4, "broken")
        assert "install" in library["remedy"]

    def test_a_missing_model_is_told_with_its_own_status(self, tmp_path: Path) -> None:
        findings = list(Examination(Settings(), model_folder=tmp_path / "none", quick=True).findings())
        model = next(finding for finding in findings if finding.part == "speech model")
        assert (model.verdict, model.exit_status) == ("broken", 5)

    def test_a_bad_setting_is_poor(self, nowhere: Nowhere, tmp_path: Path) -> None:
        (tmp_path / "settings.toml").write_text("[audio]\nloudness = 99\n", encoding="utf-8")
        done = nowhere.run("doctor", "--json", "--quick")
        setting = by_part(done.stdout)["settings"]
        assert setting["verdict"] == "poor"
        assert "Line 2" in setting["says"]

    def test_a_folder_that_cannot_be_written_is_broken(self, nowhere: Nowhere, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("", encoding="utf-8")
        done = nowhere.run("doctor", "--json", "--quick", VOICE_COACH_DATA=str(blocked / "data"))
        assert done.returncode == 7
        assert by_part(done.stdout)["data folder"]["verdict"] == "broken"


def test_the_exit_status_is_that_of_the_first_broken_part() -> None:
    broken = [Finding("x", "broken", "It is broken.", "mend it", status) for status in (5, 4)]
    assert exit_status([good("a", "Fine."), Finding("b", "poor", "So so.", "c"), *broken]) == 5
    assert exit_status([good("a", "Fine."), Finding("b", "poor", "So so.", "c")]) == 0


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundRig]:
    """Give a room in which the microphone hears the loudspeaker; this process uses its devices."""
    if missing := missing_programs():
        pytest.skip(f"the virtual sound devices need {', '.join(missing)}")
    try:
        import sounddevice  # noqa: PLC0415 - PortAudio may be missing
    except OSError as error:
        pytest.skip(str(error))
    with SoundRig(EchoRoom(attenuation_db=-14, delay_ms=150, reverberation=0.3, noise_dbfs=-60)) as rig:
        for name, value in rig.environment.items():
            monkeypatch.setenv(name, value)
        sounddevice._terminate()
        sounddevice._initialize()
        yield rig


def examined(examination: Examination) -> dict[str, Finding]:
    return {finding.part: finding for finding in examination.findings()}


@pytest.mark.devices
@pytest.mark.xdist_group("measures time")
class TestInARoom:
    def test_devices_noise_delay_and_echo_are_measured(self, room: SoundRig) -> None:
        del room  # its devices are found through the environment
        findings = examined(Examination(Settings(), model_folder()))
        assert {finding.verdict for finding in findings.values()} <= {"good", "poor", "not checked"}
        assert findings["microphone"].figures["rate_hz"] == 16_000
        assert findings["room"].figures["noise_dbfs"] == pytest.approx(-60, abs=2)
        assert findings["latency"].figures["loop_ms"] == pytest.approx(150 + 25, abs=40)
        assert findings["echo"].figures["gain_db"] == pytest.approx(VOICE_DBFS - COACH_DBFS - 14, abs=2)
        cancelled = findings["canceller"].figures["cancelled_db"]
        assert isinstance(cancelled, float)
        assert cancelled > 15
        assert findings["your voice"].verdict == "not checked"

    def test_a_person_is_asked_to_say_a_word(self, room: SoundRig, tmp_path: Path) -> None:
        asked: list[str] = []
        answering: list[threading.Thread] = []
        over = threading.Event()
        word = speak("next", tmp_path)

        def ask(sentence: str) -> None:
            asked.append(sentence)
            answering.append(threading.Thread(target=answer))
            answering[0].start()

        def answer() -> None:
            while not over.wait(1.5):
                room.say(word)

        findings = examined(Examination(Settings(), model_folder(), ask=ask))
        over.set()
        answering[0].join()
        assert asked == ['Say "next" 3 times, with a pause after each.']
        heard = findings["your voice"].figures["heard"]
        assert isinstance(heard, int)
        assert heard >= 1
        assert findings["your voice"].figures["above_noise_db"] == pytest.approx(40, abs=10)

    def test_a_muted_microphone_is_broken_with_the_command_that_helps(self, room: SoundRig) -> None:
        room.mute()
        findings = examined(Examination(Settings(), model_folder(), quick=True))
        assert findings["microphone"].verdict == "broken"
        assert "set-source-mute" in findings["microphone"].remedy
        assert findings["room"].verdict == "broken"
