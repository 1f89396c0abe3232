"""What the flow commands do: start, next, skip, back, repeat, pause, resume, finish and stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.schema import Dose, HoldDose, TimedDose
from voice_coach.session.allowed import fitted, is_out
from voice_coach.session.flow import begin, count_in, go_on, halt, proceed, side_over, stand_still, sum_up
from voice_coach.session.hurt import leave_question
from voice_coach.session.parts import Place, Position, Side
from voice_coach.session.phases import RUNNING, Phase
from voice_coach.session.questions import FEELING
from voice_coach.session.route import following, must_be_looked, what_follows
from voice_coach.session.state import State, answer, close_side, hush, speak, utterance

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command

RESTART_FROM = 5.0
"""`back` restarts a side that is this many seconds in, and goes to what came before otherwise."""
LOOKED_FROM = 10.0
"""`next` takes a foot check that is this many seconds in for done."""


def start(state: State, _command: Command) -> None:
    """Go on without waiting: from the greeting, from the time to get in place, or from a pause."""
    if state.phase is Phase.GREETING:
        hush(state)
    elif state.phase in (Phase.SETUP, Phase.SWITCH) and state.side is not None and state.side.step.setup > 0:
        hush(state)
        count_in(state, clock_after=False)
    elif state.phase is Phase.PAUSED:
        go_on(state)
    else:
        answer(state, "already_going")


def pause(state: State, _command: Command) -> None:
    """Stop clock and strokes until "resume"."""
    if state.phase is Phase.PAUSED:
        answer(state, "already_paused")
        return
    halt(state, "paused")


def resume(state: State, _command: Command) -> None:
    """Go on after a pause or a stop, with a count-in."""
    if state.phase in RUNNING:
        answer(state, "already_going")
    else:
        hush(state)
        go_on(state)


def stop(state: State, _command: Command) -> None:
    """Be silent, stop the clock; only "resume" and "finish" go on from here."""
    if state.phase is Phase.SUMMARY:
        hush(state, urgent=True)
        return
    leave_question(state)
    halt(state, "stopped", stop=True, urgent=True)


def finish(state: State, _command: Command) -> None:
    """End the session with its summary."""
    hush(state)
    if state.phase is not Phase.SUMMARY:
        leave_question(state)
        if any(question.name == FEELING.name for question in state.unanswered):
            state.closing.append("numb_doctor")
        sum_up(state, "finished_early")


def next_(state: State, _command: Command) -> None:
    """Go on with the other foot, or with the step after this one; what was worked counts as done.

    A foot check that has hardly begun is left out on the second word.
    """
    side = state.side
    if side is not None and side.worked(state.now) < LOOKED_FROM and not _may_leave_out(state, side):
        return
    hush(state)
    if state.phase is Phase.GREETING:
        return
    if side is None:
        proceed(state)
        return
    side.halt(state.now)
    side_over(state, release=side.before > 0 and side.step.release, next_dose=_as_much(state, side))


def _as_much(state: State, side: Side) -> Dose:
    """Give the dose for the other foot after this one was ended by hand: as much as this one got."""
    if side.before == 0:
        return side.dose
    if isinstance(side.dose, HoldDose):
        begun = int(side.before // (side.dose.hold + side.dose.gap)) + 1
        return HoldDose(min(begun, side.dose.repetitions), side.dose.hold, side.dose.gap)
    return TimedDose(min(side.dose.seconds, max(state.limits.timed.shortest, side.before)))


def skip(state: State, _command: Command) -> None:
    """Leave out the rest of this step; it is not logged as done. The foot check is left out on the second word."""
    if state.phase is Phase.GREETING:
        hush(state)
        return
    if state.side is not None and not _may_leave_out(state, state.side):
        return
    hush(state)
    if state.side is None:
        proceed(state)
        return
    state.ahead = _after_this_step(state)
    close_side(state, done=False)
    speak(state, utterance(state, "skipped"))
    begin(state, state.ahead)


def _may_leave_out(state: State, side: Side) -> bool:
    """Tell whether this step may be left out; the foot check only when the user says so again."""
    if side.step.id != state.plan.foot_check.step.id or state.skip_confirmed:
        return True
    state.skip_confirmed = True
    answer(state, "confirm_foot_check")
    return False


def _leaves_a_look(state: State, side: Side) -> bool:
    """Tell whether this would leave a look at the feet that has to be, and the user has not said so twice."""
    looking = must_be_looked(state, state.position) and side.worked(state.now) < LOOKED_FROM
    return looking and not _may_leave_out(state, side)


def _after_this_step(state: State) -> Place:
    if state.position.step in state.inserted:
        return what_follows(state, state.position)
    last = len(state.steps[state.position.step].sides) - 1
    return Place(following(state, Position(state.position.step, last)))


def back(state: State, _command: Command) -> None:
    """Begin this side again or, near its beginning, go to what came before it."""
    side = state.side
    if side is not None and side.worked(state.now) >= RESTART_FROM:
        _begin_again(state, Place(state.position, side.dose, side.hand_over, side.had, side.usual))
        return
    before = _before(state)
    if before is None:
        answer(state, "nothing_before")
    else:
        _begin_again(state, Place(before))


def _before(state: State) -> Position | None:
    """Give the side before the one that is under way or ahead: the other foot, or the beginning of a step before."""
    position = state.position if state.side is not None else state.ahead.position
    if position.side > 0:
        return Position(position.step, position.side - 1)
    step = max((n for n in range(position.step) if n not in state.inserted), default=None)
    return None if step is None else Position(step)


def repeat(state: State, command: Command) -> None:
    """Do the same side again with the same dose, or say the last line again."""
    if command.value == "line" or state.phase in (Phase.GREETING, Phase.QUESTION, Phase.STOPPED):
        if state.last_line is not None:
            state.actions += state.speaking.instead(state.last_line, state.now)
        return
    side = state.side
    if side is not None and (side.worked(state.now) > 0 or state.last_side is None):
        _begin_again(state, Place(state.position, side.dose, side.hand_over, side.had, side.usual))
    elif state.last_side is not None:
        _begin_again(state, state.last_side)
    else:
        answer(state, "nothing_before")


def _begin_again(state: State, place: Place) -> None:
    """Begin the side at `place`, unless a cap or a lock is in the way."""
    planned = state.steps[place.position.step]
    name = planned.sides[place.position.side]
    if is_out(state, planned.step, name):
        answer(state, "stays_out")
        return
    side = state.side
    if side is not None and place.position != state.position and _leaves_a_look(state, side):
        return
    here = side is not None and side.step.id == planned.step.id and side.name == name
    lost = side.worked(state.now) + side.lost if side is not None and here else 0.0
    if fitted(state, planned.step, name, place.dose or planned.dose, lost=lost) is None:
        answer(state, "no_repeat")
        return
    stand_still(state)
    if place.position.step < state.position.step:
        state.interrupted.clear()
    close_side(state, done=False)
    speak(state, utterance(state, "side_again"))
    begin(state, place)
