"""Measure the trade-off between commands missed, commands mistaken, and commands heard where there are none.

FOLDER is what the model was trained on, WORK what the training left there. The network stays; its graph is written
anew with other costs, one changed at a time, and the listener asks for other confidences. Commands are those of the
speakers kept for tuning; what isn't for us is a part of the training's sentences, other words, noise and music,
so its hourly figures are lower than those of sound never heard: compare them with each other.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile
from bench.hearing import Coach, is_wanted, kind_of, measure, tapes
from train_command_model.export import Decoding
from train_command_model.graph import Costs
from train_command_model.recordings import Recording, load_manifest
from train_command_model.stages import Settings, build

from voice_coach.commands.grammar import Grammar
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.listener import ListeningRules
from voice_coach.speech.models import SpeechModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a command is mistaken for in most of the hours of a session: mostly speech.
_SHARES = {"speech": 0.5, "other words": 0.2, "noise": 0.25, "music": 0.05}
_CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.85)
# Of each cost, how much more and less than the chosen one is tried.
_CHANGES = {"first": (-2.0, -1.0, 1.0, 2.0), "unknown": (-2.0, 2.0), "inner": (-2.0,), "decoy": (-3.0,)}


@dataclass(frozen=True, slots=True)
class Point:
    """One choice of costs and of the least confidence."""

    name: str
    costs: Costs
    confidence: float


def points(chosen: Costs, confidence: float) -> Iterator[Point]:
    """Give the chosen point, then those that differ from it in one number."""
    yield Point("as chosen", chosen, confidence)
    for other in _CONFIDENCES:
        if other != confidence:
            yield Point(f"confidence {other:g}", chosen, other)
    for cost, changes in _CHANGES.items():
        for change in changes:
            value = getattr(chosen, cost) + change
            yield Point(f"cost of {cost} {value:g}", replace(chosen, **{cost: value}), confidence)


def sample(recordings: Sequence[Recording], grammar: Grammar, hours: float) -> list[Recording]:
    """Give the commands kept for tuning, and so many hours of what isn't for us, always the same."""
    chosen = [r for r in recordings if is_wanted(r, "tune") and " ".join(r.words) in grammar.meanings]
    others = [r for r in recordings if r.part != "test" and r not in chosen and not is_wanted(r, "test")]
    random.Random(4).shuffle(others)  # noqa: S311 - to repeat, no secret
    left = {kind: share * hours * 3600 for kind, share in _SHARES.items()}
    for recording in others:
        kind = kind_of(recording)
        if " ".join(recording.words) not in grammar.meanings and left[kind] > 0:
            left[kind] -= soundfile.info(recording.path).duration
            chosen.append(recording)
    return chosen


def measure_point(
    point: Point, model: SpeechModel, recordings: Sequence[Recording], grammar: Grammar, conditions: Sequence[str]
) -> dict[str, object]:
    """Hear everything at one point."""
    less = ListeningRules().confidence - ListeningRules().urgent_confidence
    rules = ListeningRules(confidence=point.confidence, urgent_confidence=point.confidence - less)
    ear = Coach(model, grammar, rules)
    said, right, wrong, seconds = 0, 0, 0, 0.0
    false: Counter[str] = Counter()
    for _, tape, pieces in tapes(recordings, grammar, conditions):
        result = measure(ear, tape, pieces, grammar)
        said, right, wrong = said + result.said, right + result.right, wrong + result.wrong
        false.update(result.false)
        seconds += 0.0 if result.said else result.seconds
    return {
        "point": point.name,
        "right": round(right / said, 4),
        "wrong": round(wrong / said, 4),
        "false_per_hour": round(false.total() / seconds * 3600, 1),
        "false_phrases": dict(false.most_common()),
        "said": said,
        "hours": round(seconds / 3600, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="tradeoff", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings with a manifest.csv")
    parser.add_argument("--work", type=Path, required=True, help="the training's work folder")
    parser.add_argument("--phrases", type=Path, help="a phrase a line; without it all of the program's")
    parser.add_argument("--conditions", default="clean,10 dB", help="for the commands")
    parser.add_argument("--hours", type=float, default=0.7, help="of what isn't for us, at each point")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    grammar = load_phrasebook().grammar()
    if options.phrases is not None:
        grammar = Grammar.of_phrases(options.phrases.read_text(encoding="utf-8").split("\n"))
    recordings = sample(load_manifest(options.folder), grammar, options.hours)
    rows = []
    models: dict[Costs, SpeechModel] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for point in points(Costs(), ListeningRules().confidence):
            if point.costs not in models:
                out = Path(scratch) / str(len(models))
                build(Settings(speech=options.folder, work=options.work, out=out), point.costs, Decoding())
                models[point.costs] = SpeechModel(out)
            row = measure_point(point, models[point.costs], recordings, grammar, options.conditions.split(","))
            rows.append(row)
            print(
                f"| {point.name} | {row['right']:.3f} | {row['wrong']:.3f} | {row['false_per_hour']} |",
                flush=True,
            )
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
