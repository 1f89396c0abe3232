"""What a body may get, typed from the content by hand: `2-catalogue.md` (Max/side) and `4-dials-and-limits.md` (caps).

Kept apart from the program's own limits on purpose: neither its code nor its YAML files are read here. The time at
work is measured from what happens in a session (its phases and the sounds that mark holds), never from its ledger.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voice_coach.session.actions import Chime, Hush, Say, StateChanged, StepBegan
from voice_coach.testing import Happened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from voice_coach.session.actions import Action
    from voice_coach.testing import SessionRecord

ROUNDING = 1e-3

MOST_PER_SIDE = {
    "foot_check": 60,
    "ankle_pumps": 80,
    "ankle_circles": 90,
    "toe_fan": 90,
    "ball_roll": 120,
    "ball_press": 105,
    "ball_forefoot": 60,
    "ball_heel": 60,
    "thumb_sole": 90,
    "cold_roll": 120,
    "plantar_pull": 130,
    "top_foot": 60,
    "towel_calf": 120,
    "wall_straight": 120,
    "wall_bent": 120,
    "roller_calf": 120,
    "roller_outer": 60,
    "stick_calf": 90,
    "stick_shin": 60,
    "hand_calf": 90,
    "arch_lift": 120,
    "heel_raises": 90,
    "cramp_arch": 180,
    "cramp_calf": 180,
    "settle": 120,
}
"""Max/side, in seconds: each step's column in the catalogue."""

DEFAULT_RUNG = {
    "foot_check": 2,
    "ankle_pumps": 2,
    "ankle_circles": 2,
    "toe_fan": 2,
    "ball_roll": 1,
    "ball_press": 1,
    "ball_forefoot": 2,
    "ball_heel": 1,
    "thumb_sole": 2,
    "cold_roll": 1,
    "plantar_pull": 2,
    "top_foot": 2,
    "towel_calf": 2,
    "wall_straight": 2,
    "wall_bent": 2,
    "roller_calf": 2,
    "roller_outer": 1,
    "stick_calf": 2,
    "stick_shin": 1,
    "hand_calf": 2,
    "arch_lift": 2,
    "heel_raises": 2,
    "cramp_arch": 1,
    "cramp_calf": 1,
    "settle": 2,
}
"""The bold rung of each ladder."""

LONGEST_HOLD = 30
"""One static hold, and one spot without moving."""
HELD_ON_ONE_SPOT = {"ball_press", "plantar_pull", "top_foot", "towel_calf", "wall_straight", "wall_bent", "cramp_arch"}
MOVES_ON = {"ball_press"}
"""Steps whose spot is left between two repetitions."""
MOVE_ON = "Move one thumb width toward the toes."
MORE_TIME = 60
"""`longer` and its kind, per side of a step."""
RUNGS_UP = 2
SECONDS_BETWEEN_RISES = 20
STROKES = (2, 5)
LONGEST_SESSION = 30 * 60
FOOT_CHECK_AFTER = 20 * 60
FOOT_CHECK_AFTER_PAUSE = 10 * 60
GAPS = (2, 6)
FAMILIES = {
    "ball": {"ball_roll", "ball_press", "ball_forefoot", "ball_heel", "cold_roll"},
    "hand": {"thumb_sole", "hand_calf"},
    "roller": {"roller_calf", "roller_outer"},
    "stick": {"stick_calf", "stick_shin"},
    "stretch": {"plantar_pull", "top_foot", "towel_calf", "wall_straight", "wall_bent"},
    "strength": {"toe_fan", "arch_lift", "heel_raises"},
    "movement": {"ankle_pumps", "ankle_circles"},
    "check": {"foot_check"},
    "rest": {"settle"},
    "cramp": {"cramp_arch", "cramp_calf"},
}
"""Steps that share their changes of intensity; ball, roller, stick, stretch and strength are the content's."""
PRESSING = FAMILIES["ball"] | FAMILIES["hand"] | FAMILIES["roller"] | FAMILIES["stick"]
"""Steps that press or rub."""
AFTER_A_CRAMP = FAMILIES["cramp"] | FAMILIES["hand"]
"""Steps that a cramp begins by itself: its relief, and the light rub when it has let go."""


