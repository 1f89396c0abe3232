"""Measure how many commands are understood over the coach's own voice, with and without an echo canceller.

FOLDER holds a manifest.csv and its recordings, as for the hearing bench. Commands by people kept out of training are
said while the coach speaks its cues; a made-up room brings the loudspeaker back to the microphone, late, blurred and
as loud as asked. Far end and near end run from the same clock here: a loudspeaker and a microphone on different
ones (a headset beside a laptop's speaker) drift apart, and every canceller does worse then.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soxr
from hearing import BLOCK, Coach, Heard, Said, make_tape, measure
from scipy.signal import fftconvolve
from train_command_model.recordings import SAMPLE_RATE, Samples, load_manifest, read_samples

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.speech.models import SpeechModel, find_model
from voice_coach.speech.voice import PyttsxVoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VOICE_LEVEL = 1500.0
REVERBERATION_SECONDS = 0.25
# A level meter needs about this long to notice a voice over the coach; then the coach speaks this much quieter.
NOTICED_AFTER_SECONDS = 0.15
DUCKED_DB = -12.0
BETWEEN_CUES_SECONDS = 0.35


class Canceller(Protocol):
    def process(self, near: Samples, far: Samples) -> Samples:
        """Take the far end out of the near end; both are whole tapes of 16 bit values held in floats."""


class Nothing:
    def process(self, near: Samples, far: Samples) -> Samples:
        del far
        return near


class Webrtc:
    """WebRTC's third echo canceller, in pywebrtc-audio."""

    def process(self, near: Samples, far: Samples) -> Samples:
        import pywebrtc_audio  # noqa: PLC0415 - only where it is compared

        canceller = pywebrtc_audio.EchoCanceller(SAMPLE_RATE, 1)
        return _in_blocks(near, far, lambda n, f: canceller.process(n / 32768, f / 32768) * 32768)


class Livekit:
    """The same canceller in livekit's audio processing module."""

    def process(self, near: Samples, far: Samples) -> Samples:
        from livekit import rtc  # noqa: PLC0415 - only where it is compared

        module = rtc.AudioProcessingModule(echo_cancellation=True)

        def one(near_block: Samples, far_block: Samples) -> Samples:
            near_frame, far_frame = (
                rtc.AudioFrame(bytearray(_int16(b).tobytes()), SAMPLE_RATE, 1, BLOCK) for b in (near_block, far_block)
            )
            module.process_reverse_stream(far_frame)
            module.process_stream(near_frame)
            return np.frombuffer(near_frame.data, dtype=np.int16).astype(np.float32)

        return _in_blocks(near, far, one)


class Speex:
    """The adaptive filter of speexdsp, in pyaec."""

    def process(self, near: Samples, far: Samples) -> Samples:
        import pyaec  # noqa: PLC0415 - only where it is compared

        canceller = pyaec.Aec(BLOCK, 6400, SAMPLE_RATE, True)

        def one(near_block: Samples, far_block: Samples) -> Samples:
            out = canceller.cancel_echo(_int16(near_block).tolist(), _int16(far_block).tolist())
            return np.asarray(out, dtype=np.float32)

        return _in_blocks(near, far, one)


CANCELLERS: dict[str, type[Canceller]] = {"none": Nothing, "webrtc": Webrtc, "livekit": Livekit, "speex": Speex}


def _int16(samples: Samples) -> np.ndarray:
    return np.clip(samples, -32768, 32767).astype(np.int16)


def _in_blocks(near: Samples, far: Samples, one: object) -> Samples:
    out = np.zeros_like(near)
    for start in range(0, len(near) - BLOCK + 1, BLOCK):
        out[start : start + BLOCK] = one(near[start : start + BLOCK], far[start : start + BLOCK])  # type: ignore[operator]
    return out


@dataclass(frozen=True, slots=True)
class Room:
    """The way from the loudspeaker to the microphone."""

    echo_db: float
    delay_ms: float

    def heard(self, far: Samples, seed: int = 0) -> Samples:
        """Give what the microphone gets of the loudspeaker; its level is `echo_db` over a voice's."""
        rng = np.random.default_rng(seed)
        length = int(SAMPLE_RATE * REVERBERATION_SECONDS)
        tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length) * 0.2
        tail[0] = 1.0
        late = np.concatenate([np.zeros(int(SAMPLE_RATE * self.delay_ms / 1000)), tail])
        echo = fftconvolve(far, late)[: len(far)].astype(np.float32)
        return np.asarray(echo * (VOICE_LEVEL * 10 ** (self.echo_db / 20) / _level(echo)), dtype=np.float32)


