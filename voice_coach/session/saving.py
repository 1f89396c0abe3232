"""What "save that" wants saved: every step of the routine as the dials stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.catalogue import dose_in_routine, step_in_routine
from voice_coach.routines.schema import HoldDose, TimedDose
from voice_coach.session.actions import SavedStep, SaveWanted
from voice_coach.session.remaining import with_gap
from voice_coach.session.rungs import rung_of
from voice_coach.session.state import answer

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.routines.schema import RoutineStep, Step
    from voice_coach.session.state import State


def save_that(state: State, _command: Command) -> None:
    """Let the routine begin like this from now on, where anything is not as the routine has it."""
    wanted = _wanted(state)
    if not (wanted.steps or wanted.left_out or wanted.stroke is not None):
        answer(state, "nothing_to_save")
        return
    state.actions.append(wanted)
    answer(state, "saved")


def _wanted(state: State) -> SaveWanted:
    routine = state.plan.routine
    steps = [
        saved
        for number, entry in enumerate(routine.steps)
        if number not in state.left_out and (saved := _saved(state, number, entry)) is not None
    ]
    usual = routine.stroke or state.limits.tempo.stroke.usual
    stroke = state.dials.stroke if state.dials.stroke != usual else None
    return SaveWanted(routine.id, tuple(steps), tuple(sorted(state.left_out)), stroke)


def _saved(state: State, number: int, entry: RoutineStep) -> SavedStep | None:
    """Give a step as the dials stand; None where it is as the routine has it."""
    step = state.plan.catalogue.steps[entry.step]
    usual = dose_in_routine(step, entry, state.limits)
    dose = with_gap(state, state.chosen.get(number, usual))
    rung = _rung(state, step_in_routine(state.plan.catalogue, entry))
    saved = SavedStep(number, step.id, rung=rung)
    if isinstance(dose, TimedDose) and isinstance(usual, TimedDose):
        saved = SavedStep(number, step.id, seconds=_new(dose.seconds, usual.seconds), rung=rung)
    elif isinstance(dose, HoldDose) and isinstance(usual, HoldDose):
        saved = SavedStep(
            number,
            step.id,
            repetitions=None if dose.repetitions == usual.repetitions else dose.repetitions,
            hold=_new(dose.hold, usual.hold),
            gap=_new(dose.gap, usual.gap),
            rung=rung,
        )
    return None if saved == SavedStep(number, step.id) else saved


def _new(value: float, usual: float) -> float | None:
    return None if value == usual else value


def _rung(state: State, step: Step) -> int | None:
    """Give the rung to begin with; None where the user has not changed it.

    What earlier sessions have changed is left out: it is worked out anew before each session. But it is never firmer
    than what the user works on now.
    """
    dials = state.dials
    change = dials.rungs.get(step.family, 0) - dials.rungs_before.get(step.family, 0)
    change = min(change, dials.rises.get(step.family, 0))
    rung = max(1, min(step.rung + change, rung_of(state, step)))
    changed = rung > step.rung or (rung < step.rung and change < 0)
    return rung if changed else None
