"""The decoding graphs: HCLr.fst, from words down to transition ids, and Gr.fst, which words may follow.

The lexicon is a tree: words share the states of the phones they begin with. `[unk]` is a loop over all phones with
phone-pair probabilities, at a cost; frequent words and sound-alikes ("decoys") are words like the commands'.

Vosk composes the two at run time and needs HCLr.fst as OpenFst's `olabel_lookahead` type: converting to it
renumbers the words so that those reachable from a state lie side by side; words.txt and Gr.fst follow.
"""

from __future__ import annotations

import ctypes.util
import math
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from train_command_model.kaldi_files import Transitions
from train_command_model.pronunciation import PHONES, SILENCE, pronunciations
from train_command_model.units import WORD_START, Outputs, unit_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from train_command_model.objective import PhoneModel
    from train_command_model.vocabulary import Vocabulary

UNKNOWN = "[unk]"

# Mistakes don't weigh the same: a missed "stop" is the worst, more pressure that nobody asked for the next.
WEIGHED = {"stop": -2.0, "harder": 1.0, "firmer": 1.0}


@dataclass(frozen=True, slots=True)
class Costs:
    """What ways through the graph cost (natural logarithms).

    Attributes:
        first: to say anything; negative, because the grammar's many words make each of them dear, and silence is
            free: without it "up" is taken for a pause. Paid once; paid for each word, "right" would become
            "the right".
        inner: a word that occurs only within longer phrases ("the", "bit"); a breath before "right" is no "the".
        unknown: to enter `[unk]`.
        unknown_phone: every phone in it after the first.
        unknown_pairs: how much the phone model's probabilities count in it.
        silence: a pause between words.
        decoy: a word that is in the lexicon for rejection's sake only.
    """

    first: float = -4.0
    inner: float = 2.0
    unknown: float = 3.0
    unknown_phone: float = 0.3
    unknown_pairs: float = 0.5
    silence: float = 0.7
    decoy: float = 3.0


def write_graphs(folder: Path, vocabulary: Vocabulary, outputs: Outputs, phones: PhoneModel, costs: Costs) -> None:
    """Write graph/HCLr.fst, Gr.fst, words.txt and disambig_tid.int."""
    graph = folder / "graph"
    graph.mkdir(parents=True, exist_ok=True)
    words = vocabulary.words
    symbols = ["<eps>", UNKNOWN, *words, "#0", "<s>", "</s>"]
    numbers = {word: number for number, word in enumerate(symbols)}
    lexicon = _Lexicon(outputs, numbers, costs)
    lexicon.add_words(words, unlikely=vocabulary.obscure, inner=vocabulary.inner)
    lexicon.add_unknown(phones)
    with tempfile.TemporaryDirectory() as scratch:
        pairs = Path(scratch) / "relabel"
        (Path(scratch) / "lexicon.txt").write_text(lexicon.text())
        _run(
            f"fstcompile lexicon.txt | fstarcsort --sort_type=olabel"
            f" | fstconvert --fst_type=olabel_lookahead --save_relabel_opairs={pairs}",
            Path(scratch),
            graph / "HCLr.fst",
        )
        moved = dict(_pairs(pairs.read_text()))
        renumbered = _renumbered(numbers, moved)
        everything = "".join(f"{numbers[word]}\t{renumbered[word]}\n" for word in symbols[1:])
        (Path(scratch) / "all").write_text(everything)
        cost = math.log(len(words) + 1)
        loops = [f"0\t0\t{numbers[word]}\t{numbers[word]}\t{cost:.4f}" for word in (*words, UNKNOWN)]
        (Path(scratch) / "grammar.txt").write_text("\n".join([*loops, "0\t0", ""]))
        _run(
            "fstcompile grammar.txt | fstrelabel --relabel_ipairs=all --relabel_opairs=all"
            " | fstarcsort --sort_type=ilabel | fstconvert --fst_type=const",
            Path(scratch),
            graph / "Gr.fst",
        )
    ordered = sorted(renumbered.items(), key=lambda item: item[1])
    (graph / "words.txt").write_text("".join(f"{word} {number}\n" for word, number in ordered))
    (graph / "disambig_tid.int").write_text("")  # the lexicon has no disambiguation symbols


# States: nothing said yet, before a word, after one, and a pause that ends it all.
_START, _BEFORE, _AFTER, _END = range(4)


