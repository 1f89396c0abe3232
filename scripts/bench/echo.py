"""Measure how many commands are understood that are spoken over the coach, with and without an echo canceller.

FOLDER holds a manifest.csv and its recordings, as for the hearing bench. A person says commands while the coach speaks
its cues; a made-up room brings the loudspeaker back to the microphone, late, blurred and as loud as asked. Loudspeaker,
listener and everything between are the program's own, in a loop of blocks of 10 ms: the coach gives way, and goes on.
Where nothing has come of a command after a while, it is said once more, as people do.

"stop" and the other commands are recordings of people kept out of training. Body words, of which there are no
recordings, are synthetic, in other voices than the coach's. Loudspeaker and microphone run from the same clock here:
where theirs drift apart, a canceller does worse.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from train_command_model.recordings import SAMPLE_RATE, Samples, load_manifest, read_samples
from train_command_model.synthesis import Line, say_with_flite

from tests.audio.echo_loop import EchoLoop, LoopSpeaker
from tests.audio.echo_room import VOICE_DBFS, EchoRoom, at_level
from voice_coach.audio.clip import Clip
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.phases import BODY
from voice_coach.speech.models import SpeechModel, find_model
from voice_coach.speech.selfhearing import GuardedListener
from voice_coach.speech.voice import PyttsxVoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from voice_coach.audio.canceller import Canceller

BETWEEN_CUES_SECONDS = 0.35
AGAIN_AFTER_SECONDS = 0.9
STOP_SHARE, BODY_SHARE = 0.3, 0.3
_VOICES = ("awb", "rms", "slt", "kal16")
_SPOKEN = 0.003
"""Share of the loudest power from which on a recording holds the word itself."""


class Livekit:
    """WebRTC's third echo canceller, in livekit. Blocks of other lengths than 10 ms fail without a word."""

    def __init__(self) -> None:
        from livekit import rtc  # noqa: PLC0415 - only where it is compared

        self._frame: Any = rtc.AudioFrame
        self._module = rtc.AudioProcessingModule(echo_cancellation=True)

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        far = self._framed(np.clip(played * 32767, -32768, 32767).astype("<i2").tobytes())
        near = self._framed(heard)
        self._module.process_reverse_stream(far)
        self._module.process_stream(near)
        return bytes(near.data)

    def rest(self, blocks: int) -> None:
        """Do nothing: it takes care of pauses itself."""

    def _framed(self, block: bytes) -> Any:
        return self._frame(bytearray(block), SAMPLE_RATE, 1, len(block) // 2)


class Webrtc:
    """The same canceller, in pywebrtc-audio."""

    def __init__(self) -> None:
        import pywebrtc_audio  # noqa: PLC0415 - only where it is compared

        self._canceller = pywebrtc_audio.EchoCanceller(SAMPLE_RATE, 1)

    def process(self, heard: bytes, played: NDArray[np.float32]) -> bytes:
        near = np.frombuffer(heard, "<i2").astype(np.float32) / 32768
        return bytes((np.clip(self._canceller.process(near, played), -1, 1) * 32767).astype("<i2").tobytes())

    def rest(self, blocks: int) -> None:
        """Do nothing: it takes care of pauses itself."""


CANCELLERS: dict[str, type[Any] | None] = {
    "none": None,
    "kalman": KalmanCanceller,
    "livekit": Livekit,
    "webrtc": Webrtc,
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command that somebody says.

    Attributes:
        phrase: what.
        sound: 16 kHz, full scale is 1; the word with next to nothing around it.
        is_urgent: it is "stop" or a body word.
    """

    phrase: str
    sound: Samples
    is_urgent: bool


@dataclass
class Tally:
    """What was understood."""

    said: int = 0
    first: int = 0
    in_two: int = 0
    wrong: int = 0
    latencies: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, float]:
        said = max(1, self.said)
        latencies = sorted(self.latencies) or [float("nan")]
        return {
            "said": self.said,
            "first": round(self.first / said, 3),
            "in_two": round(self.in_two / said, 3),
            "wrong": round(self.wrong / said, 3),
            "latency_median_s": round(latencies[len(latencies) // 2], 3),
        }


class Conversation:
    """A coach that goes on and on, and a person who speaks over it; with no clips, nobody but the person."""

    def __init__(
        self, listener: GuardedListener, speaker: LoopSpeaker, room: EchoRoom, clips: Sequence[Clip], book: Phrasebook
    ) -> None:
        self._listener, self._speaker, self._clips = listener, speaker, clips
        self._loop = EchoLoop(speaker, room)
        self._meanings = book.grammar()
        self._cue, self._gap = 0, 0
        self._rng = random.Random(1)  # noqa: S311 - to repeat, no secret
        self.false: list[str] = []
        self.tallies = {True: Tally(), False: Tally()}

    def hold(self, commands: Sequence[Spoken]) -> None:
        """Say all commands, with the coach under way for a while before each."""
        self._listen(8.0)
        for command in commands:
            self._listen(self._rng.uniform(2.0, 4.0))
            while self._clips and not self._speaker.is_speaking:
                self._listen(0.01)
            self._listen(self._rng.uniform(0.3, 0.8))
            self._say(command)
            self._listen(0.5)

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self._loop.seconds

    def _listen(self, seconds: float) -> None:
        self.false += [text for _, text in self._hear(seconds)]

    def _say(self, command: Spoken) -> None:
        tally = self.tallies[command.is_urgent]
        tally.said += 1
        for attempt in range(2):
            began = self._loop.seconds
            self._loop.say(command.sound)
            heard = self._hear(len(command.sound) / SAMPLE_RATE + AGAIN_AFTER_SECONDS, until_command=True)
            if heard:
                at, text = heard[0]
                is_right = self._meanings.match(text) == self._meanings.match(command.phrase)
                tally.wrong += not is_right
                tally.in_two += is_right
                tally.first += is_right and attempt == 0
                tally.latencies += [at - began - len(command.sound) / SAMPLE_RATE] if is_right else []
                self._speaker.hush()
                return

    def _hear(self, seconds: float, *, until_command: bool = False) -> list[tuple[float, str]]:
        heard: list[tuple[float, str]] = []
        for _ in range(round(seconds * 100)):
            self._coach_speaks()
            utterances = self._listener.feed(self._loop.next_block())
            heard += [(self._loop.seconds, u.text) for u in utterances if u.command is not None]
            if heard and until_command:
                break
        return heard

    def _coach_speaks(self) -> None:
        if self._speaker.is_speaking or not self._clips:
            return
        self._gap += 1
        if self._gap > BETWEEN_CUES_SECONDS * 100:
            self._speaker.say(self._clips[self._cue % len(self._clips)], lambda: None)
            self._cue, self._gap = self._cue + 1, 0


def coach_clips() -> list[Clip]:
    """Give the coach's cues."""
    voice = PyttsxVoice()
    voice.start()
    clips = []
    try:
        for step in load_catalogue().steps.values():
            for text in (step.cues.setup, step.cues.go, step.cues.then, step.cues.halfway, step.why):
                if text:
                    spoken = text.format(side="left", stroke="three", hold="ten seconds")
                    clip = voice.render(spoken)
                    clips.append(Clip(clip.samples, clip.rate, spoken))
    finally:
        voice.close()
    return clips


def commands_to_say(folder: Path, part: str, count: int) -> list[Spoken]:
    """Choose the commands: three in ten are "stop", three in ten body words."""
    rng = random.Random(0)  # noqa: S311 - to repeat, no secret
    meanings = load_phrasebook().grammar().meanings
    recorded = [
        (" ".join(r.words), r.path) for r in load_manifest(folder) if r.part == part and " ".join(r.words) in meanings
    ]
    rng.shuffle(recorded)
    stops = [one for one in recorded if one[0] == "stop"][: round(count * STOP_SHARE)]
    body = list(_body_words(rng, round(count * BODY_SHARE)))
    others = [one for one in recorded if one[0] != "stop"][: count - len(stops) - len(body)]
    people = [
        Spoken(phrase, _trimmed(read_samples(path)), is_urgent=phrase == "stop") for phrase, path in [*stops, *others]
    ]
    said = [*people, *body]
    rng.shuffle(said)
    return said


def _body_words(rng: random.Random, count: int) -> Iterator[Spoken]:
    phrases = [p for p, c in load_phrasebook().meanings.items() if c.id in BODY and len(p.split()) <= 3]  # noqa: PLR2004
    for number, phrase in enumerate(rng.sample(phrases, count)):
        line = Line("", tuple(phrase.split()), "flite", _VOICES[number % len(_VOICES)], 100, 100)
        yield Spoken(phrase, _trimmed(say_with_flite(line)), is_urgent=True)


def _trimmed(samples: Samples) -> Samples:
    sound = at_level(samples / np.float32(32768), VOICE_DBFS)
    power = np.convolve(np.square(sound), np.ones(320) / 320, "same")
    loud = np.flatnonzero(power > power.max() * _SPOKEN)
    return sound[max(0, loud[0] - 480) : loud[-1] + 480]


def converse(
    model: SpeechModel, clips: Sequence[Clip], commands: Sequence[Spoken], room: EchoRoom, canceller: str
) -> dict[str, Any]:
    """Give a row of the table; with no clips, that of the same commands without a coach."""
    book = load_phrasebook()
    speaker = LoopSpeaker(clips[0].rate if clips else SAMPLE_RATE)
    make = CANCELLERS[canceller]
    made: Canceller | None = None if make is None else make()
    listener = GuardedListener(
        model,
        book.grammar(),
        speaker,
        speaker.reference,
        book.over_the_coach,
        full=made is not None or not clips,
        canceller=made,
    )
    conversation = Conversation(listener, speaker, room, clips, book)
    begun = time.process_time()
    conversation.hold(commands)
    urgent, others = conversation.tallies[True], conversation.tallies[False]
    both = Tally(*(getattr(urgent, name) + getattr(others, name) for name in Tally.__dataclass_fields__))
    return {
        "canceller": canceller,
        "echo_db": room.attenuation_db,
        "delay_ms": room.delay_ms,
        "drift_ppm": room.drift_ppm,
        "distortion": room.distortion,
        "all": both.as_json(),
        "stop_and_body": urgent.as_json(),
        "false": conversation.false,
        "real_time_factor": round((time.process_time() - begun) / conversation.seconds, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="echo", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings with a manifest.csv")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--part", choices=("test", "tune"), default="test", help="of the training script's parts")
    parser.add_argument("--commands", type=int, default=100, help="how many are said over the coach")
    parser.add_argument("--echo", default="0,-6,-14,-20", help="dB of the echo over the voice")
    parser.add_argument("--delays", default="40,150,400", help="milliseconds")
    parser.add_argument("--drift", type=float, default=0.0, help="of the loudspeaker's clock, parts per million")
    parser.add_argument("--distortion", type=float, default=0.0, help="level from which on the loudspeaker distorts")
    parser.add_argument("--cancellers", default="kalman", help=", ".join(CANCELLERS))
    parser.add_argument("--json", type=Path, help="write all figures there; rows that are there already are kept")
    options = parser.parse_args()
    model = SpeechModel(find_model(options.model))
    commands = commands_to_say(options.folder, options.part, options.commands)
    clips = coach_clips()
    rows = json.loads(options.json.read_text()) if options.json is not None and options.json.exists() else []
    if not any(row["canceller"] == "silent coach" for row in rows):
        rows.append({**converse(model, [], commands, EchoRoom(), "none"), "canceller": "silent coach"})
        print(_line(rows[-1]), flush=True)
    for name in options.cancellers.split(","):
        for delay in map(float, options.delays.split(",")):
            for echo in map(float, options.echo.split(",")):
                room = EchoRoom(echo, delay, drift_ppm=options.drift, distortion=options.distortion)
                if any(_place(row) == (name, delay, echo, options.drift, options.distortion) for row in rows):
                    continue
                rows.append(converse(model, clips, commands, room, name))
                print(_line(rows[-1]), flush=True)
                if options.json is not None:
                    options.json.write_text(json.dumps(rows, indent=1) + "\n")


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("canceller", "delay_ms", "echo_db", "drift_ppm", "distortion"))


def _line(row: dict[str, Any]) -> str:
    every, urgent = row["all"], row["stop_and_body"]
    return (
        f"{row['canceller']:>12} {row['delay_ms']:4.0f} ms {row['echo_db']:4.0f} dB | all: first {every['first']:.2f}, "
        f"in two {every['in_two']:.2f}, wrong {every['wrong']:.2f} | stop and body: first {urgent['first']:.2f}, "
        f"in two {urgent['in_two']:.2f}, wrong {urgent['wrong']:.2f} | {every['latency_median_s']:.2f} s | "
        f"not said: {len(row['false'])} {row['false'] or ''} | {row['real_time_factor']}"
    )


if __name__ == "__main__":
    main()
