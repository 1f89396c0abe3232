"""Tells a voice in the room from the coach's own, which the microphone hears as well.

What the loudspeaker plays is known. How loud each part of its sound comes back, and how late, is learned while the
coach speaks; what is louder than that in several parts at once is somebody else. Only levels are compared, so different
clocks of loudspeaker and microphone, and a loudspeaker that distorts, do no harm.

Where a canceller takes the coach out, two things must be louder than usual at the same time: what it leaves, which
shows a quiet voice under a loud echo, and all that is heard. What is left alone is loud for a moment whenever somebody
moves the loudspeaker; all that is heard is not. And what is left must be more than this loudspeaker adds to its sound
when it is loud.
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
_BESIDE = 6.0
"""dB by which a band must be weaker than the loudest to be one to which the loudspeaker adds by bending its sound."""
_BESIDE_LOUD = -50.0
"""dB of the loudest band from which on there is something to be bent."""
_BESIDE_MOST = 0.9
"""Share of the moments in which that stays below what is taken for it, whoever speaks. Beside a loudspeaker that bends
what is above a tenth of full scale, the coach gave way 27 times in 150 s without this, and not at all with it."""
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
        over_rest: the same, above what a canceller usually leaves of the echo.
        over_echo_too: dB above the echo that are enough where there is more than that rest as well.
        over_noise: dB above the room's noise, in a band, that are more than noise.
        bands: how many of the 18 bands must have more than echo, or rest, and noise.
        bands_too: how many of them must be over the echo, too, where a canceller is at work.
        blocks: of the last `window` blocks, how many must be like that.
        window: how many blocks are looked at.
    """

    over_echo: float = 5.0
    over_rest: float = 7.0
    over_echo_too: float = 2.0
    over_noise: float = 9.0
    bands: int = 4
    bands_too: int = 3
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
        self._heard, self._clean, self._played = (_Rows(_REMEMBERED) for _ in range(3))
        self._ratios, self._clean_ratios, self._beside_ratios = (_Rows(_REMEMBERED) for _ in range(3))
        self._votes: deque[bool] = deque(maxlen=3 * self._rules.window)
        self._echo = np.full(_BANDS, SILENCE, np.float32)
        self._gain, self._rest, self._beside = (np.full(_BANDS, np.nan, np.float32) for _ in range(3))
        self._noise = np.full(_BANDS, SILENCE, np.float32)
        self._delay: int | None = None
        self._before = np.zeros((3, BLOCK), np.float32)
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

    def forget_voice(self) -> None:
        """Take what was heard so far for nobody's voice; what is known of the echo is kept."""
        self._votes.clear()

    def measure_anew(self) -> None:
        """Forget what a canceller took out so far: it was misled by what was said to be played."""
        self._measured = 0
        self._echo_power[:] = 0
        self._echo_blocks = 0.0

    def feed(self, heard: Levels, played: Levels, clean: Levels | None = None) -> None:
        """Take 10 ms of sound: 160 samples each, full scale is 1.

        Args:
            heard: by the microphone.
            played: by the loudspeaker.
            clean: what a canceller leaves of what is heard; None where there is none at work.
        """
        levels = self._levels(heard, heard if clean is None else clean, played)
        heard_levels, clean_levels, _ = levels
        for rows, row in zip((self._heard, self._clean, self._played), levels, strict=True):
            rows.add(row)
        self._count += 1
        if self._count % _LEARN_EVERY == 0:
            self._learn()
        if self._count % (_LEARN_EVERY if self._delay is None else _LOOK_EVERY) == 0 and not any(self._votes):
            self._find_delay()
        self._follow_echo(self._played.all)
        self._compare_beside(clean_levels)
        self._votes.append(self._is_more(heard_levels, None if clean is None else clean_levels))
        if not self.is_voice:
            self._compare(heard_levels, clean_levels)
            self._weigh(heard, heard if clean is None else clean)

    def _follow_echo(self, played: Levels) -> None:
        late = self._delay or 0
        sounding = played[max(0, len(played) - _LATER - late) : max(1, len(played) - late + _SOONER)].max(axis=0)
        self._echo = np.maximum(sounding, self._echo - _FADING)

    def _compare(self, heard: Levels, clean: Levels) -> None:
        loud = self._echo > _LOUD
        if loud.any():
            self._ratios.add(np.where(loud, heard - self._echo, np.nan))
            self._clean_ratios.add(np.where(loud, clean - self._echo, np.nan))
            self._learned += 1

    def _compare_beside(self, clean: Levels) -> None:
        """Compare what is left in the weaker parts of the coach's sound with its loudest part."""
        loudest = self._echo.max()
        if loudest > _BESIDE_LOUD:
            self._beside_ratios.add(np.where(self._echo < loudest - _BESIDE, clean - loudest, np.nan))

    def _weigh(self, heard: Levels, clean: Levels) -> None:
        if self._delay is None or self._echo.max() <= _LOUD:
            return
        self._measured += 1
        self._echo_power = _FADING_POWER * self._echo_power + [np.mean(np.square(heard)), np.mean(np.square(clean))]
        self._echo_blocks = _FADING_POWER * self._echo_blocks + 1

    def _compare_again(self) -> None:
        """Compare all that is remembered, with an echo that was found in another place than before."""
        heard, clean, played = self._heard.all, self._clean.all, self._played.all
        self._ratios.clear()
        self._clean_ratios.clear()
        self._learned = 0
        self._echo = np.full(_BANDS, SILENCE, np.float32)
        for place in range(1, len(heard) + 1):
            self._follow_echo(played[:place])
            self._compare(heard[place - 1], clean[place - 1])
        self._learn()

    def _is_more(self, heard: Levels, clean: Levels | None) -> bool:
        rules = self._rules
        needed = _KNOWN_AFTER if self._delay is not None else _NO_ECHO_AFTER
        if self._count < _LEARN_EVERY or (self._learned < needed and self._echo.max() > _LOUD):
            return False
        if clean is None:
            return _count(self._exceeds(heard, self._gain, rules.over_echo)) >= rules.bands
        over_rest = self._exceeds(clean, self._rest, rules.over_rest) & ~self._is_bent(clean)
        over_both = over_rest & self._exceeds(heard, self._gain, rules.over_echo_too)
        return _count(over_rest) >= rules.bands and _count(over_both) >= rules.bands_too

    def _exceeds(self, levels: Levels, usual: Levels, margin: float) -> NDArray[np.bool_]:
        """Tell in which bands there is more than noise and the coach, who is `usual` dB above what is played."""
        expected = np.where(self._echo > _LOUD - 30, self._echo + usual + np.float32(margin), SILENCE)
        return (levels > expected) & (levels > self._noise + np.float32(self._rules.over_noise))

    def _is_bent(self, clean: Levels) -> NDArray[np.bool_]:
        """Tell in which bands there is no more than a loudspeaker adds to its sound as it bends it."""
        loudest = self._echo.max()
        is_bent: NDArray[np.bool_] = (self._echo < loudest - _BESIDE) & (clean <= loudest + self._beside)
        return is_bent

    def _learn(self) -> None:
        rows = np.sort(self._heard.all, axis=0)
        self._noise = rows[int(len(rows) * _NOISE_SHARE)]
        if self._learned:
            self._gain = _rarely_exceeded(self._ratios.all, _USUAL_MOST)
            self._rest = _rarely_exceeded(self._clean_ratios.all, _USUAL_MOST)
            self._beside = _rarely_exceeded(self._beside_ratios.all, _BESIDE_MOST)

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

    def _levels(self, *sounds: Levels) -> Levels:
        blocks = np.stack(sounds)
        both = np.concatenate([self._before, blocks], axis=1) * _HANN
        self._before = blocks
        power = np.square(np.abs(np.fft.rfft(both))) @ _SHARES
        return np.asarray(10 * np.log10(power / (BLOCK * BLOCK) + 10 ** (SILENCE / 10)), np.float32)


def _count(bands: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(bands))


def _rarely_exceeded(ratios: Levels, share: float) -> Levels:
    """Give for each band the ratio, in dB, above which no more than that share of what is known lies: NaN for none."""
    if not len(ratios):  # a quiet onset sounds in no band loud enough for what a loudspeaker bends
        return np.full(_BANDS, np.nan, np.float32)
    ordered = np.sort(ratios, axis=0)  # what is unknown goes to the end
    known = np.count_nonzero(np.isfinite(ordered), axis=0)
    return np.asarray(ordered[np.maximum(0, (known * share).astype(int)), np.arange(_BANDS)])


def _shares() -> Levels:
    """Give which frequencies belong to which band, all bands equally wide on the scale of hearing."""
    mel = 2595 * np.log10(1 + np.array([_LOWEST, _HIGHEST]) / 700)
    edges = 700 * (10 ** (np.linspace(mel[0], mel[1], _BANDS + 1) / 2595) - 1)
    places = np.fft.rfftfreq(2 * BLOCK, 1 / LISTENING_RATE)[:, None]
    return np.asarray((edges[:-1] <= places) & (places < edges[1:]), np.float32)


_HANN = np.hanning(2 * BLOCK).astype(np.float32)
_SHARES = _shares()
