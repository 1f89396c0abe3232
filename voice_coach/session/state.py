"""All that a session knows, as plain data, and the few ways in which every part of it speaks and acts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from voice_coach.commands.grammar import as_spoken
from voice_coach.session.actions import Action, Chime, ChimeName, DoseEnded, Hush, StateChanged
from voice_coach.session.phases import BODY, COMMANDS, Phase, Trigger, after
from voice_coach.session.speaking import Speaking, Utterance
from voice_coach.session.timeline import held, timeline
from voice_coach.session.wording import fill

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Grammar
    from voice_coach.routines.schema import Dose, Limits, Rung, Step
    from voice_coach.session.ledger import Ledger
    from voice_coach.session.plan import Plan, PlannedStep

STAY_ARMED = BODY | {"stop"}
"""Commands that still count while a line with command words is spoken, unless the line holds a phrase of theirs."""

EndReason = Literal["finished", "finished_early", "interrupted", "body", "limit"]


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
    """

    position: Position
    dose: Dose | None = None
    hand_over: Dose | None = None


@dataclass(slots=True)
class Side:
    """The side being worked on.

    Attributes:
        dose: what it is to get, as the dials stand.
        hand_over: what the other foot gets afterwards, where it is not the same.
        before: seconds of the dose clock until it last stood still.
        running_since: session time at which the dose clock was last started; None while it stands.
        lost: seconds worked that do not count towards the dose (a hold begun again), but towards the caps.
        lost_held: how many of these were spent in holds.
        said: keys of the marks that have fired.
        fired_until: second of the dose clock up to which marks have fired.
    """

    planned: PlannedStep
    name: str
    dose: Dose
    hand_over: Dose | None = None
    before: float = 0.0
    running_since: float | None = None
    lost: float = 0.0
    lost_held: float = 0.0
    said: set[str] = field(default_factory=set)
    fired_until: float = 0.0

    @property
    def step(self) -> Step:
        return self.planned.step

    def worked(self, now: float) -> float:
        """Give the seconds of the dose clock."""
        running = 0.0 if self.running_since is None else now - self.running_since
        return self.before + running

    def halt(self, now: float) -> None:
        self.before = self.worked(now)
        self.running_since = None


@dataclass(slots=True)
class Dials:
    """What the user has changed, and what bars further changes.

    Attributes:
        rungs: family -> rungs above (or below) where its steps begin.
        raised: rungs gone up in this session.
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
    raised: int = 0
    last_rise: float | None = None
    barred: set[str] = field(default_factory=set)
    pained: set[str] = field(default_factory=set)
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """The values before the last change of a dial."""

    dial: Literal["time", "rung", "stroke", "gap"]
    side: int
    """Identity of the side a change of time belongs to: its number in the session."""
    dose: Dose | None = None
    family: str = ""
    rung: int = 0
    barred: bool = False
    stroke: float = 0.0
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What the coach has asked.

    Attributes:
        answers: command ids that answer it.
        wait: seconds of silence after the question until it counts as not answered.
    """

    name: Literal["opening", "pain", "which foot"]
    line: str
    answers: frozenset[str]
    wait: float


@dataclass(slots=True)
class State:
    """A session."""

    plan: Plan
    speaking: Speaking
    ledger: Ledger
    dials: Dials
    grammar: Grammar
    """Every phrase of every command, to know which of them a line of the coach holds."""
    steps: list[PlannedStep]
    phase: Phase = Phase.NEW
    now: float = 0.0
    began: float = 0.0
    position: Position = field(default_factory=lambda: Position(0))
    side: Side | None = None
    side_number: int = 0
    timer: float | None = None
    """When this phase is over, or is to ask again whether it is."""
    count_at: float | None = None
    """When the count-in is to be spoken; None when it has begun."""
    count_in: float = 0.0
    clock_after_count: bool = False
    """The dose clock starts right after the count-in: the first cue has been spoken before."""
    question: Question | None = None
    greeted: bool = False
    """The greeting is over, whether it was heard to its end or not."""
    ahead: Place = field(default_factory=lambda: Place(Position(0)))
    """With what the session goes on while no side is under way."""
    interrupted: list[Place] = field(default_factory=list)
    """What inserted steps have interrupted, the latest last."""
    inserted: set[int] = field(default_factory=set)
    """Numbers of the steps that were not planned: a foot check in between, relief of a cramp."""
    back_to_halt: Phase | None = None
    """The halt in which a body word was said: nothing but "resume" and "finish" leaves it."""
    locked: set[tuple[str, str]] = field(default_factory=set)
    """Regions and sides that are out for the rest of the session."""
    pains: int = 0
    cramps: int = 0
    last_side: Place | None = None
    """The side that was done last, and its dose."""
    skip_confirmed: bool = False
    checked_feet_at: float = 0.0
    halted_at: float | None = None
    halted_for: float = 0.0
    last_line: Utterance | None = None
    last_command: tuple[object, float] | None = None
    done_steps: set[int] = field(default_factory=set)
    worked: float = 0.0
    end_reason: EndReason = "finished"
    actions: list[Action] = field(default_factory=list)
    shown: StateChanged | None = None

    @property
    def limits(self) -> Limits:
        return self.plan.limits

    @property
    def elapsed(self) -> float:
        """Seconds since the session began, without the time it stood still."""
        halted = 0.0 if self.halted_at is None else self.now - self.halted_at
        return self.now - self.began - self.halted_for - halted


