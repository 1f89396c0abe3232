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


class Cues(_Frozen, frozen=True):
    """What is spoken in a step, by its moment."""

    go: str
    setup: str = ""
    then: str = ""
    halfway: str = ""
    each_repetition: str = ""
    between: str = ""
    near_end: str = ""


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
    sources: str
    id: str = ""
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


class Routine(_Frozen, frozen=True):
    name: str
    when: str
    kit: str
    steps: tuple[RoutineStep, ...]
    id: str = ""
    greeting: str = ""
    check: bool = True
    sides: Literal["each", "one"] = "each"
    rung_ceiling: int = 9
    caps: dict[str, float] = {}


class Cap(_Frozen, frozen=True):
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
    count_in_after_moving: float
    equal_commands_within: float


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
    """What the answer "yes" to a first question bars. Steps are named by id, family or region.

    Attributes:
        out: ids, families or regions of steps that must not be done; `everything` is every step.
        but: ids that stay all the same.
        ceilings: id, family, region or `everything` -> highest rung.
        rubbing_after_cramp: a cramp may be rubbed lightly once it has let go.
    """

    out: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    ceilings: dict[str, int] = {}
    rubbing_after_cramp: bool = True


class FirstQuestion(_Frozen, frozen=True):
    """A question of the first run.

    Attributes:
        ask: what the coach says.
        if_yes: what the coach says to a yes.
        which_leg: a yes is followed by "left, right or both?", and bars only there.
        source: tags of the content's source list.
    """

    ask: str
    if_yes: str
    bars: BarsData
    source: str
    id: str = ""
    which_leg: bool = False


class Catalogue(_Frozen, frozen=True):
    """Everything that is data, checked."""

    steps: dict[str, Step]
    routines: dict[str, Routine]
    limits: Limits
    lines: dict[str, SpokenLine]
    first_questions: dict[str, FirstQuestion] = {}