BOTH_AT_ONCE = {("roller_calf", 1)}
"""Steps and rungs that work on both legs, whichever of them is being counted: "both calves on the roller"."""
RUBS = {("plantar_pull", 3)}
"""Steps and rungs that rub the sole, in a step that does not otherwise."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A session cap.

    Attributes:
        steps: what it is about.
        seconds: the most for one foot or leg.
        held: only the seconds in holds count.
        each: every step has the cap for itself, instead of all together.
    """

    name: str
    steps: frozenset[str]
    seconds: float
    held: bool = False
    each: bool = False


CAPS = (
    Cap(
        "one ball or hand step, per foot",
        frozenset({"ball_roll", "ball_press", "ball_forefoot", "ball_heel", "thumb_sole", "hand_calf"}),
        120,
        each=True,
    ),
    Cap(
        "sole pressure per foot",
        frozenset({"ball_roll", "ball_press", "ball_forefoot", "ball_heel", "thumb_sole", "cold_roll"}),
        300,
    ),
    Cap("rolling the calf", frozenset({"roller_calf", "stick_calf"}), 180),
    Cap("rolling the outer lower leg", frozenset({"roller_outer"}), 180),
    Cap("rolling the shin", frozenset({"stick_shin"}), 180),
    Cap("arch stretch, ten times ten seconds a foot", frozenset({"plantar_pull"}), 100, held=True),
    Cap("static hold of the front of the ankle", frozenset({"top_foot"}), 120, held=True),
    Cap("static hold of the calf", frozenset({"towel_calf", "wall_straight", "wall_bent"}), 120, held=True),
    Cap("cold", frozenset({"cold_roll"}), 120),
)
STRICTER_BEFORE_A_RUN = (
    Cap("static hold before a run, sole", frozenset({"plantar_pull"}), 30, held=True),
    Cap("static hold before a run, front", frozenset({"top_foot"}), 30, held=True),
    Cap("static hold before a run, calf", frozenset({"towel_calf", "wall_straight", "wall_bent"}), 30, held=True),
)


@dataclass(slots=True)
class TimeAtWork:
    """Seconds that the body really worked in a session, by step and side.

    Attributes:
        worked: (step, side) -> seconds in the phase of work.
        held: the same, without the gaps between repetitions.
        longest_hold: step -> longest time without being told to let go, or standing still.
        longest_on_spot: step -> longest time in holds without being told to move on, or a rest in which to do so.
        running: seconds in which the session went on by itself.
    """

    worked: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    held: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    longest_hold: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    longest_on_spot: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    running: float = 0.0

    def of(self, foot: str, steps: Iterable[str], *, held: bool) -> float:
        """Add up what `foot` had of `steps`; what was done with both feet, or with one unknown, counts for each."""
        seconds = self.held if held else self.worked
        return sum(value for (step, side), value in seconds.items() if step in steps and side in (foot, "both", "one"))


STANDING = ("paused", "stopped", "question", "summary", "ended")
"""Phases in which the session does not go on by itself."""


def legs_worked(state: StateChanged) -> str:
    """Give the side that is really worked on: some rungs take both at once."""
    return "both" if (state.step, state.rung) in BOTH_AT_ONCE else state.side or ""


@dataclass
class _Hold:
    """The hold that goes on, as it is heard and shown.

    Attributes:
        began: when the user was last told to hold after having let go.
        released: the user has let go, or may have: the session stood still.
        on_spot: seconds of holds on the spot where the user is now.
    """

    holding: bool = False
    began: float = 0.0
    released: bool = True
    on_spot: float = 0.0

    def hold(self, at: float) -> None:
        """Hold; the sound of the next hold is no rest: without a release before it, the hold goes on."""
        self.began = at if self.released else self.began
        self.holding, self.released = True, False

    def let_go(self) -> None:
        self.holding, self.released = False, True

    def work(self, seconds: float) -> None:
        """Let time go by in the work: in a rest the spot is left."""
        if seconds > 0:
            self.on_spot = self.on_spot + seconds if self.holding else 0.0

    def hear(self, action: Action, at: float) -> None:
        if isinstance(action, StepBegan) or (isinstance(action, Say) and action.text == MOVE_ON):
            self.on_spot = 0.0
        elif isinstance(action, Chime) and action.name == "release":
            self.let_go()
        elif isinstance(action, Chime) and action.name in ("hold", "stroke"):
            self.hold(at)

    def show(self, action: StateChanged, before: StateChanged | None, at: float) -> None:
        if action.phase == "work" and (before is None or before.phase != "work"):
            self.hold(at)
        self.released = self.released or action.phase not in ("work", "count_in", "go")


