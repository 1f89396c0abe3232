"""Loudspeaker, room, person and microphone in one loop, block by block: as the rig, but faster than time passes.

The parts are the program's own: its mixer plays, its listener hears. Only the devices are not there.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import soxr

from tests.audio.echo_room import RATE, Convolver, Delay, EchoRoom
from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.audio.mixer import Mixer
from voice_coach.audio.reference import Reference
from voice_coach.audio.resampling import StreamResampler

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.audio.echo_room import Sound
    from voice_coach.audio.clip import Clip
    from voice_coach.commands.grammar import Grammar
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.speech.listener import Utterance
    from voice_coach.speech.selfhearing import GuardedListener

_BLOCK = round(RATE * BLOCK_SECONDS)
DEVICE_SECONDS = 0.04
"""What the buffers of a loudspeaker and a microphone cost together, as measured on the rig."""


_SLACK = 10 * _BLOCK
"""Samples: enough for half an hour of clocks that differ by 50 parts per million."""


class LoopSpeaker:
    """A loudspeaker that plays when it is told to.

    Args:
        rate: samples per second (Hz) of the clips.
    """

    def __init__(self, rate: int) -> None:
        self._mixer = Mixer(rate)
        self._due = 0.0
        self.reference = Reference(rate)
        self.pauses = 0

    @property
    def rate(self) -> int:
        return self._mixer.rate

    @property
    def progress(self) -> tuple[str, float] | None:
        return self._mixer.progress

    @property
    def is_speaking(self) -> bool:
        return self._mixer.speech_left is not None

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        self._mixer.say(clip, on_end)

    def chime(self, clip: Clip) -> None:
        self._mixer.chime(clip)

    def hush(self) -> None:
        self._mixer.hush()

    def give_way(self, *, pause: bool = True) -> None:
        self.pauses += 1
        self._mixer.give_way(pause=pause)

    def go_on(self) -> None:
        self._mixer.go_on()

    def close(self) -> None:
        """Do nothing."""

    def play(self) -> Sound:
        """Play the next 10 ms, or a sample more or less where that is no whole number of samples."""
        self._due += self.rate * BLOCK_SECONDS
        frames = int(self._due)
        self._due -= frames
        samples = self._mixer.read(frames)
        self.reference.played(samples)
        return samples.astype(np.float32) / np.float32(32768)


class Drift:
    """What a loudspeaker plays by a clock of its own, at the pace of another.

    Args:
        ppm: how much faster its clock runs, in parts per million.
    """

    def __init__(self, ppm: float) -> None:
        self._stream = soxr.ResampleStream(RATE, RATE / (1 + ppm / 1e6), 1)
        self._waiting = np.zeros(_SLACK, np.float32)

    def feed(self, block: Sound) -> Sound:
        """Take 10 ms, and give 10 ms."""
        self._waiting = np.concatenate([self._waiting, self._stream.resample_chunk(block)])
        given, self._waiting = self._waiting[:_BLOCK], self._waiting[_BLOCK:]
        return given


class EchoLoop:
    """One loudspeaker, one room, one microphone.

    Attributes:
        seconds: that have passed.
    """

    def __init__(self, speaker: LoopSpeaker, room: EchoRoom) -> None:
        self._speaker = speaker
        self._resampler = StreamResampler(speaker.rate, RATE)
        self._waiting = np.zeros(_BLOCK, np.float32)
        self._bent = room.distortion
        self._drift = Drift(room.drift_ppm) if room.drift_ppm else None
        self._delay = Delay(round((room.delay_ms / 1000 + DEVICE_SECONDS) * RATE))
        self._convolver = Convolver(room.response())
        self._noise = np.random.default_rng(12)
        self._noise_level = 10 ** (room.noise_dbfs / 20)
        self._voice: Sound = np.zeros(0, np.float32)
        self._blocks = 0

    @property
    def seconds(self) -> float:
        return self._blocks * BLOCK_SECONDS

    @property
    def is_said(self) -> bool:
        """Nobody is speaking, or no more."""
        return not len(self._voice)

    def say(self, sound: Sound) -> None:
        """Let a person speak from now on: 16 kHz, at the level at which the microphone hears them."""
        self._voice = sound

    def move_loudspeaker(self, room: EchoRoom) -> None:
        """Let the loudspeaker stand at another place of the room from now on."""
        self._convolver.change(room.response())

    def next_block(self) -> bytes:
        """Let 10 ms pass, and give what the microphone hears."""
        self._blocks += 1
        self._waiting = np.concatenate([self._waiting, self._resampler.feed(self._speaker.play())])
        played, self._waiting = self._waiting[:_BLOCK], self._waiting[_BLOCK:]
        if self._bent:
            played = np.tanh(played / self._bent) * np.float32(self._bent)
        if self._drift is not None:
            played = self._drift.feed(played)
        heard = self._convolver.feed(self._delay.feed(played))
        heard = heard + self._noise.normal(0.0, self._noise_level, _BLOCK).astype(np.float32)
        part, self._voice = self._voice[:_BLOCK], self._voice[_BLOCK:]
        heard[: len(part)] += part
        return (np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes()


class LoopEars:
    """The microphone's end of the loop, in step with the session's clock.

    Args:
        loop: gives the sound.
        listener: hears it.
        phrasebook: gives the phrases of the commands to listen for.
        hear: gets every utterance.
    """

    def __init__(
        self, loop: EchoLoop, listener: GuardedListener, phrasebook: Phrasebook, hear: Callable[[Utterance], None]
    ) -> None:
        self._loop, self._listener, self._phrasebook, self._hear = loop, listener, phrasebook, hear
        self.open = True
        self.said: deque[Utterance] = deque()

    @property
    def due(self) -> float | None:
        return self._loop.seconds + BLOCK_SECONDS

    def advance(self, now: float) -> None:
        """Let time pass until `now`."""
        while self._loop.seconds + BLOCK_SECONDS <= now + BLOCK_SECONDS / 100:
            for utterance in self._listener.feed(self._loop.next_block()):
                self.said.append(utterance)
                self._hear(utterance)

    def listen_for(self, active: frozenset[str]) -> None:
        self._listener.use_grammar(self.grammar(active))

    def grammar(self, active: frozenset[str]) -> Grammar:
        return self._phrasebook.grammar(active)

    def close(self) -> None:
        self.open = False
