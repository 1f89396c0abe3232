"""Lines are equally loud to an ear, as loud as asked, and never clipped."""

from __future__ import annotations

import re
import tracemalloc
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.loudness import at_loudness, limited, loudness
from voice_coach.session.manner import LOUDNESS_DECIBELS, WORDS_PER_MINUTE, Manner
from voice_coach.speech.voice import VOICE_RATE, PyttsxVoice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from voice_coach.audio.clip import Clip

RATE = 22_050
_LINE = re.compile(r'(?:say|text|setup|note): "?([A-Z][^{}"\n]{3,160}[.?!])"?')


def tone(pitch: float, peak: float, seconds: float = 2.0, rate: int = 48_000) -> NDArray[np.float32]:
    return (peak * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def lines() -> list[str]:
    """Give every eighth line of the catalogue, and the shortest there are."""
    folder = resources.files("voice_coach.routines")
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("steps.yaml", "spoken_lines.yaml")]
    found = sorted({line for text in texts for line in _LINE.findall(text)})
    return [*found[::8], "Now.", "Hold.", "One.", "Shh, easy.", "Stop?"]


class TestMeasure:
    def test_a_tone_of_a_thousand_hertz_has_the_level_that_the_standard_says(self) -> None:
        assert loudness(tone(997, 1.0), 48_000) == pytest.approx(-3.01, abs=0.1)

    def test_ten_times_less_is_20_decibels_less(self) -> None:
        assert loudness(tone(997, 0.1), 48_000) == pytest.approx(-23.01, abs=0.1)

    def test_high_tones_are_louder_and_very_low_ones_quieter(self) -> None:
        assert loudness(tone(5_000, 0.1), 48_000) == pytest.approx(-23.01 + 3.3, abs=0.5)
        assert loudness(tone(30, 0.1), 48_000) < -26

    def test_a_long_line_takes_little_more_memory_than_itself(self) -> None:
        line = np.random.default_rng(2).normal(0.0, 0.1, 30 * RATE).astype(np.float32)
        loudness(line[:RATE], RATE)
        tracemalloc.start()
        loudness(line, RATE)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < line.nbytes

    def test_pauses_do_not_count(self) -> None:
        sound = np.concatenate([tone(997, 0.1), np.zeros(5 * 48_000, np.float32), tone(997, 0.1)])
        assert loudness(sound, 48_000) == pytest.approx(-23.01, abs=0.3)

    @pytest.mark.parametrize("seconds", [0.25, 0.3, 0.42])
    @pytest.mark.parametrize("before", [0.0, 0.013, 0.5])
    def test_a_word_is_as_loud_between_pauses_as_it_is_alone(self, seconds: float, before: float) -> None:
        """A word that dies away, as words do: the blocks at its ends must not decide how loud it is."""
        fading = tone(300, 0.2, seconds, RATE)
        fading *= np.hanning(len(fading)).astype(np.float32)
        between = np.concatenate([np.zeros(round(before * RATE), np.float32), fading, np.zeros(RATE, np.float32)])
        assert loudness(between, RATE) == pytest.approx(loudness(fading, RATE), abs=0.3)

    @pytest.mark.parametrize("samples", [0, 100, 10_000])
    def test_silence_has_no_loudness(self, samples: int) -> None:
        assert loudness(np.zeros(samples, np.float32), RATE) == -100


class TestLimiter:
    def test_what_is_not_too_loud_stays_as_it_is(self) -> None:
        sound = tone(440, 0.8)
        assert limited(sound, 48_000) is sound

    @pytest.mark.parametrize("peak", [1.0, 2.0, 5.0])
    def test_nothing_goes_beyond_one_decibel_below_full_scale(self, peak: float) -> None:
        sound = tone(440, 0.3)
        sound[30_000:40_000] *= np.float32(peak / 0.3)
        assert np.max(np.abs(limited(sound, 48_000))) <= 0.891

    def test_it_is_smooth_and_lets_go_again(self) -> None:
        sound = tone(440, 0.3)
        loud = sound.copy()
        loud[30_000:30_500] *= np.float32(6.0)
        gain = limited(loud, 48_000) / np.where(np.abs(loud) < 0.05, np.nan, loud)
        assert np.nanmax(np.abs(np.diff(gain[~np.isnan(gain)]))) < 0.05
        assert np.allclose(limited(loud, 48_000)[60_000:], loud[60_000:], atol=1e-3)
        assert np.allclose(limited(loud, 48_000)[:29_000], loud[:29_000])


def test_silence_cannot_be_made_louder() -> None:
    silence = np.zeros(1_000, np.float32)
    assert at_loudness(silence, RATE, -20) is silence


@pytest.fixture(scope="module")
def voice() -> Iterator[PyttsxVoice]:
    voice = PyttsxVoice()
    yield voice
    voice.close()


class TestVoice:
    @pytest.mark.parametrize("decibels", [LOUDNESS_DECIBELS[0], 0, LOUDNESS_DECIBELS[1]])
    def test_all_lines_are_equally_loud_and_not_clipped(self, voice: PyttsxVoice, decibels: int) -> None:
        """Within half a decibel to an ear; a plain meter, which knows nothing of ears, sees 2 dB at most."""
        clips = [voice.render(line, manner=Manner(decibels=decibels)) for line in lines()]
        assert len(clips) > 20
        ear = [loudness(as_float(clip), clip.rate) for clip in clips]
        assert min(ear) == pytest.approx(-20 + decibels, abs=0.5)
        assert max(ear) == pytest.approx(-20 + decibels, abs=0.5)
        plain = [plain_level(clip) for clip in clips]
        assert np.std(plain) < 1.0
        assert max(float(np.max(np.abs(as_float(clip)))) for clip in clips) <= 0.9

    def test_counted_words_are_as_loud_as_lines(self, voice: PyttsxVoice) -> None:
        counted = voice.render("Three, two, one.", beat=1.0)
        assert loudness(as_float(counted), counted.rate) == pytest.approx(-20, abs=0.7)

    def test_the_speed_is_that_of_the_manner(self, voice: PyttsxVoice) -> None:
        line = "Roll the ball slowly from heel to toes, and breathe out as you press."
        slow, usual, fast = (
            voice.render(line, manner=Manner(words_per_minute=speed)).seconds
            for speed in (WORDS_PER_MINUTE[0], 165, WORDS_PER_MINUTE[1])
        )
        assert slow / usual == pytest.approx(165 / WORDS_PER_MINUTE[0], rel=0.1)
        assert fast / usual == pytest.approx(165 / WORDS_PER_MINUTE[1], rel=0.1)


def as_float(clip: Clip) -> NDArray[np.float32]:
    assert clip.rate == VOICE_RATE
    return clip.samples.astype(np.float32) / np.float32(32768)


def plain_level(clip: Clip) -> float:
    sound = as_float(clip)
    sounding = sound[np.abs(sound) > np.max(np.abs(sound)) * 0.01]
    return float(10 * np.log10(np.mean(sounding.astype(np.float64) ** 2)))
