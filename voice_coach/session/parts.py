"""The parts of what a session knows, as plain data: the side being worked on, dials, questions, ratings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice_coach.routines.schema import Dose, Step
    from voice_coach.session.before import Reminder
    from voice_coach.session.plan import PlannedStep


@dataclass(frozen=True, slots=True)
class Position:
    """One side of one step of the plan."""

    step: int
    side: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A side to begin with.

    Attributes:
        dose: where it is not what the plan says.
        hand_over: what the other foot gets afterwards, where it is not what this one gets.
        had: seconds of the side's dose that were done before it was interrupted, where `dose` is the rest of it.
        usual: `dose` without the times that were told; None where none was.
    """

    position: Position
    dose: Dose | None = None
    hand_over: Dose | None = None
    had: float = 0.0
    usual: Dose | None = None


@dataclass(slots=True)
class Side:
    """The side being worked on.

    Attributes:
        dose: what it is to get, as the dials stand.
        hand_over: what the other foot gets afterwards, where it is not the same.
        had: seconds of the dose that were done before it was interrupted, where `dose` is the rest of it.
        usual: what it would get without the times that were told, as the dials stand; None where none was.
        before: seconds of the dose clock until it last stood still.
        running_since: session time at which the dose clock was last started; None while it stands.
        lost: seconds worked that do not count towards the dose (a hold begun again), but towards the caps.
        lost_held: how many of these were spent in holds.
        both: what was worked so far may have been on both legs: some rungs work on both at once.
        alone: some of it was on this side alone.
        on_spot: repetition, counted from 0 -> how many of these were spent on the spot where it is held now.
        said: keys of the marks that have fired.
        fired_until: second of the dose clock up to which marks have fired.
    """

    planned: PlannedStep
    name: str
    dose: Dose
    hand_over: Dose | None = None
    had: float = 0.0
    usual: Dose | None = None
    before: float = 0.0
    running_since: float | None = None
    lost: float = 0.0
    lost_held: float = 0.0
    both: bool = False
    alone: bool = False
    on_spot: dict[int, float] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    fired_until: float = 0.0

    @property
    def step(self) -> Step:
        return self.planned.step

    @property
    def together(self) -> bool:
        """The other leg gets all that this one gets, at the same time."""
        return self.both and not self.alone

    def worked(self, now: float) -> float:
        """Give the seconds of the dose clock."""
        running = 0.0 if self.running_since is None else now - self.running_since
        return self.before + running

    def lose_hold(self, repetition: int, seconds: float) -> None:
        """Note seconds of a hold that starts over."""
        self.lost_held += seconds
        self.on_spot[repetition] = self.on_spot.get(repetition, 0.0) + seconds

    def halt(self, now: float) -> None:
        self.before = self.worked(now)
        self.running_since = None


@dataclass(slots=True)
class Dials:
    """What the user has changed, and what bars further changes.

    Attributes:
        rungs: family -> rungs above (or below) where its steps begin.
        rungs_before: these, before the user changed any: what earlier sessions have brought about.
        rises: family -> rungs gone up by *harder* in this session, without those that were taken back.
        last_rise: session time of the last one.
        barred: families in which the rung may not rise any more.
        pained: families in which a body word was said; not even `undo` raises the rung there.
        stroke: seconds per stroke.
        gap: seconds added to the gap between repetitions.
        undo: how to take the last change back.
    """

    stroke: float
    gap: int = 0
    rungs: dict[str, int] = field(default_factory=dict)
    rungs_before: dict[str, int] = field(default_factory=dict)
    rises: dict[str, int] = field(default_factory=dict)
    last_rise: float | None = None
    barred: set[str] = field(default_factory=set)
    pained: set[str] = field(default_factory=set)
    undo: Undo | None = None

    @property
    def raised(self) -> int:
        """Rungs gone up in this session, in all families."""
        return sum(self.rises.values())


@dataclass(frozen=True, slots=True)
class Undo:
    """The values before the last change of a dial."""

    dial: Literal["time", "rung", "stroke", "gap", "minutes"]
    side: int
    """Identity of the side a change of time belongs to: its number in the session."""
    at: float
    """Session time of the change."""
    dose: Dose | None = None
    hand_over: Dose | None = None
    usual: Dose | None = None
    family: str = ""
    rung: int = 0
    barred: bool = False
    stroke: float = 0.0
    gap: int = 0
    steps: tuple[PlannedStep, ...] = ()
    """Every step as it was planned before a change of the minutes, without those put in in mid-session."""
    dropped: tuple[PlannedStep, ...] = ()
    chosen: dict[int, Dose] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    minutes: int | None = None
    notices: tuple[Reminder, ...] = ()
    noted_minutes: tuple[Reminder, ...] = ()
    """What was told, and was to be told, of the time there was before."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the coach asks.

    Attributes:
        line: the spoken line, with what its slots are filled with.
        answers: command ids that answer it.
        wait: seconds of silence after the question until it counts as not answered.
        short: the line with which it is asked again, where that is done.
        again: seconds of silence until then.
        about: id of the first question that it asks.
    """

    name: Literal["opening", "first", "which leg", "next day", "pain", "feeling", "let go", "which foot", "resume"]
    line: str
    answers: frozenset[str]
    wait: float
    short: str = ""
    again: float | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Cramp:
    """A cramp that has not let go yet.

    Attributes:
        where: what relieves it.
        side: the foot; `one` where nobody has said which.
        since: session time at which it was told, or its relief began.
        planned: the routine itself relieves it.
    """

    where: Literal["arch", "calf"]
    side: str
    since: float
    planned: bool = False


@dataclass(frozen=True, slots=True)
class AskedRating:
    """A question "how strong is that", and what it is about; numbers answer it while the work goes on.

    Attributes:
        until: session time up to which an answer counts; None while the question is being spoken.
    """

    asked: Literal["halfway", "after harder", "again", "end"]
    step: Step
    side: str
    rung: int
    until: float | None = None


@dataclass(frozen=True, slots=True)
class AfterHarder:
    """A rating that is due when the first seconds on a new rung are done.

    Attributes:
        family: in which the rung rose.
        side: identity of the side on which they are counted.
        worked: second of that side's dose clock at which it is due; None before the clock runs there.
    """

    family: str
    side: int
    worked: float | None = None


@dataclass(slots=True)
class Ratings:
    """What the user has said about the strength, and what is to be asked.

    Attributes:
        open: the question that may be answered now.
        last: the last answer.
        last_at: session time of it.
        last_asked: session time of the last question.
        feet: sides that have been asked about in a pressure step.
        after_harder: a rating that a rise has brought about.
        again: step, and session time, for asking once more after a strong one.
        asked_at_end: the question at the end has been asked, or is not wanted.
    """

    open: AskedRating | None = None
    last: int | None = None
    last_at: float = 0.0
    last_asked: float | None = None
    feet: set[str] = field(default_factory=set)
    after_harder: AfterHarder | None = None
    again: tuple[str, float] | None = None
    asked_at_end: bool = False


@dataclass(slots=True)
class Missed:
    """What was not understood lately.

    Attributes:
        in_a_row: how many times, with nothing understood in between.
        at: session time of the last one.
        helped_at: session time at which the coach last said what can be said.
    """

    in_a_row: int = 0
    at: float = float("-inf")
    helped_at: float = float("-inf")
