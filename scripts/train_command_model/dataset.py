"""Training data on disk: passes over all recordings, each pass augmented anew, as features and units."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from train_command_model.augmentation import Augmenter
from train_command_model.cutting import cuts, floor_level
from train_command_model.features import DIMENSION, FRAME_SHIFT, mfcc
from train_command_model.recordings import SAMPLE_RATE, Recording, Samples, read_samples
from train_command_model.units import SILENCE_UNIT, Statistics, units_of_segments

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from train_command_model.alignment import Segment, Utterance

# Isolated words are short and what the model is for: they come four times as often as sentences.
_ISOLATED_COPIES = 4
# Of what machines say, a share a pass: it is much, and not by people. Kokoro's voices are nearly as good.
MACHINES = {"synthetic": 0.2, "neural": 0.8}
# Words put together from pieces come once: there are as many of them as are wanted.
SPLICED = "spliced"
# How many pieces, per word of a sentence, are cut out of it as if said by themselves.
_CUTS_PER_WORD = 0.2
_LONGEST_NOISE_S = 6
# A phone is described by its two halves: it needs two frames.
_HALVES = 2

Labels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass: all frames in a row.

    Attributes:
        features: frames x 40.
        labels: the unit of each frame.
        spans: per recording its first frame, the one after its last, and which utterance it is (-1: noise).
    """

    features: npt.NDArray[np.float16]
    labels: Labels
    spans: npt.NDArray[np.int64]

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("features", "labels", "spans"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / "complete").touch()

    @classmethod
    def load(cls, folder: Path) -> Pass:
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("features", "labels", "spans")))

    def only(self, wanted: Container[int]) -> Pass:
        """Leave out the recordings of other utterances; noise stays."""
        kept = [span for span in self.spans if span[2] < 0 or int(span[2]) in wanted]
        return Pass(self.features, self.labels, np.array(kept))

    def numbered_from(self, first: int) -> Pass:
        """Give its utterances other numbers: `first` and those after it."""
        spans = self.spans.copy()
        spans[:, 2] += np.where(spans[:, 2] < 0, 0, first)
        return Pass(self.features, self.labels, spans)


def make_pass(utterances: Sequence[Utterance], recordings: Sequence[Recording], *, seed: int) -> Pass:
    """Augment and label everything that isn't held out, once."""
    rng = random.Random(seed)  # noqa: S311 - to repeat, no secret
    places = [
        place
        for place, utterance in enumerate(utterances)
        if not utterance.held_out
        for _ in range(_copies(utterance, rng))
    ]
    chosen = [utterances[place] for place in places]
    noises = [read_samples(one.path) for one in recordings if not one.is_speech and one.may_be_trained_on]
    talkers = [u for u in chosen if not u.isolated]
    babble = [read_samples(Path(u.path)) for u in rng.sample(talkers, min(len(talkers), 150))]
    augmenter = Augmenter(noises, babble, seed)
    made = [_Example(*_heard(utterance, augmenter), place) for place, utterance in zip(places, chosen, strict=True)]
    made += [
        _Example(*_heard(cut, augmenter, samples, floor), place)
        for place, utterance in zip(places, chosen, strict=True)
        for cut, samples, floor in _cut_words(utterance, rng)
    ]
    made += [_Example(*_noise(noise, augmenter, rng), -1) for noise in noises]
    starts = np.cumsum([0, *(len(example.labels) for example in made)])
    spans = np.stack([starts[:-1], starts[1:], np.array([example.place for example in made])], axis=1)
    features = np.concatenate([example.features for example in made])
    return Pass(features, np.concatenate([example.labels for example in made]), spans)


class _Example(NamedTuple):
    features: npt.NDArray[np.float16]
    labels: Labels
    place: int


def _copies(utterance: Utterance, rng: random.Random) -> int:
    if utterance.source in MACHINES:
        return int(rng.random() < MACHINES[utterance.source])
    if utterance.source == SPLICED:
        return 1
    return _ISOLATED_COPIES if utterance.isolated else 1


def _heard(
    utterance: Utterance, augmenter: Augmenter, samples: Samples | None = None, floor: float | None = None
) -> tuple[npt.NDArray[np.float16], Labels]:
    if samples is None:
        samples = read_samples(Path(utterance.path))
    changed = augmenter.speech(samples, isolated=utterance.isolated, floor=floor)
    features = mfcc(changed.samples, warp=changed.warp)
    labels = _labels(utterance.segments, len(features), changed.lead / FRAME_SHIFT, changed.speed)
    return features.astype(np.float16), labels


def _cut_words(utterance: Utterance, rng: random.Random) -> Iterator[tuple[Utterance, Samples, float]]:
    if utterance.isolated:
        return
    samples = read_samples(Path(utterance.path))
    floor = floor_level(samples)
    for cut, part in cuts(utterance, samples, rng, _CUTS_PER_WORD):
        yield cut, part, floor


def _noise(noise: Samples, augmenter: Augmenter, rng: random.Random) -> tuple[npt.NDArray[np.float16], Labels]:
    length = min(len(noise), _LONGEST_NOISE_S * SAMPLE_RATE)
    start = rng.randrange(len(noise) - length + 1)
    changed = augmenter.noise(noise[start : start + length])
    features = mfcc(changed.samples, warp=changed.warp)
    return features.astype(np.float16), np.full(len(features), SILENCE_UNIT, np.int16)


def _labels(segments: Sequence[Segment], frames: int, lead: float, speed: float) -> Labels:
    labels = np.full(frames, SILENCE_UNIT, np.int16)
    for segment, unit in zip(segments, units_of_segments(segments), strict=True):
        first = round(lead + segment.start / speed)
        labels[first : round(lead + (segment.start + segment.length) / speed)] = unit
    return labels


def phone_statistics(utterances: Sequence[Utterance]) -> Statistics:
    """Describe every phone of the recordings by the cepstra of its first and second half, for clustering."""
    statistics = Statistics.empty(_HALVES * DIMENSION)
    for utterance in utterances:
        if utterance.held_out:
            continue
        features = mfcc(read_samples(Path(utterance.path)))
        if not len(features):
            continue
        features -= features.mean(axis=0)
        units, vectors = [], []
        for segment, unit in zip(utterance.segments, units_of_segments(utterance.segments), strict=True):
            frames = features[segment.start : segment.start + segment.length]
            if unit == SILENCE_UNIT or len(frames) < _HALVES:
                continue
            half = len(frames) // _HALVES
            units.append(unit)
            vectors.append(np.concatenate([frames[:half].mean(axis=0), frames[half:].mean(axis=0)]))
        if units:
            statistics.add(units, np.array(vectors, dtype=np.float64))
    return statistics
