"""Join pieces of recordings into the sound of one word."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from train_command_model.features import FRAME_SHIFT
from train_command_model.pieces import NOBODY, Pieces
from train_command_model.recordings import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from train_command_model.recordings import Samples

# Silence kept before and after a word, a join, and how far two sounds are shifted until they swing together.
_BEFORE = int(0.04 * SAMPLE_RATE)
_AFTER = int(0.06 * SAMPLE_RATE)
_JOIN = SAMPLE_RATE // 100
_SHIFTS = range(-64, 65, 4)
_LOUDEST_CHANGE = 8.0
_FULL_SCALE = 32_000.0

Pair = tuple[int, int]
"""Two phones, one after the other; `NOBODY` is silence."""


@dataclass(frozen=True, slots=True)
class Spliced:
    """A word put together.

    Attributes:
        samples: its sound.
        borders: the samples at which its phones begin, and at which the last ends.
    """

    samples: Samples
    borders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """From the middle of a phone to that of the next: samples of a recording, and where one phone ends in them."""

    recording: int
    begin: int
    end: int
    border: int


def joined(pairs: Sequence[Pair], pieces: Pieces) -> Spliced | None:
    """Join the sounds of the pairs; None where one is too short for that."""
    cuts = [_cut(pair, pieces) for pair in pairs]
    sound = pieces.sound(cuts[0].recording)[cuts[0].begin : cuts[0].end]
    borders = [cuts[0].border - cuts[0].begin]
    gain = 1.0
    for last, cut in itertools.pairwise(cuts):
        recording = pieces.sound(cut.recording)
        if (last.recording, last.end) == (cut.recording, cut.begin):
            fade, first = 0, cut.begin
        else:
            fade, first = _JOIN, _in_phase(sound, recording, cut.begin - _JOIN // 2)
            gain = _gain(sound, recording, cut.begin)
        new = recording[first : cut.end] * np.float32(gain)
        if min(len(sound), len(new)) < fade:
            return None
        borders.append(len(sound) - fade + cut.border - first)
        sound = _faded_over(sound, new, fade)
    if min(np.diff(borders)) < FRAME_SHIFT:
        return None
    loudest = float(np.abs(sound).max())
    return Spliced(sound * np.float32(min(1.0, _FULL_SCALE / (loudest + 1))), tuple(borders))


def _cut(pair: Pair, pieces: Pieces) -> _Cut:
    left, right = pair
    if left == NOBODY:
        span = pieces.span(right)
        return _Cut(span.recording, max(0, span.begin - _BEFORE), span.middle, span.begin)
    span = pieces.span(left)
    if right == NOBODY:
        return _Cut(span.recording, span.middle, span.end + _AFTER, span.end)
    after = pieces.span(right)
    return _Cut(span.recording, span.middle, after.middle, after.begin)


def _gain(sound: Samples, recording: Samples, place: int) -> float:
    """Tell how much louder a recording must become to be as loud at `place` as the sound is at its end."""
    around = slice(max(0, place - 2 * _JOIN), place + 2 * _JOIN)
    ends, begins = (float(np.sqrt(np.mean(np.square(part)) + 1)) for part in (sound[-2 * _JOIN :], recording[around]))
    return min(_LOUDEST_CHANGE, max(1 / _LOUDEST_CHANGE, ends / begins))


def _in_phase(sound: Samples, recording: Samples, place: int) -> int:
    """Find the sample near `place` from which on a recording swings most as the sound does at its end."""
    end = sound[-_JOIN:]
    places = [place + shift for shift in _SHIFTS if 0 <= place + shift <= len(recording) - len(end)]
    if not places:
        return max(0, place)
    parts = np.stack([recording[first : first + len(end)] for first in places])
    alike = parts @ end / np.sqrt(np.sum(np.square(parts), axis=1) + 1)
    return places[int(np.argmax(alike))]


def _faded_over(sound: Samples, new: Samples, length: int) -> Samples:
    """Go over from one sound to the other within `length` samples."""
    fade = np.linspace(0, 1, length, dtype=np.float32)
    kept = len(sound) - length
    return np.concatenate([sound[:kept], sound[kept:] * (1 - fade) + new[:length] * fade, new[length:]])
