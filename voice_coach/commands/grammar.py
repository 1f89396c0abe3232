"""The phrases active now, and what an utterance means among them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from voice_coach.numbers import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

STOP = "stop"
GRAVE = frozenset({"harder"})
"""Ids of commands that are never guessed at: to press harder by mistake is the worst that can be heard."""

_DIGITS_OF_SPOKEN_NUMBERS = 2
_NO = "no"
_DENIALS = frozenset({_NO, "not", "isn't", "without", "never", "don't"})
_DENIED_BY = 2
"""Words before a phrase among which a denial counts."""
_SENTENCES = frozenset(
    {
        *("i", "i'm", "i've", "it", "it's", "that", "that's", "this", "my", "something", "there's"),
        *("ow", "ouch", "stop", "quit"),
    }
)
"""First words of phrases that a "no" before them does not deny: "no, it hurts"."""
_NOT_SPOKEN = re.compile(r"[^a-z0-9' ]+")


@dataclass(frozen=True, slots=True)
class Command:
    """What the user meant.

    Attributes:
        id: as in the design's table, for example `next` or `more_time`.
        value: seconds for `more_time`, minutes for `have_minutes`, `line` for a `repeat` of what was said,
            `calf` for a `cramp` there; else None.
    """

    id: str
    value: int | str | None = None


@dataclass(frozen=True)
class Grammar:
    """Whole phrases and their meanings.

    A recogniser's own grammar is only a bigram model over these phrases, so mixtures come out of it: what it
    heard counts only when the *whole* utterance is one of them.

    Attributes:
        meanings: phrase -> command; phrases are lower case, words separated by one space.
        urgent: command ids that must act fastest: stop and the body words.
        typed: phrases that count only when they are typed; no recogniser listens for them.
    """

    meanings: Mapping[str, Command]
    urgent: frozenset[str] = frozenset()
    typed: Mapping[str, Command] = field(default_factory=dict)

    @cached_property
    def _beginnings(self) -> Mapping[str, frozenset[Command]]:
        """The commands of the phrases that begin with certain words and go on."""
        beginnings: dict[str, set[Command]] = {}
        for phrase, command in self.meanings.items():
            words = phrase.split()
            for end in range(1, len(words)):
                beginnings.setdefault(" ".join(words[:end]), set()).add(command)
        return {beginning: frozenset(commands) for beginning, commands in beginnings.items()}

    @classmethod
    def of_phrases(cls, phrases: list[str]) -> Grammar:
        """Give a grammar in which each phrase is its own command, named by the phrase in snake case."""
        spoken = [as_spoken(phrase) for phrase in phrases]
        return cls({phrase: Command(phrase.replace(" ", "_")) for phrase in spoken if phrase})

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(self.meanings)

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for phrase in self.meanings for word in phrase.split())

    def match(self, utterance: str) -> Command | None:
        """Give the command that the whole `utterance` means, or None.

        A phrase said twice or more ("up, up") means what it means once, unless it is grave. Several urgent phrases in
        one breath ("ow, stop", "no, stop, it hurts") mean the gravest of them.
        """
        spoken = as_spoken(utterance)
        command = self.meanings.get(spoken) or self._said_again(spoken)
        return self._in_one_breath(spoken.split()) if command is None else command

    def _said_again(self, spoken: str) -> Command | None:
        command = self.meanings.get(_once(spoken))
        return None if command is None or command.id in GRAVE else command

    def _in_one_breath(self, words: list[str]) -> Command | None:
        """Give the urgent command of words that are urgent phrases, one after the other, and "no"."""
        if not words or not self._urgent_words.issuperset(words):
            return None
        reached = {0}
        for end in range(1, len(words) + 1):
            parts = [" ".join(words[start:end]) for start in reached]
            if any(part == _NO or self._is_urgent(part) for part in parts):
                reached.add(end)
        return self._urgent_in(words) if len(words) in reached else None

    @cached_property
    def _urgent_words(self) -> frozenset[str]:
        return frozenset(word for phrase in self.meanings if self._is_urgent(phrase) for word in phrase.split()) | {_NO}

    def _is_urgent(self, phrase: str) -> bool:
        command = self.meanings.get(phrase)
        return command is not None and command.id in self.urgent

    def match_typed(self, line: str) -> Command | None:
        """Give the command that a typed `line` means: the whole of it or, in a sentence, the gravest urgent one.

        Nobody types "stop it hurts" without meaning it; what is denied ("no pain") does not count. Speech is not read
        like this: a recogniser makes sentences of what is not for us. What is only typed counts by itself: "cut it
        short" is no wound.
        """
        return self._of_typed.match(line) or self._urgent_in(as_spoken(line).split())

    @cached_property
    def _of_typed(self) -> Grammar:
        """The same, with what is typed only among the phrases."""
        return Grammar({**self.meanings, **self.typed}, self.urgent)

    def _urgent_in(self, words: list[str]) -> Command | None:
        """Give the urgent command in a sentence: body words before stop, in the order of the phrases."""
        places = [
            (start, end)
            for start in range(len(words))
            for end in range(start + 1, len(words) + 1)
            if " ".join(words[start:end]) in self.meanings
        ]
        whole = [(a, b) for a, b in places if not any(c <= a and b <= d for c, d in places if (c, d) != (a, b))]
        said = {self.meanings[" ".join(words[a:b])] for a, b in whole if not _is_denied(words, a)}
        found = [command for command in self.meanings.values() if command in said and command.id in self.urgent]
        found.sort(key=lambda command: command.id == STOP)
        gravest = [command for command in found if command.id == found[0].id]
        return max(gravest, key=lambda command: command.value is not None, default=None)

    def commands_in(self, text: str) -> frozenset[str]:
        """Give the ids of the commands whose phrases stand anywhere in `text`, as a row of whole words."""
        return frozenset(self.meanings[phrase].id for phrase in self.phrases_in(text))

    def phrases_in(self, text: str) -> tuple[str, ...]:
        """Give the phrases that stand anywhere in `text`, as a row of whole words."""
        padded = f" {as_spoken(text)} "
        return tuple(phrase for phrase in self.meanings if f" {phrase} " in padded)

    def may_become_another(self, utterance: str) -> bool:
        """Tell whether more words could turn `utterance` into a phrase of another meaning."""
        command = self.match(utterance)
        return any(longer != command for longer in self._beginnings.get(as_spoken(utterance), ()))


def _once(text: str) -> str:
    """Give what is said again and again in `text`; else all of it."""
    words = text.split()
    for size in range(1, len(words) // 2 + 1):
        if words == words[:size] * (len(words) // size):
            return " ".join(words[:size])
    return text


def _is_denied(words: list[str], start: int) -> bool:
    """Tell whether the phrase that begins at `start` is denied by what stands before it."""
    return words[start] not in _SENTENCES and bool(_DENIALS & set(words[max(0, start - _DENIED_BY) : start]))


def as_spoken(text: str) -> str:
    """Give `text` as a recogniser would: lower case, no punctuation, numbers under a hundred as words."""
    plain = _NOT_SPOKEN.sub(" ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return " ".join(_number_in_words(word) for word in plain.split())


def _number_in_words(word: str) -> str:
    if not (word.isascii() and word.isdigit()) or len(word) > _DIGITS_OF_SPOKEN_NUMBERS:
        return word
    return in_words(int(word))
