"""A line gives way to whoever speaks over it, and goes on a little before the place where it was."""

from __future__ import annotations

import numpy as np
import pytest

from voice_coach.audio.clip import Clip, GivesWay
from voice_coach.audio.mixer import LONGEST_PAUSE, LOWERED_DB, Mixer

RATE = 16_000
BLOCK = RATE // 100


def nothing() -> None:
    pass


def words(count: int, gives_way: GivesWay = "waits") -> Clip:
    """Give words of 0.4 s, each of its own loudness, with 0.1 s of silence between them."""
    pieces = [np.concatenate([np.full(6_400, 100 * (n + 1)), np.zeros(1_600)]) for n in range(count)]
    return Clip(np.concatenate(pieces).astype(np.int16), RATE, gives_way=gives_way)


def read(mixer: Mixer, seconds: float) -> np.ndarray:
    return np.concatenate([mixer.read(BLOCK) for _ in range(round(seconds * 100))])


def test_a_line_that_waits_is_silent_within_a_block_and_does_not_end() -> None:
    mixer, ends = Mixer(RATE), [0]
    mixer.say(words(4), lambda: ends.append(1))
    read(mixer, 1.2)
    mixer.give_way()
    mixer.read(BLOCK)
    assert not read(mixer, 3.0).any()
    assert sum(ends) == 0


def test_it_goes_on_between_two_words_shortly_before_its_place() -> None:
    mixer = Mixer(RATE)
    mixer.say(words(6), nothing)
    read(mixer, 2.2)  # in the middle of the fifth word
    mixer.give_way()
    read(mixer, 1.0)
    mixer.go_on()
    after = read(mixer, 0.6)
    begun = after[np.flatnonzero(after)[0]]
    assert begun in (300, 400), "a word must be said from its beginning, and little twice"
    assert not after[:160].any(), "it must go on in a silence"


def test_a_line_that_has_just_begun_begins_again() -> None:
    mixer = Mixer(RATE)
    clip = words(4)
    mixer.say(clip, nothing)
    read(mixer, 0.6)
    mixer.give_way()
    read(mixer, 1.0)
    mixer.go_on()
    assert read(mixer, 2.0).tolist() == clip.samples.tolist()


def test_what_went_before_and_what_comes_after_is_the_whole_line() -> None:
    mixer, ends = Mixer(RATE), [0]
    mixer.say(words(6), lambda: ends.append(1))
    before = read(mixer, 2.2)
    mixer.give_way()
    read(mixer, 1.0)
    mixer.go_on()
    after = read(mixer, 3.0)
    assert set(before) | set(after) == {0, 100, 200, 300, 400, 500, 600}
    assert sum(ends) == 1


def test_a_line_that_nobody_lets_go_on_does_so_by_itself() -> None:
    mixer, ends = Mixer(RATE), [0]
    mixer.say(words(2), lambda: ends.append(1))
    read(mixer, 0.2)
    mixer.give_way()
    read(mixer, LONGEST_PAUSE + 1.1)
    assert sum(ends) == 1


def test_a_count_keeps_its_time_unheard() -> None:
    mixer, ends = Mixer(RATE), [0]
    mixer.say(words(4, "is muted"), lambda: ends.append(1))
    read(mixer, 0.2)
    mixer.give_way()
    mixer.read(BLOCK)
    assert not read(mixer, 0.79).any()
    mixer.go_on()
    assert set(read(mixer, 0.4)) == {300}
    read(mixer, 0.6)
    assert sum(ends) == 1


@pytest.mark.parametrize("pause", [True, False])
def test_a_safety_line_is_heard_to_its_end(pause: bool) -> None:
    mixer, ends = Mixer(RATE), [0]
    mixer.say(words(2, "is lowered"), lambda: ends.append(1))
    read(mixer, 0.1)
    mixer.give_way(pause=pause)
    mixer.read(BLOCK)
    heard = read(mixer, 0.89)
    assert heard[0] == pytest.approx(50, abs=1), "6 dB quieter"
    assert sum(ends) == 1


def test_a_line_may_be_lowered_instead() -> None:
    mixer = Mixer(RATE)
    mixer.say(words(4), nothing)
    read(mixer, 0.1)
    mixer.give_way(pause=False)
    mixer.read(BLOCK)
    assert mixer.read(BLOCK)[0] == pytest.approx(100 * 10 ** (LOWERED_DB / 20), abs=1)
    mixer.go_on()
    mixer.read(BLOCK)
    assert mixer.read(BLOCK)[0] == 100


def test_hushing_a_line_that_waits_is_silence_for_good() -> None:
    mixer = Mixer(RATE)
    mixer.say(words(4), pytest.fail)
    read(mixer, 0.1)
    mixer.give_way()
    mixer.hush()
    mixer.go_on()
    mixer.read(BLOCK)
    assert not read(mixer, 3.0).any()
    assert mixer.progress is None


def test_a_new_line_does_not_wait() -> None:
    mixer = Mixer(RATE)
    mixer.say(words(4), pytest.fail)
    read(mixer, 0.1)
    mixer.give_way()
    read(mixer, 0.1)
    mixer.say(words(1), nothing)
    assert mixer.read(BLOCK).any()


def test_progress_tells_the_text_and_how_much_of_it_was_played() -> None:
    mixer = Mixer(RATE)
    assert mixer.progress is None
    mixer.say(Clip(np.ones(RATE, np.int16), RATE, "Hold."), nothing)
    read(mixer, 0.25)
    assert mixer.progress == ("Hold.", 0.25)


@pytest.mark.parametrize("gives_way", ["waits", "is lowered"])
def test_a_lowered_line_is_no_louder_while_it_fades_away(gives_way: GivesWay) -> None:
    mixer = Mixer(RATE)
    mixer.say(Clip(np.full(RATE, 10_000, np.int16), RATE, gives_way=gives_way), nothing)
    read(mixer, 0.1)
    mixer.give_way(pause=False)
    lowered = read(mixer, 0.1)[-1]
    mixer.hush()
    assert np.max(np.abs(read(mixer, 0.1))) <= lowered
