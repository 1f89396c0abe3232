"""What "I have n minutes" does in a session: what is left is fitted into them.

The step that is under way on its first side is shortened with the rest, and never left out. A second side keeps what
the first one has had: both sides get the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from voice_coach.routines.fitting import LEAST_MINUTES, Fitting, budget_of, fitted, one_minute
from voice_coach.routines.schema import Dose, HoldDose, TimedDose
from voice_coach.routines.telling import told_fitting
from voice_coach.session.allowed import fitted as allowed_of
from voice_coach.session.allowed import fitted_here, is_out
from voice_coach.session.before import Reminder
from voice_coach.session.parts import Undo
from voice_coach.session.phases import Phase
from voice_coach.session.questions import ask_in_short
from voice_coach.session.remaining import (
    first_free,
    free_steps,
    replace_free_steps,
    seconds_begun,
    unfitted_steps,
    with_gap,
)
from voice_coach.session.state import answer, tell, utterance
from voice_coach.session.timeline import LAST_SECONDS
from voice_coach.session.wording import spoken_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_coach.commands.grammar import Command
    from voice_coach.routines.schema import Step
    from voice_coach.session.parts import Side
    from voice_coach.session.plan import PlannedStep
    from voice_coach.session.state import State


_BEFORE_THE_WORK = frozenset({"first", "which leg", "next day", "opening"})
"""Questions before the first step: while they are open, the time may be told."""


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a session, fitted into a time.

    Attributes:
        here: dose of the side under way.
        rest: the steps of which nothing has begun, as they are to be.
        before: what was planned for all that may change.
        fitting: what became of it.
    """

    here: Dose | None
    rest: tuple[PlannedStep, ...]
    before: tuple[PlannedStep, ...]
    fitting: Fitting


def have_minutes(state: State, command: Command) -> None:
    """Fit what is left into so many minutes from now, and say what has changed."""
    if not isinstance(command.value, int) or _must_be_answered_first(state):
        answer(state, "not_now")
        return
    asking = state.phase is Phase.QUESTION and not state.speaking.silent
    remember(state)
    if command.value < LEAST_MINUTES and _nothing_has_begun(state):
        told = _one_minute(state)
    else:
        told = _fit(state, command.value)
    state.minutes = command.value
    _tell_now(state, told)
    if asking and state.question is not None:
        ask_in_short(state, state.question)


def _tell_now(state: State, told: Sequence[Reminder]) -> None:
    forget_told(state)
    _note_told(state, ())
    state.told_minutes = tell(state, told)


def bring_back(state: State) -> None:
    """Plan again what a time has left out, as much of it as fits into that time: all else must not be done."""
    if state.minutes is not None:
        _tell_now(state, _fit(state, state.minutes))


def fit_again(state: State) -> None:
    """Fit what is left into the time it was planned for, where its doses have changed, and note what to tell of it.

    A time that was told in the session comes after that, and stays as it was told.
    """
    forget_told(state)
    minutes = state.plan.minutes
    if minutes is None or state.told_minutes:
        return
    chosen, left_out = dict(state.chosen), state.left_out  # nobody has asked for it in this session
    told = _one_minute(state) if minutes < LEAST_MINUTES else _fit(state, minutes)
    state.chosen, state.left_out = chosen, left_out
    _note_told(state, told)


def _note_told(state: State, told: Sequence[Reminder]) -> None:
    """Let the notices before the first step tell this of the time there is, and nothing else."""
    state.notices = [*(notice for notice in state.notices if notice not in state.noted_minutes), *told]
    state.noted_minutes = tuple(told)


def _must_be_answered_first(state: State) -> bool:
    """Tell whether the coach asks something that comes before any plan."""
    question = state.question
    return state.phase is Phase.QUESTION and question is not None and question.name not in _BEFORE_THE_WORK


def _nothing_has_begun(state: State) -> bool:
    return state.side_number == 0


