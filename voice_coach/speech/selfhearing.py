"""A listener beside a loudspeaker: the coach never obeys itself, and is silent as soon as somebody else speaks.

While the coach is heard, the recogniser gets nothing. A voice over the echo opens its ear: the coach gives way, and
a new recogniser hears that voice from its beginning, without what the coach has said before. When nothing comes of
it, the coach goes on where it was.

There is no clock and no thread in here: time is the amount of sound fed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from voice_coach.audio.canceller import LATEST_ECHO, LEAST_TAKEN_OUT
from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.audio.over_echo import BLOCK, VoiceOverEcho
from voice_coach.audio.reference import LATE_SECONDS
from voice_coach.commands.grammar import Grammar
from voice_coach.speech.dozing import DozingListener
from voice_coach.speech.levels import SILENCE_DBFS, decibels
from voice_coach.speech.listening_rules import ListeningRules
from voice_coach.speech.own_words import OwnWords
from voice_coach.speech.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from voice_coach.audio.canceller import Canceller
    from voice_coach.audio.interfaces import Speech
    from voice_coach.audio.reference import Reference
    from voice_coach.speech.listener import Utterance
    from voice_coach.speech.models import SpeechModel


@dataclass(frozen=True, slots=True)
class Turns:
    """How the coach and whoever speaks take turns. All but `fruitless` are seconds.

    Attributes:
        usual_delay: taken for the delay of the echo until that has been measured.
        fading: how long an echo is heard after its sound has ended.
        patience: how long the coach waits after the last of a voice for more of it.
        longest: how long a voice may go on until the coach does too.
        before: of sound from before a voice was noticed that belongs to it.
        again: of sound that a recogniser hears again which begins in the middle of a voice.
        still_speaking: how long after the last of a voice a new line of the coach gives way to it too.
        least: how much of a voice there must be in a command.
        silence: how much silence a new recogniser hears before the voice.
        fruitless: after so many voices of which nothing came, the coach is lowered only; after twice as many it
            pays no heed to voices, and only listens. Somebody else may be talking, or a television.
        forgotten: how long that is remembered.
        own_words: how much earlier than a phrase seems to end the coach may have begun to say it.
    """

    usual_delay: float = 0.2
    fading: float = 0.25
    patience: float = 1.0
    longest: float = 3.5
    before: float = 0.15
    again: float = 0.4
    still_speaking: float = 0.4
    least: float = 0.08
    silence: float = 0.5
    fruitless: int = 2
    forgotten: float = 45.0
    own_words: float = 1.2


class Meanwhile(NamedTuple):
    """What the coach does while a block is heard.

    Attributes:
        played: by the loudspeaker: 160 samples (10 ms), float32, full scale is 1.
        progress: see `Speech.progress`.
        late_for: seconds for which what was said to be played before was late, and is no more; see `Reference`.
    """

    played: NDArray[np.float32]
    progress: tuple[str, float] | None
    late_for: float = 0.0


class Ear(Enum):
    """What the recogniser gets."""

    OPEN = "everything: the coach is silent"
    CLOSED = "nothing: the coach is heard"
    VOICE = "a voice over the coach, or in its place"


_SURE, _SURE_OF_URGENT, _SURE_OF_EACH = 0.9, 0.8, 0.7
"""The confidence that a phrase, stop and body words, and every word need while the coach is heard as well, and nothing
takes it out: a voice with an echo in it sounds like much."""
_SURE_BESIDE_A_CANCELLER = 0.5
"""The confidence that every word needs where the coach is taken out."""
_CLEAR = 2.5
"""The margin over unknown speech that a phrase other than these needs where its beginning is under the coach's voice,
or cut off: what is left of a "stop" was once a "zero" with 2.2. With 3.5, one in thirty commands over an echo as loud
as they were was refused that was heard right."""
_CLEARLY_URGENT = 3.0
"""The margin with which stop and body words need no such confidence: phrases that begin alike share it."""
_ONSET_SHARE = 0.0
"""What stop, body words and sure phrases must rise above the sound before them: that is what is left of the coach."""
_LOOK_BACK = round(2.0 / BLOCK_SECONDS)


class GuardedListener:
    """Hears like a `DozingListener`, beside a loudspeaker.

    Args:
        model: the speech model.
        grammar: the phrases active at the beginning.
        speech: what the coach is saying.
        reference: what the loudspeaker plays.
        few: ids of the commands that count over the coach in half duplex.
        full: all commands count over the coach.
        canceller: takes the coach out of what is heard.
        rules: when an utterance counts.
        turns: how coach and user take turns.
        on_half_duplex: called once, where it turns out that full duplex is not possible, with the delay of the echo in
            seconds, and with what the canceller takes out of it in dB: too little. None: there is no canceller, or the
            echo is too late for it.
    """

    def __init__(
        self,
        model: SpeechModel,
        grammar: Grammar,
        speech: Speech,
        reference: Reference,
        few: frozenset[str],
        *,
        full: bool = False,
        canceller: Canceller | None = None,
        rules: ListeningRules | None = None,
        turns: Turns | None = None,
        on_half_duplex: Callable[[float, float | None], None] = lambda _delay, _taken_out: None,
    ) -> None:
        self._model, self._rules = model, rules
        # Beside the coach's own voice no phrase is expected more than other words are, and nothing is talk.
        self._cut_rules = replace(rules or ListeningRules(), margin=_CLEAR, weight=1, talk=float("inf"))
        self._echo_rules = replace(
            self._cut_rules, confidence=_SURE, urgent_confidence=_SURE_OF_URGENT, least=_SURE_OF_EACH
        )
        self._rest_rules = replace(
            self._cut_rules,
            least=_SURE_BESIDE_A_CANCELLER,
            urgent_clear_margin=_CLEARLY_URGENT,
            sure_onset_share=_ONSET_SHARE,
        )
        self._grammar = grammar
        self._speech, self._reference = speech, reference
        self._few = few
        self._canceller = canceller
        self._turns = turns or Turns()
        self._full = full
        self._on_half_duplex = on_half_duplex
        self._over_echo = VoiceOverEcho()
        self._own_words = OwnWords()
        self._talk = Talk((rules or ListeningRules()).talk_within)
        self._recent: deque[bytes] = deque(maxlen=_LOOK_BACK)
        self._unseen: deque[tuple[bytes, NDArray[np.float32]]] = deque(maxlen=_LOOK_BACK)
        self._blocks = 0
        self._listener = self._new_listener(grammar, rules)
        self._level = SILENCE_DBFS
        self._sounded_at = float("-inf")
        self._voice_at = float("-inf")
        self._voice_since = 0.0
        self._voiced_blocks = 0
        self._was_silent = False
        self._commanded = False
        self._commanded_at = float("-inf")
        self._doubtful_until = float("-inf")
        self._is_strict = self._is_few = self._is_cut = False
        self._fruitless: deque[float] = deque(maxlen=2 * self._turns.fruitless)
        self.ear = Ear.OPEN

    @property
    def partial(self) -> str:
        """See `Listener.partial`."""
        return "" if self.ear is Ear.CLOSED else self._listener.partial

    @property
    def level_dbfs(self) -> float:
        """See `Listener.level_dbfs`."""
        return self._level if self.ear is Ear.CLOSED else self._listener.level_dbfs

    @property
    def dozing(self) -> bool:
        """See `DozingListener.dozing`."""
        return self.ear is Ear.OPEN and self._listener.dozing

    @property
    def delay(self) -> float | None:
        """Seconds from the playing of a sample until it has been heard; None where no echo has been found."""
        return self._over_echo.delay

    def use_grammar(self, grammar: Grammar) -> None:
        """See `Listener.use_grammar`."""
        self._grammar = grammar
        if self.ear is Ear.OPEN:
            self._listener.use_grammar(grammar)
        elif self.ear is Ear.VOICE:
            self._listener.use_grammar(self.over_the_coach if self._is_few else grammar)

    def meanwhile(self) -> Meanwhile:
        """Give what the coach does while the next block is heard, and only once; for the thread that hears it."""
        return Meanwhile(self._reference.take(), self._speech.progress, self._reference.late_for)

    def feed(self, block: bytes, meanwhile: Meanwhile | None = None) -> list[Utterance]:
        """See `Listener.feed`.

        Args:
            block: 160 samples (10 ms), int16.
            meanwhile: what the coach did while it was heard; None: it was heard just now.
        """
        self._blocks += 1
        played, progress, late_for = self.meanwhile() if meanwhile is None else meanwhile
        if late_for:
            self._doubt_voice(late_for)
        sounds = bool(played.any())
        if sounds:
            self._sounded_at = self._now
        if self.ear is Ear.OPEN and not sounds:
            self._unseen.append((block, played))
            self._recent.append(block)
            return self._listener.feed(block)
        self._own_words.note(progress, self._now)
        return self._beside_the_coach(block, played, sounds=sounds)

    def leave_out(self, passed: Iterable[Meanwhile]) -> None:
        """Go on after blocks that were heard and left out: what the coach did meanwhile may still echo.

        Args:
            passed: what it did, for each of the blocks.
        """
        for played, progress, _ in passed:
            self._blocks += 1
            self._own_words.note(progress, self._now)
            if played.any():
                self._sounded_at = self._now
        if self.ear is Ear.OPEN and self._echoes():
            self.ear = Ear.CLOSED
        self._doubt_voice(LATE_SECONDS)

    def flush(self) -> list[Utterance]:
        """See `Listener.flush`."""
        return [] if self.ear is Ear.CLOSED else self._listener.flush()

    @property
    def _now(self) -> float:
        return self._blocks * BLOCK_SECONDS

    def _beside_the_coach(self, block: bytes, played: NDArray[np.float32], *, sounds: bool) -> list[Utterance]:
        heard = _as_samples(block)
        self._level = decibels(heard)
        if self._unseen and self._canceller is not None:
            self._canceller.rest(len(self._unseen))
        while self._unseen:
            before, silence = self._unseen.popleft()
            self._over_echo.feed(_as_samples(before), silence)
        clean = self._without_the_coach(block, heard, played)
        if self._now < self._doubtful_until:
            self._over_echo.forget_voice()
        self._recent.append(clean)
        self._doubt_full_duplex()
        if self._over_echo.is_voice:
            self._voice_at = self._now
            self._voiced_blocks += 1
        if self.ear is Ear.CLOSED:
            return self._coach_goes_on()
        if self.ear is Ear.OPEN and not self._is_interrupted():
            self.ear = Ear.CLOSED
            return []
        return self._hear(clean, sounds=sounds)

    def _without_the_coach(self, block: bytes, heard: NDArray[np.float32], played: NDArray[np.float32]) -> bytes:
        """Take the coach's voice out, as far as there is a canceller, and look for another one."""
        if self._canceller is None:
            self._over_echo.feed(heard, played)
            return block
        rest = self._canceller.process(block, played)
        self._over_echo.feed(heard, played, _as_samples(rest))
        return rest

    def _is_interrupted(self) -> bool:
        """Let the coach wait, who begins, where somebody is speaking already."""
        if self._over_echo.is_voice or self._listener.partial:
            self._give_way()
        return self.ear is Ear.VOICE

    def _coach_goes_on(self) -> list[Utterance]:
        if self._over_echo.is_voice:
            self._give_way()
            return self._begin_to_hear()
        if not self._echoes():
            self.ear = Ear.OPEN
            self._is_strict = self._is_few = self._is_cut = False
            self._listener = self._new_listener(self._grammar, self._rules)
        return []

    def _give_way(self) -> None:
        self.ear = Ear.VOICE
        self._voice_since = self._voice_at = self._now
        self._voiced_blocks = self._over_echo.begun
        self._was_silent = self._commanded = False
        while self._fruitless and self._now - self._fruitless[0] > self._turns.forgotten:
            self._fruitless.popleft()
        if len(self._fruitless) < 2 * self._turns.fruitless:
            self._speech.give_way(pause=len(self._fruitless) < self._turns.fruitless)

    def _begin_to_hear(self) -> list[Utterance]:
        """Let a new recogniser hear silence, and then the voice from its beginning."""
        # without an echo, as with headphones, it is a voice like any other
        self._is_strict, self._is_few, self._is_cut = self._over_echo.delay is not None, not self._full, False
        strict = self._echo_rules if self._canceller is None else self._rest_rules
        rules = strict if self._is_strict else self._rules
        count = self._over_echo.begun + round(self._turns.before / BLOCK_SECONDS)
        return self._hear_anew(self.over_the_coach, rules, count)

    def _new_listener(self, grammar: Grammar, rules: ListeningRules | None, before: float = 0.0) -> DozingListener:
        """Give a listener that will hear the last seconds, `before`, first.

        Where the usual rules hold, it knows what talk there has been; else what isn't understood may be the coach's.
        """
        talk = self._talk if rules is self._rules else None
        return DozingListener(self._model, grammar, rules, talk=talk, begun=self._now - before)

    def _hear_anew(self, grammar: Grammar, rules: ListeningRules | None, count: int) -> list[Utterance]:
        """Let a new recogniser hear silence, and then the last `count` blocks."""
        recent = list(self._recent)
        sound = recent[max(0, len(recent) - count) :]
        silence = self._silence()
        self._listener = self._new_listener(grammar, rules, (len(silence) + len(sound)) * BLOCK_SECONDS)
        for block in silence:
            self._listener.feed(block)
        if self._now - self._commanded_at < self._turns.still_speaking:
            self._listener.wait_for_pause()
        return self._own_words_dropped([utterance for block in sound for utterance in self._listener.feed(block)])

    def _hear_freely(self, *, beside_the_coach: bool = False) -> list[Utterance]:
        """Let everything count, and hear afresh, now that nothing of the coach is heard any more.

        A voice that goes on is heard again from where it was next to alone; one that began `beside_the_coach` has lost
        its beginning, and must be clearer.
        """
        self._is_strict = self._is_few = False
        lasts = self._now - self._voice_at < self._turns.still_speaking and not self._commanded
        self._is_cut = beside_the_coach and lasts
        rules = self._cut_rules if self._is_cut else self._rules
        return self._hear_anew(self._grammar, rules, round(self._turns.again / BLOCK_SECONDS) if lasts else 0)

    def _hear(self, clean: bytes, *, sounds: bool) -> list[Utterance]:
        if sounds and self._was_silent:
            # a new line has begun, and not because the coach was told to go on
            if self._commanded or self._now - self._voice_at > self._turns.still_speaking:
                self.ear = Ear.CLOSED
                return []
            self._speech.give_way()
            self._was_silent = False
        self._was_silent = self._was_silent or self._now - self._sounded_at >= 5 * BLOCK_SECONDS
        utterances = self._own_words_dropped(self._listener.feed(clean))
        if self._listener.partial:
            self._voice_at = self._now
        elif self._is_strict and not self._echoes():
            utterances += self._hear_freely(beside_the_coach=True)
        elif self._is_few and not self._echoes():
            self._is_few = False
            self._listener.use_grammar(self._grammar)
        is_over = self._now - self._voice_at >= self._turns.patience
        if is_over or self._now - self._voice_since >= self._turns.longest:
            utterances += self._voice_is_over(sounds=sounds)
        return utterances

    def _voice_is_over(self, *, sounds: bool) -> list[Utterance]:
        """Let the coach go on; whoever still speaks where nothing is left to go on with is alone, and heard freely."""
        has_line = self._speech.progress is not None
        if not self._commanded and has_line:
            self._fruitless.append(self._now)
        self.ear = Ear.CLOSED if sounds or self._echoes() else Ear.OPEN
        self._speech.go_on()
        is_alone = self.ear is Ear.OPEN and not has_line
        return self._hear_freely() if is_alone and (self._is_strict or self._is_few or self._is_cut) else []

    def _own_words_dropped(self, utterances: list[Utterance]) -> list[Utterance]:
        kept = [utterance for utterance in utterances if not self._is_own(utterance)]
        if any(utterance.command is not None for utterance in kept):
            self._commanded = True
            self._commanded_at = self._now
            self._fruitless.clear()
            # or the end of the word would bring all of it to the next recogniser, as the coach answers
            self._recent.clear()
            self._over_echo.forget_voice()
        return kept

    def _is_own(self, utterance: Utterance) -> bool:
        """Tell whether the coach was saying these words, or nobody but the coach was speaking."""
        since_end = utterance.committed_at - utterance.at
        ended = self._now - since_end
        late = self._delay_or_usual() + self._turns.own_words
        if self._own_words.were_said(utterance.text, ended - late, ended):
            return True
        return self._voiced_blocks < round(self._turns.least / BLOCK_SECONDS)

    @property
    def over_the_coach(self) -> Grammar:
        """The phrases that count while the coach speaks."""
        if self._full:
            return self._grammar
        meanings = {p: command for p, command in self._grammar.meanings.items() if command.id in self._few}
        return Grammar(meanings, self._grammar.urgent & self._few)

    def _delay_or_usual(self) -> float:
        return self._turns.usual_delay if self._over_echo.delay is None else self._over_echo.delay

    def _echoes(self) -> bool:
        """Tell whether the microphone still hears what was played."""
        return self._now - self._sounded_at < self._delay_or_usual() + self._turns.fading

    def _doubt_voice(self, late_for: float) -> None:
        """Let the coach go on: what seems a voice since its sound was late, until that has faded, may be its own.

        Args:
            late_for: how many seconds ago its sound began to be late.
        """
        self._over_echo.measure_anew()
        self._doubtful_until = self._now + self._delay_or_usual() + self._turns.fading
        if self.ear is Ear.VOICE and self._now - self._voice_since <= late_for:
            self.ear = Ear.CLOSED
            self._speech.go_on()

    def _doubt_full_duplex(self) -> None:
        delay, taken_out = self._over_echo.delay, self._over_echo.taken_out
        if not self._full or delay is None or not self._over_echo.is_echo:
            return
        if self._canceller is None or delay > LATEST_ECHO:
            self._full, self._canceller = False, None
            self._on_half_duplex(delay, None)
        elif taken_out is not None and taken_out < LEAST_TAKEN_OUT:
            self._full = False
            self._on_half_duplex(delay, taken_out)

    def _silence(self) -> list[bytes]:
        """Give silence as this room has it: sounds that come after it must rise above it."""
        shape = (round(self._turns.silence / BLOCK_SECONDS), BLOCK)
        noise = np.random.default_rng(0).normal(0.0, self._over_echo.noise, shape)
        return [np.clip(row * 32767, -32768, 32767).astype("<i2").tobytes() for row in noise]


def _as_samples(block: bytes) -> NDArray[np.float32]:
    return np.frombuffer(block, "<i2").astype(np.float32) / np.float32(32768)
