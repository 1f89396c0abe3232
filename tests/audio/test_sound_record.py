"""What the microphone hears is kept only where that is asked for, and then it is said aloud."""

from __future__ import annotations

import queue
import subprocess
import time
import tracemalloc
import wave
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.audio.rig import RECORDING_RATE, SoundRig, missing_programs
from tests.cli.program import Program
from voice_coach.assembly.hearing import open_record
from voice_coach.assembly.options import Options
from voice_coach.assembly.parts import Parts
from voice_coach.audio.sound_record import RecordedMicrophone, SoundRecord
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import SoundFileError, UsageError
from voice_coach.mouths import SilentMouth
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.speech.voice import PyttsxVoice
from voice_coach.testing import FakeMicrophone

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = bytes(range(64)) * 5


def test_every_block_is_kept_and_heard_as_well(tmp_path: Path) -> None:
    heard: list[bytes] = []
    record = SoundRecord(tmp_path / "heard.wav", lambda error: pytest.fail(str(error)))
    microphone = FakeMicrophone()
    recorded = RecordedMicrophone(microphone, record)
    recorded.start(heard.append)
    for _ in range(120):
        microphone.feed(BLOCK)
    recorded.close()
    record.close()
    assert microphone.closed
    assert heard == [BLOCK] * 120
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.getnchannels()) == (16_000, 1)
        assert file.readframes(file.getnframes()) == BLOCK * 120


def test_a_file_that_cannot_be_written_is_told_at_once_or_when_it_happens(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="cannot be written"):
        SoundRecord(tmp_path / "nowhere" / "heard.wav", lambda _error: None)


def test_a_text_session_has_nothing_to_record(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    done = program.run("start", "quick_3", "--text", "--record", tmp_path / "heard.wav")
    assert done.returncode == 2
    assert "no microphone" in done.stderr
    assert not (tmp_path / "heard.wav").exists()


def test_a_session_without_a_loudspeaker_tells_why_nothing_is_recorded(tmp_path: Path) -> None:
    parts = Parts(Options(record=tmp_path / "heard.wav"), ExitStack(), load_phrasebook())
    with pytest.raises(UsageError, match=r"without voice and loudspeaker.*Try: voice-coach doctor"):
        open_record(parts, SilentMouth(parts.inbox))
    assert not (tmp_path / "heard.wav").exists()


def spoken(line: str) -> NDArray[np.float64]:
    """Give a line in the coach's voice, 22 050 Hz."""
    voice = PyttsxVoice()
    samples = voice.render(line).samples.astype(float)
    voice.close()
    return samples


def likeness(sound: NDArray[np.int16], clip: NDArray[np.float64]) -> float:
    """Give how well the best place in `sound` (44 100 Hz) is like the clip (22 050 Hz): 1 is the same."""
    half = sound[: len(sound) // 2 * 2].reshape(-1, 2).mean(axis=1)
    size = 1 << (len(half) + len(clip)).bit_length()
    product = np.fft.irfft(np.fft.rfft(half, size) * np.conj(np.fft.rfft(clip, size)), size)[: len(half)]
    sums = np.concatenate([np.zeros(1), np.cumsum(half**2), np.full(len(clip), np.sum(half**2))])
    energy = (sums[len(clip) :] - sums[: -len(clip)])[: len(half)]
    return float(np.max(product / (np.sqrt(energy * np.sum(clip**2)) + 1e6), initial=0.0))


_PATIENCE = 75.0
_LAST_SAMPLES = 12 * RECORDING_RATE
"""More would take long to look through, and meanwhile nobody would read what is recorded."""


@pytest.mark.devices
def test_a_session_that_records_says_so_and_keeps_the_sound(tmp_path: Path) -> None:
    if missing := missing_programs():
        pytest.skip(f"devices need {', '.join(missing)}")
    program = Program(tmp_path / "data")
    program.answer_first_questions()
    file = tmp_path / "heard.wav"
    notice = spoken(load_catalogue().lines["recording"].say)
    with SoundRig() as rig, rig.recording() as played:
        process = subprocess.Popen(
            program.command("start", "quick_3", "--json", "--record", file),
            env=program.environment | rig.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # it is said between other lines, and a busy machine begins late
        deadline = time.monotonic() + _PATIENCE
        while likeness(played.samples[-_LAST_SAMPLES:], notice) <= 0.5 and time.monotonic() < deadline:
            time.sleep(2.0)
        time.sleep(1.0)
        process.terminate()
        _, errors = process.communicate(timeout=30)
        sound = played.samples
    assert f"What the microphone hears is kept in {file}." in errors
    with wave.open(str(file)) as kept:
        assert kept.getnframes() > 4 * 16_000
    assert likeness(sound, notice) > 0.5
    assert likeness(sound, spoken("Something that the coach has never said at all.")) < 0.3


def test_a_full_disk_is_told_once_and_what_comes_after_that_is_not_kept_in_memory() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    told: queue.SimpleQueue[SoundFileError] = queue.SimpleQueue()
    record = SoundRecord(full, told.put)
    for _ in range(100):
        record.hear(BLOCK)
    assert "cannot be written" in str(told.get(timeout=5))
    tracemalloc.start()
    for _ in range(60 * 100):
        record.hear(bytes(bytearray(BLOCK)))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    record.close()
    assert kept < 100 * len(BLOCK)
    assert told.empty()
