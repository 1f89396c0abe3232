# ruff: noqa: E402 - what the imports need is looked for first
"""Words are cut out of sentences where their alignment says, and nothing of their neighbours comes along."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

for package in ("pocketsphinx", "scipy"):
    pytest.importorskip(package, reason="training needs the `train` extra")
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from bench import cut_words
from train_command_model.alignment import Segment, Utterance
from train_command_model.cutting import cuts, floor_level

if TYPE_CHECKING:
    from train_command_model.recordings import Samples

FRAME = 160
# "no" "stop", a pause, "go": frames 10 to 70, 90 to 120.
SENTENCE = Utterance(
    path="",
    words=("no", "stop", "go"),
    source="somewhere",
    held_out=False,
    isolated=False,
    segments=(
        Segment("SIL", "S", 0, 10),
        *(Segment("N", "B", 10, 10), Segment("OW", "E", 20, 10)),
        *(Segment("S", "B", 30, 10), Segment("T", "I", 40, 5), Segment("AA", "I", 45, 15), Segment("P", "E", 60, 10)),
        Segment("SIL", "S", 70, 20),
        *(Segment("G", "B", 90, 10), Segment("OW", "E", 100, 20)),
        Segment("SIL", "S", 120, 10),
    ),
)
# Every frame tells its own number.
SAMPLES = np.repeat(np.arange(130, dtype=np.float32), FRAME)


def _spans(seed: int, share: float = 1.0, utterance: Utterance = SENTENCE) -> list[tuple[Utterance, Samples]]:
    return list(cuts(utterance, SAMPLES, random.Random(seed), share))  # noqa: S311 - to repeat, no secret


def test_every_cut_is_one_row_of_whole_words_without_a_pause() -> None:
    seen = {tuple(s.phone for s in cut.segments) for seed in range(50) for cut, _ in _spans(seed)}
    words = (("N", "OW"), ("S", "T", "AA", "P"), ("G", "OW"))
    assert seen == {*words, words[0] + words[1]}


def test_the_sound_of_a_phone_lies_where_the_cut_says() -> None:
    for cut, samples in _spans(1):
        assert cut.isolated
        for segment in cut.segments:
            original = next(s for s in SENTENCE.segments if (s.phone, s.length) == (segment.phone, segment.length))
            middle = segment.start + segment.length // 2
            assert samples[middle * FRAME] == original.start + segment.length // 2


def test_a_cut_begins_and_ends_in_silence() -> None:
    for cut, samples in _spans(2):
        assert samples[0] == samples[-1] == 0
        last = cut.segments[-1]
        assert len(samples) // FRAME <= last.start + last.length + 2


def test_the_share_says_how_many_pieces_there_are() -> None:
    many = [len(_spans(seed, 0.5)) for seed in range(200)]
    assert set(many) == {1, 2}
    assert 1.3 < sum(many) / len(many) < 1.7


def test_a_word_swallowed_by_the_aligner_is_left_alone() -> None:
    short = Utterance("", ("a",), "somewhere", held_out=False, isolated=False, segments=(Segment("AH", "S", 10, 4),))
    assert _spans(0, 3.0, short) == []


def test_words_to_measure_with_come_from_people_kept_out_only() -> None:
    kept_out = replace(SENTENCE, held_out=True)
    assert cut_words.tokens([SENTENCE], frozenset({"stop"})) == {}
    assert list(cut_words.tokens([kept_out], frozenset({"stop", "go"}))) == ["stop"], "a short word is swallowed"
    assert cut_words.tokens([replace(kept_out, words=("no", "stop"))], frozenset({"stop"})) == {}, (
        "words and phones differ"
    )


def test_the_floor_is_that_of_the_quiet_moments() -> None:
    loud = np.resize(np.array([1000, -1000], np.float32), 100 * FRAME)
    quiet = np.resize(np.array([7, -7], np.float32), 20 * FRAME)
    assert floor_level(np.concatenate([loud, quiet])) == pytest.approx(7)
    assert floor_level(loud) == pytest.approx(20), "music has no quiet moments"
