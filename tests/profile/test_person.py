"""What a stored profile means on a day: what is known, and what is asked again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from voice_coach.profile.person import due_questions, person_of
from voice_coach.profile.store import Profile
from voice_coach.routines.catalogue import load_catalogue

CATALOGUE = load_catalogue()
TODAY = date(2026, 5, 1)


def answered(days_ago: int, **others: str) -> Profile:
    """Give a profile in which everything was answered with no so many days ago."""
    profile = Profile()
    for question in CATALOGUE.first_questions:
        profile = profile.with_answer(question, "yes" if question in others else "no", TODAY - timedelta(days_ago))
    return profile


def test_everything_is_asked_the_first_time() -> None:
    assert due_questions(Profile(), CATALOGUE, TODAY) == tuple(CATALOGUE.first_questions)


@pytest.mark.parametrize(("days", "asked"), [(0, False), (1, False), (89, False), (90, True), (400, True)])
def test_an_answer_is_asked_again_after_ninety_days(days: int, *, asked: bool) -> None:
    assert bool(due_questions(answered(days), CATALOGUE, TODAY)) is asked


def test_an_answer_of_a_day_to_come_is_asked_again() -> None:
    assert due_questions(answered(-1), CATALOGUE, TODAY) == tuple(CATALOGUE.first_questions)


def test_only_what_is_due_is_asked_in_the_order_of_the_questions() -> None:
    old = TODAY - timedelta(100)
    profile = answered(3).with_answer("varicose", "no", old).with_answer("clot", "no", old)
    assert due_questions(profile, CATALOGUE, TODAY) == ("clot", "varicose")


def test_a_yes_bars_until_there_is_another_answer_however_old_it_is() -> None:
    person = person_of(answered(1000, diabetes="yes"), CATALOGUE, TODAY)
    assert person.answers["diabetes"] == "yes"
    assert "diabetes" in person.questions


def test_nothing_is_asked_where_nobody_is_there_but_answers_bar_all_the_same() -> None:
    person = person_of(answered(1000, clot="yes"), CATALOGUE, TODAY, asks=False)
    assert person.questions == ()
    assert person.answers["clot"] == "yes"


def test_a_flag_is_never_asked_and_never_runs_out() -> None:
    profile = answered(0).with_answer("swollen_leg", "yes", TODAY - timedelta(1000))
    person = person_of(profile, CATALOGUE, TODAY)
    assert person.questions == ()
    assert person.answers["swollen_leg"] == "yes"


def test_tools_and_place_are_known() -> None:
    person = person_of(Profile(tools=("towel",), place="bed"), CATALOGUE, TODAY)
    assert (person.tools, person.place) == (("towel",), "bed")
