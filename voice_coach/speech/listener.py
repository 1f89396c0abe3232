"""Sound in, utterances out: a recogniser that answers as soon as it is safe to.

Stock Vosk answers when it decides that an utterance is over, half a second to a second after the last word.
Here a partial result that is a whole phrase is acted upon earlier (an *early commit*), when it has stayed the
same for a moment and the speaker is quiet again. Running speech is full of short command words, but they
hardly ever stand alone: an utterance counts only when it is a phrase as a whole and silence came before it (it
is *anchored*).

There is no clock and no thread in here: time is the amount of sound fed.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.commands.grammar import Grammar
from voice_coach.speech.levels import LevelMeter
from voice_coach.speech.models import UNKNOWN

if TYPE_CHECKING:
    from vosk import KaldiRecognizer

    from voice_coach.commands.grammar import Command
    from voice_coach.speech.models import SpeechModel

_BLOCKS_PER_PARTIAL = 3
"""The recogniser decodes 60 ms at a time; asking it more often than every 30 ms gains nothing."""


_ONSET_SECONDS = 0.05
"""How much earlier than its word time a word may really begin."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before a partial result that is a whole phrase is acted upon.

    Either both `stable` and `quiet`, or `stable_in_noise` alone must have passed.

    Attributes:
        stable: seconds that the partial result must have stayed the same.
        quiet: seconds that the speaker must have been quiet.
        stable_in_noise: seconds without change that are enough where it never gets quiet; None: wait for the
            recogniser's own end of the utterance.
    """

    stable: float
    quiet: float
    stable_in_noise: float | None


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """When an utterance counts, and how soon.

    Attributes:
        plain: patience for a phrase.
        urgent: the same for stop and the body words.
        growing: the same for a phrase that more words would turn into another command.
        urgent_growing: the same for "stop", which may become "stop listening".
        anchor_silence: seconds without speech that must come before a phrase.
        settle: seconds of silence after an early commit until the next command may begin; what is said
            without such a pause belongs to the committed utterance and is ignored.
        settle_in_noise: seconds without a new word that do instead, where it never gets quiet.
        quiet_share: where quiet begins between the background's level in dB (0) and the utterance's (1).
        clear_rise: dB that an utterance must be louder than the background before "quiet" means anything; in
            more noise than that only `stable_in_noise` counts.
        onset_rise: dB that the loudest syllable of an utterance must be above the loudest sound right before it.
        shortest: seconds that a command must last at least; clicks and knocks are shorter.
        replay: seconds of sound a new recogniser hears again, so that a word that has just begun is not lost.
    """

    plain: Patience = Patience(0.15, 0.20, 0.60)
    urgent: Patience = Patience(0.06, 0.08, 0.18)
    growing: Patience = Patience(0.15, 0.30, None)
    urgent_growing: Patience = Patience(0.06, 0.12, 0.45)
    anchor_silence: float = 0.3
    settle: float = 0.2
    settle_in_noise: float = 0.5
    quiet_share: float = 0.5
    clear_rise: float = 10.0
    onset_rise: float = 3.0
    shortest: float = 0.1
    replay: float = 0.4


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody said.

    Attributes:
        text: the words, lower case; unknown ones are left out, so it may be empty.
        command: what it means; None when it is no command.
        at: end of the last word as the recogniser saw it, in seconds of sound fed.
        committed_at: how much sound had been fed when it was decided, in seconds.
        early: decided before the recogniser's own end of the utterance.
    """

    text: str
    command: Command | None
    at: float
    committed_at: float
    early: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    """A final result; times in seconds of sound fed."""

    text: str
    start: float
    end: float


