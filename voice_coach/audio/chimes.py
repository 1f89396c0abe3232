"""The coach's small sounds: no word is needed to say "heard", "not understood", "I listen again", "now" and "done"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.clip import Clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ATTACK_SECONDS = 0.004
_RELEASE_SECONDS = 0.008
_OVERTONES = ((1.0, 1.0), (2.0, 0.35), (3.0, 0.12))
"""(multiple of the pitch, share): a soft bell; a pure sine is hard to place in a room, more sounds sharp."""


@dataclass(frozen=True, slots=True)
class _Chime:
    """Notes one after the other.

    Attributes:
        pitches: Hz.
        note_seconds: length of each note.
        decay_seconds: time in which a note falls to 37 %.
        peak: loudest sample, full scale is 1. Speech peaks at about 0.7.
    """

    pitches: tuple[float, ...]
    note_seconds: float
    decay_seconds: float
    peak: float


_CHIMES = {
    "accepted": _Chime((659.3, 987.8), 0.055, 0.05, 0.16),
    "not_understood": _Chime((311.1, 233.1), 0.075, 0.06, 0.20),
    "listening": _Chime((440.0, 659.3, 880.0), 0.045, 0.05, 0.18),
    "stroke": _Chime((1046.5,), 0.03, 0.007, 0.06),
    "hold": _Chime((523.3,), 0.15, 0.06, 0.18),
    "release": _Chime((784.0, 523.3), 0.075, 0.05, 0.16),
    "finished": _Chime((523.3, 659.3, 1046.5), 0.05, 0.05, 0.20),
}

CHIMES = tuple(_CHIMES)
"""Names that `chime_clip` knows."""


@cache
def chime_clip(name: str, rate: int, decibels: float = 0.0) -> Clip:
    """Give the sound called `name`, at most 150 ms long.

    Args:
        name: one of `CHIMES`.
        rate: samples per second (Hz).
        decibels: how much louder than usual; up to 12 dB nothing is clipped.

    Raises:
        KeyError: there is no such sound.
    """
    chime = _CHIMES[name]
    notes = [_note(pitch, chime, rate) for pitch in chime.pitches]
    sound = np.concatenate(notes)
    sound *= chime.peak * 10 ** (decibels / 20) * 32767 / np.max(np.abs(sound))
    return Clip(np.rint(sound).astype(np.int16), rate)


def _note(pitch: float, chime: _Chime, rate: int) -> NDArray[np.float64]:
    time = np.arange(int(chime.note_seconds * rate)) / rate
    sound = np.zeros(len(time))
    for multiple, share in _OVERTONES:
        sound += share * np.sin(2 * np.pi * pitch * multiple * time) * (pitch * multiple < rate / 2)
    attack = np.minimum(1.0, time / _ATTACK_SECONDS)
    release = np.minimum(1.0, (chime.note_seconds - time) / _RELEASE_SECONDS)
    return sound * attack * release * np.exp(-time / chime.decay_seconds)
