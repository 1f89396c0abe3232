"""Sound in, utterances out: a recogniser that answers as soon as it is safe to.

Stock Vosk answers when it decides that an utterance is over, half a second to a second after the last word.
Here it is asked as soon as the speaker makes a pause, and a whole phrase is acted upon at once (an *early
commit*); partial results lag 0.1 to 0.4 s behind and serve only where noise hides the pauses. Running speech is
full of short command words, but they hardly ever stand alone: an utterance counts only when it is a phrase as a
whole and silence came before it (it is *anchored*).

There is no clock and no thread in here: time is the amount of sound fed.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.commands.grammar import GRAVE, Grammar
from voice_coach.speech.levels import LevelMeter
from voice_coach.speech.listening_rules import ListeningRules, Patience
from voice_coach.speech.models import UNKNOWN
from voice_coach.speech.second_look import SecondLook
from voice_coach.speech.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vosk import KaldiRecognizer

    from voice_coach.commands.grammar import Command
    from voice_coach.speech.models import SpeechModel

_BLOCKS_PER_PARTIAL = 3
"""The recogniser decodes 60 ms at a time; asking it more often than every 30 ms gains nothing."""


_ONSET_SECONDS = 0.05
"""How much earlier than its word time a word may really begin."""

_LOOK_BEFORE = 0.15
"""Seconds of sound before a phrase that a second look takes in."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody said.

    Attributes:
        text: the words, lower case; unknown ones are left out, so it may be empty.
        command: what it means; None when it is no command.
        at: end of the last word as the recogniser saw it, in seconds of sound fed.
        committed_at: how much sound had been fed when it was decided, in seconds.
        early: decided before the recogniser's own end of the utterance.
        confidence: the recogniser's, 0 to 1, in its least certain word.
        margin: how much better the phrase explains the sound than unknown speech does, see `SecondLook`; infinite
            where no second look was taken.
    """

    text: str
    command: Command | None
    at: float
    committed_at: float
    early: bool
    confidence: float = 1.0
    margin: float = float("inf")


class _Word(NamedTuple):
    """A word of a final result; times in seconds of sound fed, confidence 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Heard:
    """A final result; times in seconds of sound fed, confidence that of the least certain word."""

    text: str
    start: float
    end: float
    confidence: float
    margin: float = float("inf")


