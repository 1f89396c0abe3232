"""What people said, phone by phone, and how well two phones go together where they are joined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import fft

from train_command_model.alignment import Segment
from train_command_model.features import FRAME_SHIFT, mfcc
from train_command_model.pronunciation import SILENCE
from train_command_model.recordings import SAMPLE_RATE, read_samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from train_command_model.alignment import Utterance
    from train_command_model.recordings import Samples

EDGE = "#"
"""Silence, as the neighbour of a word's first and last phone."""

NOBODY = -1
"""Instead of a phone's number, where its neighbour is silence."""

Phones = npt.NDArray[np.int64]
"""Numbers of phones in `Pieces`."""

Diphone = tuple[str, str]

_END = Segment(SILENCE, "S", 0, 0)

# Cepstra that tell one sound from another; the first is its loudness.
_CEPSTRA = slice(1, 13)
# Samples around a phone's middle in which its pitch is looked for, and the periods that voices have (400 to 70 Hz).
_AROUND = 400
_PERIODS = slice(SAMPLE_RATE // 400, SAMPLE_RATE // 70)
_VOICED = 0.35
# Cepstra that differ less are the same.
_ALIKE = 1e-3
# What a join costs besides the distance of the spectra, which is 1 or 2 for sounds as different as those of two people.
_ANY_JOIN = 0.6
_OCTAVE_FACTOR = 6.0
_VOICING_DIFFERS = 0.7
_SPEAKER_DIFFERS = 0.8
_SOURCE_DIFFERS = 0.8


@dataclass(frozen=True, slots=True)
class Span:
    """Where a phone sounds: in which recording, from which sample to which."""

    recording: int
    begin: int
    end: int

    @property
    def middle(self) -> int:
        return (self.begin + self.end) // 2


class Pieces:
    """All phones of some recordings, by the pairs in which they follow each other.

    Args:
        utterances: the recordings.
        speakers: who speaks in each, by its path.
    """

    def __init__(self, utterances: Sequence[Utterance], speakers: Mapping[str, str]) -> None:
        self._sounds: list[npt.NDArray[np.int16]] = []
        self._spans: list[Span] = []
        self._phones: list[str] = []
        self._next: dict[int, int] = {}
        found: dict[Diphone, list[tuple[int, int]]] = defaultdict(list)
        spoken_by, sources, vectors, pitches = [], [], [], []
        for number, utterance in enumerate(utterances):
            sound = read_samples(Path(utterance.path))
            self._sounds.append(sound.astype(np.int16))
            first = len(self._spans)
            for diphone, pair in self._take(utterance, number, len(sound)):
                found[diphone].append(pair)
            new = self._spans[first:]
            spoken_by += [speakers[utterance.path]] * len(new)
            sources += [utterance.source] * len(new)
            vectors.append(_cepstra(sound, new))
            pitches += [_pitch(sound, span) for span in new]
        self._by_pair = {pair: np.array(places, np.int64) for pair, places in found.items()}
        self.speakers = sorted(set(spoken_by))
        self._speaker = np.searchsorted(self.speakers, spoken_by)
        self._source = np.unique(sources, return_inverse=True)[1]
        together = np.concatenate(vectors)
        self._vectors = together / np.maximum(together.std(axis=0), _ALIKE)
        self._pitch = np.array(pitches, np.float32)

    def _take(self, utterance: Utterance, number: int, length: int) -> Iterator[tuple[Diphone, tuple[int, int]]]:
        """Take a recording's phones, and give the pairs of them; the first and the last have silence beside them."""
        last: tuple[str, int] | None = (EDGE, NOBODY)
        for segment in (*utterance.segments, _END):
            span = Span(number, segment.start * FRAME_SHIFT, (segment.start + segment.length) * FRAME_SHIFT)
            here: tuple[str, int] | None = (EDGE, NOBODY)
            if segment.phone != SILENCE:
                here = self._add(segment.phone, span) if _AROUND <= span.middle < length - _AROUND else None
            if last and here and (last[1], here[1]) != (NOBODY, NOBODY):
                yield (last[0], here[0]), (last[1], here[1])
                self._next[last[1]] = here[1]  # of NOBODY nothing is asked
            last = here

    def _add(self, phone: str, span: Span) -> tuple[str, int]:
        self._spans.append(span)
        self._phones.append(phone)
        return phone, len(self._spans) - 1

    def span(self, phone: int) -> Span:
        return self._spans[phone]

    def sound(self, recording: int) -> Samples:
        """Give a whole recording, 16 bit values as floats."""
        return self._sounds[recording].astype(np.float32)

    def pairs(self, diphone: Diphone) -> Phones:
        """Give the phones that follow each other so: rows of two numbers."""
        return self._by_pair.get(diphone, np.zeros((0, 2), np.int64))

    def followed(self, phone: int, by: str) -> tuple[int, int] | None:
        """Give the pair that begins with this very phone, where it is followed so."""
        if phone not in self._next:
            return None
        after = self._next[phone]
        return (phone, after) if by == (EDGE if after == NOBODY else self._phones[after]) else None

    def spoken_by(self, phones: Phones, speaker: int) -> npt.NDArray[np.bool_]:
        return np.asarray(self._speaker[phones] == speaker)

    def in_source_of(self, phones: Phones, speaker: int) -> npt.NDArray[np.bool_]:
        """Tell which phones are from the collection in which the speaker is heard first."""
        return np.asarray(self._source[phones] == self._source[np.argmax(self._speaker == speaker)])

    def join_costs(self, left: Phones, right: Phones) -> npt.NDArray[np.float32]:
        """Give what it costs to go on in the middle of each phone of `right` after that of each of `left`.

        A phone goes on into itself for nothing.
        """
        spectra = ((self._vectors[left][:, None] - self._vectors[right][None]) ** 2).mean(axis=-1)
        one, other = self._pitch[left][:, None], self._pitch[right][None]
        voiced = (one > 0) & (other > 0)
        octaves = np.abs(np.log2(np.maximum(one, 1) / np.maximum(other, 1)))
        costs = (
            _ANY_JOIN
            + spectra
            + np.where(voiced, _OCTAVE_FACTOR * np.log(2) * octaves, 0)
            + np.where((one > 0) != (other > 0), _VOICING_DIFFERS, 0)
            + _SPEAKER_DIFFERS * (self._speaker[left][:, None] != self._speaker[right][None])
            + _SOURCE_DIFFERS * (self._source[left][:, None] != self._source[right][None])
        )
        return np.asarray(np.where(left[:, None] == right[None], 0, costs), np.float32)


def _cepstra(sound: Samples, spans: Sequence[Span]) -> npt.NDArray[np.float32]:
    """Give the cepstra in the middle of each phone, without what the whole recording has in common."""
    features = mfcc(sound)[:, _CEPSTRA]
    if not spans:
        return np.zeros((0, features.shape[1]), np.float32)
    frames = [min(span.middle // FRAME_SHIFT, len(features) - 1) for span in spans]
    return np.asarray(features[frames] - features.mean(axis=0), np.float32)


def _pitch(sound: Samples, span: Span) -> float:
    """Give the pitch (Hz) in the middle of a phone, 0 where it has none: by autocorrelation."""
    around = sound[span.middle - _AROUND : span.middle + _AROUND]
    around = around - around.mean()
    spectrum = fft.rfft(around, 4 * _AROUND)
    alike = fft.irfft(spectrum.real**2 + spectrum.imag**2)[: len(around)]
    period = _PERIODS.start + int(np.argmax(alike[_PERIODS]))
    return SAMPLE_RATE / period if alike[period] > _VOICED * alike[0] > 0 else 0.0