def _level(samples: Samples) -> float:
    """Give the root mean square of what is loud enough to be speech."""
    loud = samples[np.abs(samples) > np.abs(samples).max() * 0.02]
    return float(np.sqrt(np.mean(np.square(loud)))) if len(loud) else 1.0


def coach_speech(seconds: float) -> Samples:
    """Give the coach's cues, one after the other, over and over."""
    voice = PyttsxVoice()
    voice.start()
    cues: list[Samples] = []
    try:
        for step in load_catalogue().steps.values():
            for text in (step.cues.setup, step.cues.go, step.cues.then, step.cues.halfway):
                if text:
                    clip = voice.render(text.format(side="left", stroke="three", hold="ten seconds"))
                    sound = soxr.resample(np.asarray(clip.samples, dtype=np.float32), clip.rate, SAMPLE_RATE)
                    cues += [sound, np.zeros(int(SAMPLE_RATE * BETWEEN_CUES_SECONDS), dtype=np.float32)]
    finally:
        voice.close()
    once = np.concatenate(cues)
    wanted = int(seconds * SAMPLE_RATE)
    return np.tile(once, wanted // len(once) + 1)[:wanted]


def ducked(far: Samples, said: Sequence[Said]) -> Samples:
    """Let the coach speak more quietly from shortly after each command's beginning to a little after its end."""
    gain = np.ones(len(far), dtype=np.float32)
    for one in said:
        begins = int((one.begins + NOTICED_AFTER_SECONDS) * SAMPLE_RATE)
        gain[begins : int((one.ends + 0.5) * SAMPLE_RATE)] = 10 ** (DUCKED_DB / 20)
    return far * gain


@dataclass
class Ready:
    """A recogniser's ear over commands that were processed before."""

    heard: list[Heard]

    def hear(self, tape: bytes) -> Iterator[Heard]:
        del tape
        yield from self.heard


def main() -> None:
    parser = argparse.ArgumentParser(prog="echo", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings with a manifest.csv")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--commands", type=int, default=100, help="how many are said over the coach")
    parser.add_argument("--echo", default="0,-6,-14,-20", help="dB of the echo over the voice")
    parser.add_argument("--delays", default="40,150,400", help="milliseconds")
    parser.add_argument("--cancellers", default=",".join(CANCELLERS))
    parser.add_argument("--duck", action="store_true", help="the coach lowers its voice when somebody speaks")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    grammar = load_phrasebook().grammar()
    recordings = [
        (r, " ".join(r.words))
        for r in load_manifest(options.folder)
        if r.part == "test" and not r.is_crowd and " ".join(r.words) in grammar.meanings
    ]
    random.Random(0).shuffle(recordings)  # noqa: S311 - to repeat, no secret
    pieces = [(_at_voice_level(read_samples(r.path)), phrase) for r, phrase in recordings[: options.commands]]
    tape, said = make_tape(pieces)
    coach = Coach(SpeechModel(find_model(options.model)), grammar)
    quiet = measure(coach, tape, said)
    print(f"without the coach: {quiet.right / quiet.said:.2f} right, {quiet.wrong / quiet.said:.2f} wrong")
    far = coach_speech(len(tape) / SAMPLE_RATE)
    if options.duck:
        far = ducked(far, said)
    rows = []
    for name in options.cancellers.split(","):
        for delay in map(float, options.delays.split(",")):
            for echo in map(float, options.echo.split(",")):
                near = tape + Room(echo, delay).heard(far)
                begun = time.process_time()
                clean = CANCELLERS[name]().process(near, far)
                spent = (time.process_time() - begun) / (len(tape) / SAMPLE_RATE)
                result = measure(coach, clean, said)
                row = {
                    "canceller": name,
                    "delay_ms": delay,
                    "echo_db": echo,
                    "right": round(result.right / result.said, 3),
                    "wrong": round(result.wrong / result.said, 3),
                    "real_time_factor": round(spent, 4),
                }
                rows.append(row)
                print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps({"without_the_coach": quiet.as_json(), "rows": rows}, indent=1) + "\n")


def _at_voice_level(samples: Samples) -> Samples:
    return np.asarray(samples * (VOICE_LEVEL / _level(samples)), dtype=np.float32)


if __name__ == "__main__":
    main()