def time_at_work(record: SessionRecord) -> TimeAtWork:
    """Measure a session: seconds in the phase of work; a hold lasts from its sound to the sound of its release."""
    time = TimeAtWork()
    state: StateChanged | None = None
    hold, last = _Hold(), 0.0
    for event in record.events:
        passed, last = event.at - last, event.at
        if state is not None and state.phase not in STANDING:
            time.running += passed
        if state is not None and state.phase == "work" and state.step is not None and state.side is not None:
            time.worked[state.step, legs_worked(state)] += passed
            hold.work(passed)
            if hold.holding:
                time.held[state.step, legs_worked(state)] += passed
                time.longest_hold[state.step] = max(time.longest_hold[state.step], event.at - hold.began)
                time.longest_on_spot[state.step] = max(time.longest_on_spot[state.step], hold.on_spot)
        if not isinstance(event, Happened):
            continue
        hold.hear(event.action, event.at)
        if isinstance(event.action, StateChanged):
            hold.show(event.action, state, event.at)
            state = event.action
    return time


def most_per_side(record: SessionRecord) -> dict[str, float]:
    """Give the most of each step in a session: a look at the feet that has to be is not refused because of others."""
    return {**MOST_PER_SIDE, "foot_check": MOST_PER_SIDE["foot_check"] * (1 + looks_that_have_to_be(record))}


def looks_that_have_to_be(record: SessionRecord) -> int:
    """Count the looks at the feet that came after a long halt, or after a long time."""
    looks, running, looked, halted, last, stands = 0, 0.0, 0.0, 0.0, 0.0, False
    for event in record.events:
        halted += event.at - last if stands else 0.0
        running += 0.0 if stands else event.at - last
        last = event.at
        action = event.action if isinstance(event, Happened) else None
        if isinstance(action, StateChanged):
            stands = action.phase in STANDING
            halted = halted if stands else 0.0
        elif isinstance(action, StepBegan) and action.step == "foot_check":
            looks += halted > FOOT_CHECK_AFTER_PAUSE or running - looked >= FOOT_CHECK_AFTER - ROUNDING
            looked = running
    return looks


def broken_caps(record: SessionRecord, *, before_a_run: bool = False) -> list[str]:
    """Give a sentence for every cap that the session has passed."""
    time = time_at_work(record)
    broken = [
        f"{step}, {foot}: {time.of(foot, [step], held=False):.2f} s at work, the most is {most} s"
        for step, most in most_per_side(record).items()
        for foot in ("left", "right")
        if time.of(foot, [step], held=False) > most + ROUNDING
    ]
    for cap in (*CAPS, *(STRICTER_BEFORE_A_RUN if before_a_run else ())):
        for steps in [{step} for step in sorted(cap.steps)] if cap.each else [cap.steps]:
            for foot in ("left", "right"):
                had = time.of(foot, steps, held=cap.held)
                if had > cap.seconds + ROUNDING:
                    broken.append(f"{cap.name}, {foot}: {had:.2f} s, the most is {cap.seconds} s")
    broken += [
        f"{step}: {seconds:.2f} s in one hold, the most is {LONGEST_HOLD} s"
        for step, seconds in time.longest_hold.items()
        if step in HELD_ON_ONE_SPOT and seconds > LONGEST_HOLD + ROUNDING
    ]
    broken += [
        f"{step}: {seconds:.2f} s on one spot, the most is {LONGEST_HOLD} s"
        for step, seconds in time.longest_on_spot.items()
        if step in MOVES_ON and seconds > LONGEST_HOLD + ROUNDING
    ]
    if time.running > LONGEST_SESSION + ROUNDING:
        broken.append(f"the session went on for {time.running:.2f} s, the most is {LONGEST_SESSION} s")
    return broken


