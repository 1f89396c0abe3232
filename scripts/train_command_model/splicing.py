"""Words that nobody recorded, put together from pieces of what people said.

People recorded few words, often, so that a network takes a person's voice for one of those. Synthetic voices say any
word, but not as people do, into whatever microphone. Here halves of phones are joined in the middle of phones, where
sound changes least, so that each word keeps the transitions that people speak. Which pieces are taken is settled by
what the joins cost (Hunt and Black 1996, "Unit selection in a concatenative speech synthesis system using a large
speech database"), with some chance, so that a word is never made twice alike.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import random
from typing import TYPE_CHECKING

import numpy as np

from train_command_model.alignment import Segment, Utterance
from train_command_model.dataset import SPLICED
from train_command_model.features import FRAME_SHIFT
from train_command_model.joining import joined
from train_command_model.pieces import EDGE
from train_command_model.pronunciation import SILENCE, Pronunciation, dictionary
from train_command_model.recordings import write_samples
from train_command_model.vocabulary import EVERYDAY, Vocabulary, ranked_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from train_command_model.joining import Pair, Spliced
    from train_command_model.pieces import Pieces

# How often a phrase of so many words is made, an everyday word, and another word of the lexicon; and how many of the
# other frequent words are made once.
_COPIES = {1: 40, 2: 8, 3: 4}
_EVERYDAY_COPIES = 4
_LEXICON_COPIES = 2
_FREQUENT = 6_000
_OTHER_WORDS = 1_500

# Candidates for each pair of phones, half of them by the speaker aimed at where there are so many.
_CANDIDATES = 40
_ANOTHER_SPEAKER = 0.5
# Of so many speakers drawn for a word, the one in whose voice its joins cost least has it.
_TRIES = 2


def plan(vocabulary: Vocabulary, *, seed: int, share: float = 1.0) -> list[tuple[str, ...]]:
    """Decide what to put together, in an order drawn; `share` below 1 plans less, above 1 everything more often."""
    rng = random.Random(seed)  # noqa: S311 - to repeat, no secret
    known = set(vocabulary.words)
    others = [(word,) for word in ranked_words()[:_FREQUENT] if word not in known]
    texts = [text for text, copies in _texts(vocabulary) for _ in range(copies)]
    texts += rng.sample(others, min(len(others), _OTHER_WORDS))
    return rng.sample(texts * math.ceil(share), round(len(texts) * share))


def _texts(vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], int]]:
    for phrase in vocabulary.phrases:
        words = tuple(phrase.split())
        if len(words) in _COPIES:
            yield words, _COPIES[len(words)]
    everyday, phrases = set(EVERYDAY), set(vocabulary.phrases)
    for word in vocabulary.words:
        if word not in phrases:
            yield (word,), _EVERYDAY_COPIES if word in everyday else _LEXICON_COPIES


def splice(
    texts: Sequence[tuple[str, ...]], pieces: Pieces, folder: Path, *, seed: int, processes: int
) -> Iterator[Utterance]:
    """Put all texts together, each into a recording in `folder`; what the pieces don't suffice for is left out.

    How many processes work at a time changes nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Forking shares the pieces instead of sending them.
    with multiprocessing.get_context("fork").Pool(processes, initializer=_start, initargs=(pieces,)) as pool:
        tasks = [(words, folder / f"{number}.flac", f"{seed} {number}") for number, words in enumerate(texts)]
        for made in pool.imap(_splice_one, tasks, chunksize=50):
            if made is not None:
                yield made


_pieces: Pieces | None = None


def _start(pieces: Pieces) -> None:
    global _pieces  # noqa: PLW0603 - one a process: they are hundreds of megabytes
    _pieces = pieces


def _splice_one(task: tuple[tuple[str, ...], Path, str]) -> Utterance | None:
    words, path, seed = task
    if _pieces is None:
        return None
    rng = random.Random(seed)  # noqa: S311 - to repeat, no secret
    spoken = [rng.choice(dictionary()[word][:2]) for word in words]
    made = put_together([phone for phones in spoken for phone in phones], _pieces, rng)
    if made is None:
        return None
    write_samples(path, made.samples)
    return Utterance(str(path), words, SPLICED, held_out=False, isolated=True, segments=_segments(spoken, made.borders))


