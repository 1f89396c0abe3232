"""Synthetic speech: words nobody recorded for us, in as many voices as espeak-ng, flite and Kokoro give."""

from __future__ import annotations

import ctypes
import itertools
import multiprocessing
import random
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import espeakng_loader
import numpy as np
import soundfile
from scipy.signal import resample_poly

from train_command_model import neural
from train_command_model.recordings import SAMPLE_RATE, Samples, write_samples
from train_command_model.vocabulary import EVERYDAY, Vocabulary, ranked_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ACCENTS = (
    ("en-us", 4),
    ("en", 2),  # Great Britain
    ("en-gb-x-rp", 2),
    ("en-us-nyc", 1),
    ("en-gb-scotland", 1),
    ("en-029", 1),
    ("en-gb-x-gbclan", 1),
)

# Lines that one process speaks; Kokoro takes half a second for one.
_CHUNK = 2_000
_NEURAL_CHUNK = 200

# How often a phrase of so many words is said; longer ones, with their numbers, are many and alike.
_COPIES = {1: 30, 2: 12, 3: 12}

# Beside the lexicon's, so many frequent words are said once or twice: a network that hears few different words by
# themselves learns them whole, and takes every new one for the nearest of them.
_OTHER_WORDS = 7_000
# Every so many of them is said by flite too.
_BY_FLITE = 3

# How often Kokoro says a phrase of so many words, an everyday word and another word of the lexicon; and how many of the
# other frequent words it says once. Stop and the body words matter most, and of body words there are no recordings.
_NEURAL_COPIES = {1: 12, 2: 6, 3: 3}
_NEURAL_URGENT_COPIES = {1: 24, 2: 8, 3: 4}
_NEURAL_EVERYDAY = 2
_NEURAL_OTHER_WORDS = 600

# Robots, whispers and demons teach a model nothing about people.
_VARIANTS = tuple(
    """
    Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike
    Nguyen Reed RicishayMax Storm adam anika antonio aunty belinda benjamin boris caleb david ed edward
    edward2 f1 f2 f3 f4 f5 grandma grandpa gustave ian iven iven2 john kaukovalta klatt klatt2 klatt3 klatt4
    linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro
    shelby steph steph2 steph3 travis victor zac
    """.split()  # noqa: SIM905 - eighty names
)

_FLITE_VOICES = ("kal16", "awb", "rms", "slt")

