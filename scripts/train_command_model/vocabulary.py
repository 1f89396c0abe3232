"""Which words the model knows: those of the phrases, and the words it must tell them from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pocketsphinx

from train_command_model.errors import UnusableError
from train_command_model.pronunciation import Pronunciation, dictionary, pronunciations
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.standby import standby_phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Words that people put into routines and phrase files, whatever their rank in written English.
EVERYDAY = tuple(Path(__file__).with_name("everyday.txt").read_text(encoding="utf-8").split())

# Words of other programs' commands; what sounds like them is a decoy too.
_SPOKEN_TO_MACHINES = ("up", "down", "on", "off", "left", "right", "go", "forward", "backward")

# Letters and other languages' words: nobody says "ye", but a "yes" cut short is one. And words no list should hold.
_TWO_LETTERS = frozenset(
    "ah am an as at be by do eh go ha he hi if in is it me my no of oh on or so to uh um up us we".split()  # noqa: SIM905 - as word lists are written
)
_NO_DECOYS = frozenset("ass c'est crap des du duh gen les pre tho und whore yah yay yea".split())  # noqa: SIM905

# A frequent word is one of the language model's first ranks.
_FREQUENT = 1_200
# A sound-alike may be rarer, not obscure.
_KNOWN_SOUND_ALIKES = 9_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the lexicon.

    Attributes:
        phrases: what the product listens for, in a session and in standby.
        urgent: those that mean stop or a stop sign of the body.
        words: all words of the lexicon, sorted.
        decoys: words that are never commands by themselves, for the grammar of every state.
        obscure: words of the lexicon that nobody is expected to make a command.
        inner: words that occur in the phrases, but never as a phrase by themselves.
    """

    phrases: tuple[str, ...]
    urgent: frozenset[str]
    words: tuple[str, ...]
    decoys: tuple[str, ...]
    obscure: frozenset[str]
    inner: frozenset[str]


@cache
def build_vocabulary(*, frequent: int = _FREQUENT) -> Vocabulary:
    """Collect the words of all phrases, everyday words, frequent words and sound-alikes of the commands."""
    phrases = tuple(sorted({*load_phrasebook().meanings, *_said_in_standby()}))
    spoken = {word for phrase in phrases for word in phrase.split()}
    missing = sorted(word for word in spoken if word not in dictionary())
    if missing:
        msg = f"no pronunciation for {', '.join(missing)}: add it to pronunciation.py or write it as known words"
        raise UnusableError(msg)
    commands = {phrase for phrase in phrases if " " not in phrase}
    ranked = ranked_words()
    alike = sound_alikes(commands | set(_SPOKEN_TO_MACHINES), ranked[:_KNOWN_SOUND_ALIKES])
    everyday = {word for word in EVERYDAY if word in dictionary()}
    other = (everyday | set(ranked[:frequent]) | alike) - commands
    command_sounds = {phones for word in commands for phones in pronunciations(word)}
    # A homophone of a command ("know", "write") would take its place half of the time.
    decoys = {word for word in other if not command_sounds & set(pronunciations(word))}
    words = tuple(sorted(spoken | decoys | everyday))
    obscure = frozenset(decoys - everyday - spoken)
    competing = {word for word in decoys if word in everyday or _may_compete(word)}
    return Vocabulary(
        phrases, _urgent(), words, tuple(sorted(competing)), obscure, frozenset(spoken - commands - everyday)
    )


def _urgent() -> frozenset[str]:
    grammar = load_phrasebook().grammar()
    return frozenset(phrase for phrase, command in grammar.meanings.items() if command.id in grammar.urgent)


def _said_in_standby() -> Iterable[str]:
    return standby_phrases({id_: routine.name for id_, routine in load_catalogue().routines.items()}).meanings


def _may_compete(word: str) -> bool:
    return word not in _NO_DECOYS and (len(word) > len("ye") or word in _TWO_LETTERS)


@cache
def ranked_words() -> list[str]:
    """Give the words of PocketSphinx's language model that have a pronunciation, the most frequent first."""
    folder = Path(pocketsphinx.get_model_path()) / "en-us"
    config = pocketsphinx.Config(lm=None, loglevel="FATAL")
    model = pocketsphinx.NGramModel(config, pocketsphinx.LogMath(), str(folder / "en-us.lm.bin"))
    scored = [(model.prob([word]), word) for word in dictionary() if word.replace("'", "").isalpha()]
    floor = min(score for score, _ in scored)
    return [word for score, word in sorted(scored, reverse=True) if score > floor and len(word) > 1]


def sound_alikes(commands: Iterable[str], candidates: Iterable[str]) -> set[str]:
    """Give the candidates one phone away from a command: another phone, one more, or one less."""
    near = {form for word in commands for phones in pronunciations(word) for form in _wildcards(phones)}
    exact = {phones for word in commands for phones in pronunciations(word)}
    return {
        word
        for word in candidates
        if any(phones not in exact and near & set(_wildcards(phones)) for phones in pronunciations(word))
    }


def _wildcards(phones: Pronunciation) -> Iterator[tuple[str, ...]]:
    """Give forms that two pronunciations share exactly when one edit makes one into the other."""
    for index in range(len(phones)):
        yield (*phones[:index], "*", *phones[index + 1 :])
    for index in range(len(phones) + 1):
        yield (*phones[:index], "*", *phones[index:])
