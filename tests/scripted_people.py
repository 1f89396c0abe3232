"""Random people for property tests: what they do, what they say and when, and how long the coach takes to speak."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import reject, settings
from hypothesis import strategies as st

from voice_coach.errors import WishError
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.person import Person
from voice_coach.routines.planning import plan_session
from voice_coach.routines.schema import HoldDose, Routine, RoutineStep, Step
from voice_coach.routines.wishes import Wishes
from voice_coach.session.before import Before
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.testing import ALL_IS_WELL, LineSeconds, MovedSession, by_words

if TYPE_CHECKING:
    from collections.abc import Iterable

Said = tuple[float, str]
"""Seconds to wait, and what is said then."""
Answers = tuple[tuple[str, str], ...]
"""Name of a question, and what is answered as soon as it has been asked."""

DIALS = ("harder", "easier", "longer", "shorter", "faster", "slower", "thirty seconds more", "one minute more", "undo")
FLOW = ("start", "next", "skip", "back", "repeat", "pause", "resume")
ASKING = ("how long", "what's after this", "which foot", "what can i say", "say that again")
BODY = ("ouch", "sharp", "cramp", "calf cramp", "numb", "blister", "it's infected", "bruise", "on the bone")
ENDING = ("finish", "dizzy", "swollen", "something popped")
ANSWERS = ("yes", "no", "left", "right", "zero", "three", "four", "five", "six", "ten")
MINUTES = (
    "i have a minute",
    "i have two minutes",
    "i have five minutes",
    "i have ten minutes",
    "i have thirty minutes",
)
THINGS = ("i only have a lacrosse ball", "i only have a stick", "no ball", "no roller", "no wall", "no chair")
PLACES = ("i'm on the floor", "i'm in bed", "i'm on a chair", "just the left foot", "only the right side")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
REPLIES = ("yes", "no", "left", "right", "both", "worse", "same", "better")
MANNERS = ("save that", "cancel", "stop listening", "start listening", "louder", "talk slower", "why", "details")
INJURIES = ("something popped", "i can't stand", "dizzy", "swollen")
NOTHING = ("tell me a story", "why", "stop listening", "callus")
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


WELL: Answers = tuple(ALL_IS_WELL.items())
UNWELL: Answers = (("opening", "no"), ("feeling", "no"), ("let go", "no"))
SILENT: Answers = (("opening", "no"),)
"""Somebody who says nothing about how it is once the session has begun."""


@dataclass(frozen=True)
class Choice:
    """A routine, the foot for it, and what is answered to the coach; the plan is left out of messages, it is long."""

    routine: Routine
    foot: str = "one"
    answers: Answers = WELL

    @property
    def plan(self) -> Plan:
        return plan_routine(load_catalogue(), self.routine, self.foot)

    def begin(self, line_seconds: LineSeconds, at: float = 0.0) -> MovedSession:
        """Begin the session."""
        return MovedSession(self.plan, line_seconds=line_seconds, begin=at, answers=dict(self.answers))


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
    return Choice(routine, draw(st.sampled_from(["one", "left"])), draw(answers()))


def routines() -> st.SearchStrategy[Choice]:
    """Give routines: mostly short ones of one's own, and those of the package."""
    packaged = st.builds(Choice, st.sampled_from(ROUTINES), answers=answers())
    return st.one_of(own_routines(), own_routines(), packaged)


def answers() -> st.SearchStrategy[Answers]:
    """Give what people answer to the coach's questions: mostly, that all is well."""
    return st.sampled_from([WELL, WELL, UNWELL, SILENT])


def live(choice: Choice, said: Iterable[Said], line_seconds: LineSeconds, *, begin: float = 0.0) -> MovedSession:
    """Let a person live through a session, until it is over or waits for somebody."""
    moved = choice.begin(line_seconds, begin)
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


# --- whoever may come: own routines, profiles, earlier sessions, tools and places

