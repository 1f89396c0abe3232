"""Where something hurts, and what follows from it whatever was said: notes, locks, no rise any more.

What a word locks is out for the rest of the session: the area that was worked on, on that foot; on both feet, where
nobody can tell which it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.actions import Noted
from voice_coach.session.allowed import is_out
from voice_coach.session.areas import NO_REGION, PRESSURE, lock
from voice_coach.session.flow import count_in, offer, proceed, stand_still
from voice_coach.session.phases import Phase, Trigger
from voice_coach.session.questions import ask, is_asked, question_ahead
from voice_coach.session.route import is_work_left, what_follows
from voice_coach.session.rungs import rung_of
from voice_coach.session.state import State, close_side, move, speak, utterance

if TYPE_CHECKING:
    from voice_coach.routines.schema import Step
    from voice_coach.session.actions import NotedKind

    Spot = tuple[Step, str]
    """A step and a side: where something was felt."""


def spots_at_hand(state: State) -> tuple[Spot, ...]:
    """Give what may be hurt: what is worked on; while the user is getting in place, what was worked on before, too."""
    side = state.side
    before = () if state.touched is None else (state.touched,)
    if side is None:
        return before
    here = (side.step, "both" if side.both else side.name)
    at_it = side.worked(state.now) > 0 or state.phase in (Phase.COUNT_IN, Phase.GO, Phase.WORK)
    return (here,) if at_it or here in before else (here, *before)


def bar_rises(state: State) -> None:
    """Let nothing rise any more in the families of what hurts; in any, where nobody can tell."""
    families = families_that_hurt(state)
    state.dials.barred |= families
    state.dials.pained |= families
    state.dials.undo = None


def families_that_hurt(state: State) -> set[str]:
    """Give the families of what hurts; all of the session, where nobody can tell."""
    if state.hurt:
        return {step.family for step, _ in state.hurt}
    return {planned.step.family for planned in (*state.steps, *state.dropped)}


def note(state: State, kind: NotedKind, *, locked: bool = False) -> None:
    """Note the word for the history, once for every place that it may be about."""
    for step, side in state.hurt:
        state.actions.append(Noted(kind, step.id, side, step.family, step.region, locked))
    if not state.hurt:
        state.actions.append(Noted(kind, None, None, locked=locked))


def lock_what_hurts(state: State, area: str | None = None) -> None:
    """Close the areas of what hurts, or `area` on those feet, and end the side under way, if it is in them."""
    for step, side in state.hurt:
        lock(state, area or (PRESSURE if step.region in NO_REGION else step.region), side)
        if step.family == "cramp":
            lock(state, step.id, side)
    if not state.hurt:
        lock(state, area or PRESSURE, "both")
    side_now = state.side
    if side_now is not None and is_out(state, side_now.step, side_now.name):
        state.ahead = what_follows(state, state.position, side_now.hand_over or side_now.dose)
        close_side(state, done=False)


def leave_spot(state: State, kind: NotedKind, line: str, area: str | None = None) -> None:
    """Lock what hurts, say what to do about it, and offer what is left."""
    note(state, kind, locked=True)
    rung = None if state.side is None else rung_of(state, state.side.step)
    lock_what_hurts(state, area)
    if state.side is not None and rung != rung_of(state, state.side.step):
        state.clock_after_count = False  # the cue is another one now
    speak(state, utterance(state, line))
    offer(state)


def leave_question(state: State) -> None:
    """Let something else come before the answer; a pain question left open counts as the worst answer."""
    if is_asked(state, "pain"):
        note(state, "pain", locked=True)
        lock_what_hurts(state)
    state.question = None


def give_up(state: State, line: str = "pain_locked", spot: Spot | None = None) -> None:
    """End what hurts, or `spot`, lock its area for the rest of the session, and offer what is left."""
    if spot is not None:
        state.hurt = (spot,)
    bar_rises(state)
    stand_still(state)
    leave_spot(state, "pain", line)


def go_back(state: State) -> None:
    """Go back to where a body word was said: into the halt, or on after a count-in."""
    if state.back_to_halt is not None:
        stopped = state.back_to_halt is Phase.STOPPED
        move(state, Trigger.STOP if stopped else Trigger.PAUSE)
        speak(state, utterance(state, "only_resume_or_finish"))
    elif state.side is not None and (question := question_ahead(state)) is not None:
        ask(state, question)
    elif state.side is not None:
        count_in(state, clock_after=state.clock_after_count)
    elif not is_work_left(state):
        offer(state)
    else:
        proceed(state)
