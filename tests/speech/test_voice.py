from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.errors import VoiceError
from voice_coach.speech.tts_worker import HEADER, MAGIC
from voice_coach.speech.voice import VOICE_RATE, PyttsxVoice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voice_coach.audio.clip import Clip

LINE = "Roll the ball slowly from heel to toes."


@pytest.fixture(scope="module")
def voice() -> Iterator[PyttsxVoice]:
    voice = PyttsxVoice()
    voice.start()
    yield voice
    voice.close()


def sounding(clip: Clip) -> list[int]:
    """Give the indices of the samples that are loud enough to hear."""
    return [int(index) for index in np.flatnonzero(np.abs(clip.samples.astype(int)) > 300)]


class TestLines:
    def test_a_line_begins_and_ends_at_once(self, voice: PyttsxVoice) -> None:
        clip = voice.render(LINE)
        loud = sounding(clip)
        assert clip.rate == voice.rate == VOICE_RATE
        assert 1.5 < clip.seconds < 4
        assert loud[0] <= 0.02 * VOICE_RATE
        assert len(clip.samples) - loud[-1] <= 0.03 * VOICE_RATE

    def test_lines_are_equally_loud_and_never_clipped(self, voice: PyttsxVoice) -> None:
        clips = [voice.render(line) for line in (LINE, "Now.", "Pause!", "Shh, easy.", "Two minutes left?")]
        loudness = [_rms(clip) for clip in clips]
        assert max(loudness) / min(loudness) < 1.6
        assert max(int(np.max(np.abs(clip.samples.astype(int)))) for clip in clips) < 32_000

    def test_text_that_cannot_be_spoken_gives_an_empty_clip(self, voice: PyttsxVoice) -> None:
        assert len(voice.render(" ... ").samples) == 0

    def test_control_characters_do_not_cut_a_line(self, voice: PyttsxVoice) -> None:
        assert voice.render("Roll the ball\0 slowly\n").seconds == pytest.approx(
            voice.render("Roll the ball slowly").seconds, abs=0.05
        )

    def test_one_line_does_not_turn_up_in_another(self, voice: PyttsxVoice) -> None:
        first, short, again = voice.render(LINE), voice.render("Now."), voice.render(LINE)
        assert first.seconds == pytest.approx(again.seconds, abs=0.05)
        assert short.seconds < first.seconds / 2


class TestBeats:
    def test_each_word_begins_on_its_beat_and_the_clip_ends_on_one(self, voice: PyttsxVoice) -> None:
        clip = voice.render("Three, two, one.", beat=1.0)
        assert len(clip.samples) == 3 * VOICE_RATE
        for index in range(3):
            word = [i for i in sounding(clip) if index * VOICE_RATE <= i < (index + 1) * VOICE_RATE]
            assert word[0] - index * VOICE_RATE < 0.01 * VOICE_RATE

    def test_a_beat_shorter_than_a_word_cuts_the_word_not_the_beat(self, voice: PyttsxVoice) -> None:
        assert len(voice.render("Seventeen, seventeen.", beat=0.25).samples) == VOICE_RATE // 2


class TestFailures:
    def test_a_child_that_died_is_replaced_within_the_same_call(self, voice: PyttsxVoice) -> None:
        before = voice.render(LINE)
        _process(voice).kill()
        assert voice.render(LINE).seconds == pytest.approx(before.seconds, abs=0.05)

    @pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be stopped there")
    def test_a_child_that_hangs_is_replaced_within_the_same_call(self) -> None:
        voice = PyttsxVoice(timeout_seconds=3)
        voice.render("Now.")
        os.kill(_process(voice).pid, 19)  # SIGSTOP
        started = time.monotonic()
        assert voice.render("Now.").seconds > 0.2
        assert time.monotonic() - started < 6
        voice.close()

    def test_a_voice_that_does_not_exist_is_an_error_with_a_remedy(self) -> None:
        voice = PyttsxVoice(voice="nobody")
        with pytest.raises(VoiceError, match=r"Text-to-speech failed .* Try: "):
            voice.render(LINE)
        voice.close()

    def test_a_child_that_prints_rubbish_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _replace_worker(monkeypatch, "import sys; sys.stdin.readline(); print('x' * 100)")
        voice = PyttsxVoice()
        with pytest.raises(VoiceError, match="rubbish"):
            voice.render(LINE)
        voice.close()

    def test_a_child_without_an_engine_says_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        message = b"no text-to-speech engine"
        answer = HEADER.pack(MAGIC, 0, len(message)) + message
        _replace_worker(monkeypatch, f"import sys; sys.stdout.buffer.write({answer!r})")
        voice = PyttsxVoice()
        with pytest.raises(VoiceError, match=re.escape(message.decode())):
            voice.render(LINE)
        voice.close()

    def test_a_closed_voice_does_not_speak(self) -> None:
        voice = PyttsxVoice()
        voice.close()
        voice.close()
        with pytest.raises(VoiceError, match="closed"):
            voice.render(LINE)

    def test_nothing_is_left_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        voice = PyttsxVoice()
        voice.render(LINE)
        process = _process(voice)
        voice.close()
        assert list(tmp_path.iterdir()) == []
        assert process.poll() is not None


def test_starting_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _replace_worker(monkeypatch, "import time; time.sleep(60)")
    voice = PyttsxVoice()
    started = time.monotonic()
    voice.start()
    assert time.monotonic() - started < 0.5
    voice.close()


def _process(voice: PyttsxVoice) -> subprocess.Popen[bytes]:
    assert voice._worker is not None
    return voice._worker._process


def _replace_worker(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _command, **options: popen([sys.executable, "-c", program], **options)
    )


def _rms(clip: Clip) -> float:
    loud = clip.samples[sounding(clip)].astype(float)
    return float(np.sqrt(np.mean(loud**2)))
