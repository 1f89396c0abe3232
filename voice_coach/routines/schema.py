"""The shape of the catalogue: steps, routines, limits and spoken lines, as plain, frozen data.

Times are seconds; doses are per side where sides apply. The YAML files beside this module are checked against these
types when they are loaded (`voice_coach.routines.catalogue`).
"""

from __future__ import annotations

from typing import Literal

import msgspec


class _Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class TimedDose(_Frozen, frozen=True, tag_field="kind", tag="timed"):
    """Rolling, sweeping, looking: so many seconds per side."""

    seconds: float

    @property
    def held(self) -> float:
        return 0.0


class HoldDose(_Frozen, frozen=True, tag_field="kind", tag="holds"):
    """Repetitions of a hold, with a gap between them."""

    repetitions: int
    hold: float
    gap: float = 0.0

    @property
    def seconds(self) -> float:
        """Length of one side, gaps included."""
        return self.repetitions * self.hold + (self.repetitions - 1) * self.gap

    @property
    def held(self) -> float:
        """Seconds of one side spent in holds."""
        return self.repetitions * self.hold


Dose = TimedDose | HoldDose


class Rung(_Frozen, frozen=True):
    """One place on a step's intensity ladder; `tool` and `standing` tell whether getting there takes time."""

    text: str
    tool: str = ""
    standing: bool = False
    both: bool = False
    """It works on both legs at once, whichever of them it is for."""
    rubs: bool = False
    """It rubs the sole, in a step that does not otherwise."""
    setup: str = ""
    """How to get in place, where the step's own cue is for another rung."""
    go: str = ""
    """The first cue of the work, where the step's own contradicts this rung; else it is said after the text."""
    without: tuple[str, ...] = ()
    """Names of the step's cues that do not go with this rung."""


class Cues(_Frozen, frozen=True):
    """What is spoken in a step, by its moment."""

    go: str
    setup: str = ""
    then: str = ""
    halfway: str = ""
    each_repetition: str = ""
    between: str = ""
    near_end: str = ""
    let_go: str = ""
    """Said when a cramp has let go, where it may be rubbed."""


class Step(_Frozen, frozen=True):
    """What the body does. `setup` and `switch` are the time to get in place and to change feet."""

    name: str
    area: str
    family: str
    region: str
    position: str
    sides: Literal["each", "both", "asked"]
    dose: Dose
    setup: float
    longest: float
    priority: Literal["must", "core", "optional"]
    rung: int
    ladder: tuple[Rung, ...]
    cues: Cues
    why: str
    """What the step is good for, in a sentence or two to be spoken; no more than its sources say."""
    details: str
    """How it is done, in more words than the cues, to be spoken."""
    sources: str
    id: str = ""
    short: str = ""
    """Its name inside a sentence."""
    tools: tuple[str, ...] = ()
    switch: float = 0.0
    strokes: bool = False
    release: bool = True
    caps: tuple[str, ...] = ()
    safety: str = ""


class RoutineStep(_Frozen, frozen=True):
    """A step in a routine, with a dose of its own; what is left out comes from the step."""

    step: str
    seconds: float | None = None
    repetitions: int | None = None
    hold: float | None = None
    gap: float | None = None
    rung: int | None = None
    """Rung to begin with, where it is not the step's own."""
    note: str = ""
    """A sentence spoken early in the work, after the step's own; {side} is filled in."""


class Routine(_Frozen, frozen=True):
    name: str
    when: str
    kit: str
    steps: tuple[RoutineStep, ...]
    id: str = ""
    length: str = ""
    """Spoken before the greeting, unless a time was wished for."""
    greeting: str = ""
    """Spoken first; `{tools}` in it stands for the tools that the session takes, and its sentence goes without any."""
    check: bool = True
    sides: Literal["each", "one"] = "each"
    rung_ceiling: int = 9
    caps: dict[str, float] = {}
    stroke: float | None = None
    """Seconds per stroke to begin with, where they are not the usual ones."""
    place: Literal["chair", "floor", "bed"] | None = None
    """Where it is done, unless the user says otherwise for this session."""
    file: str = ""
    """Its file, quoted for a shell, where it was named by that."""

    @property
    def typed(self) -> str:
        """What comes after `voice-coach start` to begin it."""
        return self.file or self.id


class Cap(_Frozen, frozen=True):
    name: str
    """What it is the most of, in words."""
    seconds: float
    counts: Literal["work", "hold"]
    pool: Literal["all", "step"]
    source: str


class _HoldLimits(_Frozen, frozen=True):
    longest: float
    step: float


class _TimedLimits(_Frozen, frozen=True):
    step: float
    shortest: float
    least_left: float


class _Stroke(_Frozen, frozen=True):
    least: float
    usual: float
    most: float


