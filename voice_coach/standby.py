"""Standby: waits for "start the morning routine" or "my arch is cramping", runs the session, and waits again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from voice_coach.commands.grammar import Command, as_spoken
from voice_coach.commands.phrasebook import Phrasebook, parse_phrasebook
from voice_coach.packaged import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

USUAL = "usual"
"""In standby.yaml: the routine of last time."""
FOR_A_CRAMP = "arch_cramp_now"
CALF_CRAMP = "my calf is cramping"
"""What is told to the session for the cramp routine to relieve the calf instead of the arch."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session that somebody wants.

    Attributes:
        routine: its id.
        minutes: how long it may take; None: as long as it takes.
        first_words: what the session is to be told as if it had been said right at its beginning.
    """

    routine: str
    minutes: int | None = None
    first_words: str | None = None


def standby_phrases(names: Mapping[str, str]) -> Phrasebook:
    """Give what can be said in standby.

    Args:
        names: routine id -> its name; "start" with a name begins it, where that means nothing else yet.

    Raises:
        ContentError: standby.yaml is broken.
    """
    book = parse_phrasebook(read_yaml("voice_coach.commands", "standby"))
    meanings = dict(book.meanings)
    for id_, name in names.items():
        meanings.setdefault(f"start {as_spoken(name)}", Command("begin_routine", id_))
    return Phrasebook(meanings, book.groups)


def wanted(command: Command, usual: str) -> Wanted | None:
    """Give the session that a command of standby.yaml wants; None: standby is to be left.

    Args:
        command: what was said.
        usual: id of the routine of last time.
    """
    if command.id == "leave":
        return None
    if command.id == "cramp":
        return Wanted(FOR_A_CRAMP, first_words=CALF_CRAMP if command.value == "calf" else None)
    if command.id == "have_minutes":
        return Wanted(usual, minutes=int(command.value or 0))
    return Wanted(usual if command.value == USUAL else str(command.value))


class Waiting(Protocol):
    """Waits for somebody to say something."""

    def wait(self) -> Command | None:
        """Wait for the next command; None: nobody can say anything any more. Nothing is held open afterwards."""


def stand_by(waiting: Waiting, begin: Callable[[Wanted], None], usual: Callable[[], str]) -> None:
    """Run one session after the other, as they are wanted, until standby is to be left.

    Args:
        waiting: hears what is wanted; the microphone is free again while a session runs.
        begin: runs a session to its end.
        usual: gives the id of the routine of last time.
    """
    while (command := waiting.wait()) is not None:
        session = wanted(command, usual())
        if session is None:
            return
        begin(session)


def usual_routine(past: Iterable[str], known: Iterable[str], otherwise: str = "quick_3") -> str:
    """Give the routine of last time: the newest of the `past` ids that is still `known`, the cramp routine aside."""
    ids = set(known) - {FOR_A_CRAMP}
    return next((routine for routine in past if routine in ids), otherwise)
