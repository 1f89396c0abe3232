"""What is found about the echo: how late and how loud it is, and what a canceller leaves of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.canceller import LATEST_ECHO
from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE
from voice_coach.doctor.findings import Finding, good
from voice_coach.doctor.measuring import decibels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voice_coach.audio.canceller import Canceller
    from voice_coach.doctor.findings import Figures
    from voice_coach.doctor.measuring import Echo

    Samples = NDArray[np.float32]

LATE_SECONDS = 0.25
LOUD_DBFS = -36.0
"""An echo above this is about as loud as a person who is not near the microphone."""
LEAST_CANCELLED = 10.0
"""dB; a canceller that takes less out of the sound is of little use."""

_BLOCK = round(LISTENING_RATE * BLOCK_SECONDS)


def about_delay(echo: Echo) -> Finding:
    """Tell how late the microphone hears the coach."""
    says = f"From the coach's voice to the microphone's sound it takes {1000 * echo.delay:.0f} ms."
    figures: Figures = {"loop_ms": round(1000 * echo.delay)}
    if echo.delay > LATEST_ECHO:
        says += " That is too late for an echo canceller."
        return Finding("latency", "poor", says, "voice-coach devices", figures=figures)
    if echo.delay > LATE_SECONDS:
        says += " Wireless devices take that long."
    return good("latency", says, figures)


def about_echo(echo: Echo, remedy: str) -> Finding:
    """Tell how loud the microphone hears the coach; `remedy` makes that quieter."""
    figures: Figures = {
        "echo_dbfs": round(echo.dbfs, 1),
        "gain_db": round(echo.gain, 1),
        "delay_ms": round(1000 * echo.delay),
    }
    says = f"The microphone hears the coach at {echo.dbfs:.0f} dB, {echo.gain:+.0f} dB beside what was played."
    if echo.dbfs > LOUD_DBFS:
        says += " Commands spoken over it are heard less well; a headset, or less volume, helps."
        return Finding("echo", "poor", says, remedy, figures=figures)
    return good("echo", says, figures)


def about_canceller(echo: Echo, left_dbfs: float) -> Finding:
    """Tell what the canceller leaves of the echo.

    Args:
        echo: as the microphone hears it.
        left_dbfs: level of what is left, in dB.
    """
    cancelled = max(0.0, echo.dbfs - left_dbfs)
    figures: Figures = {"after_dbfs": round(left_dbfs, 1), "cancelled_db": round(cancelled, 1)}
    says = f"It takes {cancelled:.0f} dB of the echo away: {left_dbfs:.0f} dB are left."
    if cancelled < LEAST_CANCELLED and echo.dbfs > LOUD_DBFS:
        return Finding("canceller", "poor", f"{says} That is little.", "voice-coach devices", figures=figures)
    return good("canceller", says, figures)


def left_by(canceller: Canceller, played: Samples, heard: Samples, played_at: float, heard_at: float) -> float:
    """Give the level of what a canceller leaves of the coach's voice, in dB, once it has learned the room.

    What is below the room's noise cannot be told from it: that noise is the least that is given. The canceller hears
    everything twice, as it would learn from one line and show it on the next. Both sounds are at 16 kHz, full scale
    is 1.

    Args:
        canceller: is used up: it knows this room afterwards.
        played: what the loudspeaker got.
        heard: what the microphone gave, from before the playing on.
        played_at: when the first sample was played, in seconds of some clock.
        heard_at: when the first sample had been heard, on the same clock.
    """
    begin = max(0, round((played_at - heard_at) * LISTENING_RATE))
    reference = np.zeros(len(heard), np.float32)
    reference[begin : begin + len(played)] = played[: max(0, len(heard) - begin)]
    _through(canceller, reference, heard)
    left = _through(canceller, reference, heard)
    before, during = left[: max(1, begin)], left[begin : begin + len(played)]
    power = float(np.mean(during**2)) - float(np.mean(before**2)) if len(during) else 0.0
    return max(decibels(np.array([max(power, 0.0) ** 0.5], np.float32)), decibels(heard[: max(1, begin)]))


def _through(canceller: Canceller, reference: Samples, heard: Samples) -> Samples:
    sound = np.clip(heard * 32767, -32768, 32767).astype("<i2")
    blocks = [
        canceller.process(sound[start : start + _BLOCK].tobytes(), reference[start : start + _BLOCK])
        for start in range(0, len(heard) - _BLOCK + 1, _BLOCK)
    ]
    return np.frombuffer(b"".join(blocks), "<i2").astype(np.float32) / np.float32(32768)