def family_of(step: str) -> str | None:
    return next((family for family, steps in FAMILIES.items() if step in steps), None)


# --- the day, the routine's own caps, the profile

SOLE_PER_DAY = 600
MASSAGES_PER_DAY = 2
ARCH_STRETCHES_PER_DAY = 3
SOLE = frozenset({"ball_roll", "ball_press", "ball_forefoot", "ball_heel", "thumb_sole", "cold_roll"})

CAPS_IN_FILES = {
    "sole_pressure": CAPS[1],
    "ball_or_hand": CAPS[0],
    "cold": CAPS[8],
    "rolling_calf": CAPS[2],
    "rolling_outer": CAPS[3],
    "rolling_shin": CAPS[4],
    "arch_stretch": CAPS[5],
    "stretch_sole": STRICTER_BEFORE_A_RUN[0],
    "stretch_front": STRICTER_BEFORE_A_RUN[1],
    "stretch_calf": STRICTER_BEFORE_A_RUN[2],
}
"""Name of a cap in a routine file -> what it is about; its seconds are the routine's."""


def broken_own_caps(record: SessionRecord, caps: Mapping[str, float]) -> list[str]:
    """Give a sentence for every cap of the routine's own that the session has passed."""
    time = time_at_work(record)
    broken = []
    for name, seconds in caps.items():
        cap = CAPS_IN_FILES[name]
        for steps in [{step} for step in sorted(cap.steps)] if cap.each else [cap.steps]:
            broken += [
                f"{name}, {foot}: {time.of(foot, steps, held=cap.held):.2f} s, the routine allows {seconds} s"
                for foot in ("left", "right")
                if time.of(foot, steps, held=cap.held) > seconds + ROUNDING
            ]
    return broken


def broken_days(
    record: SessionRecord, seconds_today: Mapping[tuple[str, str], float], *, massages: int, arch_stretches: int
) -> list[str]:
    """Give a sentence for every limit of the day that the session has passed, after what was earlier today."""
    time = time_at_work(record)
    broken = []
    for foot in ("left", "right"):
        earlier = sum(
            s for (cap, side), s in seconds_today.items() if cap == "sole_pressure" and side in (foot, "both", "one")
        )
        sole = time.of(foot, SOLE, held=False)
        if sole > 0 and earlier + sole > SOLE_PER_DAY + ROUNDING:
            broken.append(f"sole, {foot}: {earlier} s earlier and {sole:.2f} s now")
        if sole > 0 and massages >= MASSAGES_PER_DAY:
            broken.append(f"sole, {foot}: {massages} sessions with pressure before this one today")
        if time.of(foot, ["plantar_pull"], held=False) > 0 and arch_stretches >= ARCH_STRETCHES_PER_DAY:
            broken.append(f"arch stretch, {foot}: {arch_stretches} sessions with it before this one today")
    return broken


ANKLE_MOVES_AND_GENTLE_STRETCHES = {
    "foot_check",
    "ankle_pumps",
    "ankle_circles",
    "plantar_pull",
    "top_foot",
    "towel_calf",
    "wall_straight",
    "wall_bent",
    "cramp_arch",
    "cramp_calf",
    "settle",
}
LOWER_LEG_MASSAGE = {"roller_calf", "roller_outer", "stick_calf", "stick_shin", "hand_calf"}
OUT = {
    "wound": set(MOST_PER_SIDE) - {"foot_check"},
    "clot": LOWER_LEG_MASSAGE,
    "diabetes": set(MOST_PER_SIDE) - ANKLE_MOVES_AND_GENTLE_STRETCHES,
    "thinners": set[str](),
    "pregnant": {"roller_calf", "stick_calf"},
    "varicose": LOWER_LEG_MASSAGE,
    "heel_pain": {"ball_heel", "heel_raises"},
}
"""First question -> steps that a yes bars; a wound bars them on that leg only."""
CEILINGS = {"thinners": 1, "heel_pain": 2}
"""First question -> the highest rung of every step but the look at the feet, which presses nothing."""
DEEP_CALF_PRESSURE = {"hand_calf", "roller_calf", "stick_calf"}
NO_RUBBING_PRESSING = FAMILIES["ball"] | FAMILIES["hand"] | FAMILIES["roller"] | FAMILIES["stick"]
"""Steps that press or rub."""
AFTER_A_CRAMP = {"pregnant"}