class Listener:
    """Recognises utterances in a stream of sound.

    Args:
        model: the speech model.
        grammar: the phrases active at the beginning.
        rules: when an utterance counts.
        talk: what has been said that is no command, where others have listened before; more is noted there.
        begun: when, on the clock of `talk`, this one begins to listen, in seconds.
    """

    def __init__(
        self,
        model: SpeechModel,
        grammar: Grammar,
        rules: ListeningRules | None = None,
        *,
        talk: Talk | None = None,
        begun: float = 0.0,
    ) -> None:
        self._model = model
        self._rules = rules or ListeningRules()
        self._second_look = SecondLook(model) if model.scores_phrases else None
        self._meter = LevelMeter()
        self._recent: deque[bytes] = deque(maxlen=round((self._rules.ask_within + 1) / BLOCK_SECONDS))
        self._blocks = 0
        self._wanted = self._hearable(grammar)
        self._talk = Talk(self._rules.talk_within) if talk is None else talk
        self._begun = begun
        self._speech_end = float("-inf")  # before the first sound there may have been any silence
        self._text = ""
        self._text_since = 0.0
        self._settling = False
        self._asked = False
        self._answer: _Heard | None = None
        self._begin()

    @property
    def partial(self) -> str:
        """What is being said now, as far as it is known; "" when nothing is, or nothing of the grammar."""
        if self._settling:
            return ""
        return _known_words(self._answer.text if self._answer else self._text)

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
        if not self._text and not self._settling and self._answer is None:
            self._begin()

    def wait_for_pause(self) -> None:
        """Take what is being said for the end of a command that counts already: it is ignored until a pause."""
        self._settling = True
        self._speech_end = self.seconds
        self._follow("")

    def feed(self, block: bytes) -> list[Utterance]:
        """Take the next 10 ms (320 bytes: 16 kHz, mono, int16) and give what has been said."""
        self._blocks += 1
        self._meter.feed(block)
        self._recent.append(block)
        quiet = self._meter.pause(self._rules.clear_rise, self._rules.quiet_share)
        if self._answer is not None:
            return self._after_answer(self._answer, quiet)
        if self._accept(block):
            return self._at_endpoint(self._recogniser.Result())
        if self._blocks % _BLOCKS_PER_PARTIAL == 0:
            self._follow(json.loads(self._recogniser.PartialResult()).get("partial", ""))
        if self._settling:
            self._settle(quiet)
            return []
        return self._early(quiet)

    def flush(self) -> list[Utterance]:
        """Give what was being said when the sound ended."""
        if self._answer is not None:
            return self._commit(self._answer)
        return self._at_endpoint(self._recogniser.FinalResult())

    def _hearable(self, grammar: Grammar) -> Grammar:
        unheard = set(self._model.unheard(grammar.phrases))
        meanings = {p: command for p, command in grammar.meanings.items() if p not in unheard}
        return Grammar(meanings, grammar.urgent)

    def _begin(self) -> None:
        """Start a recogniser for the wanted grammar; it hears the last moment again."""
        self._grammar = self._wanted
        self._recogniser: KaldiRecognizer = self._model.recogniser(self._weights())
        self._accepted = 0
        self._follow("")
        self._replay(self._rules.replay)

    def _weights(self) -> dict[str, int]:
        return {phrase: self._weight(phrase, command) for phrase, command in self._grammar.meanings.items()}

    def _weight(self, phrase: str, command: Command) -> int:
        usual = phrase in self._model.recorded or command.id in GRAVE
        return 1 if usual else self._rules.weight

    def _replay(self, seconds: float) -> None:
        """Let the recogniser, which has just begun or been asked, hear the last `seconds` again."""
        count = min(len(self._recent), round(seconds / BLOCK_SECONDS))
        for left, block in zip(range(count - 1, -1, -1), list(self._recent)[len(self._recent) - count :], strict=True):
            if self._accept(block):
                self._leave_behind(self._words(self._recogniser.Result(), left * BLOCK_SECONDS))

    def _hear_again(self, seconds: float, words: Sequence[_Word]) -> None:
        """Let the recogniser, which has been asked, hear the last `seconds` again; `words` before that are over."""
        begin = self.seconds - min(seconds, len(self._recent) * BLOCK_SECONDS)
        self._leave_behind([word for word in words if word.start + word.end < 2 * begin])
        self._replay(seconds)

    def _leave_behind(self, words: Sequence[_Word]) -> None:
        """Take note of words that are none of what comes: it must be apart from them."""
        known = [word for word in words if word.text != UNKNOWN]
        if known:
            self._speech_end = max(self._speech_end, known[-1].end)
            self._note_talk(_spoken(known))

    def _note_talk(self, heard: _Heard) -> None:
        # Who says a command again and again, as it doesn't count, is not talking to somebody else.
        if self._wanted.match(heard.text) is None:
            self._talk.note(self._begun + heard.start, self._begun + heard.end)

    def _accept(self, block: bytes) -> bool:
        self._accepted += 1
        return bool(self._recogniser.AcceptWaveform(block))

    def _follow(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._text_since = self.seconds

    def _early(self, quiet: float) -> list[Utterance]:
        """Ask the recogniser when the speaker makes a pause, or when in noise its partial result is a phrase."""
        if quiet == 0.0:
            self._asked = False
        if not self._asked and quiet >= self._rules.ask_after:
            return self._ask(quiet)
        command = self._wanted.match(self._text) if self._text else None
        patience = self._patience(self._text).stable_in_noise if command else None
        if patience is None or self.seconds - self._text_since < patience:
            return []
        words = self._words(self._recogniser.FinalResult())
        heard = self._heard(words)
        if heard is None or self._meaning(heard) is None:
            self._listen_on(heard, words)
            return []
        return self._commit(heard)

    def _listen_on(self, heard: _Heard | None, words: Sequence[_Word]) -> None:
        """Go on as if the recogniser hadn't been asked; it is asked again when its partial result changes."""
        begun = self.seconds - self._rules.ask_within if heard is None else heard.start
        self._hear_again(self.seconds - begun + self._rules.anchor_silence / 2, words)
        self._text_since = float("inf")

    def _ask(self, quiet: float) -> list[Utterance]:
        self._asked = True
        duration = self._meter.sounding(self._rules.anchor_silence)
        if not self._rules.shortest <= duration <= self._rules.ask_within:
            return []
        words = self._words(self._recogniser.FinalResult())
        heard = self._heard(words)
        if heard is None or self._meaning(heard) is None:
            self._hear_again(duration + quiet + self._rules.anchor_silence / 2, words)
            return []
        self._answer = heard
        return self._after_answer(heard, quiet)

    def _after_answer(self, heard: _Heard, quiet: float) -> list[Utterance]:
        """Act upon the answer once the speaker has been quiet for long enough; listen on if he is not."""
        if quiet == 0.0:
            self._answer = None
            self._asked = False
            self._replay(self.seconds - heard.start + self._rules.anchor_silence / 2)
            return []
        needed = self._patience(heard.text).quiet
        if self._is_doubtful(heard):
            needed = max(needed, self._rules.doubt_quiet)
        return self._commit(heard) if quiet >= needed else []

    def _patience(self, text: str) -> Patience:
        growing, urgent = self._wanted.may_become_another(text), self._is_urgent(text)
        return self._rules.patience(urgent=urgent, growing=growing, amid_talk=self._is_amid_talk())

    def _is_amid_talk(self) -> bool:
        return self._talk.seconds(self._begun + self.seconds) >= self._rules.talk

    def _meaning(self, heard: _Heard) -> Command | None:
        """Give the command that was spoken, when it stands alone and sounds like speech."""
        rules = self._rules
        command = self._wanted.match(heard.text)
        if command is None:
            return None
        duration = heard.end - heard.start
        counts = (
            heard.confidence >= (rules.clear_least if self._is_clear(heard) else rules.least)
            and heard.margin >= self._needed_margin(heard.text)
            and rules.shortest <= duration <= rules.longest_word * len(heard.text.split())
            and heard.start - self._speech_end >= rules.anchor_silence
            and self._rise(heard) >= self._needed_rise(heard)
        )
        return command if counts else None

    def _is_urgent(self, text: str) -> bool:
        command = self._wanted.match(text)
        return command is not None and command.id in self._wanted.urgent

    def _is_doubtful(self, heard: _Heard) -> bool:
        enough = self._rules.enough(urgent=self._is_urgent(heard.text), amid_talk=self._is_amid_talk())
        return heard.confidence < enough and not self._is_clear(heard)

    def _is_clear(self, heard: _Heard) -> bool:
        """Tell whether a second look leaves no doubt of stop or a body word."""
        was_looked_at = math.isfinite(heard.margin)
        return was_looked_at and self._is_urgent(heard.text) and heard.margin >= self._rules.urgent_clear_margin

    def _needed_margin(self, text: str) -> float:
        return self._rules.least_margin(urgent=self._is_urgent(text), amid_talk=self._is_amid_talk())

    def _needed_rise(self, heard: _Heard) -> float:
        if self._is_doubtful(heard):
            return self._rules.doubtful_onset_share
        if heard.confidence >= self._rules.sure or self._is_urgent(heard.text):
            return self._rules.sure_onset_share
        return self._rules.onset_share

    def _rise(self, heard: _Heard) -> float:
        """Tell where, in dB, what came right before lies between the utterance (0) and the background (1)."""
        start, end = self.seconds - heard.start, self.seconds - heard.end
        before = self._meter.loudest(start + self._rules.anchor_silence, start + _ONSET_SECONDS)
        loudest = self._meter.loudest(start, end)
        return (loudest - before) / max(1.0, loudest - self._meter.floor)

    def _commit(self, heard: _Heard | None) -> list[Utterance]:
        """Deliver what the recogniser answered, and ignore what follows on it without a pause."""
        self._answer = None
        self._settling = True
        self._recent.clear()
        self._follow("")
        if heard is None:
            return []
        command = self._meaning(heard)
        self._speech_end = heard.end
        if command is None:
            return []
        return [self._utterance(heard.text, command, heard, early=True)]

    def _settle(self, quiet: float) -> None:
        """After a commit: wait for a pause, then listen afresh."""
        no_news = self.seconds - self._text_since >= self._rules.settle_in_noise
        if not (no_news or quiet >= self._rules.settle):
            self._speech_end = self.seconds if self._text else self._speech_end
            return
        self._settling = False
        self._asked = True
        self._recent.clear()
        if self._grammar != self._wanted:
            self._begin()
        elif self._text:
            self._recogniser.FinalResult()
            self._follow("")

    def _at_endpoint(self, result: str) -> list[Utterance]:
        heard = self._heard(self._words(result))
        settling, self._settling = self._settling, False
        self._follow("")
        utterances = []
        if heard is not None and not settling:
            text, command = _known_words(heard.text), self._meaning(heard)
            utterances = [self._utterance(text, command, heard, early=False)]
        if heard is not None:
            self._note_talk(heard)
            self._speech_end = heard.end
            self._recent.clear()
        if self._grammar != self._wanted:
            self._begin()
        return utterances

    def _words(self, result: str, ago: float = 0.0) -> list[_Word]:
        """Give the words of a final result for sound until so many seconds `ago`."""
        # the recogniser's time is the sound it was fed, replays included, and runs on over its results
        offset = self.seconds - ago - self._accepted * BLOCK_SECONDS
        return [
            _Word(word["word"], offset + word["start"], offset + word["end"], word.get("conf", 1.0))
            for word in json.loads(result).get("result", [])
        ]

    def _heard(self, words: Sequence[_Word]) -> _Heard | None:
        if not words:
            return None
        heard = self._without_noise(words, _spoken(words))
        return replace(heard, margin=self._margin(heard))

    def _without_noise(self, words: Sequence[_Word], whole: _Heard) -> _Heard:
        """Leave out what was taken for words, and is a quieter sound right before a phrase, with silence before it."""
        anchored = whole.start - self._speech_end >= self._rules.anchor_silence
        if not anchored or self._wanted.match(whole.text) is not None:
            return whole
        for first in range(1, len(words)):
            rest = _spoken(words[first:])
            if rest.start - whole.start > self._rules.noise_before:
                break
            command = self._wanted.match(rest.text)
            helped = command is not None and command.id not in GRAVE
            if helped and self._rise(rest) >= self._rules.noise_onset_share:
                return rest
        return whole

    def _margin(self, heard: _Heard) -> float:
        if self._second_look is None or self._wanted.match(heard.text) is None:
            return float("inf")
        blocks = round((self.seconds - heard.start + _LOOK_BEFORE) / BLOCK_SECONDS)
        return self._second_look.margin(heard.text, b"".join(list(self._recent)[-blocks:]))

    def _utterance(self, text: str, command: Command | None, heard: _Heard, *, early: bool) -> Utterance:
        at = min(heard.end, self.seconds)
        return Utterance(text, command, at, self.seconds, early, heard.confidence, heard.margin)


def _spoken(words: Sequence[_Word]) -> _Heard:
    text, confidence = " ".join(word.text for word in words), min(word.confidence for word in words)
    return _Heard(text, words[0].start, words[-1].end, confidence)


def _known_words(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)
