"""All that can be said to the coach, in a session and in standby."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.own import own_routines
from voice_coach.standby import standby_phrases

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command


def routine_names() -> dict[str, str]:
    """Give id -> name of every routine there is, the user's own ones instead of packaged ones of the same id."""
    catalogue = load_catalogue()
    names = {id_: routine.name for id_, routine in catalogue.routines.items()}
    return names | {id_: found.routine.name for id_, found in own_routines(catalogue).good.items()}


def standby_phrasebook() -> Phrasebook:
    """Give what standby understands, the names of all routines included.

    Raises:
        ContentError: standby.yaml is broken.
    """
    return standby_phrases(routine_names())


def every_phrase() -> dict[str, Command]:
    """Give every phrase, and the command that it means in a session or, where it means none there, in standby."""
    return {**standby_phrasebook().meanings, **load_phrasebook().meanings}
