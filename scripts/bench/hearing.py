"""Measure how well a speech model hears commands, how soon, and what else it takes for one.

FOLDER holds a manifest.csv (path, text, speaker, source, licence, kind) and its recordings. Recordings whose text is
one of the phrases are commands; everything else (other words, sentences, noise, music) should be ignored.
Recordings are strung together with pauses, as a microphone would hear them, and fed in blocks of 10 ms. What counts
is the command: "the right" for "right" is right.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from bench.footprint import peak_megabytes
from bench.hearing_report import NOTHING, tables
from train_command_model.recordings import SAMPLE_RATE, Recording, Samples, load_manifest, read_samples
from train_command_model.rooms import in_room, with_noise

from voice_coach.cli.hearing import chosen_grammar
from voice_coach.commands.grammar import Grammar
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.listener import Listener
from voice_coach.speech.models import SpeechModel, find_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voice_coach.speech.listening_rules import ListeningRules

BLOCK = SAMPLE_RATE // 100
STOCK_BLOCK = 8000
PAUSE_SECONDS = 1.5
# A word ends where its sound falls this far below its loudest moment.
WORD_END_DB = 25.0
# A noise quieter than this (of 32768) is silence.
AUDIBLE = 10.0
# Words by themselves are the hardest of what isn't for us: nothing before or after gives them away.
OTHER_WORDS_MOST = 3
# A condition: somebody says a sentence of so many seconds, and after a pause the command.
TALK = "talk"
TALK_SECONDS = (3.0, 8.0)
TALK_PAUSE_SECONDS = 1.0
# Recordings heard while memory is measured.
_FOR_MEMORY = 20


@dataclass(frozen=True, slots=True)
class Said:
    """A recording on the tape.

    Attributes:
        phrase: what is said; "": nothing that is for us.
        begins: when (s) the recording begins.
        ends: when its last word ends.
        over: when the recording ends.
    """

    phrase: str
    begins: float
    ends: float
    over: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A phrase that a recogniser took for said, and when (s) it decided so."""

    phrase: str
    at: float


# Its name, its sound, and what is on it.
Tape = tuple[str, Samples, list[Said]]


class Ear(Protocol):
    """A recogniser in a loop."""

    def hear(self, tape: bytes, said: Sequence[Said]) -> Iterator[Heard]:
        """Listen to a whole tape; `said` tells where its recordings lie, which is nothing to know in earnest."""


class Coach:
    """The product's listener: early commits, anchored."""

    def __init__(self, model: SpeechModel, grammar: Grammar, rules: ListeningRules | None = None) -> None:
        self._model, self._grammar, self._rules = model, grammar, rules

    def hear(self, tape: bytes, said: Sequence[Said]) -> Iterator[Heard]:  # noqa: ARG002 - the protocol's
        listener = Listener(self._model, self._grammar, self._rules)
        for start in range(0, len(tape) - 2 * BLOCK + 1, 2 * BLOCK):
            for utterance in listener.feed(tape[start : start + 2 * BLOCK]):
                if utterance.command is not None:
                    yield Heard(utterance.text, utterance.committed_at)


class StockVosk:
    """The loop of Vosk's examples: blocks of half a second, final results."""

    def __init__(self, folder: Path, grammar: Grammar) -> None:
        import vosk  # noqa: PLC0415 - only this ear needs it directly

        vosk.SetLogLevel(-2)
        self._new: Callable[[], vosk.KaldiRecognizer] = lambda: vosk.KaldiRecognizer(
            self._model, SAMPLE_RATE, json.dumps([*grammar.phrases, "[unk]"])
        )
        self._model = vosk.Model(model_path=str(folder))
        self._grammar = grammar

    def hear(self, tape: bytes, said: Sequence[Said]) -> Iterator[Heard]:  # noqa: ARG002 - the protocol's
        recogniser = self._new()
        for start in range(0, len(tape), 2 * STOCK_BLOCK):
            if recogniser.AcceptWaveform(tape[start : start + 2 * STOCK_BLOCK]):
                text = json.loads(recogniser.Result())["text"]
                if self._grammar.match(text):
                    yield Heard(text, (start / 2 + STOCK_BLOCK) / SAMPLE_RATE)


