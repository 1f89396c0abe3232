"""What a stored profile means for a session: what is known, and what is to be asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from voice_coach.routines.person import Person

if TYPE_CHECKING:
    from datetime import date

    from voice_coach.profile.store import Profile
    from voice_coach.routines.schema import Catalogue


def person_of(profile: Profile, catalogue: Catalogue, today: date, *, asks: bool = True) -> Person:
    """Give the person that a profile describes.

    Args:
        profile: what is stored. An answer that is due to be asked again still counts until there is a new one.
        catalogue: has the questions, and how long an answer holds.
        today: the date where the person is.
        asks: there is somebody to ask.
    """
    return Person(
        answers={id_: answer.answer for id_, answer in profile.answers.items()},
        questions=due_questions(profile, catalogue, today) if asks else (),
        tools=profile.tools,
        place=profile.place,
    )


def due_questions(profile: Profile, catalogue: Catalogue, today: date) -> tuple[str, ...]:
    """Give the ids of the first questions to ask: never answered, or so long ago that it may have changed."""
    return tuple(id_ for id_ in catalogue.first_questions if _is_due(profile, catalogue, id_, today))


def _is_due(profile: Profile, catalogue: Catalogue, id_: str, today: date) -> bool:
    answer = profile.answers.get(id_)
    if answer is None:
        return True
    holds = timedelta(days=catalogue.limits.ask_again_after_days)
    return not timedelta() <= today - answer.on < holds  # a day to come: the machine's date was wrong
