"""How loud speech is to an ear, how to make it exactly as loud as wanted, and how to keep it from clipping."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

SILENT_DECIBELS = -100.0
"""What is given for silence."""

_OFFSET = -0.691
"""So that a tone of 997 Hz has the level that it has (ITU-R BS.1770)."""
_BLOCK_SECONDS = 0.05
_STEPS_PER_BLOCK = 4
_BLOCKS_AT_ONCE = 40
"""Half a second. The spectra of a whole line take 10 MB and more."""
_GATE_DECIBELS = 10.0
"""What is this much quieter than the rest is a pause, and does not count (ITU-R BS.1770)."""

_LIMIT = 0.89
"""Loudest sample, full scale is 1: -1 dB, which leaves a loudspeaker's filters some room."""
_LOOK_AHEAD_SECONDS = 0.004
_LET_GO_SECONDS = 0.04
_MOST_ROUNDS = 4
_CLOSE_ENOUGH = 0.1


def loudness(samples: Samples, rate: int) -> float:
    """Give the loudness in LUFS, after ITU-R BS.1770: dB, with the ear's preference for high sounds, without pauses.

    The blocks are 0.05 s instead of 0.4 s long: many lines are a single word, and a word must be as loud by itself
    as it is between pauses. With 0.1 s the blocks at its ends hold so much silence that "one" alone seemed 1.1 dB
    louder than the same "one" in a count.

    Args:
        samples: full scale is 1.
        rate: samples per second (Hz).
    """
    size = min(len(samples), round(_BLOCK_SECONDS * rate))
    if size == 0:
        return SILENT_DECIBELS
    blocks = np.lib.stride_tricks.sliding_window_view(samples, size)[:: max(1, size // _STEPS_PER_BLOCK)]
    weights = _weights(size, rate) * (2 / size**2)
    some = (blocks[start : start + _BLOCKS_AT_ONCE] for start in range(0, len(blocks), _BLOCKS_AT_ONCE))
    powers = np.concatenate([np.abs(np.fft.rfft(part, axis=1)) ** 2 @ weights for part in some])
    if not np.any(powers > 0):
        return SILENT_DECIBELS
    return _OFFSET + 10 * float(np.log10(_power_without_pauses(powers)))


def _power_without_pauses(powers: NDArray[np.float64]) -> float:
    """Give the mean power of the blocks that sound; how long the pauses between them are changes nothing."""
    power, before = float(np.mean(powers)), 0.0
    while power > before:
        before, power = power, float(np.mean(powers[powers > power * 10 ** (-_GATE_DECIBELS / 10)]))
    return power


def at_loudness(samples: Samples, rate: int, wanted: float) -> Samples:
    """Give the same sound with the loudness `wanted`, in LUFS, and no sample above -1 dB.

    Where loudest moments would go beyond that, they are held down for a few hundredths of a second, and the rest is
    raised in their place; not further than speech takes without harm.
    """
    level = loudness(samples, rate)
    if level <= SILENT_DECIBELS:
        return samples
    gain = wanted - level
    louder = limited(samples * np.float32(10 ** (gain / 20)), rate)
    for _ in range(_MOST_ROUNDS):
        if np.max(np.abs(samples)) * 10 ** (gain / 20) <= _LIMIT:
            break
        missing = wanted - loudness(louder, rate)
        if missing < _CLOSE_ENOUGH:
            break
        gain += missing
        louder = limited(samples * np.float32(10 ** (gain / 20)), rate)
    return louder


def limited(samples: Samples, rate: int) -> Samples:
    """Hold down what is louder than -1 dB: smoothly, beginning a little before it, and without bending the wave."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    if peak <= _LIMIT:
        return samples
    needed = np.minimum(1.0, _LIMIT / np.maximum(np.abs(samples), 1e-9))
    ahead = max(1, round(_LOOK_AHEAD_SECONDS * rate))
    lowest = _lowest_around(needed, ahead)
    gain = _smooth(_slow_release(lowest, rate), ahead)
    return samples * gain.astype(np.float32)


def _lowest_around(gain: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    padded = np.concatenate([np.ones(reach), gain, np.ones(reach)])
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1))


def _slow_release(gain: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Let the gain come back at a fixed speed, in dB: full scale in a few times `_LET_GO_SECONDS`."""
    step = 1 / (_LET_GO_SECONDS * rate)
    ramp = np.arange(len(gain)) * step
    reduction = -np.log(gain)
    return np.asarray(np.exp(-np.maximum.accumulate(reduction + ramp) + ramp))


def _smooth(gain: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    window = np.hanning(2 * reach + 1)
    padded = np.concatenate([np.full(reach, gain[0]), gain, np.full(reach, gain[-1])])
    return np.convolve(padded, window / window.sum(), mode="valid")


@cache
def _weights(size: int, rate: int) -> NDArray[np.float64]:
    """Give how much the power at each frequency of a spectrum counts.

    BS.1770 raises what a head raises, by 4 dB above 1.7 kHz, and lowers what is below 100 Hz.
    """
    return np.asarray(np.abs(_response(np.arange(size // 2 + 1) * rate / size)) ** 2)


def _response(frequencies: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Give the answer of BS.1770's two filters, as their analogue forms have it (parameters after its annex 1)."""
    shelf_at, shelf_q, shelf_gain = 1681.974450955533, 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    shelf_middle = shelf_gain**0.4996667741545416
    low_at, low_q = 38.13547087602444, 0.5003270373238773
    s = 1j * frequencies / shelf_at
    shelf = (shelf_gain * s**2 + shelf_middle * s / shelf_q + 1) / (s**2 + s / shelf_q + 1)
    s = 1j * frequencies / low_at
    return np.asarray(shelf * s**2 / (s**2 + s / low_q + 1))