class PocketSphinx:
    """PocketSphinx with the phrases as its grammar, and its own endpointer.

    Of its endpointer's settings the strictest suits the tapes best by far (on the speakers kept for tuning: 61 % right,
    26 % with the loosest, its default): the others take the background for speech.
    """

    def __init__(self, grammar: Grammar) -> None:
        import pocketsphinx  # noqa: PLC0415 - in the `train` extra only

        self._sphinx = pocketsphinx
        self._decoder = pocketsphinx.Decoder(samprate=SAMPLE_RATE, lm=None, loglevel="FATAL")
        known = [p for p in grammar.phrases if all(self._decoder.lookup_word(w) for w in p.split())]
        rules = f"#JSGF V1.0;\ngrammar commands;\npublic <command> = {' | '.join(known)};\n"
        self._decoder.add_jsgf_string("commands", rules)
        self._decoder.activate_search("commands")

    def hear(self, tape: bytes, said: Sequence[Said]) -> Iterator[Heard]:  # noqa: ARG002 - the protocol's
        strictest = self._sphinx.Vad.STRICT
        endpointer = self._sphinx.Endpointer(vad_mode=strictest, sample_rate=SAMPLE_RATE)
        size = endpointer.frame_bytes
        segment = b""
        for start in range(0, len(tape) - size + 1, size):
            segment += endpointer.process(tape[start : start + size]) or b""
            if segment and not endpointer.in_speech:
                phrase, segment = self.decoded(segment), b""
                if phrase:
                    yield Heard(phrase, (start + size) / 2 / SAMPLE_RATE)

    def decoded(self, segment: bytes) -> str:
        """Decode a whole segment at once: its own mean suits its features better than a running one."""
        self._decoder.start_utt()
        self._decoder.process_raw(segment, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return "" if hypothesis is None else hypothesis.hypstr


class WholeRecordings:
    """PocketSphinx told where each recording begins and ends: what it can do without an endpointer's mistakes."""

    def __init__(self, sphinx: PocketSphinx) -> None:
        self._sphinx = sphinx

    def hear(self, tape: bytes, said: Sequence[Said]) -> Iterator[Heard]:
        for one in said:
            first, last = (2 * round(moment * SAMPLE_RATE) for moment in (one.begins, one.over))
            phrase = self._sphinx.decoded(tape[first:last])
            if phrase:
                yield Heard(phrase, one.over)


@dataclass
class Result:
    """What one ear made of one tape."""

    said: int = 0
    right: int = 0
    wrong: int = 0
    false: Counter[str] = field(default_factory=Counter)
    per_phrase: dict[str, Counter[str]] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    processor_seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        hours = self.seconds / 3600
        row: dict[str, object] = {
            "hours": round(hours, 3),
            "real_time_factor": round(self.processor_seconds / self.seconds, 4),
        }
        if self.said:
            latencies = sorted(self.latencies) or [float("nan")]
            row |= {
                "said": self.said,
                "right": round(self.right / self.said, 4),
                "wrong": round(self.wrong / self.said, 4),
                "rejected": round(1 - (self.right + self.wrong) / self.said, 4),
                "latency_median_s": round(latencies[len(latencies) // 2], 3),
                "latency_p90_s": round(latencies[int(len(latencies) * 0.9)], 3),
                "per_phrase": {phrase: dict(heard) for phrase, heard in sorted(self.per_phrase.items())},
            }
        else:
            row |= {
                "false": sum(self.false.values()),
                "false_per_hour": round(sum(self.false.values()) / hours, 1),
                "false_phrases": dict(self.false.most_common()),
            }
        return row


def measure(ear: Ear, tape: Samples, said: Sequence[Said], grammar: Grammar) -> Result:
    """Let `ear` hear a tape and compare with what is on it; "" as phrase: nothing should be heard."""
    result = Result(seconds=len(tape) / SAMPLE_RATE)
    pcm = np.clip(tape, -32768, 32767).astype("<i2").tobytes()
    begun = time.process_time()
    heard = list(ear.hear(pcm, said))
    result.processor_seconds = time.process_time() - begun
    for index, one in enumerate(said):
        until = said[index + 1].begins if index + 1 < len(said) else float("inf")
        here = [h for h in heard if one.begins <= h.at < until]
        if not one.phrase:
            result.false.update(h.phrase for h in here)
            continue
        result.said += 1
        mistakes = [h.phrase for h in here if grammar.match(h.phrase) != grammar.match(one.phrase)]
        outcome = mistakes[0] if mistakes else one.phrase if here else NOTHING
        result.per_phrase.setdefault(one.phrase, Counter())[outcome] += 1
        if mistakes:
            result.wrong += 1
        elif here:
            result.right += 1
            result.latencies.append(here[0].at - one.ends)
    return result


def make_tape(pieces: Sequence[tuple[Samples, str]], seed: int = 0) -> tuple[Samples, list[Said]]:
    """String recordings together, with pauses as quiet as each recording's own background."""
    rng = np.random.default_rng(seed)
    tape: list[Samples] = [rng.normal(0, 3, SAMPLE_RATE).astype(np.float32)]
    said: list[Said] = []
    place = len(tape[0])
    for samples, phrase in pieces:
        pause = rng.normal(0, background(samples), int(PAUSE_SECONDS * SAMPLE_RATE)).astype(np.float32)
        begins = place / SAMPLE_RATE
        said.append(Said(phrase, begins, begins + word_end(samples), begins + len(samples) / SAMPLE_RATE))
        tape += [samples, pause]
        place += len(samples) + len(pause)
    return np.concatenate(tape), said


def background(samples: Samples) -> float:
    """Give the level of the quietest moments."""
    levels = _levels(samples)
    return float(np.percentile(levels, 5)) + 0.5 if len(levels) else 1.0


def word_end(samples: Samples) -> float:
    """Give when (s) the last word ends, by its level."""
    levels = _levels(samples)
    if not len(levels):
        return 0.0
    loud = np.flatnonzero(levels > levels.max() * 10 ** (-WORD_END_DB / 20))
    return float(loud[-1] + 1) / 100


def _levels(samples: Samples) -> Samples:
    frames = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    return np.sqrt(np.mean(np.square(frames), axis=1, dtype=np.float32))


def tapes(
    recordings: Sequence[Recording], grammar: Grammar, conditions: Sequence[str], which: str = "all"
) -> Iterator[Tape]:
    """Give every tape: the commands in each condition, then what isn't for us, by kind."""
    if which != "others":
        yield from command_tapes(recordings, grammar, conditions)
    if which != "commands":
        yield from other_tapes(recordings, grammar)


def command_tapes(recordings: Sequence[Recording], grammar: Grammar, conditions: Sequence[str]) -> Iterator[Tape]:
    """Give the commands in each condition; noise and talk for them are those of the same recordings."""
    rng = random.Random(0)  # noqa: S311 - to repeat, no secret
    commands = [(r, phrase) for r in recordings if (phrase := " ".join(r.words)) in grammar.meanings]
    rng.shuffle(commands)
    noises = [read_samples(r.path) for r in recordings if not r.is_speech]
    noises = [noise for noise in noises if background(noise) > AUDIBLE]
    sentences = _sentences(recordings) if TALK in conditions else []
    for condition in conditions:
        changed, ends = [], []
        for number, (recording, phrase) in enumerate(commands):
            samples = read_samples(recording.path)
            before = _talk(sentences[number % len(sentences)], samples) if condition == TALK else samples[:0]
            changed.append((np.concatenate([before, _in_condition(samples, condition, noises, number)]), phrase))
            # The end of a word is measured where it can be: before noise and rooms blur it.
            ends.append(len(before) / SAMPLE_RATE + word_end(samples))
        tape, said = make_tape(changed)
        exact = [replace(s, ends=s.begins + end) for s, end in zip(said, ends, strict=True)]
        yield f"commands, {condition}", tape, exact


def _sentences(recordings: Sequence[Recording]) -> list[Samples]:
    shortest, longest = (seconds * SAMPLE_RATE for seconds in TALK_SECONDS)
    speech = (read_samples(recording.path) for recording in recordings if kind_of(recording) == "speech")
    return [samples for samples in speech if shortest <= len(samples) <= longest]


def _talk(sentence: Samples, command: Samples) -> Samples:
    """Give a sentence as loud as the command, and a pause."""
    loud, wanted = (float(np.percentile(_levels(samples), 95)) for samples in (sentence, command))
    pause = np.random.default_rng(0).normal(0, background(command), int(TALK_PAUSE_SECONDS * SAMPLE_RATE))
    return np.concatenate([sentence * (wanted / max(loud, 1.0)), pause.astype(np.float32)])


def other_tapes(recordings: Sequence[Recording], grammar: Grammar) -> Iterator[Tape]:
    """Give what isn't for us, by kind."""
    kinds: dict[str, list[Recording]] = {}
    for recording in recordings:
        if " ".join(recording.words) not in grammar.meanings:
            kinds.setdefault(kind_of(recording), []).append(recording)
    for kind, some in sorted(kinds.items()):
        tape, said = make_tape([(read_samples(r.path), "") for r in some])
        yield kind, tape, said


def _in_condition(samples: Samples, condition: str, noises: Sequence[Samples], number: int) -> Samples:
    if condition in ("clean", TALK):
        return samples
    if condition == "room":
        return in_room(samples, number)
    return with_noise(samples, noises[number % len(noises)], float(condition.removesuffix(" dB")), number)


def kind_of(recording: Recording) -> str:
    if not recording.is_speech:
        return recording.kind
    return "other words" if 0 < len(recording.words) <= OTHER_WORDS_MOST else "speech"


def main() -> None:
    parser = argparse.ArgumentParser(prog="hearing", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings with a manifest.csv")
    parser.add_argument("--model", type=Path, help="the model's folder; without it the one the program would use")
    parser.add_argument("--phrases", type=Path, help="a phrase a line; without it all of the program's")
    parser.add_argument(
        "--grammar",
        choices=("all", "work", "answers"),
        default="all",
        help="of the program's phrases, those that count in the middle of the work, or after a question",
    )
    parser.add_argument(
        "--conditions", default="clean,20 dB,10 dB,5 dB,room", help="for the commands; talk: a sentence before each"
    )
    parser.add_argument("--part", choices=("test", "tune", "train"), help="of the training script's parts, only this")
    parser.add_argument("--only", nargs="*", metavar="PHRASE", help="of the commands, recordings of these only")
    parser.add_argument("--tapes", choices=("all", "commands", "others"), default="all", help="only the commands?")
    parser.add_argument("--others", default="stock,pocketsphinx", help="what to compare with; may be empty")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    recordings = [r for r in load_manifest(options.folder) if is_wanted(r, options.part)]
    grammar = chosen_grammar(load_phrasebook(), options.grammar)
    if options.phrases is not None:
        grammar = Grammar.of_phrases(options.phrases.read_text(encoding="utf-8").split("\n"))
    if options.only is not None:
        unwanted = set(grammar.meanings) - set(options.only)
        recordings = [r for r in recordings if " ".join(r.words) not in unwanted]
    folder = find_model(options.model)
    ears = _ears(folder, grammar, options.others.split(","))
    report: dict[str, dict[str, object]] = {name: {} for name in ears}
    for name, tape, said in tapes(recordings, grammar, options.conditions.split(","), options.tapes):
        for ear_name, ear in ears.items():
            row = measure(ear, tape, said, grammar).as_json()
            report[ear_name][name] = row
            print(f"{ear_name:20}{name:18}{_summary(row)}", flush=True)
    memory = peak_megabytes(folder, _some_sound(recordings))
    print("\n".join(tables(report)))
    print(f"\nA process that only listens with this model takes {memory} MB.")
    if options.json is not None:
        figures = {"model": folder.name, "phrases": len(grammar.phrases), "memory_mb": memory, "results": report}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


def _some_sound(recordings: Sequence[Recording]) -> bytes:
    some = np.concatenate([read_samples(recording.path) for recording in recordings[:_FOR_MEMORY]])
    return some.astype("<i2").tobytes()


def _ears(folder: Path, grammar: Grammar, others: Sequence[str]) -> dict[str, Ear]:
    ears: dict[str, Ear] = {"coach": Coach(SpeechModel(folder), grammar)}
    if "stock" in others:
        ears["stock"] = StockVosk(folder, grammar)
    if "pocketsphinx" in others:
        sphinx = PocketSphinx(grammar)
        ears |= {"pocketsphinx": sphinx, "pocketsphinx, whole": WholeRecordings(sphinx)}
    return ears


def is_wanted(recording: Recording, part: str | None) -> bool:
    """Tell whether a part has the recording; the test has all speech nobody transcribed: it is never trained on."""
    if recording.is_speech and not recording.words:
        return part in ("test", None)
    return part in (recording.part, None)


def _summary(row: dict[str, object]) -> str:
    if "said" in row:
        return (
            f"{row['said']:>5} said  right {row['right']:.3f}  wrong {row['wrong']:.3f}  rejected {row['rejected']:.3f}"
            f"  latency {row['latency_median_s']:.2f} / {row['latency_p90_s']:.2f} s  rtf {row['real_time_factor']}"
        )
    return f"{row['hours']:>7} h  false {row['false']} = {row['false_per_hour']}/h  {row['false_phrases']}"


if __name__ == "__main__":
    main()