# libespeak-ng, speak_lib.h: output mode "synchronous", parameters, position and character codes.
_SYNCHRONOUS = 2
_RATE, _PITCH, _RANGE = 1, 3, 4
_POSITION_CHARACTER = 1
_UTF8 = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One thing for one synthetic voice to say."""

    name: str
    words: tuple[str, ...]
    engine: str
    voice: str
    rate: int
    pitch: int


class Espeak:
    """espeak-ng as a library: thousands of words a minute, which starting a program for each is not."""

    _started: ClassVar[Espeak | None] = None

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = Path(espeakng_loader.get_data_path()).parent
        self._rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), 0))
        if self._rate <= 0:
            msg = "espeak-ng did not start"
            raise RuntimeError(msg)
        self._heard: list[Samples] = []
        signature = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = signature(self._take)  # kept: ctypes doesn't hold it for us
        self._library.espeak_SetSynthCallback(self._callback)

    @classmethod
    def shared(cls) -> Espeak:
        """Give the one instance: the library keeps its state in globals."""
        if cls._started is None:
            cls._started = cls()
        return cls._started

    def _take(self, wave: Any, count: int, _events: Any) -> int:
        if wave and count > 0:
            self._heard.append(np.ctypeslib.as_array(wave, (count,)).astype(np.float32))
        return 0

    def say(self, line: Line) -> Samples:
        self._heard.clear()
        if self._library.espeak_SetVoiceByName(line.voice.encode()) != 0:
            msg = f"espeak-ng has no voice {line.voice!r}"
            raise RuntimeError(msg)
        for parameter, value in ((_RATE, line.rate), (_PITCH, line.pitch), (_RANGE, 50)):
            self._library.espeak_SetParameter(parameter, value, 0)
        text = " ".join(line.words).encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
        return _at_16k(np.concatenate(self._heard or [np.zeros(0, np.float32)]), self._rate)


def plan(vocabulary: Vocabulary, *, seed: int, share: float = 1.0) -> list[Line]:
    """Decide who says what; `share` below 1 plans less, 0 nothing."""
    if share <= 0:
        return []
    rng = random.Random(seed)  # noqa: S311 - to repeat, no secret
    lines: list[Line] = []
    voices = _endless_voices(rng)
    for words, copies in _texts(vocabulary, share):
        for copy in range(copies):
            name = f"{'_'.join(words)}-{copy}"
            lines.append(Line(name, words, "espeak", next(voices), rng.randrange(115, 225), rng.randrange(15, 90)))
    spoken = _flite_texts(vocabulary)[:: max(1, round(1 / share))]
    for words in spoken:
        for voice in rng.sample(_FLITE_VOICES, 3):
            name = f"{'_'.join(words)}-{voice}"
            lines.append(Line(name, words, "flite", voice, rng.randrange(85, 130), rng.randrange(80, 125)))
    return [*lines, *_other_words(vocabulary, rng, voices, share)]


def _other_words(vocabulary: Vocabulary, rng: random.Random, voices: Iterator[str], share: float) -> Iterator[Line]:
    known = set(vocabulary.words)
    others = [word for word in ranked_words()[:_OTHER_WORDS] if word not in known]
    for place, word in enumerate(others[:: max(1, round(1 / share))]):
        yield Line(f"{word}-other", (word,), "espeak", next(voices), rng.randrange(115, 225), rng.randrange(15, 90))
        if place % _BY_FLITE == 0:
            voice = rng.choice(_FLITE_VOICES)
            yield Line(f"{word}-{voice}", (word,), "flite", voice, rng.randrange(85, 130), rng.randrange(80, 125))


def plan_neural(vocabulary: Vocabulary, *, seed: int, share: float = 1.0) -> list[Line]:
    """Decide what Kokoro says, in which voices; `share` below 1 plans less, 0 nothing."""
    if share <= 0:
        return []
    rng = random.Random(seed)  # noqa: S311 - to repeat, no secret
    voices = neural.voices(rng)
    return [
        Line(f"{'_'.join(words)}-{copy}", words, "kokoro", next(voices), rng.randrange(90, 150), 0)
        for words, copies in _neural_texts(vocabulary)
        for copy in range(max(1, round(copies * share)))
    ]


def _neural_texts(vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], int]]:
    for phrase in vocabulary.phrases:
        words = tuple(phrase.split())
        copies = _NEURAL_URGENT_COPIES if phrase in vocabulary.urgent else _NEURAL_COPIES
        yield words, copies.get(len(words), 1)
    everyday, commands, known = set(EVERYDAY), set(vocabulary.phrases), set(vocabulary.words)
    for word in vocabulary.words:
        if word not in commands:
            yield (word,), _NEURAL_EVERYDAY if word in everyday else 1
    others = [word for word in ranked_words() if word not in known]
    for word in others[:_NEURAL_OTHER_WORDS]:
        yield (word,), 1


def _texts(vocabulary: Vocabulary, share: float) -> Iterator[tuple[tuple[str, ...], int]]:
    commands = {phrase for phrase in vocabulary.phrases if " " not in phrase}
    everyday = set(EVERYDAY)
    for phrase in vocabulary.phrases:
        words = tuple(phrase.split())
        copies = _COPIES.get(len(words), 5)
        yield words, max(1, round(copies * share))
    for word in vocabulary.words:
        if word not in commands:
            yield (word,), max(1, round((8 if word in everyday else 3) * share))


def _flite_texts(vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    singles = {word for phrase in vocabulary.phrases for word in phrase.split()}
    return [tuple(phrase.split()) for phrase in sorted(singles | set(vocabulary.phrases) | set(EVERYDAY))]


def _endless_voices(rng: random.Random) -> Iterator[str]:
    accents = [name for name, weight in _ACCENTS for _ in range(weight)]
    pairs = [f"{accent}+{variant}" for accent, variant in itertools.product(accents, _VARIANTS)]
    while True:
        yield from rng.sample(pairs, len(pairs))


def render(lines: Sequence[Line], folder: Path, *, processes: int) -> list[tuple[Line, Path]]:
    """Speak the lines into files, and give those that were spoken; what lies there already is kept.

    espeak-ng's sound depends a little on what it said before. So the lines are divided into chunks, and each is
    spoken from its beginning by a process of its own: how many work at a time, and whether they were interrupted,
    changes nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size = _NEURAL_CHUNK if lines and lines[0].engine == "kokoro" else _CHUNK
    chunks = [(lines[first : first + size], folder, first) for first in range(0, len(lines), size)]
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        pool.starmap(_render_chunk, chunks, chunksize=1)
    return [(line, path) for line in lines if (path := _path(folder, line)).exists()]


def _render_chunk(lines: Sequence[Line], folder: Path, first: int) -> None:
    complete = folder / f"{first}.complete"
    if complete.exists():
        return
    for line in lines:
        samples = _say_with_kokoro(line, folder) if line.engine == "kokoro" else _SAY[line.engine](line)
        if samples.size >= SAMPLE_RATE // 10:
            write_samples(_path(folder, line), samples)
    complete.touch()


def _path(folder: Path, line: Line) -> Path:
    return folder / line.engine / f"{line.name}.flac"


def _say_with_espeak(line: Line) -> Samples:
    return Espeak.shared().say(line)


def say_with_flite(line: Line) -> Samples:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        stretch = f"duration_stretch={100 / line.rate:.2f}"
        text = " ".join(line.words)
        command = ["flite", "-voice", line.voice, "--setf", stretch, "-t", text, "-o", file.name]
        subprocess.run(command, check=True, capture_output=True)
        samples, rate = soundfile.read(file.name, dtype="int16")
    return _at_16k(np.asarray(samples, dtype=np.float32), int(rate))


def _say_with_kokoro(line: Line, folder: Path) -> Samples:
    samples = _kokoro(folder).say(line.words, line.voice, line.rate)
    return _at_16k(samples * _FULL_SCALE, neural.SAMPLE_RATE)


@cache
def _kokoro(folder: Path) -> neural.Kokoro:
    return neural.Kokoro(neural.styles_in(folder))


_SAY = {"espeak": _say_with_espeak, "flite": say_with_flite}
# Samples are 16 bit values held in floats.
_FULL_SCALE = 32_767


def _at_16k(samples: Samples, rate: int) -> Samples:
    if rate == SAMPLE_RATE:
        return samples
    shared = np.gcd(rate, SAMPLE_RATE)
    return np.asarray(resample_poly(samples, SAMPLE_RATE // shared, rate // shared), dtype=np.float32)
