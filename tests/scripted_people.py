"""Random people for property tests: what they do, what they say and when, and how long the coach takes to speak."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import HoldDose, Routine, RoutineStep, Step
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.testing import LineSeconds, MovedSession, by_words

if TYPE_CHECKING:
    from collections.abc import Iterable

Said = tuple[float, str]
"""Seconds to wait, and what is said then."""

DIALS = ("harder", "easier", "longer", "shorter", "faster", "slower", "thirty seconds more", "one minute more", "undo")
FLOW = ("start", "next", "skip", "back", "repeat", "pause", "resume")
ASKING = ("how long", "what's after this", "which foot", "what can i say", "say that again")
BODY = ("ouch", "sharp", "cramp", "calf cramp", "numb", "blister", "bruise", "bone")
ENDING = ("finish", "dizzy", "swollen")
ANSWERS = ("yes", "no", "left", "right", "zero", "three", "four", "five", "six", "ten")
NOTHING = ("tell me a story", "why", "stop listening")
EVERYTHING = (*DIALS, *FLOW, *ASKING, *BODY, *ENDING, *ANSWERS, *NOTHING, "stop")

STEPS = tuple(load_catalogue().steps)
ROUTINES = tuple(load_catalogue().routines.values())


def examples(usual: int) -> settings:
    """Try the `usual` number of examples, or as many as VOICE_COACH_EXAMPLES says."""
    return settings(max_examples=int(os.environ.get("VOICE_COACH_EXAMPLES") or usual))


def waits() -> st.SearchStrategy[float]:
    """Give seconds between two things that are said: mostly a few, sometimes most of a side, seldom a long pause."""
    tenths = st.one_of(st.integers(0, 30), st.integers(0, 250), st.integers(0, 900), st.just(6500))
    return tenths.map(lambda number: number / 10)


def people(most: int = 25) -> st.SearchStrategy[list[Said]]:
    """Give people who say anything at any time, the dose commands and the flow commands most."""
    phrase = st.one_of(
        st.sampled_from(DIALS),
        st.sampled_from(DIALS),
        st.sampled_from(FLOW),
        st.sampled_from(FLOW),
        st.sampled_from(("stop", "resume", "resume", "repeat", "back", *BODY, *ANSWERS, *ASKING, *NOTHING)),
    )
    return st.lists(st.tuples(waits(), phrase), max_size=most)


def greedy_people(most: int = 30) -> st.SearchStrategy[list[Said]]:
    """Give people who want more of everything, again and again: the ones for whom there are caps."""
    more = ("longer", "one minute more", "thirty seconds more", "repeat", "back", "slower", "faster", "pause")
    phrase = st.sampled_from((*more, "resume", "harder", "undo", "next", "ouch", "cramp", "shorter"))
    wait = st.one_of(st.integers(0, 50), st.integers(50, 400), st.integers(200, 1300)).map(lambda number: number / 10)
    return st.lists(st.tuples(wait, phrase), min_size=5, max_size=most)


def mouths() -> st.SearchStrategy[LineSeconds]:
    """Give ways to speak: at once, by the words, always as long, or every line another length."""
    return st.one_of(
        st.just(0.0),
        st.just(by_words()),
        st.integers(1, 60).map(lambda number: number / 10),
        st.integers(0, 99).map(irregular),
    )


def irregular(seed: int) -> LineSeconds:
    """Give lines between nothing and eight seconds, the same one always as long."""

    def seconds(text: str, beat: float | None) -> float:
        return zlib.crc32(f"{seed} {text} {beat}".encode()) % 80 / 10

    return seconds


@st.composite
def doses(draw: st.DrawFn, step: Step) -> RoutineStep:
    """Give a dose for `step` as a file of one's own may hold it."""
    if not isinstance(step.dose, HoldDose):
        return RoutineStep(step.id, seconds=float(draw(st.integers(5, int(step.longest)))))
    hold = draw(st.sampled_from([hold for hold in (2.0, 5.0, 10.0, 15.0, 30.0) if hold <= step.longest]))
    gap = draw(st.sampled_from([step.dose.gap, 0.0, 2.0, 6.0]))
    most = max(1, int((step.longest + gap) // (hold + gap)))
    return RoutineStep(step.id, repetitions=draw(st.integers(1, most)), hold=hold, gap=gap)


@dataclass(frozen=True)
class Choice:
    """A routine, and the foot for it; the plan is left out of failure messages, it is long."""

    routine: Routine
    foot: str = "one"

    @property
    def plan(self) -> Plan:
        return plan_routine(load_catalogue(), self.routine, self.foot)


@st.composite
def own_routines(draw: st.DrawFn) -> Choice:
    """Give a routine of one's own, as far as the schema lets it be anything."""
    catalogue = load_catalogue()
    ids = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
    routine = Routine(
        name="My own",
        when="always",
        kit="anything",
        steps=tuple(draw(doses(catalogue.steps[id_])) for id_ in ids),
        id="my_own",
        greeting=draw(st.sampled_from(["", "Here we are."])),
        check=draw(st.booleans()),
        sides=draw(st.sampled_from(["each", "each", "one"])),
        rung_ceiling=draw(st.sampled_from([9, 2])),
    )
    return Choice(routine, draw(st.sampled_from(["one", "left"])))


def routines() -> st.SearchStrategy[Choice]:
    """Give routines: mostly short ones of one's own, and those of the package."""
    return st.one_of(own_routines(), own_routines(), st.sampled_from(ROUTINES).map(Choice))


def live(choice: Choice, said: Iterable[Said], line_seconds: LineSeconds, *, begin: float = 0.0) -> MovedSession:
    """Let a person live through a session, until it is over or waits for somebody."""
    moved = MovedSession(choice.plan, line_seconds=line_seconds, begin=begin)
    say_all(moved, said)
    moved.move_to_end()
    return moved


def say_all(moved: MovedSession, said: Iterable[Said]) -> None:
    """Say everything at its time, and stop where the session is over."""
    for wait, text in said:
        moved.move_by(wait)
        if moved.session.over:
            return
        moved.type(text)
