"""What the network tells apart: phones after a neighbour, alike ones sharing an output.

A unit is a phone with the phone before it in the same word, or the word's beginning: "left biphones", but only
inside words, because a run-time grammar puts words together after the lexicon graph is built. Position-dependent
phone ids (B, I, E, S) exist for Vosk's word times; they share the outputs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from train_command_model.pronunciation import PHONES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from train_command_model.alignment import Segment

WORD_START = "#"
LEFTS = (WORD_START, *PHONES)

_PHONE_INDEX = {phone: index for index, phone in enumerate(PHONES)}
_LEFT_INDEX = {left: index for index, left in enumerate(LEFTS)}

# Unit 0 is silence; then every phone after every neighbour.
SILENCE_UNIT = 0
UNITS = 1 + len(LEFTS) * len(PHONES)

_CLASSES = {
    "start": "#",
    "stop": "P B T D K G",
    "voiceless stop": "P T K",
    "labial": "P B M F V W",
    "alveolar": "T D N S Z L",
    "velar": "K G NG",
    "dental": "TH DH",
    "palatal": "CH JH SH ZH Y",
    "nasal": "M N NG",
    "fricative": "F V TH DH S Z SH ZH HH",
    "sibilant": "S Z SH ZH CH JH",
    "voiceless": "P T K F TH S SH CH HH",
    "liquid": "L R ER W Y",
    "rhotic": "R ER",
    "lateral": "L",
    "vowel": "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW",
    "front": "AE EH EY IH IY AY OY",
    "high": "IH IY UH UW EY",
    "back": "AA AO OW UH UW AW OY",
    "low": "AA AE AO AW AY AH",
    "rounded": "AO OW UH UW OY W",
    "ending high": "IY EY AY OY",
    "ending rounded": "UW OW AW",
}


def unit_of(phone: str, left: str) -> int:
    if phone == SILENCE:
        return SILENCE_UNIT
    return 1 + _LEFT_INDEX[left] * len(PHONES) + _PHONE_INDEX[phone]


def units_of_word(phones: Sequence[str]) -> list[int]:
    return [unit_of(phone, left) for phone, left in zip(phones, (WORD_START, *phones), strict=False)]


def units_of_segments(segments: Sequence[Segment]) -> list[int]:
    units = []
    left = WORD_START
    for segment in segments:
        if segment.position in ("B", "S"):
            left = WORD_START
        units.append(unit_of(segment.phone, left))
        left = segment.phone
    return units


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which network output each unit has; output 0 is silence."""

    of_unit: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        return int(self.of_unit.max()) + 1

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.of_unit.tolist()), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Outputs:
        return cls(np.array(json.loads(path.read_text(encoding="utf-8")), dtype=np.int64))


@dataclass
class Statistics:
    """Sums over the tokens of every unit: count, and the sums of a token vector and of its squares."""

    count: npt.NDArray[np.float64]
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @classmethod
    def empty(cls, dimension: int) -> Statistics:
        return cls(np.zeros(UNITS), np.zeros((UNITS, dimension)), np.zeros((UNITS, dimension)))

    def add(self, units: Sequence[int], vectors: npt.NDArray[np.float64]) -> None:
        np.add.at(self.count, units, 1)
        np.add.at(self.total, units, vectors)
        np.add.at(self.squares, units, vectors**2)

    def likelihood(self, units: npt.NDArray[np.int64]) -> float:
        """Give the log likelihood of these units' tokens under one Gaussian (up to a constant)."""
        count = self.count[units].sum()
        if count <= 1:
            return 0.0
        mean = self.total[units].sum(0) / count
        variance = self.squares[units].sum(0) / count - mean**2
        return float(-0.5 * count * np.log(np.maximum(variance, 1e-2)).sum())


def cluster(statistics: Statistics, *, outputs: int, fewest: int) -> Outputs:
    """Split every phone's neighbours by phonetic questions, the most telling split first.

    Args:
        statistics: from the training data.
        outputs: how many network outputs to end with.
        fewest: tokens that every side of a split must have.
    """
    questions = [
        np.array([_LEFT_INDEX[left] for left in text.split()])
        for text in [*_CLASSES.values(), *(left for left in LEFTS)]
    ]
    leaves = [np.array([1 + left * len(PHONES) + phone for left in range(len(LEFTS))]) for phone in range(len(PHONES))]
    splits = [_best_split(statistics, leaf, questions, fewest) for leaf in leaves]
    while len(leaves) + 1 < outputs:
        best = int(np.argmax([gain for gain, _, _ in splits]))
        gain, inside, outside = splits[best]
        if gain <= 0:
            break
        leaves[best : best + 1] = [inside, outside]
        splits[best : best + 1] = [_best_split(statistics, leaf, questions, fewest) for leaf in (inside, outside)]
    of_unit = np.zeros(UNITS, dtype=np.int64)
    for output, leaf in enumerate(leaves, start=1):
        of_unit[leaf] = output
    return Outputs(of_unit)


_Split = tuple[float, npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _best_split(
    statistics: Statistics,
    leaf: npt.NDArray[np.int64],
    questions: Sequence[npt.NDArray[np.int64]],
    fewest: int,
) -> _Split:
    whole = statistics.likelihood(leaf)
    best: _Split = (0.0, leaf, leaf)
    lefts = (leaf - 1) // len(PHONES)
    for question in questions:
        chosen = np.isin(lefts, question)
        inside, outside = leaf[chosen], leaf[~chosen]
        if min(statistics.count[inside].sum(), statistics.count[outside].sum()) < fewest:
            continue
        gain = statistics.likelihood(inside) + statistics.likelihood(outside) - whole
        if gain > best[0]:
            best = (gain, inside, outside)
    return best
