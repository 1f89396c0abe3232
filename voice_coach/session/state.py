"""All that a session knows, as plain data, and the few ways in which every part of it speaks and acts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from voice_coach.commands.grammar import as_spoken
from voice_coach.session.actions import Action, Chime, ChimeName, DoseEnded, Hush, StateChanged
from voice_coach.session.bars import NO_BARS, Bars
from voice_coach.session.manner import USUAL_MANNER, Manner
from voice_coach.session.parts import (
    Cramp,
    Dials,
    Missed,
    Place,
    Position,
    Question,
    Ratings,
    Side,
)
from voice_coach.session.phases import AWAKE, BODY, COMMANDS, NUMBERS, RATING_COMMANDS, RUNNING, Phase, Trigger, after
from voice_coach.session.rungs import current_rung, rung_of
from voice_coach.session.speaking import Speaking, Utterance
from voice_coach.session.timeline import held, timeline
from voice_coach.session.wording import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voice_coach.commands.grammar import Command, Grammar
    from voice_coach.routines.schema import Dose, Limits, Rung, Step
    from voice_coach.session.before import Reminder
    from voice_coach.session.ledger import Ledger
    from voice_coach.session.plan import Plan, PlannedStep

STAY_ARMED = BODY | {"stop"}
"""Commands that still count while a line with command words is spoken, unless the line holds a phrase of theirs."""

GREETING = "greeting"
LAST_TIME = "next day"
NOTICES = "notices"
CHECK = "check"
"""With the ids of first questions, the parts of the opening."""

EndReason = Literal["finished", "finished_early", "interrupted", "body", "limit"]


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
    dropped: list[PlannedStep] = field(default_factory=list)
    """Steps that a time in minutes has left out: they come back where there is more."""
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
    in_place: Rung | None = None
    """The rung of this step that the user is in place for; None where the setup is to bring that about."""
    question: Question | None = None
    asked_at: float | None = None
    """When the question had been spoken; None before that."""
    asked_again: bool = False
    """The question has been asked once more, in short."""
    gentlest: dict[str, dict[str, int]] = field(default_factory=dict)
    """Family -> step id -> the lowest rung that it was worked on since its family may not rise any more."""
    opening: list[str] = field(default_factory=list)
    """Parts of what comes before the first step that have not been done yet: `opening.py`."""
    unanswered: list[Question] = field(default_factory=list)
    """Questions without whose answers no work begins; the last one is asked first."""
    ask_at: float | None = None
    """When the last of these is asked, if the session stands still until then."""
    ahead: Place = field(default_factory=lambda: Place(Position(0)))
    """With what the session goes on while no side is under way."""
    interrupted: list[Place] = field(default_factory=list)
    """What inserted steps have interrupted, the latest last."""
    inserted: set[int] = field(default_factory=set)
    """Numbers of the steps that were not planned: a foot check in between, relief of a cramp."""
    back_to_halt: Phase | None = None
    """The halt in which a body word was said: nothing but "resume" and "finish" leaves it."""
    locked: set[tuple[str, str]] = field(default_factory=set)
    """Areas (regions, or kinds of work) and sides that are out for the rest of the session."""
    bars: Bars = NO_BARS
    """What is out for this user, as far as it is known by now."""
    answers: dict[str, str] = field(default_factory=dict)
    """First question id -> answer, as far as they are known by now."""
    touched: tuple[Step, str] | None = None
    """The step and side that was worked on last, before the one under way."""
    hurt: tuple[tuple[Step, str], ...] = ()
    """What the last body word was about; empty where nobody can tell."""
    sharp: bool = False
    """Sharp pain was told in this session."""
    pains: int = 0
    cramps: int = 0
    cramp: Cramp | None = None
    offer_next: bool = False
    """Before the next side begins, the user is asked whether to go on."""
    closing: list[str] = field(default_factory=list)
    """Names of lines that come after the summary."""
    last_side: Place | None = None
    """The side that was done last, and its dose."""
    skip_confirmed: bool = False
    ratings: Ratings = field(default_factory=Ratings)
    chosen: dict[int, Dose] = field(default_factory=dict)
    """Number of a step in the routine -> its dose as a dial has left it: what "save that" saves."""
    left_out: frozenset[int] = frozenset()
    """Numbers of the steps that a time in minutes has left out."""
    dose_factor: float = 1.0
    """What the doses are multiplied with, because the feet were worse; below 1 none of them grows."""
    missing: frozenset[str] = frozenset()
    """Tools that the user does not have, as far as it is known."""
    place: str | None = None
    """Where the user is: `chair`, `floor` or `bed`; None where nobody has said."""
    notices: list[Reminder] = field(default_factory=list)
    """Lines before the first step that tell how the plan differs from the routine."""
    minutes: int | None = None
    """The time there is, as it was told last; None where nobody has told any."""
    noted_minutes: tuple[Reminder, ...] = ()
    """Which of the notices tell of the time there is."""
    told_minutes: str = ""
    """What was said last about the time there is."""
    told: set[str] = field(default_factory=set)
    """Names of lines that are said once in a session, and have been."""
    asleep: bool = False
    """Nothing counts by voice but stop, body words and the command to listen again."""
    manner: Manner = USUAL_MANNER
    missed: Missed = field(default_factory=Missed)
    checked_feet_at: float = 0.0
    look_is_due: bool = False
    """The session has stood still for long: the feet are looked at before the next step, whatever comes before it."""
    halted_at: float | None = None
    halted_for: float = 0.0
    last_line: Utterance | None = None
    last_command: tuple[Command, float] | None = None
    heard_at: dict[Command, float] = field(default_factory=dict)
    """When each command was heard last."""
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
        long = state.now - state.halted_at > state.limits.pause_before_foot_check
        state.look_is_due = state.look_is_due or long
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


def tell(state: State, reminders: Iterable[Reminder]) -> str:
    """Speak lines at once, as one, to their end, and give it: where a cue interrupts them, they are said again."""
    lines = [utterance(state, reminder.line, **reminder.slots) for reminder in reminders]
    text = " ".join(line.text for line in lines)
    closed = any(line.ears_closed for line in lines)
    if text:
        state.actions += state.speaking.instead(Utterance(text, ears_closed=closed, keep=True), state.now)
    return text


def hush(state: State, *, urgent: bool = False) -> None:
    """Be silent, chimes included, and forget what waits to be said; a safety line gives way to what is urgent only."""
    if state.speaking.forget(state.now, urgent=urgent):
        state.actions.append(Hush())


def chime(state: State, name: ChimeName) -> None:
    state.actions.append(Chime(name))


def legal_commands(state: State) -> frozenset[str]:
    """Give the ids of the commands that count in this phase."""
    commands = COMMANDS[state.phase]
    if state.question is not None and state.phase is Phase.QUESTION:
        commands |= state.question.answers
    if is_rating_open(state):
        commands |= RATING_COMMANDS
    return commands


def is_rating_open(state: State) -> bool:
    """Tell whether a number says how strong it is."""
    return state.ratings.open is not None and state.phase in {*RUNNING, Phase.SUMMARY}


def active_commands(state: State) -> frozenset[str]:
    """Give the ids of the commands that count now when they are heard: fewer, while the coach says some itself."""
    active = legal_commands(state)
    current = state.speaking.current
    if current is not None and current.safety:
        active &= STAY_ARMED
    if state.asleep:
        active &= AWAKE
    for line in state.speaking.echoes(state.now):
        if line.ears_closed:
            active &= STAY_ARMED - state.grammar.commands_in(line.text)
        elif is_rating_open(state):
            active -= state.grammar.commands_in(line.text) & frozenset(NUMBERS)
    return active


def is_own_words(state: State, phrase: str) -> bool:
    """Tell whether the coach is saying `phrase` itself, or has just said it."""
    return any(f" {phrase} " in f" {as_spoken(line.text)} " for line in state.speaking.echoes(state.now))


def may_have_said(state: State, phrase: str) -> bool:
    """Tell whether the coach can have come to `phrase` in what it is saying, or has just said it."""
    return any(f" {phrase} " in f" {as_spoken(said)} " for said in state.speaking.said_by(state.now))


def show(state: State) -> None:
    """Tell the outside when phase, side, dials or active commands have changed."""
    side = state.side
    if side is not None and side.step.family in state.dials.barred:
        state.gentlest.setdefault(side.step.family, {})[side.step.id] = rung_of(state, side.step)
    if side is not None:
        both = current_rung(state, side.step).both
        side.both = side.both or both
        begun = side.running_since is not None or side.before + side.lost > 0
        side.alone = side.alone or (begun and not both)
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
    worked_on = "both" if side.both else side.name
    state.ledger.add(side.step, worked_on, worked, held(side.dose, side.before) + side.lost_held)
    state.worked += worked
    if worked > 0:
        state.touched = (side.step, worked_on)
    if side.step.id == state.plan.foot_check.step.id:
        state.look_is_due = False
    if done and worked > 0:
        state.done_steps.add(state.position.step)
    name = "both" if side.together else side.name
    state.actions.append(DoseEnded(side.step.id, name, side.dose.seconds, worked, rung, done and worked > 0))
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
