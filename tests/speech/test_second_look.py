"""A second look tells the phrase that was said from others, and from no speech at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voice_coach.audio.wav_files import WavMicrophone
from voice_coach.speech.second_look import SecondLook

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.speech.models import SpeechModel


def sound(path: Path) -> bytes:
    microphone = WavMicrophone(path)
    blocks = b"".join(microphone.blocks())
    microphone.close()
    return blocks


@pytest.mark.parametrize(("name", "said", "other"), [("stop_1", "stop", "yes"), ("yes_1", "yes", "stop")])
def test_what_was_said_has_the_larger_margin(
    model: SpeechModel, recordings: Path, name: str, said: str, other: str
) -> None:
    look = SecondLook(model)
    heard = sound(recordings / f"{name}.flac")
    assert look.margin(said, heard) > look.margin(other, heard) + 5
    assert look.margin(said, heard) == pytest.approx(look.margin(said, heard)), "it remembers nothing"


@pytest.mark.parametrize("level", [0, 300])
def test_silence_and_noise_are_no_phrase(model: SpeechModel, level: int) -> None:
    hiss = np.random.default_rng(1).normal(0, level, 16_000).astype("<i2").tobytes()
    assert SecondLook(model).margin("stop", hiss) < 0


def test_no_sound_is_no_phrase(model: SpeechModel) -> None:
    assert SecondLook(model).margin("stop", b"") < 0
