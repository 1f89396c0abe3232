"""What the runner needs of sound devices: two interfaces, with a fake of each in `voice_coach.testing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.audio.clip import Clip
    from voice_coach.audio.signs import Ailment

BLOCK_SECONDS = 0.01
"""Length of every block read from a microphone or written to a loudspeaker, in seconds.

Blocks of 10 ms keep the way from speech to silence under 50 ms; blocks of 100 ms cost 400 ms a round trip.
"""

LISTENING_RATE = 16_000
"""Samples per second (Hz) that recognisers are fed with."""


class StreamFormat(NamedTuple):
    """How a device takes or gives its sound: int16, frames interleaved.

    Attributes:
        rate: samples per second (Hz).
        channels: 1 or 2.
        device: PortAudio's number of it; None is the default one, or one of a sound server.
    """

    rate: int
    channels: int
    device: int | None = None


class OpenDevice(Protocol):
    """A device that is playing or being heard."""

    @property
    def format(self) -> StreamFormat:
        """What the device takes or gives."""

    @property
    def latency(self) -> float:
        """Seconds that a sound takes on its way through the device, as it reports them."""

    @property
    def is_proven(self) -> bool:
        """It has worked since it was opened."""

    def ailment(self) -> Ailment | None:
        """Tell what is wrong with the device; None where nothing is."""

    def close(self) -> None:
        """Stop and free the device. Safe to call twice."""


class OpenMicrophone(OpenDevice, Protocol):
    """A microphone that is being heard."""

    zeros_seconds: float
    """How long it may give nothing but zeros until that is an ailment."""


class Speaker(Protocol):
    """One open output stream. It plays one utterance at a time; chimes sound on top of it."""

    @property
    def rate(self) -> int:
        """Samples per second (Hz) of the clips it takes."""

    def say(self, clip: Clip, on_end: Callable[[], None]) -> None:
        """Play `clip` now, instead of whatever is being said.

        `on_end` is called once, from any thread, when the last sample has left; never when the clip was
        replaced or hushed.
        """

    def chime(self, clip: Clip) -> None:
        """Play `clip` on top of what is being said."""

    def hush(self) -> None:
        """Be silent within 50 ms, chimes included."""

    def close(self) -> None:
        """Stop and free the device. Safe to call twice."""


class Speech(Protocol):
    """What the coach is saying, for whoever listens beside it. Safe to use from any thread."""

    @property
    def progress(self) -> tuple[str, float] | None:
        """The line being said, and how much of it has been played, from 0 to 1; None where nothing is said."""

    def give_way(self, *, pause: bool = True) -> None:
        """Let somebody else speak: be silent, or quieter (where `pause` is False, and for what must be heard out).

        The line goes on by itself after `LONGEST_PAUSE` at the latest.
        """

    def go_on(self) -> None:
        """Go on with the line that has given way, a little before the place where it was."""


class Microphone(Protocol):
    """One open input stream of 16 kHz, mono, signed 16-bit little-endian sound."""

    def start(self, on_block: Callable[[bytes], None]) -> None:
        """Begin to call `on_block` with each block of `BLOCK_SECONDS`, from any thread.

        An empty block says that some sound is missing there: what was being said is lost.
        """

    def close(self) -> None:
        """Stop and free the device. Safe to call twice."""
