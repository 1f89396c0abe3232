"""Recordings in the place of a microphone, sound files in the place of a loudspeaker, and `voice-coach hear`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.models import model_folder

RECORDINGS = Path(__file__).parent / "recordings"
RATE = 16_000


def run(*arguments: str | Path, data: Path, status: int = 0) -> tuple[list[dict[str, Any]], str]:
    """Run the program; give the JSON rows it prints, and its standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "voice_coach", *map(str, arguments)],
        env=os.environ | {"VOICE_COACH_DATA": str(data)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def spoken_at(*words: tuple[float, str], seconds: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Put recordings from tests/recordings at their seconds into a quiet recording."""
    sound = np.random.default_rng(1).normal(0, 1e-4, round(seconds * RATE))
    for at, name in words:
        word, rate = soundfile.read(RECORDINGS / f"{name}.flac")
        assert rate == RATE
        start = round(at * RATE)
        sound[start : start + len(word)] += word
    return sound


def test_a_session_hears_a_recording_and_writes_what_it_says_in_step_with_its_clock(tmp_path: Path) -> None:
    """Saying "stop" in the recording stops the session at that second, and the sound file is silent then."""
    microphone, speaker = tmp_path / "mic.wav", tmp_path / "speaker.wav"
    soundfile.write(microphone, spoken_at((40.0, "stop_1"), seconds=60.0), RATE)
    rows, _ = run(
        *("start", "quick_3", "--fast", "--json", "--mic-wav", microphone, "--speaker-wav", speaker),
        *("--model", model_folder()),
        data=tmp_path,
    )
    heard = [row for row in rows if row["kind"] == "heard"]
    assert [row["command"] for row in heard] == ["stop"]
    assert 40.0 < heard[0]["t"] < 42.0
    states = [row["state"] for row in rows if row["kind"] == "state"]
    assert "stopped" in states
    assert "work" not in states[states.index("stopped") :]
    sound, rate = soundfile.read(speaker)
    assert len(sound) / rate == pytest.approx(rows[-1]["t"], abs=0.02)
    silence = sound[round((heard[0]["t"] + 0.05) * rate) : round((heard[0]["t"] + 0.18) * rate)]
    assert np.abs(silence).max() == 0.0


@pytest.mark.parametrize("same", ["mic.wav", "./mic.wav", "link.wav"])
def test_a_recording_is_never_written_over_by_the_session_that_hears_it(tmp_path: Path, same: str) -> None:
    microphone = tmp_path / "mic.wav"
    soundfile.write(microphone, np.zeros(RATE), RATE)
    (tmp_path / "link.wav").hardlink_to(microphone)
    before = microphone.read_bytes()
    _, errors = run(
        *("start", "quick_3", "--fast", "--mic-wav", microphone, "--speaker-wav", f"{tmp_path}/{same}"),
        data=tmp_path,
        status=2,
    )
    assert errors.startswith("--mic-wav and --speaker-wav name the same file")
    assert microphone.read_bytes() == before


def test_two_sounds_are_never_written_into_one_new_file(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    _, errors = run("start", "quick_3", "--speaker-wav", path, "--record", path, data=tmp_path, status=2)
    assert errors.startswith("--record and --speaker-wav name the same file")
    assert not path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_session_whose_sound_file_cannot_be_written_any_more_goes_on_to_its_end(tmp_path: Path) -> None:
    rows, error = run("start", "quick_3", "--fast", "--json", "--speaker-wav", "/dev/full", data=tmp_path)
    assert error.count("/dev/full") == 1
    assert rows[-1]["t"] > 120.0


def test_a_session_whose_recording_is_damaged_goes_on_as_at_the_end_of_one(tmp_path: Path) -> None:
    microphone = tmp_path / "mic.flac"
    soundfile.write(microphone, spoken_at(seconds=60.0), RATE)
    data = bytearray(microphone.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    microphone.write_bytes(data)
    rows, error = run(
        *("start", "quick_3", "--fast", "--json", "--mic-wav", microphone, "--model", model_folder()),
        data=tmp_path,
    )
    assert error.count(f"The recording {microphone} cannot be read") == 1
    assert rows[-1]["kind"] == "end"


def test_hear_prints_the_commands_of_each_recording(tmp_path: Path) -> None:
    path = tmp_path / "stop.wav"
    soundfile.write(path, spoken_at((0.5, "stop_1"), seconds=2.5), RATE)
    rows, _ = run("hear", path, RECORDINGS / "sentence_1.flac", "--json", "--model", model_folder(), data=tmp_path)
    assert [row["file"] for row in rows] == [str(path), str(RECORDINGS / "sentence_1.flac")]
    assert rows[0]["duration"] == 2.5
    (stop,) = rows[0]["commands"]
    assert (stop["command"], stop["text"]) == ("stop", "stop")
    assert 0.5 < stop["at"] <= stop["committed_at"] < 2.5
    assert rows[1]["commands"] == []


def test_hear_takes_any_rate_and_stereo(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    sound = np.repeat(spoken_at((0.5, "stop_1"), seconds=2.5), 3)
    soundfile.write(path, np.stack([sound, sound], axis=1), 3 * RATE)
    rows, _ = run("hear", path, "--json", "--model", model_folder(), data=tmp_path)
    assert [command["command"] for command in rows[0]["commands"]] == ["stop"]


def test_hear_listens_for_ones_own_phrases_only(tmp_path: Path) -> None:
    path, phrases = tmp_path / "stop.wav", tmp_path / "phrases.txt"
    soundfile.write(path, spoken_at((0.5, "stop_1"), seconds=2.5), RATE)
    phrases.write_text("stop\nhelp\n")
    rows, _ = run("hear", path, "--json", "--phrases", phrases, "--model", model_folder(), data=tmp_path)
    assert [command["command"] for command in rows[0]["commands"]] == ["stop"]
    phrases.write_text("yes\n")
    rows, _ = run("hear", path, "--json", "--phrases", phrases, "--model", model_folder(), data=tmp_path)
    assert rows[0]["commands"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["hear", "nothing.wav"], 4, "nothing.wav"),
        (["start", "--mic-wav", "nothing.wav", "--fast"], 4, "nothing.wav"),
        (["start", "--speaker-wav", "no/such/folder/out.wav", "--fast"], 4, "out.wav"),
        (["hear", "x.wav", "--model", "no-model"], 5, "no-model"),
        (["hear", "x.wav", "--phrases", "no-phrases"], 2, "no-phrases"),
    ],
)
def test_what_cannot_be_opened_is_told_in_sentences(
    arguments: list[str], status: int, sentence: str, tmp_path: Path
) -> None:
    _, error = run(*arguments, data=tmp_path, status=status)
    assert sentence in error
    assert "Try: " in error
    assert "Traceback" not in error
