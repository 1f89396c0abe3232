"""Who a session is for: what profile and history know together, and what is asked because one of them was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from voice_coach.folders import profile_file
from voice_coach.here import date_here, now_here
from voice_coach.profile.person import person_of
from voice_coach.profile.store import SWOLLEN_LEG, open_profile, was_lost
from voice_coach.routines.adaptation import swollen_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.history.rescue import Past
    from voice_coach.profile.store import Answer
    from voice_coach.routines.person import Person
    from voice_coach.routines.schema import Catalogue


def known_person(
    catalogue: Catalogue, past: Past, tell: Callable[[str], None], *, asks: bool = True, may_move: bool = True
) -> Person:
    """Give the person that profile and history know.

    A swollen leg that the history knows of counts as told, unless the profile says something later about it. Where
    one of the two was lost, the other may not know of it: then it is asked.

    Args:
        catalogue: has the questions.
        past: the sessions of the last time.
        tell: is told what is wrong with the profile.
        asks: there is somebody to ask.
        may_move: a damaged profile is put aside.
    """
    path = profile_file()
    profile = open_profile(path, tell, may_move=may_move)
    told = profile.answers.get(SWOLLEN_LEG)
    swollen = swollen_on(past.records, now_here())
    if swollen is not None and (told is None or told.on < swollen):
        profile = profile.with_answer(SWOLLEN_LEG, "yes", swollen)
    elif asks and ((told is None and was_lost(path, profile)) or _may_be_forgotten(told, past)):
        person = person_of(profile, catalogue, date_here())
        return msgspec.structs.replace(person, questions=(SWOLLEN_LEG, *person.questions))
    return person_of(profile, catalogue, date_here(), asks=asks)


def _may_be_forgotten(told: Answer | None, past: Past) -> bool:
    """Tell whether a history that cannot be read may know of a swollen leg that was told of after `told`."""
    if past.unknown_since is None or (told is not None and told.answer != "no"):
        return False
    return told is None or told.on < past.unknown_since
