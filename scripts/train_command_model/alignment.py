"""Which phone sounds when: PocketSphinx finds it for speech whose words are known."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pocketsphinx

from train_command_model.pronunciation import PHONES, SILENCE, dictionary
from train_command_model.recordings import SAMPLE_RATE, Samples, read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Two-pass alignment slows down with length and fails more often.
_LONGEST_S = 20.0
# PocketSphinx wants some silence around speech that is cut off close.
_PADDING_S = 0.15


@dataclass(frozen=True, slots=True)
class Segment:
    """One phone: its place in the word (B first, I inner, E last, S only one) and its 10 ms frames."""

    phone: str
    position: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A recording with its alignment.

    Attributes:
        path: the file.
        words: what is said.
        source: the collection, or which machines spoke it.
        held_out: kept for measuring.
        isolated: one word or a short phrase by itself.
        segments: the phones, silences included.
    """

    path: str
    words: tuple[str, ...]
    source: str
    held_out: bool
    isolated: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Job:
    path: str
    words: tuple[str, ...]
    source: str
    held_out: bool
    isolated: bool


def align(jobs: Iterable[Job], *, processes: int) -> Iterator[Utterance]:
    """Align what can be aligned; the rest is left out."""
    with multiprocessing.Pool(processes, initializer=_start) as pool:
        for utterance in pool.imap(_align_one, jobs, chunksize=50):
            if utterance is not None:
                yield utterance


_aligner: pocketsphinx.Decoder | None = None


def _start() -> None:
    global _aligner  # noqa: PLW0603 - one decoder per process: it takes a second to start
    _aligner = pocketsphinx.Decoder(samprate=SAMPLE_RATE, lm=None, loglevel="FATAL", bestpath=False)
    for word, alternatives in dictionary().items():
        for number, phones in enumerate(alternatives, start=1):
            name = word if number == 1 else f"{word}({number})"
            if number == 1 and _aligner.lookup_word(word) is not None:
                break  # the dictionary's own words come with all their alternatives
            _aligner.add_word(name, " ".join(phones), update=False)


def _align_one(job: Job) -> Utterance | None:
    if _aligner is None or any(word not in dictionary() for word in job.words):
        return None
    samples = read_samples(Path(job.path))
    if not samples.size or samples.size > _LONGEST_S * SAMPLE_RATE:
        return None
    _aligner.reinit_feat()  # the decoder's mean would carry over from the recording before
    try:
        segments = _align_samples(_aligner, job.words, samples)
    except RuntimeError:  # "no alignment found": bad transcript, noise, or a word cut off
        return None
    return Utterance(job.path, job.words, job.source, job.held_out, job.isolated, segments)


def _align_samples(aligner: pocketsphinx.Decoder, words: tuple[str, ...], samples: Samples) -> tuple[Segment, ...]:
    padding = np.random.default_rng(0).normal(0, 3, int(_PADDING_S * SAMPLE_RATE)).astype(np.float32)
    padded = np.concatenate([padding, samples, padding])
    pcm = np.clip(padded, -32768, 32767).astype(np.int16).tobytes()
    aligner.set_align_text(" ".join(words))
    _decode(aligner, pcm)
    aligner.set_alignment()
    _decode(aligner, pcm)
    offset = round(_PADDING_S * 100)
    total = len(samples) // (SAMPLE_RATE // 100)
    segments: list[Segment] = []
    for word in aligner.get_alignment():
        phones = [(phone.name, phone.start - offset, phone.duration) for phone in word]
        for index, (name, start, length) in enumerate(phones):
            first, end = max(0, start), min(total, start + length)
            if end <= first:
                continue
            if name in PHONES:
                segments.append(Segment(name, _position(index, len(phones)), first, end - first))
            else:
                segments.append(Segment(SILENCE, "S", first, end - first))
    return tuple(segments)


def _decode(aligner: pocketsphinx.Decoder, pcm: bytes) -> None:
    aligner.start_utt()
    aligner.process_raw(pcm, full_utt=True)
    aligner.end_utt()


def _position(index: int, count: int) -> str:
    if count == 1:
        return "S"
    return "B" if index == 0 else "E" if index == count - 1 else "I"


def save(utterances: Iterable[Utterance], path: Path) -> int:
    """Write one utterance a line; the file appears only when it is complete."""
    count = 0
    partial = path.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as file:
        for utterance in utterances:
            row = asdict(utterance)
            row["segments"] = [[s.phone, s.position, s.start, s.length] for s in utterance.segments]
            file.write(json.dumps(row) + "\n")
            count += 1
    partial.replace(path)
    return count


def load(path: Path) -> list[Utterance]:
    utterances = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            row["words"] = tuple(row["words"])
            row["segments"] = tuple(Segment(*fields) for fields in row["segments"])
            utterances.append(Utterance(**row))
    return utterances
