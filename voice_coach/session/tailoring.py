"""What "I only have a lacrosse ball", "no wall", "on the floor" and "just the left foot" do in a session.

Every step that has not begun is done another way, or left out, where the tool or the place asks for it; the step that
is under way as well. Nothing gets firmer by that than the dials may make it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voice_coach.routines.catalogue import step_in_routine
from voice_coach.routines.schema import TimedDose
from voice_coach.routines.substitution import missing_tools, substituted
from voice_coach.routines.telling import listed
from voice_coach.session.before import Reminder
from voice_coach.session.easing import scaled
from voice_coach.session.flow import begin, is_as_good_as_done, rest_at, stand_still
from voice_coach.session.parts import Place, Position
from voice_coach.session.phases import RUNNING
from voice_coach.session.remaining import first_free, free_steps, replace_free_steps
from voice_coach.session.route import following, what_follows
from voice_coach.session.rungs import may_rise, rung_of
from voice_coach.session.sides import UNKNOWN_SIDE
from voice_coach.session.state import answer, close_side, tell

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.routines.substitution import Substitute
    from voice_coach.session.parts import Side
    from voice_coach.session.plan import PlannedStep
    from voice_coach.session.state import State

_NOT_CHANGED = frozenset({"cramp", "check"})
"""Families of steps that are done as they are, wherever the user is."""


@dataclass(slots=True)
class _Change:
    """What has become of the steps that are left.

    Attributes:
        lines: names of the lines that tell it.
        left_out: names of the steps that cannot be done any more.
        changed: a step is done in another way than before.
        found: ids and names of the steps that take the place of others.
    """

    lines: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    changed: bool = False
    found: set[tuple[str, str]] = field(default_factory=set)

    def told(self) -> list[Reminder]:
        told = [Reminder(line) for line in self.lines]
        if self.left_out:
            told.append(Reminder("left_out", {"names": listed(self.left_out)}))
        return told or [Reminder("as_in_the_routine" if self.changed else "changes_nothing")]


def only_have(state: State, command: Command) -> None:
    """Go on with the one tool that the user has, and what is taken for granted."""
    state.missing = missing_tools(state.plan.catalogue, {str(command.value)})
    _tailor(state)


def no_tool(state: State, command: Command) -> None:
    """Go on without a tool, and without what goes with it."""
    catalogue = state.plan.catalogue
    usually_away = missing_tools(catalogue, None)
    state.missing |= missing_tools(catalogue, None, {str(command.value)}) - usually_away
    _tailor(state)


def stay_at(state: State, command: Command) -> None:
    """Go on where the user is: on a chair, on the floor or in bed."""
    state.place = str(command.value)
    _tailor(state)


def _tailor(state: State) -> None:
    """Find another way for each step that is left, say what has changed, and go on with it."""
    change = _Change()
    before = list(state.steps)
    state.dials.undo = None
    here = None if state.side is None else state.side.planned
    other = None if here is None else _other_way(state, here, change)
    if here is None and first_free(state) == state.ahead.position.step + 1:
        state.ahead = _waiting(state, state.ahead, before, change)
    state.interrupted = [_waiting(state, waiting, before, change) for waiting in state.interrupted]
    ways = [_other_way(state, planned, change) for planned in free_steps(state)]
    replace_free_steps(state, [way for way in ways if way is not None])
    _tailor_dropped(state, change)
    if other == here:
        tell(state, change.told())
    else:
        _leave_for(state, other, change)


def _tailor_dropped(state: State, change: _Change) -> None:
    """Find another way for what a time has left out, too, without a word; nothing comes twice by that."""
    found = _Change(found=set(change.found))
    ways = [_other_way(state, planned, found) for planned in state.dropped]
    state.dropped = [way for way in ways if way is not None and (way.step.id, way.step.name) not in change.found]


def _waiting(state: State, place: Place, before: list[PlannedStep], change: _Change) -> Place:
    """Give another way to do a step that has begun and is to be gone on with, or what comes after it."""
    step = place.position.step
    if step >= len(before):
        return place
    planned = before[step]
    other = _other_way(state, planned, change)
    if other == planned:
        return place
    name = planned.sides[place.position.side]
    if other is None or name not in other.sides:
        return Place(following(state, Position(step, len(planned.sides) - 1)))
    state.steps[step] = other
    return Place(Position(step, other.sides.index(name)))


def _other_way(state: State, planned: PlannedStep, change: _Change) -> PlannedStep | None:
    """Give the way to do `planned` with what there is, and note what has changed."""
    if planned.step.family in _NOT_CHANGED:
        return planned
    found = _found(state, planned)
    if found is None or _comes_twice(state, planned, found.planned, change):
        change.left_out.append(planned.step.short or planned.step.name)
        return None
    if isinstance(found.planned.dose, TimedDose) != isinstance(planned.dose, TimedDose):
        found = replace(found, planned=scaled(found.planned, state.dose_factor, state.limits))
    if found.planned != planned:
        change.changed = True
        change.found.add((found.planned.step.id, found.planned.step.name))
        if found.line is not None and found.line not in change.lines:
            change.lines.append(found.line)
    return found.planned


def _found(state: State, planned: PlannedStep) -> Substitute | None:
    """Give the way that fits best; what is a substitute itself may become the routine's own step again."""
    ceiling = state.plan.routine.rung_ceiling
    if not may_rise(state, planned.step):
        ceiling = min(ceiling, rung_of(state, planned.step))
    if planned.number is not None:
        own = step_in_routine(state.plan.catalogue, state.plan.routine.steps[planned.number])
        if isinstance(own.dose, TimedDose) == isinstance(planned.dose, TimedDose):
            planned = replace(planned, step=own)
    return substituted(state.plan.catalogue, planned, state.missing, state.place, bars=state.bars, ceiling=ceiling)


