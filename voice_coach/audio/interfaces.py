"""What the runner needs of sound devices: two interfaces, with a fake of each in `voice_coach.testing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.audio.clip import Clip

BLOCK_SECONDS = 0.01
"""Length of every block read from a microphone or written to a loudspeaker, in seconds.

Blocks of 10 ms keep the way from speech to silence under 50 ms; blocks of 100 ms cost 400 ms a round trip.
"""

LISTENING_RATE = 16_000
"""Samples per second (Hz) that recognisers are fed with."""


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


class Microphone(Protocol):
    """One open input stream of 16 kHz, mono, signed 16-bit little-endian sound."""

    def start(self, on_block: Callable[[bytes], None]) -> None:
        """Begin to call `on_block` with each block of `BLOCK_SECONDS`, from any thread.

        An empty block says that some sound is missing there: what was being said is lost.
        """

    def close(self) -> None:
        """Stop and free the device. Safe to call twice."""
