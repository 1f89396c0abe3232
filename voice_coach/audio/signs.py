"""Tells from its sound whether a device is alive. No device, clock or thread: the time is handed in."""

from __future__ import annotations

import enum

NO_SOUND_SECONDS = 2.0
"""A device that takes or gives a block every 10 ms, and has not for this long, has gone."""

FIRST_SOUND_SECONDS = 4.0
"""Until the first block more time may pass: some devices sleep, and some servers fill two seconds first."""

ZEROS_SECONDS = 2.5
"""A microphone hears at least its own noise; one that gives exact zeros for this long is muted or dead."""

_MOST_PATIENT_SECONDS = 60.0
_PATIENCE_GROWS = 4.0


class Ailment(enum.Enum):
    """What is wrong with a device."""

    STOPPED = "it has ended"
    NO_SOUND = "nothing comes from it"
    ONLY_ZEROS = "it gives nothing but zeros"


class SignsOfLife:
    """Follows the blocks of one stream.

    Some microphones give zeros between words, because they filter noise. Where sound came back by itself after
    such a stretch, the next one may be longer until it counts.

    Args:
        opened_at: when the stream began, in seconds of the clock that the other times are of.
        zeros_seconds: how long zeros may go on at the beginning.
    """

    def __init__(self, opened_at: float, zeros_seconds: float = ZEROS_SECONDS) -> None:
        self.zeros_seconds = zeros_seconds
        self._opened_at = opened_at
        self._last_block: float | None = None
        self._zeros_since: float | None = None
        self.ever_sounded = False

    def saw(self, now: float, *, sounding: bool) -> None:
        """Note a block; `sounding` where it is not all zeros. A loudspeaker's blocks all count as sounding."""
        self._last_block = now
        if not sounding:
            self._zeros_since = now if self._zeros_since is None else self._zeros_since
            return
        if self._zeros_since is not None:
            if self.ever_sounded and now - self._zeros_since >= self.zeros_seconds:
                self.zeros_seconds = min(_MOST_PATIENT_SECONDS, self.zeros_seconds * _PATIENCE_GROWS)
            self._zeros_since = None
        self.ever_sounded = True

    def ailment(self, now: float) -> Ailment | None:
        """Tell what is wrong; None where nothing is."""
        if self._last_block is None:
            return Ailment.NO_SOUND if now - self._opened_at > FIRST_SOUND_SECONDS else None
        if now - self._last_block > NO_SOUND_SECONDS:
            return Ailment.NO_SOUND
        if self._zeros_since is not None and now - self._zeros_since > self.zeros_seconds:
            return Ailment.ONLY_ZEROS
        return None