FIRST_QUESTIONS = ("wound", "clot", "diabetes", "thinners", "pregnant", "varicose", "heel_pain")
FAMILIES = ("ball", "hand", "roller", "stick", "stretch", "strength")
CAPS = {
    "sole_pressure": 300,
    "ball_or_hand": 120,
    "cold": 120,
    "rolling_calf": 180,
    "rolling_outer": 180,
    "rolling_shin": 180,
    "arch_stretch": 100,
    "stretch_sole": 120,
    "stretch_front": 120,
    "stretch_calf": 120,
}


@dataclass(frozen=True)
class Visit:
    """A session of somebody of whom something is known; the plan is left out of messages, it is long."""

    routine: Routine
    wishes: Wishes
    person: Person
    before: Before
    replies: Answers
    ratings: tuple[str, ...] = ()
    """What is answered to the questions how strong it is, one after the other."""
    silent_at_first: bool = True
    """Nothing is said of one's own accord before the work begins."""

    @property
    def plan(self) -> Plan:
        try:
            return plan_session(load_catalogue(), self.routine, self.wishes, self.person, self.before).plan
        except WishError:
            reject()


def everybody(most: int = 25) -> st.SearchStrategy[list[Said]]:
    """Give people who use every command there is, the dose and the numbers most."""
    phrase = st.one_of(
        st.sampled_from(DIALS),
        st.sampled_from(("harder", "harder", "easier", "longer", "one minute more", "repeat", "back", "undo")),
        st.sampled_from(NUMBERS),
        st.sampled_from((*MINUTES, *THINGS, *PLACES)),
        st.sampled_from((*FLOW, "resume", "resume", "start", "next", "next")),
        st.sampled_from((*BODY, *BODY, *REPLIES, *REPLIES, "resume", "callus", *MANNERS)),
        st.sampled_from((*BODY, *REPLIES, *MANNERS, *ASKING, *INJURIES, "finish", "stop")),
    )
    return st.lists(st.tuples(waits(), phrase), min_size=min(8, most), max_size=most)


def sore_people(most: int = 25) -> st.SearchStrategy[list[Said]]:
    """Give people whom much hurts, and who want to go on and do more all the same."""
    phrase = st.one_of(
        st.sampled_from(("ouch", "ouch", "sharp", "cramp", "calf cramp", "numb", "bruise", "on the bone", "blister")),
        st.sampled_from(("harder", "resume", "undo", "back", "repeat", "easier", "i have ten minutes", "no ball")),
        st.sampled_from(("resume", "start", "harder", "yes", "no", "two", "five", "six", "next", "one minute more")),
    )
    wait = st.one_of(st.integers(0, 40), st.integers(25, 300), st.integers(200, 700)).map(lambda number: number / 10)
    return st.lists(st.tuples(wait, phrase), min_size=min(8, most), max_size=most)


