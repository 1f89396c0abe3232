"""Tells a voice in the room from the coach's own, which the microphone hears as well.

What the loudspeaker plays is known. How loud each part of its sound comes back, and how late, is learned while the
coach speaks; what is louder than that in several parts at once is somebody else. Only levels are compared, so different
clocks of loudspeaker and microphone, and a loudspeaker that distorts, do no harm.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.interfaces import BLOCK_SECONDS, LISTENING_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Levels = NDArray[np.float32]

BLOCK = round(LISTENING_RATE * BLOCK_SECONDS)
SILENCE = -96.0
"""dB of a band in which there is nothing."""

LONGEST_DELAY = 0.7
"""Seconds; an echo that comes later is not found."""

_BANDS = 18
_LOWEST, _HIGHEST = 150.0, 6500.0
"""Hz; below are hum and the rolling of a ball, above little of a voice."""
_REMEMBERED = round(5.0 / BLOCK_SECONDS)
_KNOWN_AFTER = round(0.6 / BLOCK_SECONDS)
"""Blocks of the coach's voice after which the echo is known well enough to tell something else from it."""
_NO_ECHO_AFTER = round(3.0 / BLOCK_SECONDS)
"""The same where no echo has been found: there is none, as with headphones."""
_LOUD = -62.0
"""dB of a band from which on the loudspeaker sounds in it."""
_FADING = np.float32(1.2)
"""dB by which an echo fades in 10 ms; 60 dB in half a second."""
_USUAL_MOST = 0.92
"""Share of the moments in which the echo stays below what is taken for it."""
_NOISE_SHARE = 0.15
"""Share of the moments that are quieter than the room's noise is taken for."""
_LIKE = 0.35
"""Likeness, from 0 to 1, of what is heard and what is played so much earlier, from which on it is its echo."""
_SURE = 4
"""Looks in a row that find an echo in the same place, from which on it is none by chance."""
_SAME_PLACE = 2
"""Blocks by which the delay may be found elsewhere without a new echo."""
_SOONER, _LATER = 4, 2
"""Blocks by which an echo may come sooner or later than its delay: the room's echoes make it seem late."""
_CLEARLY = 0.1
"""How much more alike another place must be to take the place of the delay."""
_TOLD_AFTER = round(20.0 / BLOCK_SECONDS)
"""Blocks of the coach's voice after which it can be told what a canceller takes out."""
_FADING_POWER = 0.9997
"""How much of the power heard so far counts 10 ms later: half of it is of the last 23 s. That is long enough to learn
anew a loudspeaker that was moved."""
_INAUDIBLE = 3.0
"""How many times the amplitude of the room's noise the rest of an echo may have, and hardly be heard."""
_LEARN_EVERY, _LOOK_EVERY = 20, 50
"""Blocks between looks at the levels of the echo, and at its delay."""


@dataclass(frozen=True, slots=True)
class VoiceRules:
    """When a sound is a voice.

    Attributes:
        over_echo: dB above the echo, in a band, that are more than the echo.
        over_noise: dB above the room's noise, in a band, that are more than noise.
        bands: how many of the 18 bands must have more than both.
        blocks: of the last `window` blocks, how many must be like that.
        window: how many blocks are looked at.
    """

    over_echo: float = 5.0
    over_noise: float = 9.0
    bands: int = 4
    blocks: int = 5
    window: int = 9