def _one_minute(state: State) -> Sequence[Reminder]:
    """Plan the short roll that fits into a minute, where the user may do it; else the least of everything."""
    roll = one_minute(state.plan.catalogue)
    free = unfitted_steps(state)
    planned = next((planned for planned in free if planned.step.id == roll.step.id), None)
    if planned is None:
        return _fit(state, 1)
    dose = TimedDose(min(roll.dose.seconds, planned.dose.seconds))
    _plan(state, free, [replace(planned, dose=dose)])
    return [Reminder("one_minute", {"seconds": spoken_number(dose.seconds)})]


def _fit(state: State, minutes: int) -> Sequence[Reminder]:
    left = _fitted(state, budget_of(minutes))
    if state.side is not None and left.here is not None:
        _choose(state, state.side.planned, state.side.dose, left.here)
        state.side.usual = state.side.usual or state.side.dose
        state.side.dose = left.here
    _plan(state, unfitted_steps(state), list(left.rest))
    return told_fitting(minutes, left.before, left.fitting)


def _plan(state: State, free: list[PlannedStep], fitting: list[PlannedStep]) -> None:
    """Plan what is `fitting` of all that is `free`; the rest comes back where there is more time."""
    fits = {planned.key: planned for planned in fitting}
    now = free_steps(state)
    for planned in (*now, *state.dropped):
        if planned.key in fits:
            _choose(state, planned, planned.dose, fits[planned.key].dose)
    gone = {planned.number for planned in now if planned.number is not None and planned.key not in fits}
    state.left_out = (state.left_out | gone) - {planned.number for planned in fitting}
    state.dropped = [planned for planned in free if planned.key not in fits]
    replace_free_steps(state, fitting)


def _fitted(state: State, budget: float) -> _Left:
    """Fit what is left: with the step under way, where it is on its first side."""
    side = state.side
    free = unfitted_steps(state)
    if side is None or not _may_change(state, side):
        under_way = () if side is None else (side.step,)
        begun = seconds_begun(state, state.now) + _until_clock(state)
        fitting = _fit_steps(state, free, budget - begun, under_way)
        total = replace(fitting, seconds=fitting.seconds + begun, budget=budget)
        return _Left(None, fitting.steps, tuple(free), total)
    here = replace(side.planned, step=_staying(side.step), dose=_unfitted(side), sides=_sides_left(state, side))
    spent = here.step.setup + side.worked(state.now) - _until_clock(state)
    fitting = _fit_steps(state, [here, *free], budget + spent, ())
    wanted = next((planned.dose for planned in fitting.steps if planned.key == here.key), None)
    dose = _not_under(side, wanted or side.dose, state.now)
    dose = fitted_here(state, side, dose) or side.dose
    if dose != wanted:
        rest = _fit_steps(state, free, budget + spent - replace(here, dose=dose).seconds, (side.step,))
        steps = (replace(here, dose=dose), *rest.steps)
        fitting = replace(rest, steps=steps, seconds=rest.seconds + steps[0].seconds)
    total = replace(fitting, seconds=fitting.seconds - spent, budget=budget)
    return _Left(dose, fitting.steps[1:], (here, *free), total)


def _unfitted(side: Side) -> Dose:
    """Give the dose of the side under way without the times that were told, at the gap between repetitions it has."""
    if isinstance(side.usual, HoldDose) and isinstance(side.dose, HoldDose):
        return HoldDose(side.usual.repetitions, side.usual.hold, side.dose.gap)
    return side.usual or side.dose


def _sides_left(state: State, side: Side) -> tuple[str, ...]:
    """Give the side under way and those after it that may still be worked on."""
    after = [name for name in side.planned.sides[1:] if not is_out(state, side.step, name)]
    able = [name for name in after if allowed_of(state, side.step, name, side.dose) is not None]
    return (side.name, *able)