class Listener:
    """Recognises utterances in a stream of sound.

    Args:
        model: the speech model.
        grammar: the phrases active at the beginning.
        rules: when an utterance counts.
    """

    def __init__(self, model: SpeechModel, grammar: Grammar, rules: ListeningRules | None = None) -> None:
        self._model = model
        self._rules = rules or ListeningRules()
        self._meter = LevelMeter()
        self._replay: deque[bytes] = deque(maxlen=round(self._rules.replay / BLOCK_SECONDS))
        self._blocks = 0
        self._grammar = self._wanted = self._hearable(grammar)
        self._speech_end = float("-inf")  # nothing is known of the time before the first sound
        self._settling = False
        self._begin()

    @property
    def partial(self) -> str:
        """What is being said now, as far as it is known; "" when nothing is, or nothing of the grammar."""
        return "" if self._settling else _known_words(self._text)

    @property
    def level_dbfs(self) -> float:
        """Level of the last block in dB; full scale is 0, silence -96."""
        return self._meter.dbfs

    @property
    def seconds(self) -> float:
        """How much sound has been fed."""
        return self._blocks * BLOCK_SECONDS

    def use_grammar(self, grammar: Grammar) -> None:
        """Change the active phrases: at once when nobody is speaking, else after the utterance.

        Whatever is heard from now on is matched against the new phrases.
        """
        self._wanted = self._hearable(grammar)
        if not self._text and not self._settling:
            self._begin()

    def feed(self, block: bytes) -> list[Utterance]:
        """Take the next 10 ms (320 bytes: 16 kHz, mono, int16) and give what has been said."""
        self._blocks += 1
        self._meter.feed(block)
        self._replay.append(block)
        if self._recogniser.AcceptWaveform(block):
            return self._at_endpoint(self._recogniser.Result())
        if self._blocks % _BLOCKS_PER_PARTIAL == 0:
            self._follow(json.loads(self._recogniser.PartialResult()).get("partial", ""))
        if self._settling:
            self._settle()
            return []
        return self._early()

    def flush(self) -> list[Utterance]:
        """Give what was being said when the sound ended."""
        return self._at_endpoint(self._recogniser.FinalResult())

    def _hearable(self, grammar: Grammar) -> Grammar:
        unheard = set(self._model.unheard(grammar.phrases))
        meanings = {p: command for p, command in grammar.meanings.items() if p not in unheard}
        return Grammar(meanings, grammar.urgent)

    def _begin(self) -> None:
        """Start a new recogniser, which hears the last moment again."""
        self._grammar = self._wanted
        self._recogniser: KaldiRecognizer = self._model.recogniser(self._grammar.phrases)
        self._offset = (self._blocks - len(self._replay)) * BLOCK_SECONDS
        self._text = ""
        self._text_since = self.seconds
        for block in self._replay:
            self._recogniser.AcceptWaveform(block)

    def _follow(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._text_since = self.seconds

    def _early(self) -> list[Utterance]:
        """Act upon the partial result, if it is time and the recogniser's final opinion is a phrase too."""
        command = self._wanted.match(self._text) if self._text else None
        if command is None or not self._is_time(command):
            return []
        heard = self._heard(self._recogniser.FinalResult())
        utterances = [] if heard is None else self._committed(heard)
        self._replay.clear()
        self._begin()
        self._settling = True
        return utterances

    def _is_time(self, command: Command) -> bool:
        patience = self._patience(command)
        stable = self.seconds - self._text_since
        if patience.stable_in_noise is not None and stable >= patience.stable_in_noise:
            return True
        return stable >= patience.stable and self._quiet_for(patience.quiet)

    def _patience(self, command: Command) -> Patience:
        urgent = command.id in self._wanted.urgent
        if self._wanted.may_become_another(self._text):
            return self._rules.urgent_growing if urgent else self._rules.growing
        return self._rules.urgent if urgent else self._rules.plain

    def _quiet_for(self, seconds: float) -> bool:
        floor, rise = self._meter.floor, self._meter.peak(1.0) - self._meter.floor
        is_clear = rise >= self._rules.clear_rise
        return is_clear and self._meter.seconds_below(floor + rise * self._rules.quiet_share) >= seconds

    def _counts(self, heard: _Heard) -> bool:
        return (
            heard.end - heard.start >= self._rules.shortest
            and heard.start - self._speech_end >= self._rules.anchor_silence
            and self._rises(heard)
        )

    def _rises(self, heard: _Heard) -> bool:
        """Tell whether it was quieter right before the utterance than during it."""
        start, end = self.seconds - heard.start, self.seconds - heard.end
        before = self._meter.loudest(start + self._rules.anchor_silence, start + _ONSET_SECONDS)
        return self._meter.loudest(start, end) - before >= self._rules.onset_rise

    def _committed(self, heard: _Heard) -> list[Utterance]:
        command = self._wanted.match(heard.text)
        counts = self._counts(heard)
        self._speech_end = heard.end
        if command is None or not counts:
            return []
        return [Utterance(heard.text, command, min(heard.end, self.seconds), self.seconds, early=True)]

    def _settle(self) -> None:
        """After a commit: wait for a pause, then listen afresh."""
        no_news = self.seconds - self._text_since >= self._rules.settle_in_noise
        if not (no_news or self._quiet_for(self._rules.settle)):
            self._speech_end = self.seconds if self._text else self._speech_end
            return
        self._settling = False
        if self._text or self._grammar != self._wanted:
            self._replay.clear()
            self._begin()

    def _at_endpoint(self, result: str) -> list[Utterance]:
        heard = self._heard(result)
        settling, self._settling = self._settling, False
        self._follow("")
        utterances = []
        if heard is not None and not settling:
            command = self._wanted.match(heard.text)
            counts = command is not None and self._counts(heard)
            utterances = [
                Utterance(
                    _known_words(heard.text),
                    command if counts else None,
                    heard.end,
                    self.seconds,
                    early=False,
                )
            ]
        if heard is not None:
            self._speech_end = heard.end
        if self._grammar != self._wanted:
            self._replay.clear()
            self._begin()
        return utterances

    def _heard(self, result: str) -> _Heard | None:
        words = json.loads(result).get("result", [])
        if not words:
            return None
        text = " ".join(word["word"] for word in words)
        return _Heard(text, self._offset + words[0]["start"], self._offset + words[-1]["end"])


def _known_words(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)
