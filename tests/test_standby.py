"""Standby: what is said between sessions, and which session it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.standby import CALF_CRAMP, FOR_A_CRAMP, Wanted, stand_by, standby_phrases, usual_routine, wanted

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command

NAMES = {id_: routine.name for id_, routine in load_catalogue().routines.items()}
BOOK = standby_phrases({**NAMES, "evening_feet": "Evening feet"})


class Says:
    """Says one thing after the other, and notes when it is listened to."""

    def __init__(self, *phrases: str) -> None:
        self.phrases = list(phrases)

    def wait(self) -> Command | None:
        return BOOK.grammar().match(self.phrases.pop(0)) if self.phrases else None


def sessions(*phrases: str, usual: str = "desk") -> list[Wanted]:
    begun: list[Wanted] = []
    stand_by(Says(*phrases), begun.append, lambda: usual)
    return begun


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("start the morning routine", Wanted("morning_in_bed")),
        ("start a session", Wanted("desk")),
        ("let's begin", Wanted("desk")),
        ("do the routine after my run", Wanted("post_run_lower_leg")),
        ("i have five minutes", Wanted("desk", minutes=5)),
        ("my arch is cramping", Wanted(FOR_A_CRAMP)),
        ("my calf is cramping", Wanted(FOR_A_CRAMP, first_words=CALF_CRAMP)),
        ("start evening feet", Wanted("evening_feet")),
        ("start quick three minutes", Wanted("quick_3")),
    ],
)
def test_what_is_said_begins_the_session_that_is_meant(said: str, begins: Wanted) -> None:
    assert sessions(said) == [begins]


def test_one_session_follows_on_the_other_until_standby_is_left() -> None:
    said = ("i have a cramp", "start the quick one", "leave standby", "start a session")
    assert [session.routine for session in sessions(*said)] == [FOR_A_CRAMP, "quick_3"]


def test_standby_is_over_when_nobody_can_say_anything_any_more() -> None:
    assert sessions() == []


def test_no_single_word_begins_anything() -> None:
    assert [phrase for phrase in BOOK.meanings if " " not in phrase] == []


@pytest.mark.parametrize("phrase", sorted(BOOK.meanings))
def test_every_phrase_begins_a_routine_that_is_there_or_leaves(phrase: str) -> None:
    session = wanted(BOOK.meanings[phrase], "quick_3")
    assert session is None or session.routine in {*NAMES, "evening_feet"}


def test_the_usual_routine_is_the_newest_that_is_still_there_and_no_cramp_relief() -> None:
    assert usual_routine(["arch_cramp_now", "gone", "desk", "full_15"], NAMES) == "desk"
    assert usual_routine([], NAMES) == "quick_3"
