# ruff: noqa: E402 - what the imports need is looked for first
"""A word that nobody recorded is put together from what people said: each phone by a person, each transition too."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

for package in ("pocketsphinx", "scipy", "soundfile"):
    pytest.importorskip(package, reason="training needs the `train` extra")
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from train_command_model import splicing
from train_command_model.alignment import Segment, Utterance
from train_command_model.pieces import EDGE, Pieces
from train_command_model.recordings import read_samples, write_samples
from train_command_model.vocabulary import build_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from train_command_model.joining import Spliced
    from train_command_model.recordings import Samples

RATE = 16_000
FRAME = 160
# Phones of these recordings are tones, so that each can be told in what is made of them.
TONES = {"N": 300, "OW": 600, "G": 900, "S": 1200, "AY": 1500}
PHONE_FRAMES = 12
SILENT_FRAMES = 10


def _tone(phone: str, level: float) -> Samples:
    times = np.arange(PHONE_FRAMES * FRAME) / RATE
    return np.asarray(level * np.sin(2 * np.pi * TONES[phone] * times), np.float32)


def _said(folder: Path, name: str, phones: str, level: float = 3000.0) -> Utterance:
    """Record one word: silence, its phones, silence."""
    silence = np.zeros(SILENT_FRAMES * FRAME, np.float32)
    spoken = phones.split()
    write_samples(folder / name, np.concatenate([silence, *(_tone(phone, level) for phone in spoken), silence]))
    positions = "B" + "I" * (len(spoken) - 2) + "E"
    segments = [
        Segment(phone, position, SILENT_FRAMES + number * PHONE_FRAMES, PHONE_FRAMES)
        for number, (phone, position) in enumerate(zip(spoken, positions, strict=True))
    ]
    after = Segment("SIL", "S", SILENT_FRAMES + len(spoken) * PHONE_FRAMES, SILENT_FRAMES)
    around = (Segment("SIL", "S", 0, SILENT_FRAMES), *segments, after)
    return Utterance(str(folder / name), (name,), "somewhere", held_out=False, isolated=True, segments=around)


def _pieces(folder: Path, words: Mapping[str, str], levels: Mapping[str, float] | None = None) -> Pieces:
    """Record words, each by another person."""
    said = [_said(folder, f"{name}.flac", phones, (levels or {}).get(name, 3000.0)) for name, phones in words.items()]
    return Pieces(said, {utterance.path: name for utterance, name in zip(said, words, strict=True)})


def _made(pieces: Pieces, phones: str, seed: int = 1) -> Spliced:
    made = splicing.put_together(phones.split(), pieces, random.Random(seed))  # noqa: S311 - to repeat, no secret
    assert made is not None
    return made


def _tones(made: Spliced) -> list[float]:
    """Give the frequency in the middle of every phone."""
    found = []
    for begin, end in zip(made.borders, made.borders[1:], strict=False):
        middle = (begin + end) // 2
        spectrum = np.abs(np.fft.rfft(made.samples[middle - 400 : middle + 400]))
        found.append(float(np.argmax(spectrum)) * RATE / 800)
    return found


def test_a_word_nobody_said_has_the_phones_of_those_who_said_parts_of_it(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"go": "G OW", "nine": "N AY N", "snow": "S N OW"})
    made = _made(pieces, "N OW")
    assert _tones(made) == [TONES["N"], TONES["OW"]]
    assert _tones(_made(pieces, "S N AY N OW")) == [TONES[phone] for phone in ("S", "N", "AY", "N", "OW")]


def test_its_borders_tell_where_the_phones_begin_and_where_the_last_one_ends(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"nine": "N AY N", "snow": "S N OW"})
    made = _made(pieces, "N OW")
    sounding = np.flatnonzero(np.abs(made.samples) > 100)
    assert abs(made.borders[0] - sounding[0]) < FRAME
    assert abs(made.borders[-1] - sounding[-1]) < FRAME
    assert len(made.borders) == 3


def test_what_somebody_said_as_a_whole_is_taken_as_it_is(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"go": "G OW"})
    made = _made(pieces, "G OW")
    recording = pieces.sound(0)
    first = SILENT_FRAMES * FRAME - made.borders[0]
    assert np.array_equal(made.samples, recording[first : first + len(made.samples)])


def test_where_two_phones_never_followed_each_other_nothing_is_made(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"go": "G OW", "sigh": "S AY"})
    assert splicing.put_together(["G", "AY"], pieces, random.Random(1)) is None  # noqa: S311 - no secret


def test_a_word_begins_and_ends_as_people_begin_and_end_one(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"snow": "S N OW"})
    assert not len(pieces.pairs((EDGE, "N"))), "nobody begins with it"
    assert splicing.put_together(["N", "OW"], pieces, random.Random(1)) is None  # noqa: S311 - no secret


def test_a_phone_cut_off_by_the_end_of_its_recording_is_left_alone(tmp_path: Path) -> None:
    whole = _said(tmp_path, "go.flac", "G OW")
    samples = read_samples(Path(whole.path))
    begin = SILENT_FRAMES + PHONE_FRAMES
    write_samples(tmp_path / "go.flac", samples[: (begin + PHONE_FRAMES // 2) * FRAME])
    pieces = Pieces([whole], {whole.path: "somebody"})
    assert not len(pieces.pairs(("G", "OW")))
    assert not len(pieces.pairs(("G", EDGE))), "it was no last phone"


def test_pieces_are_as_loud_as_what_they_are_joined_to(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"nine": "N AY N", "snow": "S N OW"}, {"nine": 6000.0, "snow": 1500.0})
    made = _made(pieces, "N OW")
    levels = [
        float(np.abs(made.samples[(begin + end) // 2 - 200 :][:400]).max())
        for begin, end in zip(made.borders, made.borders[1:], strict=False)
    ]
    assert max(levels) < 1.2 * min(levels)


def test_no_word_is_made_twice_alike_but_the_same_seed_makes_the_same(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"one": "G OW", "two": "G OW N", "three": "S OW", "four": "N OW"})
    sounds = {_made(pieces, "G OW", seed).samples.tobytes() for seed in range(12)}
    assert len(sounds) > 1
    assert np.array_equal(_made(pieces, "G OW", 5).samples, _made(pieces, "G OW", 5).samples)


def test_how_many_processes_work_changes_nothing(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"go": "G OW", "nine": "N AY N", "snow": "S N OW", "sigh": "S AY"})
    texts = [(word,) for word in ("no", "go", "so", "nigh", "know", "stop")] * 4
    made = {
        processes: list(splicing.splice(texts, pieces, tmp_path / str(processes), seed=3, processes=processes))
        for processes in (1, 2)
    }
    assert {word for utterance in made[1] for word in utterance.words} == {"no", "go", "nigh", "know"}
    for one, other in zip(made[1], made[2], strict=True):
        assert (one.words, one.segments) == (other.words, other.segments)
        assert np.array_equal(read_samples(Path(one.path)), read_samples(Path(other.path)))


def test_the_labels_lie_where_the_phones_sound(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, {"nine": "N AY N", "snow": "S N OW"})
    (said,) = splicing.splice([("no",)], pieces, tmp_path / "made", seed=1, processes=1)
    assert [(s.phone, s.position) for s in said.segments] == [("SIL", "S"), ("N", "B"), ("OW", "E")]
    sound = read_samples(Path(said.path))
    for segment in said.segments[1:]:
        middle = (segment.start + segment.length // 2) * FRAME
        spectrum = np.abs(np.fft.rfft(sound[middle - 400 : middle + 400]))
        assert np.argmax(spectrum) * RATE / 800 == TONES[segment.phone]


def test_the_plan_holds_every_command_most_often_and_a_share_of_it_is_a_share() -> None:
    vocabulary = build_vocabulary()
    texts = splicing.plan(vocabulary, seed=1)
    count = Counter(" ".join(text) for text in texts)
    assert set(vocabulary.words) <= set(count) | set(vocabulary.inner)
    assert min(count[p] for p in vocabulary.phrases if " " not in p) > max(
        count[word] for word in vocabulary.words if word not in vocabulary.phrases
    )
    assert len(splicing.plan(vocabulary, seed=1, share=0.25)) == round(len(texts) / 4)
    assert splicing.plan(vocabulary, seed=1, share=0) == []
    assert Counter(splicing.plan(vocabulary, seed=1, share=2)) == {text: 2 * n for text, n in Counter(texts).items()}
