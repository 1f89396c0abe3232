"""How well a finished model hears commands, and how seldom it hears them where there are none."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import vosk

from train_command_model.recordings import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_BLOCK = SAMPLE_RATE // 100


@dataclass(frozen=True, slots=True)
class Clip:
    """Something to hear.

    Attributes:
        samples: the sound.
        phrase: the phrase said in it, or nothing where nothing should be heard.
        kind: what the report calls it.
    """

    samples: Samples
    phrase: str
    kind: str


@dataclass
class Score:
    """What became of the clips of one kind."""

    right: int = 0
    wrong: int = 0
    rejected: int = 0
    false: int = 0
    seconds: float = 0.0
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def clips(self) -> int:
        return self.right + self.wrong + self.rejected

    @property
    def false_per_hour(self) -> float:
        return self.false / self.seconds * 3600 if self.seconds else 0.0


class Listener:
    """The plainest loop around Vosk: final results only, and only those that are one whole phrase."""

    def __init__(self, model: vosk.Model, phrases: Iterable[str], decoys: Iterable[str]) -> None:
        self._phrases = frozenset(phrases)
        grammar = [*sorted(self._phrases), *(d for d in decoys if d not in self._phrases), "[unk]"]
        self._recogniser = vosk.KaldiRecognizer(model, SAMPLE_RATE, json.dumps(grammar))

    def hear(self, samples: Samples) -> Iterator[str]:
        """Give the phrases heard; the recogniser is fresh afterwards."""
        pcm = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
        for start in range(0, len(pcm), 2 * _BLOCK):
            if self._recogniser.AcceptWaveform(pcm[start : start + 2 * _BLOCK]):
                yield from self._phrase(self._recogniser.Result())
        yield from self._phrase(self._recogniser.FinalResult())

    def _phrase(self, result: str) -> Iterator[str]:
        text = json.loads(result).get("text", "")
        if text in self._phrases:
            yield text


def score(listener: Listener, clips: Sequence[Clip]) -> dict[str, Score]:
    """Hear every clip by itself, with a little quiet around it."""
    scores: dict[str, Score] = {}
    rng = np.random.default_rng(0)
    for clip in clips:
        current = scores.setdefault(clip.kind, Score())
        current.seconds += len(clip.samples) / SAMPLE_RATE
        quiet = _quiet_level(clip.samples)
        before, after = (rng.normal(0, quiet, int(seconds * SAMPLE_RATE)).astype(np.float32) for seconds in (0.5, 1.0))
        heard = list(listener.hear(np.concatenate([before, clip.samples, after])))
        if not clip.phrase:
            current.false += len(heard)
            current.confusions.update(("", phrase) for phrase in heard)
        elif heard == [clip.phrase]:
            current.right += 1
        elif heard:
            current.wrong += 1
            current.confusions[clip.phrase, heard[-1]] += 1
        else:
            current.rejected += 1
            current.confusions[clip.phrase, ""] += 1
    return scores


def _quiet_level(samples: Samples) -> float:
    """Give the loudness of the quietest part, so that what is put around a clip resembles it."""
    frames = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    if not len(frames):
        return 1.0
    return float(np.percentile(np.sqrt(np.mean(np.square(frames), axis=1)), 5)) + 0.5


def load_decoys(model: Path) -> list[str]:
    path = model / "decoys.txt"
    return path.read_text(encoding="utf-8").split() if path.exists() else []