class _Rows:
    """The latest rows of numbers, in their order, without moving them at each new one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows = np.full((4 * most, _BANDS), np.nan, np.float32)
        self._end = 0

    def add(self, row: Levels) -> None:
        if self._end == len(self._rows):
            self._rows[: self._most] = self._rows[-self._most :]
            self._end = self._most
        self._rows[self._end] = row
        self._end += 1

    def clear(self) -> None:
        self._end = 0

    @property
    def all(self) -> Levels:
        return self._rows[max(0, self._end - self._most) : self._end]


class VoiceOverEcho:
    """Learns the echo, and tells when somebody speaks over it. Feed it while the coach is heard, and a bit before."""

    def __init__(self, rules: VoiceRules | None = None) -> None:
        self._rules = rules or VoiceRules()
        self._heard, self._played, self._ratios = (_Rows(_REMEMBERED) for _ in range(3))
        self._votes: deque[bool] = deque(maxlen=3 * self._rules.window)
        self._echo = np.full(_BANDS, SILENCE, np.float32)
        self._gain = np.full(_BANDS, np.nan, np.float32)
        self._noise = np.full(_BANDS, SILENCE, np.float32)
        self._delay: int | None = None
        self._before = np.zeros((2, BLOCK), np.float32)
        self._learned = 0
        self._found = 0
        self._count = 0
        self._echo_power = np.zeros(2)
        self._echo_blocks = 0.0
        self._measured = 0

    @property
    def delay(self) -> float | None:
        """Seconds by which the echo comes after what is played; None where none has been found."""
        return None if self._delay is None else self._delay * BLOCK_SECONDS

    @property
    def is_echo(self) -> bool:
        """The microphone hears the loudspeaker: its sound was found in the same place again and again."""
        return self._found >= _SURE

    @property
    def taken_out(self) -> float | None:
        """What a canceller takes out of the echo, in dB.

        None while too little has been heard to tell; infinite where what is left is hardly above the room's noise.
        """
        if self._measured < _TOLD_AFTER:
            return None
        heard, left = self._echo_power / self._echo_blocks
        if left <= (_INAUDIBLE * self.noise) ** 2:
            return math.inf
        return float(10 * np.log10(heard / left))

    @property
    def noise(self) -> float:
        """Amplitude of the room's noise, as root mean square; full scale is 1."""
        # a Hann window lets 3/8 of the power through, and half a spectrum holds half of it
        power = float(np.sum(10 ** (self._noise / 10))) * BLOCK * BLOCK / (2 * BLOCK) ** 2 * 2 / 0.375
        return float(np.sqrt(power))

    @property
    def is_voice(self) -> bool:
        """Somebody is speaking, by the last blocks."""
        return sum(list(self._votes)[-self._rules.window :]) >= self._rules.blocks

    @property
    def begun(self) -> int:
        """How many blocks ago the voice began that is there now, as far as that is remembered."""
        return next((len(self._votes) - place for place, vote in enumerate(self._votes) if vote), 0)

    def feed(self, heard: Levels, played: Levels, clean: Levels | None = None) -> None:
        """Take 10 ms of sound: 160 samples each, full scale is 1.

        Args:
            heard: by the microphone.
            played: by the loudspeaker.
            clean: what a canceller leaves of what is heard; it is only weighed. A voice is looked for in all that is
                heard: what is left of the coach is loud for a moment whenever the room changes.
        """
        heard_levels, played_levels = self._levels(heard, played)
        self._heard.add(heard_levels)
        self._played.add(played_levels)
        self._count += 1
        if self._count % _LEARN_EVERY == 0:
            self._learn()
        if self._count % (_LEARN_EVERY if self._delay is None else _LOOK_EVERY) == 0 and not any(self._votes):
            self._find_delay()
        self._follow_echo(self._played.all)
        self._votes.append(self._is_more(heard_levels))
        if not self.is_voice:
            self._compare(heard_levels)
            self._weigh(heard, heard if clean is None else clean)

    def _follow_echo(self, played: Levels) -> None:
        late = self._delay or 0
        sounding = played[max(0, len(played) - _LATER - late) : max(1, len(played) - late + _SOONER)].max(axis=0)
        self._echo = np.maximum(sounding, self._echo - _FADING)

    def _compare(self, heard: Levels) -> None:
        loud = self._echo > _LOUD
        if loud.any():
            self._ratios.add(np.where(loud, heard - self._echo, np.nan))
            self._learned += 1

    def _weigh(self, heard: Levels, clean: Levels) -> None:
        if self._delay is None or self._echo.max() <= _LOUD:
            return
        self._measured += 1
        self._echo_power = _FADING_POWER * self._echo_power + [np.mean(np.square(heard)), np.mean(np.square(clean))]
        self._echo_blocks = _FADING_POWER * self._echo_blocks + 1

    def _compare_again(self) -> None:
        """Compare all that is remembered, with an echo that was found in another place than before."""
        heard, played = self._heard.all, self._played.all
        self._ratios.clear()
        self._learned = 0
        self._echo = np.full(_BANDS, SILENCE, np.float32)
        for place in range(1, len(heard) + 1):
            self._follow_echo(played[:place])
            self._compare(heard[place - 1])
        self._learn()

    def _is_more(self, levels: Levels) -> bool:
        rules = self._rules
        needed = _KNOWN_AFTER if self._delay is not None else _NO_ECHO_AFTER
        if self._count < _LEARN_EVERY or (self._learned < needed and self._echo.max() > _LOUD):
            return False
        expected = np.where(self._echo > _LOUD - 30, self._echo + self._gain + np.float32(rules.over_echo), SILENCE)
        more = (levels > expected) & (levels > self._noise + np.float32(rules.over_noise))
        return int(np.count_nonzero(more)) >= rules.bands

    def _learn(self) -> None:
        rows = np.sort(self._heard.all, axis=0)
        self._noise = rows[int(len(rows) * _NOISE_SHARE)]
        if self._learned:
            ratios = np.sort(self._ratios.all, axis=0)  # what is unknown goes to the end
            known = np.count_nonzero(np.isfinite(ratios), axis=0)
            self._gain = ratios[np.maximum(0, (known * _USUAL_MOST).astype(int)), np.arange(_BANDS)]

    def _find_delay(self) -> None:
        heard, played = self._heard.all.mean(axis=1), self._played.all.mean(axis=1)
        lags = round(LONGEST_DELAY / BLOCK_SECONDS)
        count = len(heard) - lags
        if count < lags // 2 or played.max() < _LOUD - 20:
            return
        later = heard[lags:] - heard[lags:].mean()
        earlier = np.lib.stride_tricks.sliding_window_view(played, count)[::-1]
        spread = earlier.std(axis=1) * later.std() * count
        likeness = (earlier - earlier.mean(axis=1, keepdims=True)) @ later / np.maximum(spread, 1e-6)
        place = int(np.argmax(likeness))
        is_same = self._delay is not None and abs(place - self._delay) <= _SAME_PLACE
        self._found = self._found + 1 if is_same and likeness[place] >= _LIKE else 0
        now = -1.0 if self._delay is None else likeness[self._delay] + _CLEARLY
        if likeness[place] >= max(_LIKE, now):
            self._delay = place
            if not is_same:
                self._compare_again()

    def _levels(self, heard: Levels, played: Levels) -> tuple[Levels, Levels]:
        blocks = np.stack([heard, played])
        both = np.concatenate([self._before, blocks], axis=1) * _HANN
        self._before = blocks
        power = np.square(np.abs(np.fft.rfft(both))) @ _SHARES
        levels = np.asarray(10 * np.log10(power / (BLOCK * BLOCK) + 10 ** (SILENCE / 10)), np.float32)
        return levels[0], levels[1]


def _shares() -> Levels:
    """Give which frequencies belong to which band, all bands equally wide on the scale of hearing."""
    mel = 2595 * np.log10(1 + np.array([_LOWEST, _HIGHEST]) / 700)
    edges = 700 * (10 ** (np.linspace(mel[0], mel[1], _BANDS + 1) / 2595) - 1)
    places = np.fft.rfftfreq(2 * BLOCK, 1 / LISTENING_RATE)[:, None]
    return np.asarray((edges[:-1] <= places) & (places < edges[1:]), np.float32)


_HANN = np.hanning(2 * BLOCK).astype(np.float32)
_SHARES = _shares()
