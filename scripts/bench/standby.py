"""Let standby hear hours of noise and speech, faster than they last, and count the sessions that nobody wanted.

FOLDER holds a manifest.csv (path, text, speaker, source, licence, kind) and its recordings. Those that the model was
trained on are left out. They come in a random order, again and again until the hours are full, each time at another
level, half of the time speech and half of the time noise or music; between them is the noise of a quiet room. Memory
is that of this process, at the beginning and at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from train_command_model.recordings import SAMPLE_RATE, Recording, Samples, load_manifest, read_samples
from train_command_model.rooms import in_room

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.speech.dozing import DozingListener
from voice_coach.speech.listening_rules import ALL_DAY
from voice_coach.speech.models import SpeechModel, find_model
from voice_coach.standby import standby_phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voice_coach.commands.grammar import Grammar

BLOCK = SAMPLE_RATE // 100
WARM_UP_SECONDS = 300.0
"""Sound after which the memory "at the beginning" is looked at: by then everything is loaded."""
GAINS_DB = (-24.0, 0.0)
"""How much quieter than recorded a recording comes: from the far end of the room, or from beside the microphone."""
PAUSES_SECONDS = (0.6, 3.0)
ROOM_LEVEL = 8.0
"""Noise of the room between the recordings, of 32768: -72 dB."""
_HOUR = 3600.0


@dataclass(slots=True)
class Watch:
    """What standby has done so far.

    Attributes:
        seconds: sound heard, by its kind: "speech", "noise", "music", "pause".
        false: phrases that would have begun a session.
        memory: MB by the hours heard.
        processor: seconds of the processor.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    false: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)
    processor: float = 0.0

    @property
    def hours(self) -> float:
        return sum(self.seconds.values()) / _HOUR

    def as_json(self) -> dict[str, object]:
        return {
            "hours": round(self.hours, 3),
            "hours_by_kind": {kind: round(seconds / _HOUR, 3) for kind, seconds in sorted(self.seconds.items())},
            "false_starts": sum(self.false.values()),
            "false_starts_per_hour": round(sum(self.false.values()) / max(self.hours, 1e-9), 2),
            "false_phrases": dict(self.false.most_common()),
            "memory_mb": [[round(hours, 2), round(megabytes, 1)] for hours, megabytes in self.memory],
            "real_time_factor": round(self.processor / max(self.hours * _HOUR, 1e-9), 4),
        }


def stand_by(listener: DozingListener, pieces: Iterator[tuple[str, Samples]], hours: float) -> Iterator[Watch]:
    """Feed the listener until it has heard so many hours; give the state of things about every ten minutes of sound."""
    watch = Watch()
    noted = 0.0
    for kind, samples in pieces:
        begun_at = time.process_time()
        watch.false.update(_hear(listener, samples))
        watch.processor += time.process_time() - begun_at
        watch.seconds[kind] = watch.seconds.get(kind, 0.0) + len(samples) / SAMPLE_RATE
        seconds = watch.hours * _HOUR
        if seconds >= noted + (_HOUR / 6 if watch.memory else WARM_UP_SECONDS):
            noted = seconds
            watch.memory.append((watch.hours, megabytes()))
            yield watch
        if watch.hours >= hours:
            break
    watch.memory.append((watch.hours, megabytes()))
    yield watch


def _hear(listener: DozingListener, samples: Samples) -> list[str]:
    pcm = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    heard = []
    for start in range(0, len(pcm) - 2 * BLOCK + 1, 2 * BLOCK):
        heard += [u.text for u in listener.feed(pcm[start : start + 2 * BLOCK]) if u.command is not None]
    return heard


def endless(recordings: Sequence[Recording], grammar: Grammar, seed: int = 0) -> Iterator[tuple[str, Samples]]:
    """Give recordings that mean nothing in standby, and the pauses between them, without an end.

    Speech lasts as long as noise and music do, all in all.
    """
    rng = random.Random(seed)  # noqa: S311 - to repeat, no secret
    noise = np.random.default_rng(seed)
    foreign = [recording for recording in recordings if grammar.match(" ".join(recording.words)) is None]
    decks = [_Deck([r for r in foreign if r.is_speech == speaks], rng) for speaks in (True, False)]
    while True:
        deck = min(decks, key=lambda deck: deck.seconds)
        recording, samples = deck.draw()
        if recording.is_speech and rng.random() < 0.5:  # noqa: PLR2004 - as often near as across the room
            samples = in_room(samples, rng.randrange(1000))
        samples = samples * np.float32(10 ** (rng.uniform(*GAINS_DB) / 20))
        pause = np.zeros(round(rng.uniform(*PAUSES_SECONDS) * SAMPLE_RATE), np.float32)
        for kind, sound in (("speech" if recording.is_speech else recording.kind, samples), ("pause", pause)):
            yield kind, sound + noise.normal(0, ROOM_LEVEL, len(sound)).astype(np.float32)


class _Deck:
    """Recordings in a random order, again and again."""

    def __init__(self, recordings: Sequence[Recording], rng: random.Random) -> None:
        if not recordings:
            raise SystemExit("There must be speech and noise that the model was not trained on.")
        self._all = list(recordings)
        self._rng = rng
        self._left: list[Recording] = []
        self.seconds = 0.0

    def draw(self) -> tuple[Recording, Samples]:
        if not self._left:
            self._left = self._rng.sample(self._all, len(self._all))
        recording = self._left.pop()
        samples = read_samples(recording.path)
        self.seconds += len(samples) / SAMPLE_RATE
        return recording, samples


def not_trained_on(recordings: Sequence[Recording]) -> list[Recording]:
    """Give the recordings kept out of training, and the speech that nobody has transcribed, which was never in it."""
    return [r for r in recordings if r.held_out or (r.is_speech and not r.words)]


def megabytes() -> float:
    """Give the memory of this process that is in use now."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(prog="standby", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings with a manifest.csv")
    parser.add_argument("--hours", type=float, default=8.0, help="how much is heard")
    parser.add_argument("--model", type=Path, help="the model's folder; without it the one the program would use")
    parser.add_argument("--json", type=Path, help="write all figures there, anew after every ten minutes of sound")
    options = parser.parse_args()
    grammar = standby_phrases({id_: r.name for id_, r in load_catalogue().routines.items()}).grammar()
    listener = DozingListener(SpeechModel(find_model(options.model)), grammar, ALL_DAY)
    recordings = not_trained_on(load_manifest(options.folder))
    for watch in stand_by(listener, endless(recordings, grammar), options.hours):
        row = watch.as_json()
        print(
            f"{watch.hours:6.2f} h  false starts {row['false_starts']} = {row['false_starts_per_hour']}/h"
            f"  memory {watch.memory[-1][1]:.0f} MB  rtf {row['real_time_factor']}  {row['false_phrases']}",
            flush=True,
        )
        if options.json is not None:
            options.json.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
