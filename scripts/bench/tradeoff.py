"""Measure the trade-off between commands missed, commands mistaken, and commands heard where there are none.

FOLDER is what the model was trained on. Everything is heard once with each choice of how much likelier a phrase is than
a decoy, by a listener that accepts nearly anything; what it would have accepted with other confidences and margins is
counted afterwards. With WORK, what the training left there, the network's graph is also written anew with other costs,
one changed at a time. Commands are those of the speakers kept for tuning; what isn't for us is a part of the training's
sentences, other words, noise and music, so its hourly figures are lower than those of sound never heard: compare them
with each other.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from bench.hearing import BLOCK, Said, is_wanted, kind_of, tapes
from train_command_model.export import Decoding
from train_command_model.graph import Costs
from train_command_model.recordings import Recording, load_manifest
from train_command_model.stages import Settings, build

from voice_coach.commands.grammar import Grammar
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.listener import Listener
from voice_coach.speech.listening_rules import ListeningRules
from voice_coach.speech.models import SpeechModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from train_command_model.recordings import Samples

# What a command is mistaken for in most of the hours of a session: mostly speech.
_SHARES = {"speech": 0.5, "other words": 0.2, "noise": 0.25, "music": 0.05}
# Of each cost, how much more and less than the chosen one is tried.
_CHANGES = {"first": (-2.0, -1.0, 1.0, 2.0), "unknown": (-2.0, 2.0), "inner": (-2.0,), "decoy": (-3.0,)}
# How many times as likely as a decoy a phrase is, beside the chosen number.
_WEIGHTS = (1, 2, 4, 16)
# What a phrase must have: the least of its words' confidences, and its margin over unknown speech.
_LEAST = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MARGINS = (-2.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
_ANYTHING = ListeningRules(least=0.15, margin=-20.0, urgent_margin=-20.0)


@dataclass(frozen=True, slots=True)
class Decided:
    """What the listener took for a command, and what was said.

    Attributes:
        said: the phrase that was said; "": nothing that is for us.
        piece: which recording of its tape it is in.
        command: the id of what was heard.
        right: it is what was said.
        confidence: of its least certain word.
        margin: over unknown speech.
    """

    said: str
    piece: int
    command: str
    right: bool
    confidence: float
    margin: float


@dataclass(frozen=True, slots=True)
class Heard:
    """All that was decided with one graph, and in how much sound.

    Attributes:
        commands: decisions while commands were said.
        others: decisions while nothing was for us.
        said: how many commands were said, and
        stops: how many of them were *stop*.
        hours: of sound that wasn't for us.
    """

    commands: list[Decided]
    others: list[Decided]
    said: int
    stops: int
    hours: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to hear: the costs of the graph, and how many times as likely as a decoy a phrase is."""

    name: str
    costs: Costs
    weight: int


def weights(chosen: Choice) -> Iterator[Choice]:
    """Give the choice itself, then those with another weight."""
    yield chosen
    for weight in _WEIGHTS:
        yield replace(chosen, name=f"weight of a phrase {weight}", weight=weight)


def graphs(chosen: Choice) -> Iterator[Choice]:
    """Give choices that differ from the chosen one in one cost."""
    for cost, changes in _CHANGES.items():
        for change in changes:
            value = getattr(chosen.costs, cost) + change
            yield replace(chosen, name=f"cost of {cost} {value:g}", costs=replace(chosen.costs, **{cost: value}))


def curve(heard: Heard) -> Iterator[dict[str, float]]:
    """Give one row per choice of the least confidence and margin."""
    for least in _LEAST:
        for margin in _MARGINS:
            yield {"least": least, "margin": margin} | outcome(heard, least, margin)


def outcome(heard: Heard, least: float, margin: float) -> dict[str, float]:
    """Count what is right, wrong and false when a phrase needs so much confidence and margin."""
    accepted = [one for one in heard.commands if one.confidence >= least and one.margin >= margin]
    wrong = {one.piece for one in accepted if not one.right}
    right = {one.piece for one in accepted if one.right} - wrong
    stops = {one.piece for one in accepted if one.right and one.said == "stop"}
    false = Counter(one.command for one in heard.others if one.confidence >= least and one.margin >= margin)
    return {
        "right": round(len(right) / heard.said, 4),
        "wrong": round(len(wrong) / heard.said, 4),
        "stops_missed": heard.stops - len(stops),
        "false_per_hour": round(false.total() / heard.hours, 1),
        "harder_per_hour": round(false["harder"] / heard.hours, 1),
    }


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


def hear(
    model: SpeechModel, recordings: Sequence[Recording], grammar: Grammar, conditions: Sequence[str], weight: int
) -> Heard:
    """Hear everything once, and note whatever might be a command."""
    rules = replace(_ANYTHING, weight=weight)
    commands: list[Decided] = []
    others: list[Decided] = []
    said, stops, seconds = 0, 0, 0.0
    for _, tape, pieces in tapes(recordings, grammar, conditions):
        decided = list(_decided(Listener(model, grammar, rules), tape, pieces, grammar, said))
        if pieces and pieces[0].phrase:
            commands += decided
            stops += sum(piece.phrase == "stop" for piece in pieces)
            said += len(pieces)
        else:
            others += decided
            seconds += len(tape) / (100 * BLOCK)
    return Heard(commands, others, said, stops, seconds / 3600)


def _decided(
    listener: Listener, tape: Samples, pieces: Sequence[Said], grammar: Grammar, before: int
) -> Iterator[Decided]:
    pcm = np.clip(tape, -32768, 32767).astype("<i2").tobytes()
    begins = [piece.begins for piece in pieces]
    for start in range(0, len(pcm) - 2 * BLOCK + 1, 2 * BLOCK):
        for utterance in listener.feed(pcm[start : start + 2 * BLOCK]):
            if utterance.command is None:
                continue
            place = max(0, int(np.searchsorted(begins, utterance.committed_at, side="right")) - 1)
            phrase = pieces[place].phrase
            right = bool(phrase) and utterance.command == grammar.match(phrase)
            yield Decided(phrase, before + place, utterance.command.id, right, utterance.confidence, utterance.margin)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tradeoff", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings with a manifest.csv")
    network = parser.add_mutually_exclusive_group(required=True)
    network.add_argument("--work", type=Path, help="the training's work folder")
    network.add_argument("--model", type=Path, help="a finished model, whose graph stays as it is")
    parser.add_argument("--phrases", type=Path, help="a phrase a line; without it all of the program's")
    parser.add_argument("--conditions", default="clean,10 dB", help="for the commands")
    parser.add_argument("--hours", type=float, default=0.7, help="of what isn't for us, with each graph")
    parser.add_argument("--choices", type=int, help="only the first so many; 1: costs and weight as chosen")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    grammar = load_phrasebook().grammar()
    if options.phrases is not None:
        grammar = Grammar.of_phrases(options.phrases.read_text(encoding="utf-8").split("\n"))
    recordings = sample(load_manifest(options.folder), grammar, options.hours)
    chosen = Choice("as chosen", Costs(), ListeningRules().weight)
    choices = [*weights(chosen), *(graphs(chosen) if options.work else ())]
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, choice in enumerate(choices[: options.choices]):
            folder = options.model or Path(scratch) / str(number)
            if options.work:
                build(Settings(speech=options.folder, work=options.work, out=folder), choice.costs, Decoding())
            heard = hear(SpeechModel(folder), recordings, grammar, options.conditions.split(","), choice.weight)
            for row in curve(heard):
                rows.append({**asdict(choice), **row})
                cells = (f"{value:g}" for value in row.values())
                print(f"| {choice.name} | {' | '.join(cells)} |", flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