def _comes_twice(state: State, planned: PlannedStep, other: PlannedStep, change: _Change) -> bool:
    """Tell whether another step of this session does already what would take the place of `planned`."""
    if other.step.id == planned.step.id:
        return False
    return other.step.id in {step.step.id for step in state.steps} or (other.step.id, other.step.name) in change.found


def _leave_for(state: State, other: PlannedStep | None, change: _Change) -> None:
    """Leave the step under way, and do another in its place, or go on with what comes after it."""
    side = state.side
    if side is None:
        return
    if state.phase in RUNNING:
        stand_still(state)
    step = state.position.step
    if other is not None and side.name in other.sides:
        state.steps[step] = other
        alike = isinstance(other.step.dose, TimedDose) == isinstance(side.dose, TimedDose)
        position = Position(step, other.sides.index(side.name))
        whole = Place(position, side.dose, side.hand_over or side.dose, side.had)
        rest = rest_at(state, side, position) if side.worked(state.now) > 0 else whole
        state.ahead = rest if alike else Place(position)
        if is_as_good_as_done(state, side):
            state.ahead = what_follows(state, position, whole.hand_over if alike else None)
    else:
        last = len(state.steps[step].sides) - 1
        state.ahead = what_follows(state, Position(step, last))
    _go_to_ahead(state, change.told())


def _go_to_ahead(state: State, told: list[Reminder]) -> None:
    """Give up the side under way, say why, and go on, unless the session stands still."""
    goes_on = state.phase in RUNNING
    if goes_on:
        stand_still(state)
    close_side(state, done=False)
    tell(state, told)
    if goes_on:
        begin(state, state.ahead)


# --- one foot


def only_side(state: State, command: Command) -> None:
    """Go on with one foot; steps that work on both at once stay.

    Where the foot is not known yet, because it cramps, the coach asks itself, when it has let go.
    """
    if state.cramp is not None or any(UNKNOWN_SIDE in planned.sides for planned in state.steps):
        answer(state, "not_now")
        return
    name = str(command.value)
    told = [Reminder("one_side", {"side": name})]
    before = list(state.steps)
    if state.side is None:
        state.ahead = _on_side(state, state.ahead, before, name)
    state.interrupted = [_on_side(state, waiting, before, name) for waiting in state.interrupted]
    state.dials.undo = None
    rest = [_one_sided(planned, name) for planned in free_steps(state)]
    replace_free_steps(state, [planned for planned in rest if planned.sides])
    left = [_one_sided(planned, name) for planned in state.dropped]
    state.dropped = [planned for planned in left if planned.sides]
    side = state.side
    if side is None or side.name not in ("left", "right"):
        tell(state, told)
    elif side.name == name:
        state.steps[state.position.step] = side.planned = _one_sided(side.planned, name)
        state.position = Position(state.position.step)
        tell(state, told)
    else:
        state.ahead = _other_foot(state, side, name)
        _go_to_ahead(state, told)


def _other_foot(state: State, side: Side, name: str) -> Place:
    """Give the same step for the other foot, where it has not been done, or what comes after it."""
    step = state.position.step
    if name not in side.planned.sides[state.position.side :]:
        return what_follows(state, Position(step, len(side.planned.sides) - 1))
    state.steps[step] = _one_sided(side.planned, name)
    return Place(Position(step), side.hand_over or side.dose, usual=side.usual)


def _one_sided(planned: PlannedStep, name: str) -> PlannedStep:
    sides = tuple(side for side in planned.sides if side in (name, "both"))
    return replace(planned, sides=sides)


def _on_side(state: State, place: Place, before: list[PlannedStep], name: str) -> Place:
    """Give the same step for one foot only, or what comes after it where that foot is done."""
    step = place.position.step
    if step >= len(before):
        return place
    planned = before[step]
    here = planned.sides[place.position.side]
    if here not in ("left", "right"):
        return place
    later = planned.sides[place.position.side :]
    if name not in later:
        return Place(following(state, Position(step, len(planned.sides) - 1)))
    state.steps[step] = replace(planned, sides=(name,))
    return replace(place, position=Position(step), hand_over=None) if here == name else Place(Position(step))
