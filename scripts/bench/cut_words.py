"""Make a folder of words cut out of the sentences of people who were kept out of training.

Recordings hold few different words said by themselves; sentences hold hundreds. Cut out and put into quiet, they tell
how a model hears words that nobody recorded for it: `scripts/bench/hearing OUT --phrases OUT/words.txt`. They are
harder than words said by themselves: shorter, less clear, coloured by their neighbours.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from train_command_model import alignment
from train_command_model.cutting import cut_out, floor_level, runs
from train_command_model.recordings import SAMPLE_RATE, read_samples, write_samples
from train_command_model.vocabulary import build_vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from train_command_model.alignment import Segment, Utterance

# Shorter words are mostly swallowed in running speech.
_FEWEST_PHONES = 4
_SHORTEST_FRAMES = 25
_PAUSE_SECONDS = 0.5


def tokens(utterances: Sequence[Utterance], known: frozenset[str]) -> dict[str, list[tuple[Utterance, list[Segment]]]]:
    """Give where each known word, long enough, is said within a sentence that was kept out of training."""
    found: dict[str, list[tuple[Utterance, list[Segment]]]] = defaultdict(list)
    for utterance in utterances:
        words = [word for run in runs(utterance.segments) for word in run]
        if not utterance.held_out or utterance.isolated or len(words) != len(utterance.words):
            continue
        for word, segments in zip(utterance.words, words, strict=True):
            frames = segments[-1].start + segments[-1].length - segments[0].start
            if word in known and len(segments) >= _FEWEST_PHONES and frames >= _SHORTEST_FRAMES:
                found[word].append((utterance, list(segments)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="cut_words", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="the training's work folder, for its alignments")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--words", type=int, default=60, help="how many different words")
    parser.add_argument("--most", type=int, default=4, help="of one word")
    options = parser.parse_args()
    utterances = alignment.load(options.work / "recordings.jsonl")
    alone = {word for utterance in utterances if utterance.isolated for word in utterance.words}
    found = tokens(utterances, frozenset(build_vocabulary().words) - alone)
    chosen = sorted(sorted(found), key=lambda word: -len(found[word]))[: options.words]
    rng = random.Random(1)  # noqa: S311 - to repeat, no secret
    noise = np.random.default_rng(1)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "text", "speaker", "source", "licence", "kind"])
        for word in chosen:
            for number, (utterance, segments) in enumerate(
                rng.sample(found[word], min(options.most, len(found[word])))
            ):
                samples = read_samples(Path(utterance.path))
                _, cut = cut_out(utterance, samples, segments)
                length = int(_PAUSE_SECONDS * SAMPLE_RATE)
                quiet = [noise.normal(0, floor_level(samples) + 0.5, length).astype(np.float32) for _ in range(2)]
                name = f"{word}-{number}.flac"
                write_samples(options.out / name, np.concatenate([quiet[0], cut, quiet[1]]))
                writer.writerow([name, word, name, utterance.source, "as its source", "isolated"])
    (options.out / "words.txt").write_text("\n".join(chosen) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
