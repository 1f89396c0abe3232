"""What is said by itself, whole and with silence around it, as examples for the word objective."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from train_command_model.dataset import MACHINES, SPLICED
from train_command_model.errors import UnusableError
from train_command_model.network import SUBSAMPLING
from train_command_model.pronunciation import dictionary
from train_command_model.units import SILENCE_UNIT, Outputs, units_of_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch import Tensor

    from train_command_model.alignment import Utterance
    from train_command_model.dataset import Labels, Pass
    from train_command_model.network import Shape
    from train_command_model.word_objective import Ways

# Frames of one example: 2 s, in whole moments.
WINDOW = 201
# Frames of silence that an example has at least on either side of what is said.
_AROUND = 8
# How far, in frames, a window may begin before its recording does.
_BEFORE = 10
# There is little recorded noise: each recording of it gives so many examples a round. With one, noise was taken for
# words more often than before.
_NOISE_COPIES = 6
# More alternatives than this, of a phrase of several words, say little new.
_MOST_WAYS = 2


def ways_to_say(words: Sequence[str], outputs: Outputs) -> Ways:
    """Give the outputs of `words` in their commonest pronunciations.

    Raises:
        KeyError: the dictionary lacks one of them.
    """
    ways: Ways = ((),)
    for word in words:
        spoken = [tuple(outputs.of_unit[units_of_word(phones)].tolist()) for phones in dictionary()[word]]
        ways = tuple(way + more for way in ways for more in spoken)[:_MOST_WAYS]
    return ways


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an example lies.

    Attributes:
        data: number of the pass.
        begin: first frame of the recording, and
        end: the one after its last.
        first: the first frame in which something is said, and
        last: the one after the last; both `begin` where nothing is.
        ways: what is said.
        text: the words, where a person says them by themselves; else "".
    """

    data: int
    begin: int
    end: int
    first: int
    last: int
    ways: Ways
    text: str = ""


class WordExamples:
    """Windows around what is said by itself, in an order drawn anew for every round.

    What comes when depends on the seed and the step alone, so that training may go on at any step.

    Args:
        passes: the recordings.
        utterances: what is said in them, by the number that their spans have.
        outputs: the network's outputs.
        shape: of the network.
        seed: of every random choice.
        batch: examples that a step sees.
        most_of_a_word: of one word as people say it by itself, so many come in one turn; 0: all.

    Raises:
        UnusableError: there are fewer than a batch takes.
    """

    def __init__(
        self,
        passes: Sequence[Pass],
        utterances: Mapping[int, Utterance],
        outputs: Outputs,
        shape: Shape,
        *,
        seed: int,
        batch: int,
        most_of_a_word: int = 0,
    ) -> None:
        self._passes, self._shape, self._seed, self._size = passes, shape, seed, batch
        self._most = most_of_a_word or math.inf
        self._places = [
            place
            for number, data in enumerate(passes)
            for span in data.spans.tolist()
            if (place := _place(number, data.labels, span, utterances, outputs)) is not None
            for _ in range(1 if place.ways else _NOISE_COPIES)
        ]
        of_a_word = Counter(place.text for place in self._places)
        count = sum(min(number, self._most) if text else number for text, number in of_a_word.items())
        if count < batch:
            msg = f"too little to train on: {count} things said by themselves, and a batch takes {batch}"
            raise UnusableError(msg)

    def batches(self, first: int = 0, number: int = 0) -> Iterator[tuple[Tensor, list[Ways]]]:
        """Give the batches from step `first` on, for ever; every `number` stands for another order."""
        step = 0
        for turn in itertools.count():
            order = self._order(np.random.default_rng([self._seed, 1, turn, number]))
            for begin in range(0, len(order) - self._size + 1, self._size):
                if step >= first:
                    chosen = order[begin : begin + self._size]
                    yield self._batch(chosen, np.random.default_rng([self._seed, 2, step, number]))
                step += 1

    def _order(self, random: np.random.Generator) -> list[_Place]:
        """Draw the order of one turn, and which examples of a word that people said often take part in it."""
        taken: Counter[str] = Counter()
        order = []
        for number in random.permutation(len(self._places)):
            place = self._places[number]
            taken[place.text] += 1
            if not place.text or taken[place.text] <= self._most:
                order.append(place)
        return order

    def _batch(self, places: Sequence[_Place], random: np.random.Generator) -> tuple[Tensor, list[Ways]]:
        span = np.arange(-self._shape.left, WINDOW - SUBSAMPLING + 1 + self._shape.right)
        inputs = np.stack(
            [
                self._passes[place.data]
                .features[np.clip(_window(place, random) + span, place.begin, place.end - 1)]
                .astype(np.float32)
                for place in places
            ]
        )
        # The channel differs a little from any we have heard.
        tilt = random.normal(0, 0.15, (len(places), 1, inputs.shape[2])).astype(np.float32)
        return torch.tensor(inputs + tilt * inputs.std((0, 1))), [place.ways for place in places]


def _place(
    number: int, labels: Labels, span: Sequence[int], utterances: Mapping[int, Utterance], outputs: Outputs
) -> _Place | None:
    """Give where an example lies, or None where the recording is none: too long, or more than one thing is said."""
    begin, end, said = span
    if said < 0:
        return _Place(number, begin, end, begin, begin, ()) if end - begin >= WINDOW else None
    here = labels[begin:end]
    sounding = np.flatnonzero(here != SILENCE_UNIT)
    if not len(sounding) or sounding[-1] + 1 - sounding[0] > WINDOW - 2 * _AROUND:
        return None
    first, last = begin + int(sounding[0]), begin + int(sounding[-1]) + 1
    utterance = utterances[said]
    if utterance.isolated:
        text = "" if utterance.source in (*MACHINES, SPLICED) else " ".join(utterance.words)
        return _Place(number, begin, end, first, last, ways_to_say(utterance.words, outputs), text)
    if end - begin > 2 * WINDOW:
        return None
    # A piece cut out of a sentence: its labels tell what is said in it.
    units = here[np.concatenate([[0], np.flatnonzero(np.diff(here)) + 1])]
    return _Place(number, begin, end, first, last, (tuple(outputs.of_unit[units[units != SILENCE_UNIT]].tolist()),))


def _window(place: _Place, random: np.random.Generator) -> int:
    """Draw the first frame of a window that holds all that is said, and some silence around it."""
    if not place.ways:
        return int(random.integers(place.begin, place.end - WINDOW + 1))
    latest = place.first - _AROUND
    earliest = max(place.last + _AROUND - WINDOW, place.begin - _BEFORE)
    return int(random.integers(min(earliest, latest), latest + 1))