class _Gap(_Frozen, frozen=True):
    least: float
    most: float


class _Tempo(_Frozen, frozen=True):
    stroke: _Stroke
    gap: _Gap


class _Harder(_Frozen, frozen=True):
    rungs_per_session: int
    seconds_between: float


class _SessionLimits(_Frozen, frozen=True):
    foot_check_after: float
    end_after: float
    pains_to_finish: int
    cramps_to_finish: int


class _Day(_Frozen, frozen=True):
    caps: dict[str, float]
    massages: int
    arch_stretches: int


class Limits(_Frozen, frozen=True):
    """Limits that are never passed; each is explained in limits.yaml."""

    caps: dict[str, Cap]
    hold: _HoldLimits
    timed: _TimedLimits
    more_time_per_step: float
    tempo: _Tempo
    harder: _Harder
    session: _SessionLimits
    pause_before_foot_check: float
    count_in: float
    day: _Day
    count_in_after_moving: float
    equal_commands_within: float
    ask_again_after_days: int


class SpokenLine(_Frozen, frozen=True):
    """A sentence of the coach, with {slots} to fill.

    Attributes:
        beat: seconds from the beginning of one word to the next, for counting; None for running speech.
        ears: `closed` where the line holds a phrase that a user might say.
        safety: only stop and body words may interrupt it.
    """

    say: str
    beat: float | None = None
    ears: Literal["open", "closed"] = "open"
    safety: bool = False


class BarsData(_Frozen, frozen=True):
    """What the answer "yes" to a first question bars. Steps are named by id, family or region, or as `everything`.

    Attributes:
        out: steps that must not be done.
        but: steps that stay all the same.
        ceilings: steps -> highest rung.
        rubbing_after_cramp: a cramp may be rubbed lightly once it has let go.
        check_feet_first: the feet are looked at before the work begins.
    """

    out: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    ceilings: dict[str, int] = {}
    rubbing_after_cramp: bool = True
    check_feet_first: bool = False


class FirstQuestion(_Frozen, frozen=True):
    """A question of the first run.

    Attributes:
        ask: what the coach says.
        if_yes: what the coach says to a yes.
        which_leg: a yes is followed by "left, right or both?", and bars only there.
        source: tags of the content's source list.
        caution: name of the spoken line that later sessions say after the greeting.
        flag: not asked, unless it may have been forgotten; a body word sets it, and the user clears it in the profile.
    """

    ask: str
    if_yes: str
    bars: BarsData
    source: str
    caution: str
    id: str = ""
    which_leg: bool = False
    flag: bool = False


class Tool(_Frozen, frozen=True):
    """Something that a step is done with.

    Attributes:
        spoken: as the coach says it, with its article.
        also: other names that a person may type.
        usual: `there` where it is taken for granted, `away` where it counts only when the user names it.
        goes_with: missing, too, when that tool is missing and this one was not named.
    """

    spoken: str
    also: tuple[str, ...] = ()
    usual: Literal["there", "away", "listed"] = "listed"
    goes_with: str = ""


Location = Literal["chair", "floor", "bed"]


class RungChoice(_Frozen, frozen=True):
    """A rung where some tools are there; without text it is the step's own rung of this number."""

    text: str = ""
    tool: str = ""
    standing: bool = False
    needs: tuple[str, ...] = ()


class Way(_Frozen, frozen=True):
    """One way to do a step; what each field means is explained in substitutions.yaml."""

    needs: tuple[str, ...] = ()
    places: tuple[Location, ...] = ("chair", "floor", "bed")
    standing: bool = False
    step: str = ""
    name: str = ""
    position: str = ""
    cues: dict[str, str] = {}
    rung: int = 0
    rungs: tuple[tuple[RungChoice, ...], ...] = ()
    counts: int = 0
    line: str = ""


class Substitutions(_Frozen, frozen=True):
    """The tools there are, and step id -> the ways to do it, the best first."""

    tools: dict[str, Tool]
    steps: dict[str, tuple[Way, ...]]


class Catalogue(_Frozen, frozen=True):
    """Everything that is data, checked."""

    steps: dict[str, Step]
    routines: dict[str, Routine]
    limits: Limits
    lines: dict[str, SpokenLine]
    first_questions: dict[str, FirstQuestion] = {}
    """The seven that are asked, in their order."""
    flags: dict[str, FirstQuestion] = {}
    """What body words set until the user clears it; they bar as answers do."""
    substitutions: Substitutions = Substitutions({}, {})
    areas: dict[str, tuple[str, ...]] = {}
    """Area a person may ask for -> ids, families and regions of its steps."""

    @property
    def questions(self) -> dict[str, FirstQuestion]:
        """First questions and flags by their id: a flag is asked where it may have been forgotten."""
        return {**self.first_questions, **self.flags}
