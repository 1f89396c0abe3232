"""Words cut out of sentences, as if each had been said by itself.

A collection of commands holds few different words. A network that hears only those by themselves learns them whole.
Sentences hold thousands of words by many people; their alignments tell where each begins and ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from train_command_model.alignment import Segment
from train_command_model.features import FRAME_SHIFT
from train_command_model.pronunciation import SILENCE

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from train_command_model.alignment import Utterance
    from train_command_model.recordings import Samples

# Commands have one word to three.
_LENGTHS, _WEIGHTS = (1, 2, 3), (6, 2, 1)
# A shorter piece is a swallowed "a" or a misplaced alignment.
_SHORTEST = 12
# Frames kept around a word: the aligner places borders by 10 ms, and often a little late.
_MARGIN = 2
# The quietest tenth of a recording is its floor.
_QUIET_SHARE = 10
_LOUDEST_FLOOR = 0.02

Word = tuple[Segment, ...]


def cuts(
    utterance: Utterance, samples: Samples, rng: random.Random, share: float
) -> Iterator[tuple[Utterance, Samples]]:
    """Cut spans of one to three words out of a recording.

    Args:
        utterance: a sentence with its alignment.
        samples: its recording.
        rng: chooses the spans.
        share: spans per word of the sentence.

    Yields:
        The span as an utterance of its own, and its samples, ends faded out.
    """
    rows = runs(utterance.segments)
    count = sum(len(words) for words in rows) * share
    for _ in range(int(count) + (rng.random() < count % 1)):
        words = rng.choices(rows, [len(words) for words in rows])[0]
        length = min(rng.choices(_LENGTHS, _WEIGHTS)[0], len(words))
        first = rng.randrange(len(words) - length + 1)
        span = [segment for word in words[first : first + length] for segment in word]
        if span[-1].start + span[-1].length - span[0].start >= _SHORTEST:
            yield cut_out(utterance, samples, span)


def runs(segments: Sequence[Segment]) -> list[list[Word]]:
    """Group the phones into words, and these into runs without a pause."""
    found: list[list[Word]] = [[]]
    word: list[Segment] = []
    for segment in segments:
        if segment.phone == SILENCE:
            found.append([])
            word = []
            continue
        if segment.position in ("B", "S"):
            word = []
        word.append(segment)
        if segment.position in ("E", "S") and word[0].position in ("B", "S"):
            found[-1].append(tuple(word))
    return [run for run in found if run]


def cut_out(utterance: Utterance, samples: Samples, span: Sequence[Segment]) -> tuple[Utterance, Samples]:
    """Give the phones of `span` as an utterance of its own, and their sound, its ends faded out."""
    begin = max(0, span[0].start - _MARGIN)
    end = span[-1].start + span[-1].length + _MARGIN
    cut = samples[begin * FRAME_SHIFT : end * FRAME_SHIFT].copy()
    fade = np.linspace(0, 1, min(_MARGIN * FRAME_SHIFT, len(cut) // 2), dtype=np.float32)
    cut[: len(fade)] *= fade
    cut[-len(fade) :] *= fade[::-1]
    moved = tuple(replace(segment, start=segment.start - begin) for segment in span)
    return replace(utterance, isolated=True, segments=moved), cut


def floor_level(samples: Samples) -> float:
    """Give the level (root mean square, 16 bit units) of a recording's quietest tenth, 2 % of its peak at most."""
    frames = samples[: len(samples) // FRAME_SHIFT * FRAME_SHIFT].reshape(-1, FRAME_SHIFT)
    if not len(frames):
        return 0.0
    levels = np.sort(np.sqrt(np.mean(np.square(frames), axis=1)))
    quiet = float(levels[: max(1, len(levels) // _QUIET_SHARE)].mean())
    return min(quiet, _LOUDEST_FLOOR * float(np.abs(samples).max()))
