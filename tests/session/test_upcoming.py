"""What is likely to be said soon is known beforehand, so that it can be rendered ahead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.actions import Say
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.session.session import Session

CATALOGUE = load_catalogue()
GREETED = [routine.id for routine in CATALOGUE.routines.values() if routine.greeting]


def first_lines(plan: Plan) -> tuple[list[str], str]:
    """Give what is known to come before the session begins, and what is said first."""
    session = Session(plan, load_phrasebook().grammar(), 3.0)
    known = [text for text, _ in session.upcoming()]
    said = [action.text for action in session.begin(0.0) if isinstance(action, Say)]
    return known, said[0]


@pytest.mark.parametrize("routine", GREETED)
def test_the_greeting_is_the_first_line_to_be_rendered(routine: str) -> None:
    known, said = first_lines(plan_routine(CATALOGUE, CATALOGUE.routines[routine]))
    assert said == known[0]


def test_in_a_first_session_the_first_question_is_known_beforehand() -> None:
    plan = plan_routine(CATALOGUE, CATALOGUE.routines["quick_3"])
    known, said = first_lines(replace(plan, questions=tuple(CATALOGUE.first_questions)))
    assert said == known[0]
    assert CATALOGUE.first_questions[next(iter(CATALOGUE.first_questions))].ask in known[1]


def test_the_first_words_in_a_cramp_are_known_beforehand() -> None:
    known, said = first_lines(plan_routine(CATALOGUE, CATALOGUE.routines["arch_cramp_now"]))
    assert said in known