@st.composite
def visits(draw: st.DrawFn) -> Visit:
    """Give anybody, with any routine, of one's own or from the package."""
    known = draw(profiles())
    unknown = [id_ for id_ in FIRST_QUESTIONS if id_ not in known]
    asked = draw(st.lists(st.sampled_from(unknown), max_size=2, unique=True)) if unknown else []
    routine = draw(st.one_of(written_routines(), written_routines(), st.sampled_from(ROUTINES)))
    tools = draw(st.sampled_from([None, None, None, (), ("lacrosse ball",), ("tennis ball", "stick"), ("roller",)]))
    usual = draw(st.sampled_from([None, None, "chair", "floor", "bed"]))
    return Visit(
        routine,
        draw(wishes(routine)),
        Person(known, tuple(asked), tools, usual),
        draw(earlier_sessions()),
        draw(replies()),
        draw(st.lists(st.sampled_from(NUMBERS), max_size=5).map(tuple)),
        draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def written_routines(draw: st.DrawFn) -> Routine:
    """Give a routine as somebody may write one: rungs to begin with, a ceiling, stricter caps, a tempo."""
    catalogue = load_catalogue()
    ids = draw(st.lists(st.sampled_from([id_ for id_ in STEPS if not id_.startswith("cramp")]), min_size=1, max_size=5))
    ceiling = draw(st.sampled_from([9, 9, 9, 3, 2, 1]))
    steps = []
    for id_ in ids:
        entry = draw(doses(catalogue.steps[id_]))
        top = min(ceiling, len(catalogue.steps[id_].ladder))
        steps.append(RoutineStep(**{**_fields(entry), "rung": draw(st.sampled_from([None, *range(1, top + 1)]))}))
    caps = draw(st.dictionaries(st.sampled_from(tuple(CAPS)), st.integers(1, 300), max_size=2))
    return Routine(
        name="Written by hand",
        when="always",
        kit="anything",
        steps=tuple(steps),
        id="written_by_hand",
        greeting="Here we are.",
        sides=draw(st.sampled_from(["each", "each", "one"])),
        rung_ceiling=ceiling,
        caps={name: float(min(seconds, CAPS[name])) for name, seconds in caps.items()},
        stroke=draw(st.sampled_from([None, 2.0, 5.0])),
    )


def _fields(entry: RoutineStep) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("step", "seconds", "repetitions", "hold", "gap")}


def profiles() -> st.SearchStrategy[dict[str, str]]:
    """Give what is known from the first questions: mostly that all is well, or one thing."""
    yes = st.sampled_from(FIRST_QUESTIONS).flatmap(
        lambda id_: st.sampled_from(["left", "right", "both"] if id_ == "wound" else ["yes"]).map(
            lambda answer: {id_: answer}
        )
    )
    return st.one_of(st.just({}), st.just(dict.fromkeys(FIRST_QUESTIONS, "no")), yes, yes)


def wishes(routine: Routine) -> st.SearchStrategy[Wishes]:
    """Give what is wished for one session: mostly nothing."""
    feet = [None, None, "left", "right"]
    minutes = st.one_of(st.none(), st.integers(1, 30))
    some = st.builds(Wishes, minutes=minutes, side=st.sampled_from(feet), place=st.sampled_from([None, "floor", "bed"]))
    return st.one_of(st.just(Wishes(side="left" if routine.sides == "one" else None)), some)


def earlier_sessions() -> st.SearchStrategy[Before]:
    """Give what earlier sessions mean for this one."""
    had = st.dictionaries(
        st.tuples(st.just("sole_pressure"), st.sampled_from(["left", "right", "both", "one"])),
        st.integers(0, 600).map(float),
        max_size=2,
    )
    some = st.builds(
        Before,
        rungs=st.dictionaries(st.sampled_from(FAMILIES), st.integers(-2, 1), max_size=3),
        dose_factor=st.sampled_from([1.0, 0.75]),
        seconds_today=had,
        massages_today=st.sampled_from([0, 0, 1, 2]),
        arch_stretches_today=st.sampled_from([0, 0, 2, 3]),
        ask_next_day=st.booleans(),
    )
    return st.one_of(st.just(Before()), some)


def replies() -> st.SearchStrategy[Answers]:
    """Give what is answered to each question as soon as it has been asked; some are left to chance."""
    choices = {
        "opening": ["no", "no", "no", "no", "yes"],
        "first": ["no", "no", "yes"],
        "which leg": ["left", "right", "both"],
        "next day": ["worse", "same", "better", ""],
        "feeling": ["yes", "yes", "no", ""],
        "let go": ["yes", "yes", "no", ""],
        "pain": ["two", "five", "", ""],
        "which foot": ["left", "right", ""],
    }
    drawn = st.fixed_dictionaries({name: st.sampled_from(answers) for name, answers in choices.items()})
    return drawn.map(lambda given: tuple((name, answer) for name, answer in given.items() if answer))
