from __future__ import annotations

import numpy as np
import pytest

from voice_coach.audio.clip import Clip
from voice_coach.audio.mixer import FADE_SECONDS, Mixer

RATE = 16_000


def constant(value: int, frames: int) -> Clip:
    return Clip(np.full(frames, value, np.int16), RATE)


def nothing() -> None:
    pass


class TestMixer:
    def test_is_silent_until_something_is_said(self) -> None:
        assert not Mixer(RATE).read(160).any()

    def test_plays_a_clip_sample_by_sample_across_blocks(self) -> None:
        mixer = Mixer(RATE)
        clip = Clip(np.arange(400, dtype=np.int16), RATE)
        mixer.say(clip, nothing)
        played = np.concatenate([mixer.read(160) for _ in range(3)])
        assert played[:400].tolist() == clip.samples.tolist()
        assert not played[400:].any()

    def test_reports_the_end_with_the_last_sample_and_only_once(self) -> None:
        mixer, ends = Mixer(RATE), [0]
        mixer.say(constant(1, 320), lambda: ends.append(1))
        mixer.read(319)
        assert sum(ends) == 0
        mixer.read(1)
        assert sum(ends) == 1
        mixer.read(320)
        assert sum(ends) == 1

    def test_an_empty_clip_ends_with_the_next_block(self) -> None:
        mixer, ends = Mixer(RATE), [0]
        mixer.say(constant(1, 0), lambda: ends.append(1))
        mixer.read(160)
        assert sum(ends) == 1

    def test_a_line_may_follow_from_the_end_of_another(self) -> None:
        mixer = Mixer(RATE)
        mixer.say(constant(1, 160), lambda: mixer.say(constant(2, 160), nothing))
        mixer.read(160)
        assert set(mixer.read(160).tolist()) == {2}

    def test_hush_is_silence_within_a_block_without_a_click_and_without_an_end(self) -> None:
        mixer, ends = Mixer(RATE), [0]
        mixer.say(constant(10_000, RATE), lambda: ends.append(1))
        mixer.chime(constant(5_000, RATE))
        before = mixer.read(160)
        mixer.hush()
        after = mixer.read(160)
        steps = np.abs(np.diff(np.concatenate([before[-1:], after]).astype(int)))
        assert np.max(steps) < 15_000 / (RATE * FADE_SECONDS) * 2
        assert not after[round(RATE * FADE_SECONDS) :].any()
        assert not mixer.read(RATE).any()
        assert sum(ends) == 0

    def test_a_replaced_line_never_ends(self) -> None:
        mixer, ends = Mixer(RATE), [""]
        mixer.say(constant(1, 320), lambda: ends.append("first"))
        mixer.read(160)
        mixer.say(constant(2, 320), lambda: ends.append("second"))
        mixer.read(RATE)
        assert ends == ["", "second"]

    def test_chimes_sound_on_top_and_do_not_overflow(self) -> None:
        mixer = Mixer(RATE)
        mixer.say(constant(30_000, 320), nothing)
        mixer.chime(constant(20_000, 160))
        assert set(mixer.read(160).tolist()) == {32_767}
        assert set(mixer.read(160).tolist()) == {30_000}

    def test_tells_how_much_is_left_to_say(self) -> None:
        mixer = Mixer(RATE)
        assert mixer.speech_left is None
        mixer.say(constant(1, 320), nothing)
        mixer.read(100)
        assert mixer.speech_left == 220

    def test_refuses_a_clip_of_another_rate(self) -> None:
        with pytest.raises(ValueError, match="22050"):
            Mixer(RATE).chime(Clip(np.zeros(1, np.int16), 22_050))
