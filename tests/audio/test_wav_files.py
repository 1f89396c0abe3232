from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from voice_coach.audio.clip import Clip
from voice_coach.audio.wav_files import WavMicrophone, WavSpeaker
from voice_coach.errors import SoundFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 22_050
FULL = Path("/dev/full")


def tone(seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


def as_clip(sound: NDArray[np.float64]) -> Clip:
    return Clip((sound * 32767).astype(np.int16), RATE)


def nothing() -> None:
    pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sound.wav"


class TestWavSpeaker:
    def test_writes_a_line_at_its_time_of_the_session(self, path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        speaker.advance(1.0)
        speaker.say(as_clip(tone(0.5)), nothing)
        speaker.advance(2.0)
        speaker.close()
        samples, rate = soundfile.read(path, dtype="int16")
        sounding = np.flatnonzero(samples)
        assert (rate, len(samples)) == (RATE, 2 * RATE)
        assert sounding[0] == pytest.approx(RATE, abs=2)
        assert sounding[-1] == pytest.approx(1.5 * RATE, abs=2)

    def test_calls_on_end_in_time_for_the_next_line_to_follow_without_a_gap(self, path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        clip = Clip(np.full(RATE // 2, 1000, np.int16), RATE)
        speaker.say(clip, lambda: speaker.say(clip, nothing))
        speaker.advance(2.0)
        speaker.close()
        samples, _ = soundfile.read(path, dtype="int16")
        assert np.flatnonzero(samples).tolist() == list(range(2 * (RATE // 2)))

    def test_tells_when_the_line_ends(self, path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        assert speaker.ends_at is None
        speaker.advance(1.0)
        speaker.say(as_clip(tone(0.5)), nothing)
        assert speaker.ends_at == pytest.approx(1.5)
        speaker.close()

    def test_does_not_drift(self, path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        for step in range(1, 1000):
            speaker.advance(step * 0.01003)
        speaker.close()
        assert soundfile.info(path).frames == round(999 * 0.01003 * RATE)

    def test_going_back_in_time_writes_nothing(self, path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        speaker.advance(1.0)
        speaker.advance(0.5)
        speaker.close()
        assert soundfile.info(path).frames == RATE

    def test_leaves_a_whole_file_when_the_program_is_killed(self, path: Path, tmp_path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        speaker.advance(1.5)
        left_behind = tmp_path / "copy.wav"
        left_behind.write_bytes(path.read_bytes())
        speaker.close()
        with wave.open(str(left_behind)) as file:
            assert file.getnframes() == round(1.5 * RATE)
            assert len(file.readframes(RATE * 2)) == 2 * round(1.5 * RATE)

    def test_closes_twice(self, path: Path) -> None:
        speaker = WavSpeaker(path, RATE)
        speaker.close()
        speaker.close()
        assert soundfile.info(path).frames == 0

    def test_says_when_the_file_cannot_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(SoundFileError, match="cannot be written"):
            WavSpeaker(tmp_path / "missing" / "sound.wav", RATE)

    @pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
    def test_on_a_full_disk_lines_go_on_and_it_is_told_once(self) -> None:
        told: list[SoundFileError] = []
        ended: list[None] = []
        speaker = WavSpeaker(FULL, RATE, told.append)
        speaker.say(as_clip(tone(0.5)), lambda: ended.append(None))
        for tenth in range(1, 11):
            speaker.advance(tenth / 10)
        speaker.close()
        speaker.close()
        assert len(ended) == 1
        assert [error.what for error in told] == [
            "The sound file /dev/full cannot be written (No space left on device)."
        ]

    @pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
    def test_on_a_full_disk_it_raises_where_nobody_else_is_told(self) -> None:
        speaker = WavSpeaker(FULL, RATE)
        with pytest.raises(SoundFileError, match="cannot be written"):
            speaker.advance(0.5)
        speaker.close()


class TestWavMicrophone:
    @pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
    @pytest.mark.parametrize("suffix", ["wav", "flac"])
    def test_hears_any_rate_as_blocks_of_ten_milliseconds(self, tmp_path: Path, rate: int, suffix: str) -> None:
        path = tmp_path / f"sound.{suffix}"
        soundfile.write(path, tone(2.503, rate), rate)
        microphone = WavMicrophone(path)
        blocks = list(microphone.blocks())
        microphone.close()
        heard = np.frombuffer(b"".join(blocks), "<i2") / 32768
        expected = tone(2.503, 16_000)
        assert {len(block) for block in blocks} == {320}
        assert len(blocks) == 251
        assert microphone.seconds == pytest.approx(2.503, abs=0.001)
        assert np.corrcoef(heard[800:-800], expected[800 : len(heard) - 800])[0, 1] > 0.99

    def test_averages_channels(self, path: Path) -> None:
        both = np.stack([np.full(1600, 0.5), np.full(1600, 0.1)], axis=1)
        soundfile.write(path, both, 16_000, subtype="FLOAT")
        microphone = WavMicrophone(path)
        heard = np.frombuffer(b"".join(microphone.blocks()), "<i2")
        microphone.close()
        assert heard.tolist() == pytest.approx([0.3 * 32767] * 1600, abs=1)

    @pytest.mark.parametrize("rate", [16_000, 44_100])
    @pytest.mark.filterwarnings("error")
    def test_hears_what_is_beyond_all_numbers_as_loud_as_can_be(self, path: Path, rate: int) -> None:
        odd = np.zeros((rate, 2))
        odd[100], odd[200], odd[300], odd[400] = (np.inf, -np.inf), (np.nan, 0), (3e38, 3e38), (np.inf, np.inf)
        soundfile.write(path, odd, rate, subtype="FLOAT")
        microphone = WavMicrophone(path)
        heard = np.frombuffer(b"".join(microphone.blocks()), "<i2")
        microphone.close()
        assert np.abs(heard[1000:]).max() == 0
        if rate == 16_000:
            assert [heard[at] for at in (100, 200, 300, 400)] == [0, 0, 32767, 32767]

    def test_hears_the_same_from_the_beginning_again(self, path: Path) -> None:
        soundfile.write(path, tone(0.3, 16_000), 16_000)
        microphone = WavMicrophone(path)
        assert list(microphone.blocks()) == list(microphone.blocks())
        microphone.close()

    def test_says_that_a_file_is_missing(self, path: Path) -> None:
        with pytest.raises(SoundFileError, match="There is no recording"):
            WavMicrophone(path)

    def test_says_that_a_file_is_no_recording(self, path: Path) -> None:
        path.write_text("no sound")
        with pytest.raises(SoundFileError, match="cannot be read"):
            WavMicrophone(path)

    def test_says_that_sound_without_a_header_is_no_recording(self, tmp_path: Path) -> None:
        path = tmp_path / "plain.RAW"
        path.write_bytes(bytes(3200))
        with pytest.raises(SoundFileError, match="nothing in it tells its rate and format"):
            WavMicrophone(path)

    def test_says_that_a_file_is_empty(self, path: Path) -> None:
        soundfile.write(path, np.zeros(0), 16_000)
        with pytest.raises(SoundFileError, match="is empty"):
            WavMicrophone(path)

    def test_says_that_a_rate_is_too_low(self, path: Path) -> None:
        soundfile.write(path, np.zeros(4_000), 4_000)
        with pytest.raises(SoundFileError, match="only 4000 samples"):
            WavMicrophone(path)