def move(state: State, trigger: Trigger) -> None:
    """Go to the phase that follows by `trigger`, and note how long the session stood still."""
    phase = after(state.phase, trigger)
    halted = (Phase.QUESTION, Phase.PAUSED, Phase.STOPPED)
    if phase in halted and state.halted_at is None:
        state.halted_at = state.now
    elif phase not in halted and state.halted_at is not None:
        state.halted_for += state.now - state.halted_at
        state.halted_at = None
    state.phase = phase
    state.timer = None
    state.count_at = None


def utterance(state: State, line: str, **slots: str) -> Utterance:
    """Give the spoken line called `line`, with its slots filled."""
    spoken = state.plan.lines[line]
    return Utterance(fill(spoken, **slots), spoken.beat, spoken.ears == "closed", spoken.safety)


def speak(state: State, line: Utterance, *, keep: bool = False) -> None:
    """Speak `line` after what is being said; `keep` it for afterwards where a receipt interrupts it."""
    line = replace(line, keep=keep)
    state.actions += state.speaking.add(line, state.now)
    state.last_line = line


def answer(state: State, line: str, **slots: str) -> None:
    """Speak a receipt or an answer at once; instructions that it interrupts are said afterwards."""
    state.actions += state.speaking.instead(utterance(state, line, **slots), state.now)


def hush(state: State) -> None:
    """Be silent, chimes included, and forget what waits to be said."""
    state.speaking.forget(state.now)
    state.actions.append(Hush())


def chime(state: State, name: ChimeName) -> None:
    state.actions.append(Chime(name))


def rung_of(state: State, step: Step) -> int:
    """Give the rung that `step` is worked on as the dials stand, counted from 1."""
    rung = step.rung + state.dials.rungs.get(step.family, 0)
    return max(1, min(rung, top_rung(state, step)))


def top_rung(state: State, step: Step) -> int:
    """Give the highest rung of `step` in this routine."""
    return max(min(len(step.ladder), state.plan.routine.rung_ceiling), 1)


def current_rung(state: State, step: Step) -> Rung:
    return step.ladder[rung_of(state, step) - 1]


def is_locked(state: State, step: Step, side: str) -> bool:
    """Tell whether `step` is out for the rest of the session on this side; for both sides, one lock is enough."""
    return any(
        region == step.region and (locked == side or "both" in (locked, side)) for region, locked in state.locked
    )


def lock(state: State, step: Step, side: str) -> None:
    """Close the region of `step` on this side; where the foot is not known, on both."""
    state.locked.add((step.region, side if side in ("left", "right") else "both"))


def legal_commands(state: State) -> frozenset[str]:
    """Give the ids of the commands that count in this phase."""
    commands = COMMANDS[state.phase]
    if state.question is not None and state.phase is Phase.QUESTION:
        commands |= state.question.answers
    return commands


def active_commands(state: State) -> frozenset[str]:
    """Give the ids of the commands that count now when they are heard: fewer, while the coach says some itself."""
    active = legal_commands(state)
    current = state.speaking.current
    if current is not None and current.safety:
        active &= COMMANDS[Phase.SUMMARY]
    for line in state.speaking.echoes(state.now):
        if line.ears_closed:
            active &= STAY_ARMED - state.grammar.commands_in(line.text)
    return active


def is_own_words(state: State, phrase: str) -> bool:
    """Tell whether the coach is saying `phrase` itself, or has just said it."""
    return any(f" {phrase} " in f" {as_spoken(line.text)} " for line in state.speaking.echoes(state.now))


def show(state: State) -> None:
    """Tell the outside when phase, side, dials or active commands have changed."""
    side = state.side
    worked = None if side is None else side.worked(state.now)
    changed = StateChanged(
        phase=state.phase,
        step=None if side is None else side.step.id,
        side=None if side is None else side.name,
        rung=None if side is None else rung_of(state, side.step),
        planned=None if side is None else side.dose.seconds,
        worked=worked,
        stroke=state.dials.stroke,
        active=active_commands(state),
    )
    if state.shown is None or _differs(changed, state.shown):
        state.actions.append(changed)
        state.shown = changed


def _differs(one: StateChanged, other: StateChanged) -> bool:
    def key(it: StateChanged) -> tuple[object, ...]:
        return (it.phase, it.step, it.side, it.rung, it.planned, it.stroke, it.active)

    return key(one) != key(other)


def close_side(state: State, *, done: bool) -> None:
    """End the work on the current side: book it, and tell the outside."""
    side = state.side
    if side is None:
        return
    side.halt(state.now)
    worked = side.before + side.lost
    rung = rung_of(state, side.step)
    state.ledger.add(side.step, side.name, worked, held(side.dose, side.before) + side.lost_held)
    state.worked += worked
    if done and worked > 0:
        state.done_steps.add(state.position.step)
    state.actions.append(DoseEnded(side.step.id, side.name, side.dose.seconds, worked, rung, done and worked > 0))
    state.side = None


def next_mark(state: State) -> float | None:
    """Give the session time of the next cue of this side, or of its end."""
    side = state.side
    if side is None or side.running_since is None:
        return None
    marks = timeline(side.step, side.dose, state.dials.stroke)
    due = [mark.at for mark in marks if mark.key not in side.said and mark.at >= side.fired_until]
    at = min([*due, side.dose.seconds])
    return side.running_since + at - side.before
