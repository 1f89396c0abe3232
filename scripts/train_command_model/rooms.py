"""Noise and rooms for measuring: simple, fixed, and other than those the training makes up."""

from __future__ import annotations

import numpy as np

from train_command_model.recordings import SAMPLE_RATE, Samples


def with_noise(samples: Samples, noise: Samples, decibels: float, seed: int) -> Samples:
    """Add noise, so much quieter than the recording's loud quarter."""
    rng = np.random.default_rng(seed)
    if len(noise) <= len(samples):
        noise = np.tile(noise, len(samples) // len(noise) + 2)
    start = int(rng.integers(0, len(noise) - len(samples)))
    piece = noise[start : start + len(samples)]
    loud = float(np.sqrt(np.mean(np.sort(np.square(samples))[-max(1, len(samples) // 4) :])))
    power = float(np.sqrt(np.mean(np.square(piece)))) + 1e-3
    return samples + piece * np.float32(loud / 2 / power * 10 ** (-decibels / 20))


def in_room(samples: Samples, seed: int, decay: float = 0.5) -> Samples:
    """Put the recording across a made-up living room."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(decay * SAMPLE_RATE)) / SAMPLE_RATE
    response = rng.standard_normal(len(times)) * np.exp(-6.9 * times / decay)
    response[: SAMPLE_RATE // 400] = 0
    response *= 0.8 / np.sqrt(np.sum(response**2))
    response[0] = 1.0
    wet = np.convolve(samples, response)[: len(samples) + SAMPLE_RATE // 5]
    return np.asarray(wet * (np.abs(samples).max() / (np.abs(wet).max() + 1)), dtype=np.float32)
