"""The bench of standby: it hears what it says it hears, for as long as it is told to, and counts what is heard."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

pytest.importorskip("soundfile", reason="the bench needs the `train` extra")
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from bench import standby
from train_command_model.recordings import SAMPLE_RATE, Recording, write_samples

from voice_coach.commands.grammar import Command, Grammar

if TYPE_CHECKING:
    from voice_coach.speech.dozing import DozingListener

GRAMMAR = Grammar({"start a session": Command("begin_routine")})


class Said:
    text = "start a session"
    command = Command("begin_routine")


class StartsOnce:
    """A listener that mishears the 1000th block."""

    def __init__(self) -> None:
        self.blocks = 0

    def feed(self, block: bytes) -> list[Said]:
        assert len(block) == 320
        self.blocks += 1
        return [Said()] if self.blocks == 1000 else []


def recording(folder: Path, name: str, text: str, kind: str, seconds: float, *, part: str = "test") -> Recording:
    path = folder / f"{name}.flac"
    write_samples(path, np.full(round(seconds * SAMPLE_RATE), 900, np.float32))
    return Recording(path, tuple(text.split()), "somebody", "", "CC0", kind, part)


def test_it_stops_after_the_hours_and_counts_what_was_begun() -> None:
    listener = StartsOnce()
    minute = np.zeros(60 * SAMPLE_RATE, np.float32)
    *_, watch = standby.stand_by(cast("DozingListener", listener), itertools.repeat(("noise", minute)), 0.5)
    row = watch.as_json()
    assert listener.blocks == 0.5 * 3600 * 100
    assert (row["hours"], row["false_starts"], row["false_starts_per_hour"]) == (0.5, 1, 2.0)
    assert row["false_phrases"] == {"start a session": 1}
    assert all(megabytes > 1 for _, megabytes in watch.memory)


def test_speech_lasts_as_long_as_noise_and_what_standby_understands_is_left_out(tmp_path: Path) -> None:
    recordings = [
        recording(tmp_path, "word", "tomato", "word", 1.0),
        recording(tmp_path, "begin", "start a session", "word", 3.0),
        recording(tmp_path, "rain", "", "noise", 5.0),
    ]
    seconds: Counter[str] = Counter()
    lengths = set()
    for kind, samples in itertools.islice(standby.endless(recordings, GRAMMAR), 400):
        seconds[kind] += len(samples)
        lengths.add((kind, round(len(samples) / SAMPLE_RATE, 1)) if kind != "pause" else (kind, 0.0))
    assert seconds["speech"] == pytest.approx(seconds["noise"], rel=0.1)
    assert ("speech", 3.0) not in lengths
    assert {kind for kind, _ in lengths} == {"speech", "noise", "pause"}


def test_what_the_model_was_trained_on_is_left_out(tmp_path: Path) -> None:
    trained = recording(tmp_path, "a", "go", "word", 1.0, part="train")
    kept_out = recording(tmp_path, "b", "go", "word", 1.0, part="tune")
    untranscribed = recording(tmp_path, "c", "", "overlap", 1.0, part="train")
    noise = recording(tmp_path, "d", "", "noise", 1.0, part="train")
    assert standby.not_trained_on([trained, kept_out, untranscribed, noise]) == [kept_out, untranscribed]