class _Lexicon:
    """Arcs in OpenFst's text format."""

    def __init__(self, outputs: Outputs, numbers: dict[str, int], costs: Costs) -> None:
        self._outputs = outputs
        self._numbers = numbers
        self._costs = costs
        self._transitions = Transitions.of(outputs)
        self._arcs: list[tuple[int, int, int, int, float]] = []
        self._states = 4
        # A pause or none: the two ways share one unit of probability.
        no_pause = -math.log(1 - math.exp(-costs.silence))
        for state, cost in ((_START, costs.first), (_AFTER, 0.0)):
            self._arc(state, _BEFORE, cost=no_pause + cost)
            pause = self._phone(state, SILENCE, 0, cost=costs.silence)
            self._arc(pause, _BEFORE, cost=cost)
            self._arc(pause, _END)

    def text(self) -> str:
        lines = [
            f"{source}\t{target}\t{read}\t{word}\t{cost:.4f}" for source, target, read, word, cost in sorted(self._arcs)
        ]
        return "\n".join([*lines, *(f"{state}\t0" for state in (_START, _AFTER, _END)), ""])

    def add_words(self, words: Iterable[str], unlikely: Container[str], inner: Container[str]) -> None:
        """Add words as a tree of their phones; a word's label is at its end."""
        begun: dict[tuple[str, ...], int] = {(): _BEFORE}
        last: dict[tuple[str, ...], int] = {}
        for word in words:
            for spoken in pronunciations(word):
                for length in range(1, len(spoken) + 1):
                    known = last if length == len(spoken) else begun
                    key = spoken[:length]
                    if key not in known:
                        name = f"{key[-1]}_{_position(length, len(spoken))}"
                        left = key[-2] if length > 1 else WORD_START
                        known[key] = self._phone(begun[key[:-1]], name, self._output(key[-1], left))
                cost = self._costs.inner if word in inner else 0.0
                extra = self._costs.decoy if word in unlikely else WEIGHED.get(word, 0.0)
                self._arc(last[spoken], _AFTER, word=self._numbers[word], cost=cost + extra)

    def add_unknown(self, phones: PhoneModel) -> None:
        """Add `[unk]`: two phones or more, as likely as the phone model finds their pairs."""
        begin = -np.log(phones.begin)
        follow = -np.log(phones.follow)
        weight, each = self._costs.unknown_pairs, self._costs.unknown_phone
        after = {phone: self._new_state() for phone in PHONES}
        for index, phone in enumerate(PHONES):
            cost = self._costs.unknown + weight * float(begin[index])
            output = self._output(phone, WORD_START)
            state = self._phone(_BEFORE, f"{phone}_B", output, self._numbers[UNKNOWN], cost)
            self._arc(state, after[phone])
        for index, phone in enumerate(PHONES):
            # Neighbours after which the phone has the same output share its states.
            alike: dict[int, list[int]] = {}
            for left, name in enumerate(PHONES):
                alike.setdefault(self._output(phone, name), []).append(left)
            for output, lefts in alike.items():
                for position, target in (("I", after[phone]), ("E", _AFTER)):
                    state = self._looping_state(f"{phone}_{position}", output)
                    enter = self._transitions.enter(f"{phone}_{position}", output)
                    for left in lefts:
                        cost = each + weight * float(follow[left, index])
                        self._arc(after[PHONES[left]], state, enter, cost=cost)
                    self._arc(state, target)

    def _output(self, phone: str, left: str) -> int:
        return int(self._outputs.of_unit[unit_of(phone, left)])

    def _phone(self, source: int, name: str, output: int, word: int = 0, cost: float = 0.0) -> int:
        state = self._looping_state(name, output)
        self._arc(source, state, self._transitions.enter(name, output), word, cost)
        return state

    def _looping_state(self, name: str, output: int) -> int:
        state = self._new_state()
        self._arc(state, state, self._transitions.stay(name, output))
        return state

    def _new_state(self) -> int:
        self._states += 1
        return self._states - 1

    def _arc(self, source: int, target: int, read: int = 0, word: int = 0, cost: float = 0.0) -> None:
        self._arcs.append((source, target, read, word, cost))


def _position(place: int, length: int) -> str:
    """Give B, I, E or S for the phone at `place` (from 1) of a word."""
    if length == 1:
        return "S"
    return "B" if place == 1 else "E" if place == length else "I"


def _pairs(text: str) -> Iterable[tuple[int, int]]:
    for line in text.splitlines():
        old, new = line.split()
        yield int(old), int(new)


def _renumbered(numbers: dict[str, int], moved: dict[int, int]) -> dict[str, int]:
    free = max(moved.values()) + 1
    result = {}
    for word, number in numbers.items():
        if number == 0 or number in moved:
            result[word] = moved.get(number, 0)
        else:
            result[word] = free
            free += 1
    return result


def _run(command: str, scratch: Path, output: Path) -> None:
    """Run a pipe of OpenFst's tools; the lookahead type lives in a library that the tools don't load."""
    library = ctypes.util.find_library("fstlookahead") or "libfstlookahead.so"
    with output.open("wb") as file:
        subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            check=True,
            cwd=scratch,
            stdout=file,
            env={**os.environ, "LD_PRELOAD": library},
        )