def _fit_steps(state: State, steps: list[PlannedStep], seconds: float, under_way: tuple[Step, ...]) -> Fitting:
    """Fit `steps`; what the tempo adds to the gaps is not theirs to use."""
    gaps = sum(
        (with_gap(state, planned.dose).seconds - planned.dose.seconds) * len(planned.sides)
        for planned in steps
        if state.side is None or planned.step.id != state.side.step.id
    )
    return fitted(
        steps,
        seconds - gaps,
        state.limits,
        ledger=state.ledger,
        under_way=under_way,
        grow=state.dose_factor >= 1 and state.dials.raised == 0 and state.plan.before.doses_may_grow,
    )


def _may_change(state: State, side: Side) -> bool:
    """Tell whether the dose of the side under way may change: nobody has had it before, and it is whole."""
    planned = state.position.step not in state.inserted
    return planned and state.position.side == 0 and side.hand_over is None and not state.interrupted


def _staying(step: Step) -> Step:
    """Give `step` as one that is never left out."""
    return msgspec.structs.replace(step, priority="must")


def _until_clock(state: State) -> float:
    """Give the seconds of getting in place that are still ahead."""
    side = state.side
    if side is None:
        return 0.0
    if state.phase is Phase.SETUP:
        return side.step.setup
    return side.step.switch if state.phase is Phase.SWITCH else 0.0


def _not_under(side: Side, dose: Dose, now: float) -> Dose:
    """Give `dose`, or the least that ends this side without a jump, where more has been worked already."""
    worked = side.worked(now)
    if isinstance(dose, HoldDose):
        under_way = int(worked // (dose.hold + dose.gap)) + 1
        hold = dose.hold if dose.repetitions > 1 else max(dose.hold, min(worked + LAST_SECONDS, _hold(side.dose)))
        return HoldDose(max(dose.repetitions, min(under_way, _repetitions(side.dose))), hold, dose.gap)
    return TimedDose(max(dose.seconds, min(worked + LAST_SECONDS, side.dose.seconds)))


def _hold(dose: Dose) -> float:
    return dose.hold if isinstance(dose, HoldDose) else 0.0


def _repetitions(dose: Dose) -> int:
    return dose.repetitions if isinstance(dose, HoldDose) else 1


def _choose(state: State, planned: PlannedStep, before: Dose, after: Dose) -> None:
    if planned.number is not None and after != before:
        state.chosen[planned.number] = after


def forget_told(state: State) -> None:
    """Let what was said last about the minutes not be said again: something else is planned now."""
    state.speaking.drop(state.told_minutes)
    for reminder in state.noted_minutes:
        state.speaking.drop(utterance(state, reminder.line, **reminder.slots).text)


def remember(state: State) -> None:
    """Note how everything is planned now, so that it can be taken back."""
    side = state.side
    state.dials.undo = Undo(
        "minutes",
        state.side_number,
        state.now,
        dose=None if side is None else side.dose,
        steps=tuple(planned for number, planned in enumerate(state.steps) if number not in state.inserted),
        dropped=tuple(state.dropped),
        chosen=dict(state.chosen),
        left_out=state.left_out,
        minutes=state.minutes,
        notices=tuple(state.notices),
        noted_minutes=state.noted_minutes,
    )


def take_back(state: State, last: Undo) -> None:
    """Plan again what was planned before the minutes were told, as far as it has not begun."""
    first = first_free(state)
    begun = {planned.key for number, planned in enumerate(state.steps[:first]) if number not in state.inserted}
    replace_free_steps(state, [planned for planned in last.steps if planned.key not in begun])
    state.dropped = [planned for planned in last.dropped if planned.key not in begun]
    state.chosen = dict(last.chosen)
    state.left_out = last.left_out
    side = state.side
    if side is not None and last.dose is not None and last.side == state.side_number:
        dose = fitted_here(state, side, last.dose)
        if dose is not None and dose.seconds > side.worked(state.now) + LAST_SECONDS:
            side.dose = dose
    asking = state.phase is Phase.QUESTION and not state.speaking.silent
    forget_told(state)
    state.minutes, state.told_minutes = last.minutes, ""
    state.notices, state.noted_minutes = list(last.notices), last.noted_minutes
    answer(state, "undone")
    if asking and state.question is not None:
        ask_in_short(state, state.question)
