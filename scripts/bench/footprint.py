"""How much memory a running recogniser takes: that of a process that does nothing else."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from pathlib import Path

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.listener import Listener
from voice_coach.speech.models import SpeechModel

_BLOCK = 2 * round(BLOCK_SECONDS * LISTENING_RATE)


def peak_megabytes(folder: Path, sound: bytes) -> int:
    """Give the most that a process took (MB, Python and libraries included) which heard `sound` with a model.

    Args:
        folder: the model's.
        sound: int16, 16 kHz, mono.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_hear, (folder, sound))


def _hear(folder: Path, sound: bytes) -> int:
    listener = Listener(SpeechModel(folder), load_phrasebook().grammar())
    for start in range(0, len(sound) - _BLOCK + 1, _BLOCK):
        listener.feed(sound[start : start + _BLOCK])
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # Linux's getrusage counts what the parent took before the fork
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) // 1024
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit >> 20
