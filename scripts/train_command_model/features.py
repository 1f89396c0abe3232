"""Mel cepstra, equal to what Kaldi computes inside Vosk, for many recordings at a time.

Kaldi's steps (src/feat/feature-window.cc, mel-computations.cc, feature-mfcc.cc): frames of 25 ms every 10 ms,
only whole ones; mean removed; pre-emphasis 0.97; Povey window; 512 point power spectrum; triangles on the mel
scale; logarithm; orthonormal cosine transform; lifter 22. The tests hold it against `kaldi-native-fbank`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import fft

from train_command_model.recordings import SAMPLE_RATE, Samples

Features = npt.NDArray[np.float32]

DIMENSION = 40
FRAME_SHIFT = SAMPLE_RATE // 100
FRAME_LENGTH = SAMPLE_RATE * 25 // 1000

_LOW_HZ = 20.0
_BELOW_NYQUIST_HZ = 400.0
_FFT = 512
_LIFTER = 22.0
_EPSILON = float(np.finfo(np.float32).eps)

# The same, in the words of Kaldi's options.
KALDI_OPTIONS = (
    "--use-energy=false",
    f"--num-mel-bins={DIMENSION}",
    f"--num-ceps={DIMENSION}",
    f"--low-freq={_LOW_HZ:.0f}",
    f"--high-freq=-{_BELOW_NYQUIST_HZ:.0f}",
    f"--sample-frequency={SAMPLE_RATE}",
    "--dither=0",
)


def mfcc(samples: Samples, *, warp: float = 1.0) -> Features:
    """Compute the cepstra of one recording.

    Args:
        samples: 16 bit values as floats.
        warp: stretches the frequency axis, as another length of the vocal tract would; 1 is Kaldi's.
    """
    count = 1 + (len(samples) - FRAME_LENGTH) // FRAME_SHIFT
    if count < 1:
        return np.zeros((0, DIMENSION), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME_LENGTH)[::FRAME_SHIFT]
    frames = windows - windows.mean(axis=1, keepdims=True)
    # Kaldi takes the first sample as its own predecessor.
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = fft.rfft(frames * _window(), _FFT, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    energies = power.astype(np.float32) @ _mel_filters(round(warp, 2))
    return np.asarray(np.log(np.maximum(energies, _EPSILON)) @ _cosines(), dtype=np.float32)


@cache
def _window() -> Features:
    turns = 2 * np.pi * np.arange(FRAME_LENGTH) / (FRAME_LENGTH - 1)
    return np.asarray((0.5 - 0.5 * np.cos(turns)) ** 0.85, dtype=np.float32)


@cache
def _mel_filters(warp: float) -> Features:
    def mel(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return 1127.0 * np.log1p(hertz / 700.0)

    top = SAMPLE_RATE / 2 - _BELOW_NYQUIST_HZ
    low, high = mel(np.array([_LOW_HZ, top]))
    edges = low + np.arange(DIMENSION + 2) * (high - low) / (DIMENSION + 1)
    bins = mel(_warped(np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT, warp, top))[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins - left) / (centre - left)
    falling = (right - bins) / (right - centre)
    filters = np.maximum(0.0, np.minimum(rising, falling))
    filters[-1] = 0.0  # Kaldi leaves the Nyquist bin out
    return np.asarray(filters, dtype=np.float32)


def _warped(hertz: npt.NDArray[np.float64], warp: float, top: float) -> npt.NDArray[np.float64]:
    """Multiply frequencies by `warp`, bending back to meet `top` at the upper end."""
    knee = 0.8 * top / max(warp, 1.0)
    upper = warp * knee + (hertz - knee) * (top - warp * knee) / (top - knee)
    return np.where(hertz <= knee, warp * hertz, upper)


@cache
def _cosines() -> Features:
    index = np.arange(DIMENSION)
    matrix = np.sqrt(2.0 / DIMENSION) * np.cos(np.pi / DIMENSION * (np.arange(DIMENSION)[:, None] + 0.5) * index[None])
    matrix[:, 0] = np.sqrt(1.0 / DIMENSION)
    lifter = 1.0 + 0.5 * _LIFTER * np.sin(np.pi * index / _LIFTER)
    return np.asarray(matrix * lifter, dtype=np.float32)