def _segments(spoken: Sequence[Pronunciation], borders: Sequence[int]) -> tuple[Segment, ...]:
    frames = [round(border / FRAME_SHIFT) for border in borders]
    positions = [position for phones in spoken for position in _positions(len(phones))]
    phones = [phone for word in spoken for phone in word]
    segments = [
        Segment(phone, position, begin, max(1, end - begin))
        for phone, position, begin, end in zip(phones, positions, frames, frames[1:], strict=False)
    ]
    return (Segment(SILENCE, "S", 0, frames[0]), *segments) if frames[0] else tuple(segments)


def _positions(count: int) -> str:
    return "S" if count == 1 else "B" + "I" * (count - 2) + "E"


def put_together(phones: Sequence[str], pieces: Pieces, rng: random.Random) -> Spliced | None:
    """Say a row of phones in a voice drawn at random; None where a pair of them was never said, or joins badly."""
    speakers = [rng.randrange(len(pieces.speakers)) for _ in range(_TRIES)]
    found = [choice for speaker in speakers if (choice := _cheapest(phones, pieces, speaker, rng)) is not None]
    if not found:
        return None
    return joined(min(found, key=lambda choice: choice[0])[1], pieces)


def _cheapest(
    phones: Sequence[str], pieces: Pieces, speaker: int, rng: random.Random
) -> tuple[float, list[Pair]] | None:
    """Find the row of pairs whose joins cost least, and what they cost."""
    wanted = list(zip((EDGE, *phones), (*phones, EDGE), strict=True))
    candidates: list[npt.NDArray[np.int64]] = []
    for diphone in wanted:
        drawn = _drawn(pieces.pairs(diphone), pieces, speaker, rng)
        if candidates:
            going_on = [pieces.followed(int(after), diphone[1]) for after in candidates[-1][:, 1]]
            drawn = np.concatenate([drawn, np.array([pair for pair in going_on if pair], np.int64).reshape(-1, 2)])
        if not len(drawn):
            return None
        candidates.append(np.unique(drawn, axis=0))
    chance = np.random.default_rng(rng.getrandbits(32))
    costs = _own_costs(candidates[0], pieces, speaker, chance)
    ways = []
    for before, here in itertools.pairwise(candidates):
        joins = costs[:, None] + pieces.join_costs(before[:, 1], here[:, 0])
        ways.append(joins.argmin(axis=0))
        costs = joins.min(axis=0) + _own_costs(here, pieces, speaker, chance)
    place = int(costs.argmin())
    cost, row = float(costs[place]), [place]
    for way in reversed(ways):
        row.append(int(way[row[-1]]))
    return cost, [(int(some[at][0]), int(some[at][1])) for some, at in zip(candidates, reversed(row), strict=True)]


def _drawn(pairs: npt.NDArray[np.int64], pieces: Pieces, speaker: int, rng: random.Random) -> npt.NDArray[np.int64]:
    """Draw candidates: by the speaker, from the same collection, by anybody."""
    told = pairs.max(axis=1)
    chosen: list[int] = []
    groups = (
        (pieces.spoken_by(told, speaker), _CANDIDATES // 2),
        (pieces.in_source_of(told, speaker), _CANDIDATES),
        (np.ones(len(pairs), bool), _CANDIDATES),
    )
    for group, most in groups:
        places = np.flatnonzero(group).tolist()
        chosen += rng.sample(places, min(len(places), max(0, most - len(chosen))))
    return pairs[chosen]


def _own_costs(
    pairs: npt.NDArray[np.int64], pieces: Pieces, speaker: int, chance: np.random.Generator
) -> npt.NDArray[np.float64]:
    others = ~pieces.spoken_by(pairs.max(axis=1), speaker)
    return _ANOTHER_SPEAKER * others + chance.random(len(pairs))
