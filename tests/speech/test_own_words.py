"""What the coach is saying is known word by word, with the times."""

from __future__ import annotations

from voice_coach.speech.own_words import OwnWords

LINE = "Say resume or finish, when you want."


def say(words: OwnWords, line: str, begin: float, seconds: float) -> None:
    for step in range(101):
        words.note((line, step / 100), begin + seconds * step / 100)
    words.note(None, begin + seconds + 0.01)


def test_a_phrase_was_said_while_its_words_were_spoken() -> None:
    words = OwnWords()
    say(words, LINE, 10.0, 2.0)
    assert words.were_said("resume", 10.0, 12.0)
    assert words.were_said("or finish", 10.0, 12.0)
    assert not words.were_said("resume finish", 10.0, 12.0)
    assert not words.were_said("stop", 0.0, 99.0)


def test_what_was_said_long_ago_or_is_still_to_come_does_not_count() -> None:
    words = OwnWords()
    say(words, LINE, 10.0, 2.0)
    assert not words.were_said("resume", 11.0, 12.0)
    assert not words.were_said("want", 10.0, 11.0)


def test_words_that_are_said_again_after_an_interruption_count_again() -> None:
    words = OwnWords()
    words.note((LINE, 0.5), 10.0)
    words.note((LINE, 0.1), 20.0)
    words.note((LINE, 0.4), 21.0)
    assert words.were_said("resume", 19.0, 22.0)


def test_numbers_are_said_as_words() -> None:
    words = OwnWords()
    say(words, "20 seconds.", 0.0, 1.0)
    assert words.were_said("twenty seconds", 0.0, 1.0)


def test_a_phrase_does_not_reach_over_two_far_lines() -> None:
    words = OwnWords()
    say(words, "Stop", 0.0, 0.5)
    say(words, "listening", 5.0, 0.5)
    assert not words.were_said("stop listening", 4.0, 6.0)
