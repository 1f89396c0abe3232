"""Recorded speech and noise, as a manifest lists them."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import soundfile

from train_command_model.errors import UnusableError

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_RATE = 16_000

Samples = npt.NDArray[np.float32]

# Whole speakers and whole noises are kept out of training, chosen by name, so the choice never moves: every sixth to
# measure on, and one in 24 to settle the decoder's and the listener's numbers on.
_PARTS = 24
_TEST_PARTS = frozenset({0, 6, 12, 18})
_TUNING_PART = 21

# One "speaker" each that cannot be told apart any further, or would be all or nothing. Crowds of unknown people, each
# of whom may have said more than one thing; one voice with hundreds of clips; seconds cut from six long noises.
_ALWAYS_TRAINED = frozenset(
    {"pico_crowd", "picovoice:crowd(>50, id unknown)", "sh_unknown", "fs_callie", "gsc_background"}
)

# Several pieces of one recording have its number in common: "esc10_Rain_1-56311-A.flac".
_PIECE_OF = re.compile(r"_\d-(\d+)-[A-Z]\.")

# The licence in the manifest is that of the repository; most of the music in it is from records of others.
_UNCLEAR = frozenset({"tyiannak/pyAudioAnalysis"})

# A label that is no transcript.
_NOT_WORDS = re.compile(r"[^a-z' ]")


@dataclass(frozen=True, slots=True)
class Recording:
    """One file.

    Attributes:
        path: where it lies.
        words: what is said in it; empty where that is unknown.
        speaker: who says it, as the manifest names them.
        source: the collection it comes from.
        licence: the licence of the recording.
        kind: "noise", "music", or what kind of speech it is.
        part: "train", "tune" (to settle numbers on) or "test" (to measure on).
    """

    path: Path
    words: tuple[str, ...]
    speaker: str
    source: str
    licence: str
    kind: str
    part: str

    @property
    def held_out(self) -> bool:
        return self.part != "train"

    @property
    def is_speech(self) -> bool:
        return self.kind not in ("noise", "music")

    @property
    def may_be_trained_on(self) -> bool:
        """It is not held out, and whoever gave it its licence could."""
        return not self.held_out and self.source not in _UNCLEAR


_COLUMNS = ("path", "text", "speaker", "source", "licence", "kind")


def load_manifest(folder: Path) -> list[Recording]:
    """Read `folder/manifest.csv`: path, text, speaker, source, licence, kind.

    Raises:
        UnusableError: it isn't there, or lacks one of these columns.
    """
    path = folder / "manifest.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            lacking = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
            if lacking:
                msg = f"{path} lacks the column {lacking[0]!r}: it needs {', '.join(_COLUMNS)}"
                raise UnusableError(msg)
            return [_recording(folder, row) for row in rows]
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read ({error}): recordings and a manifest.csv that lists them are needed"
        raise UnusableError(msg) from error


def _recording(folder: Path, row: dict[str, str]) -> Recording:
    speech = row["kind"] not in ("noise", "music", "overlap", "speech")
    text = row["text"].lower() if speech else ""
    words = () if re.search(r"\d", text) else tuple(_NOT_WORDS.sub(" ", text.replace("-", " ")).split())
    return Recording(
        path=folder / row["path"],
        words=words,
        speaker=row["speaker"],
        source=row["source"],
        licence=row["licence"],
        kind=row["kind"],
        part=_part(row["path"], row["speaker"], row["kind"]),
    )


def _part(path: str, speaker: str, kind: str) -> str:
    if speaker in _ALWAYS_TRAINED:
        return "train"
    name = _original(path) if kind in ("noise", "music") else speaker
    place = int(hashlib.sha256(name.encode()).hexdigest(), 16) % _PARTS
    return "test" if place in _TEST_PARTS else "tune" if place == _TUNING_PART else "train"


def _original(path: str) -> str:
    """What a noise was cut from: its pieces sound alike, and learning one of them is learning the other."""
    piece = _PIECE_OF.search(path)
    return piece[1] if piece else path


def read_samples(path: Path) -> Samples:
    """Read a mono 16 kHz file as 16 bit values held in floats, the scale Kaldi's features expect.

    Raises:
        UnusableError: it can't be read, or is of another kind.
    """
    try:
        samples, rate = soundfile.read(path, dtype="int16")
    except (OSError, soundfile.LibsndfileError) as error:
        msg = f"{path} cannot be read ({error}): take it out of manifest.csv, or mend it"
        raise UnusableError(msg) from error
    if rate != SAMPLE_RATE or samples.ndim != 1:
        msg = f"{path}: expected mono at {SAMPLE_RATE} Hz, found {rate} Hz, {samples.ndim} dimension(s)"
        raise UnusableError(msg)
    return np.asarray(samples, dtype=np.float32)


def write_samples(path: Path, samples: Samples) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.clip(samples, -32768, 32767).astype(np.int16), SAMPLE_RATE)
