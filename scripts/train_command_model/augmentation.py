"""Other rooms, microphones, distances, noises and vocal tracts than those we have recordings of."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.fft
from scipy import signal

from train_command_model.recordings import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Sequence


_SILENT = 1e-3
# The share of speech that gets neither room nor noise.
_CLEAN = 0.35


@dataclass(frozen=True, slots=True)
class Augmented:
    """A changed recording.

    Attributes:
        samples: what is heard now.
        speed: how much faster than before.
        lead: samples put in front.
        warp: the factor for the frequency axis, left to the features.
    """

    samples: Samples
    speed: float
    lead: int
    warp: float


class Augmenter:
    """Changes recordings; the same seed gives the same changes."""

    def __init__(self, noises: Sequence[Samples], speech: Sequence[Samples], seed: int) -> None:
        self._noises = noises
        self._speech = speech
        self._random = random.Random(seed)  # noqa: S311 - to repeat, no secret
        self._normal = np.random.default_rng(seed)

    def speech(self, samples: Samples, *, isolated: bool, floor: float | None = None) -> Augmented:
        """Change a recording of speech; one said by itself gets silence around it.

        Args:
            samples: the recording.
            isolated: whether it is a word or a short phrase by itself.
            floor: how loud (16 bit units) that silence is, where the recording's own ends don't tell: it was cut out of
                running speech, whose words are spoken faster too.
        """
        speed = self._random.uniform(0.85, 1.18) if floor is None else self._random.uniform(0.75, 1.1)
        samples = _resampled(samples, speed)
        lead = 0
        if isolated:
            lead = int(self._random.uniform(0.05, 0.6) * SAMPLE_RATE)
            tail = int(self._random.uniform(0.25, 0.8) * SAMPLE_RATE)
            samples = self._faded(samples, lead, tail, floor)
        else:
            samples = self._faded(samples, 0, int(0.1 * SAMPLE_RATE), floor)
        if not self._chance(_CLEAN):
            if self._chance(0.45):
                samples = self._in_room(samples)
            samples = self._with_noise(samples)
        warp = self._random.uniform(0.88, 1.14) if self._chance(0.7) else 1.0
        return Augmented(self._through_microphone(samples), speed, lead, warp)

    def noise(self, samples: Samples) -> Augmented:
        """Change a recording without speech."""
        speed = self._random.uniform(0.8, 1.25)
        level = 10 ** (self._random.uniform(-30, 3) / 20)
        return Augmented(
            self._through_microphone(_resampled(samples, speed) * np.float32(level)),
            speed,
            0,
            self._random.uniform(0.88, 1.14),
        )

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _faded(self, samples: Samples, lead: int, tail: int, floor: float | None) -> Samples:
        """Put quiet before and after, as loud as `floor` or the recording's own ends, so that no seam is heard."""
        edge = min(len(samples) // 8, 800)
        if floor is None:
            quiet = float(np.sqrt(np.mean(np.square(samples[:edge])) + np.mean(np.square(samples[-edge:])))) / 2
            floor = min(quiet, 0.02 * float(np.abs(samples).max() + 1))
        before, after = (self._white(length) * np.float32(floor + 0.5) for length in (lead, tail))
        fade = np.linspace(0, 1, max(1, edge // 4), dtype=np.float32)
        samples = samples.copy()
        samples[: len(fade)] *= fade
        samples[-len(fade) :] *= fade[::-1]
        return np.concatenate([before, samples, after])

    def _white(self, length: int) -> Samples:
        return self._normal.standard_normal(length, dtype=np.float32)

    def _in_room(self, samples: Samples) -> Samples:
        """Convolve with a made-up room: the direct sound, some early echoes, a decaying tail."""
        decay = self._random.uniform(0.12, 0.8)
        length = int(decay * SAMPLE_RATE)
        times = np.arange(length, dtype=np.float32) / SAMPLE_RATE
        tail = self._white(length) * np.exp(-6.9 * times / decay)
        tail[: int(self._random.uniform(0.001, 0.008) * SAMPLE_RATE)] = 0
        tail *= np.float32(10 ** (self._random.uniform(-14, 3) / 20) / (np.sqrt(np.sum(tail**2)) + 1e-6))
        response = tail
        response[0] = 1.0
        for _ in range(self._random.randrange(2, 7)):
            place = int(self._random.uniform(0.001, 0.03) * SAMPLE_RATE)
            if place < length:
                response[place] += self._random.uniform(-0.5, 0.5)
        size = scipy.fft.next_fast_len(len(samples) + length, real=True)
        wet = scipy.fft.irfft(scipy.fft.rfft(samples, size) * scipy.fft.rfft(response, size), size)
        return _as_loud_as(wet[: len(samples)].astype(np.float32), samples)

    def _with_noise(self, samples: Samples) -> Samples:
        kind = self._random.choices(("none", "recorded", "babble", "coloured"), (15, 50, 13, 22))[0]
        if kind == "none":
            return samples
        ratio = self._random.uniform(1, 30)
        if kind == "recorded" and self._noises:
            noise = self._cut(self._random.choice(self._noises), len(samples))
        elif kind == "babble" and self._speech:
            ratio += 5
            voices = [self._cut(self._random.choice(self._speech), len(samples)) for _ in range(4)]
            noise = np.sum(voices, axis=0)
        else:
            noise = self._coloured(len(samples))
        power = float(np.mean(np.square(noise)))
        if power < _SILENT:
            return samples
        # Against the loud part: a clip with long silences is not more noisy for it.
        loud = np.sqrt(np.mean(np.sort(np.square(samples))[-max(1, len(samples) // 4) :]))
        return samples + noise * np.float32(loud / 2 / np.sqrt(power) * 10 ** (-ratio / 20))

    def _coloured(self, length: int) -> Samples:
        """White, pink or brown noise."""
        size = scipy.fft.next_fast_len(length, real=True)
        spectrum = scipy.fft.rfft(self._white(size))
        slope = self._random.uniform(0, 1)
        spectrum /= np.maximum(np.arange(len(spectrum), dtype=np.float32), 1.0) ** slope
        return np.asarray(scipy.fft.irfft(spectrum, size)[:length], dtype=np.float32)

    def _cut(self, noise: Samples, length: int) -> Samples:
        if len(noise) <= length:
            noise = np.tile(noise, length // len(noise) + 2)
        start = self._random.randrange(len(noise) - length)
        return noise[start : start + length]

    def _through_microphone(self, samples: Samples) -> Samples:
        if self._chance(0.35):
            low = self._random.uniform(40, 350)
            high = self._random.choice([3400, 4000, 5500, 7000])
            band = signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
            samples = np.asarray(signal.sosfilt(band, samples), dtype=np.float32)
        peak = float(np.abs(samples).max()) + 1.0
        if self._chance(0.08):
            limit = peak * self._random.uniform(0.2, 0.7)
            samples = np.clip(samples, -limit, limit)
        level = 10 ** (self._random.uniform(-32, -1) / 20)
        samples = np.clip(samples * np.float32(32767 * level / peak), -32768, 32767)
        return np.round(samples)  # a quiet microphone's 16 bits are coarse


def _resampled(samples: Samples, speed: float) -> Samples:
    places = np.arange(0, len(samples) - 1, speed)
    return np.asarray(np.interp(places, np.arange(len(samples)), samples), dtype=np.float32)


def _as_loud_as(samples: Samples, model: Samples) -> Samples:
    power = float(np.mean(np.square(samples)))
    return samples * np.float32(np.sqrt(np.mean(np.square(model)) / (power + 1e-9)))