def is_barred(step: str, side: str, answers: Mapping[str, str]) -> bool:
    """Tell whether the answers to the first questions bar `step` on `side`."""
    for question, answer in answers.items():
        if answer == "no" or step not in OUT[question]:
            continue
        if question != "wound" or answer == "both" or side in (answer, "both", "one"):
            return True
    return False


def highest_rung(step: str, answers: Mapping[str, str]) -> int:
    """Give the highest rung of `step` for somebody who has answered this to the first questions."""
    yes = [question for question, answer in answers.items() if answer != "no"]
    ceilings = [CEILINGS[question] for question in yes if question in CEILINGS and step != "foot_check"]
    if "pregnant" in yes and step in DEEP_CALF_PRESSURE:
        ceilings.append(1)
    return min(ceilings, default=4)


AREAS = {
    "sole": {*SOLE, "plantar_pull"},
    "calf": {"towel_calf", "wall_straight", "wall_bent", "roller_calf", "stick_calf", "hand_calf", "heel_raises"},
    "outer lower leg": {"roller_outer"},
    "shin": {"stick_shin"},
    "front of ankle": {"top_foot"},
    "ankle": {"ankle_pumps", "ankle_circles"},
    "foot muscles": {"toe_fan", "arch_lift"},
}
"""Steps by the area that they work on."""
AREAS |= {step: {step} for step in FAMILIES["cramp"]}
LOCKING = frozenset({"sharp", "numb", "bruise", "bone", "infected"})
"""Words after which an area is out for the rest of the session."""


def locked_by(word: str, step: str) -> set[str]:
    """Give the steps that are out on a foot after `word` was said in the work on `step`."""
    if word == "blister":
        return set(SOLE)
    if word == "infected":
        return set(MOST_PER_SIDE) - {"foot_check"}
    return next((set(steps) for steps in AREAS.values() if step in steps), set())


SAFETY_LINES = (
    "Stopped. Take the pressure off.",
    "Take the pressure off now.",
    "This session ends here.",
    "Let go of the tool.",
    "Lift off, straighten the leg, and wiggle your toes.",
    "If it does not come back soon, call a doctor.",
    "Nothing on that spot.",
    "Lighter, and off that spot.",
    "Do not massage that leg.",
    "Stay sitting.",
    "Leave that spot alone.",
)
"""How the lines at the stop signs begin."""
CUTS_ANYTHING = frozenset(
    {"stop", "pain", "sharp", "injury", "cramp", "numb", "blister", "infected", "bruise", "dizzy", "swollen", "bone"}
)
"""Commands that may interrupt such a line."""
ENDS_FOR_GOOD = frozenset({"dizzy", "swollen", "injury"})
"""Words after which a session is over, and is not gone on with."""


def safety_lines_cut_off(record: SessionRecord, seconds_of: Callable[[Say], float]) -> list[str]:
    """Give a sentence for every safety line that anything but stop or a body word has cut off."""
    cut = []
    line: tuple[float, Say] | None = None
    excuse: float | None = None
    for event in record.events:
        if not isinstance(event, Happened):
            excuse = event.at if event.command is not None and event.command.id in CUTS_ANYTHING else excuse
            continue
        if not isinstance(event.action, Say | Hush):
            continue
        if line is not None and event.at < line[0] + seconds_of(line[1]) - ROUNDING and excuse != event.at:
            cut.append(f"{line[1].text!r} of second {line[0]:.2f} was cut off at {event.at:.2f} by {event.action}")
        line = None
        if isinstance(event.action, Say) and event.action.text.startswith(SAFETY_LINES):
            line = (event.at, event.action)
    return cut
