"""How words are pronounced: CMUdict as PocketSphinx ships it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pocketsphinx

SILENCE = "SIL"

PHONES = tuple(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()  # noqa: SIM905 - as phone sets are written
)

Pronunciation = tuple[str, ...]

_ALTERNATIVE = re.compile(r"\(\d+\)$")

# What people say for a word where the dictionary has another reading only, or none.
_ADDED: dict[str, list[str]] = {
    "ow": ["AW"],
    "ouch": ["AW CH"],
    "charley": ["CH AA R L IY"],
    "un": ["AH N"],
    # Wake words in the recordings, for their sake.
    "hadouken": ["HH AH D UW K AH N", "HH AE D OW K EH N"],
    "dracarys": ["D R AH K AA R IH S", "D R AE K ER IH S"],
    "snowboy": ["S N OW B OY"],
    "fenrir": ["F EH N R IH R", "F EH N R ER"],
}
# Readings of a spelling that no one means here: letters' names, "re-sume" the document.
_DROPPED: dict[str, list[str]] = {
    "ow": ["OW"],
    "resume": ["R EH Z AH M EY"],
}


def dictionary_path() -> Path:
    return Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"


@cache
def dictionary() -> dict[str, list[Pronunciation]]:
    """Give every word of the dictionary with its pronunciations, the commonest first."""
    words: dict[str, list[Pronunciation]] = {}
    with dictionary_path().open(encoding="utf-8") as file:
        for line in file:
            word, *phones = line.split()
            words.setdefault(_ALTERNATIVE.sub("", word), []).append(tuple(phones))
    for word, added in _ADDED.items():
        known = words.setdefault(word, [])
        known.extend(spoken for text in added if (spoken := tuple(text.split())) not in known)
    for word, dropped in _DROPPED.items():
        words[word] = [spoken for spoken in words[word] if " ".join(spoken) not in dropped]
    return words


def pronunciations(word: str) -> list[Pronunciation]:
    """Give the ways to say `word`.

    Raises:
        KeyError: the dictionary doesn't have the word.
    """
    return dictionary()[word]
