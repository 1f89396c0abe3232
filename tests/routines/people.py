"""People with all kinds of answers, wishes and tools, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.fitting import MOST_MINUTES
from voice_coach.routines.person import Person
from voice_coach.routines.wishes import PLACES, Wishes
from voice_coach.session.before import Before

CATALOGUE = load_catalogue()
QUESTIONS = [*CATALOGUE.first_questions, *CATALOGUE.flags]
TOOLS = sorted(CATALOGUE.substitutions.tools)
FAMILIES = sorted({step.family for step in CATALOGUE.steps.values()})
REPLIES = ["no", "no", "yes", "left", "right", "both"]


def answers_of_people() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(REPLIES))


def sets_of_tools() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(TOOLS), unique=True).map(tuple)


def places() -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *PLACES])


def wishes() -> st.SearchStrategy[Wishes]:
    return st.builds(
        Wishes,
        minutes=st.none() | st.integers(1, MOST_MINUTES),
        tools=st.none() | sets_of_tools(),
        without=sets_of_tools(),
        side=st.sampled_from([None, "left", "right", "both"]),
        only=st.lists(st.sampled_from(sorted(CATALOGUE.areas)), max_size=2).map(tuple),
        place=places(),
    )


def people() -> st.SearchStrategy[Person]:
    return st.builds(
        Person,
        answers=answers_of_people(),
        questions=st.just(()),
        tools=st.none() | sets_of_tools(),
        place=places(),
    )


def pasts() -> st.SearchStrategy[Before]:
    return st.builds(
        Before,
        rungs=st.dictionaries(st.sampled_from(FAMILIES), st.integers(-2, 1), max_size=3),
        dose_factor=st.sampled_from([0.75, 1.0]),
        seconds_today=st.dictionaries(
            st.tuples(st.sampled_from(sorted(CATALOGUE.limits.caps)), st.sampled_from(["left", "right"])),
            st.floats(0, 700),
            max_size=3,
        ),
        massages_today=st.integers(0, 2),
    )
