"""The way through a session: from the greeting over every side of every step to the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from voice_coach.routines.schema import Dose, HoldDose, TimedDose
from voice_coach.routines.tips import tip_after
from voice_coach.session.actions import Ended, StepBegan
from voice_coach.session.allowed import fitted, fitted_here, is_closed, is_out
from voice_coach.session.cues import cue_text, fire, go_text, speak_setup
from voice_coach.session.parts import Cramp, Place, Position, Side
from voice_coach.session.phases import Phase, Trigger
from voice_coach.session.questions import LET_GO, ask, must_be_answered, question_ahead
from voice_coach.session.remaining import with_gap
from voice_coach.session.route import (
    check_feet,
    feet_need_a_check,
    first_allowed,
    following,
    halted_long,
    is_work_left,
    must_be_looked,
    over_with,
    what_follows,
)
from voice_coach.session.rungs import current_rung, is_moving, rung_of
from voice_coach.session.speaking import Utterance
from voice_coach.session.state import EndReason, State, answer, chime, close_side, hush, move, speak, utterance
from voice_coach.session.timeline import LAST_SECONDS, held, repetition_at, repetition_began, timeline
from voice_coach.session.wording import counted, minutes

if TYPE_CHECKING:
    from voice_coach.routines.schema import Step

_ROUNDING = 1e-6
"""Seconds by which sums of times may differ from what they should be."""


def proceed(state: State) -> None:
    """Go on with what is ahead, when no side is under way."""
    begin(state, state.ahead)


def begin(state: State, place: Place) -> None:
    """Begin with the side at `place`, or with the next one after it that may be worked on.

    What has to be asked or said before comes first; it comes back here.
    """
    state.question = None
    state.back_to_halt = None
    state.ahead = place
    checked = False
    while not _something_comes_first(state):
        if place.position.step >= len(state.steps):
            sum_up(state, "body" if state.locked and not state.done_steps else "finished")
            return
        if state.elapsed >= state.limits.session.end_after:
            limit_reached(state)
            return
        if not checked and feet_need_a_check(state, place.position):
            place, checked = check_feet(state, place), True  # once: this ends, even if a check were ever barred
        if begin_side(state, place):
            return
        place = state.ahead = what_follows(state, place.position)


def _something_comes_first(state: State) -> bool:
    """Ask what must be answered before any work, or ask whether to go on at all, or go on with the opening."""
    question = question_ahead(state)
    if question is not None:
        ask(state, question)
    elif state.offer_next:
        offer(state, "cramp_over")
    elif state.opening:
        move(state, Trigger.GREET)
    else:
        return False
    return True


def offer(state: State, line: str = "") -> None:
    """Stand still and say what could come now; end, where nothing is left that may be worked on.

    Args:
        state: the session.
        line: what is said instead.
    """
    state.offer_next = False
    here = state.side is not None
    ahead = None if here else first_allowed(state, state.ahead.position)
    if not is_work_left(state):
        speak(state, utterance(state, "nothing_left"))
        sum_up(state, "body")
        return
    stop = state.back_to_halt is Phase.STOPPED
    if ahead is None:
        halt(state, line or "offer_here", stop=stop)
    elif ahead.step == state.position.step and ahead.side > 0:
        halt(state, line or "offer_other_foot", stop=stop)
    else:
        halt(state, line or "offer", stop=stop, name=_in_a_sentence(state.steps[ahead.step].step))


def _in_a_sentence(step: Step) -> str:
    return step.short or step.name


def limit_reached(state: State) -> None:
    """End a session that has lasted as long as a session may."""
    hush(state)
    speak(state, utterance(state, "session_limit"))
    sum_up(state, "limit")


def begin_side(state: State, place: Place) -> bool:
    """Begin the setup of a side; False when it is locked, barred, or has had all that it may get."""
    position = place.position
    planned = state.steps[position.step]
    name = planned.sides[position.side]
    if is_out(state, planned.step, name):
        if not is_closed(state, planned.step, name):
            speak(state, utterance(state, "takes_both_legs"), keep=True)
        return False
    wanted = place.dose or with_gap(state, planned.dose)
    dose = wanted if must_be_looked(state, position) else fitted(state, planned.step, name, wanted)
    if dose is None:
        _say_why_not(state, planned.step, name)
        return False
    if planned.step.family == "cramp":
        _relieve(state, planned.step, name)
    change = position.side > 0 and state.position == Position(position.step, position.side - 1)
    state.in_place = state.in_place if change else None
    move(state, Trigger.CHANGE_SIDE if change else Trigger.BEGIN_STEP)
    state.position = position
    usual = place.usual if place.dose is not None or planned.usual is None else with_gap(state, planned.usual)
    state.side = Side(planned, name, dose, place.hand_over, place.had, usual)
    state.side_number += 1
    state.clock_after_count = False
    state.skip_confirmed = False
    state.actions.append(
        StepBegan(
            step=planned.step.id,
            name=planned.step.name,
            side=name,
            number=position.step + 1,
            of=len(state.steps),
            rung=rung_of(state, planned.step),
            planned=dose.seconds,
        )
    )
    speak_setup(state, change=change)
    _await_count(state, planned.step.switch if change else planned.step.setup)
    return True


def _relieve(state: State, step: Step, side: str) -> None:
    """Note that a cramp is being relieved: nothing else begins before it has let go."""
    where: Literal["arch", "calf"] = "calf" if step.id == state.plan.relief["calf"].step.id else "arch"
    if state.cramp is None:
        state.cramp = Cramp(where, side, state.now, planned=True)
    must_be_answered(state, LET_GO)


def _say_why_not(state: State, step: Step, side: str) -> None:
    """Say that a side has had its most: for the whole day only once."""
    if not state.ledger.is_used_up_today(step, side):
        speak(state, utterance(state, "no_repeat"))
    elif "most_today" not in state.told:
        state.told.add("most_today")
        speak(state, utterance(state, "most_today"))


def _await_count(state: State, window: float) -> None:
    """Set the time for the count-in, so that the first cue ends with the time to get in place, if it can."""
    side = state.side
    if side is None:
        return
    if window == 0:
        state.timer = state.now
        return
    cue = state.speaking.seconds(go_text(state))
    state.timer = state.now + max(0.0, window - state.limits.count_in - cue)


def setup_over(state: State) -> None:
    """Count in, when the time to get in place and the instructions are both over."""
    if state.timer is None or state.now < state.timer or not state.speaking.silent:
        return
    side = state.side
    if side is not None and side.step.setup == 0:
        speak_cue(state)
    else:
        count_in(state, clock_after=False)


def count_in(state: State, *, clock_after: bool) -> None:
    """Count in, with more time for whoever has to get in place; the count begins when what is being said has ended.

    Args:
        state: the session.
        clock_after: the dose clock starts right afterwards, without the first cue.
    """
    move(state, Trigger.COUNT)
    state.clock_after_count = clock_after
    side, before = state.side, state.in_place
    moving = side is not None and before is not None and is_moving(before, current_rung(state, side.step))
    state.count_in = state.limits.count_in_after_moving if moving else state.limits.count_in
    if side is not None and _is_spot_used_up(state, side):
        speak(state, Utterance(cue_text(state, side.step.cues.each_repetition)), keep=True)
    counting(state)


def counting(state: State) -> None:
    """Begin to count, speak the count, or end it, whatever is due now."""
    if state.timer is None and state.speaking.silent:
        state.timer = state.now + state.count_in
        state.count_at = state.timer - state.limits.count_in
    if state.count_at is not None and state.now >= state.count_at:
        state.count_at = None
        speak(state, utterance(state, "count_in"))
    if state.timer is not None and state.now >= state.timer:
        state.speaking.forget(state.now)
        if state.clock_after_count:
            start_clock(state)
        else:
            speak_cue(state)


def _is_spot_used_up(state: State, side: Side) -> bool:
    """Tell whether a hold that starts over would stay on its spot longer than a spot may be held."""
    if not (side.step.cues.each_repetition and isinstance(side.dose, HoldDose)):
        return False
    had = side.on_spot.get(repetition_at(side.dose, side.before), 0.0)
    return had > 0 and had + side.dose.hold > state.limits.hold.longest


def speak_cue(state: State) -> None:
    """Speak the first cue of the work; the dose clock starts when it has ended."""
    move(state, Trigger.SPEAK_CUE)
    state.clock_after_count = True
    speak(state, Utterance(go_text(state)), keep=True)


def start_clock(state: State) -> None:
    """Start the dose clock. What a hold that starts over has cost already is taken from the dose, if a cap asks."""
    move(state, Trigger.START_CLOCK)
    side = state.side
    if side is None:
        return
    dose: Dose | None = side.dose
    if not must_be_looked(state, state.position):
        dose = fitted_here(state, side, side.dose)
    if dose is None or dose.seconds <= side.before:
        answer(state, "no_repeat")
        side_over(state, release=False)
        return
    side.dose = dose
    side.running_since = state.now
    if isinstance(dose, HoldDose) and _is_spot_used_up(state, side):
        del side.on_spot[repetition_at(dose, side.before)]  # the count-in has told to move on


def work(state: State) -> None:
    """Give every cue that is due, and end the side when its dose is done."""
    side = state.side
    if side is None:
        return
    state.in_place = current_rung(state, side.step)
    at = side.worked(state.now) + 1e-9
    for mark in timeline(side.step, side.dose, state.dials.stroke):
        if mark.key not in side.said and side.fired_until <= mark.at <= at:
            side.said.add(mark.key)
            fire(state, mark)
    side.fired_until = max(side.fired_until, min(at, side.dose.seconds))
    if at >= side.dose.seconds:
        side_done(state)


def side_done(state: State) -> None:
    """End a side whose dose is done, and go on with what comes after it."""
    side = state.side
    if side is None:
        return
    if side.running_since is not None:
        over = side.worked(state.now) - side.dose.seconds  # where the dose was shortened in a gap that had begun
        side.lost += over if over > _ROUNDING else 0.0
        side.before, side.running_since = side.dose.seconds, None
    side_over(state, release=side.step.release)


def side_over(state: State, *, release: bool, next_dose: Dose | None = None) -> None:
    """Book the current side as done, say so, and go on with what comes after it.

    Args:
        state: the session.
        release: tell the user to let go.
        next_dose: what the other side gets, where it is not what this one was to get.
    """
    side = state.side
    if side is None:
        return
    if state.position.step not in state.inserted:
        state.last_side = Place(state.position, side.dose, usual=side.usual)
    state.ahead = what_follows(state, over_with(state), next_dose or side.hand_over or side.dose)
    close_side(state, done=True)
    chime(state, "release")
    state.speaking.drop_yielding()
    if release:
        state.actions += state.speaking.instead(utterance(state, "release"), state.now)
    begin(state, state.ahead)


def stand_still(state: State, *, urgent: bool = False) -> None:
    """Stop the dose clock and the talk; a hold that was going on starts over.

    Args:
        state: the session.
        urgent: a safety line that is being said gives way, too.
    """
    hush(state, urgent=urgent)
    side = state.side
    if side is None:
        return
    side.halt(state.now)
    if isinstance(side.dose, HoldDose) and side.before > 0:
        _start_over(side, side.dose)
    marks = timeline(side.step, side.dose, state.dials.stroke)
    side.said -= {mark.key for mark in marks if mark.at >= side.before and mark.key != "halfway"}
    side.fired_until = side.before


def _start_over(side: Side, dose: HoldDose) -> None:
    began = repetition_began(dose, side.before)
    side.lost += side.before - began
    side.lose_hold(repetition_at(dose, side.before), held(dose, side.before) - held(dose, began))
    side.before = began


def halt(state: State, line: str, *, stop: bool = False, urgent: bool = False, **slots: str) -> None:
    """Stand still until the user wants to go on, and say why.

    Args:
        state: the session.
        line: what is said.
        stop: nothing but "resume" and "finish" goes on from here.
        urgent: a safety line that is being said gives way, too.
        slots: what the slots of the line are filled with.
    """
    stand_still(state, urgent=urgent)
    state.question = None
    move(state, Trigger.STOP if stop else Trigger.PAUSE)
    speak(state, utterance(state, line, **slots))


def go_on(state: State) -> None:
    """Leave a pause: count in and go on where the session stood."""
    side = state.side
    state.back_to_halt = None
    if side is None:
        proceed(state)
        return
    question = question_ahead(state)
    if question is not None:
        ask(state, question)
        return
    if feet_need_a_check(state, state.position) and halted_long(state):
        _check_feet_after_pause(state, side)
        return
    answer(state, "resuming")
    count_in(state, clock_after=state.clock_after_count)


def _check_feet_after_pause(state: State, side: Side) -> None:
    """Check the feet, and then give this side the rest of its dose; the other one still gets all of it."""
    if is_as_good_as_done(state, side):
        if state.interrupted or first_allowed(state, following(state, state.position)) is not None:
            answer(state, "long_pause")
        side_over(state, release=False)
        return
    rest = rest_at(state, side, state.position)
    close_side(state, done=False)
    answer(state, "long_pause")
    begin(state, check_feet(state, rest))


def rest_at(state: State, side: Side, position: Position) -> Place:
    """Give the place at which a side goes on with the rest of its dose; the other foot still gets all of it."""
    return Place(position, rest_of(state, side), side.hand_over or side.dose, side.had + side.worked(state.now))


def rest_of(state: State, side: Side) -> Dose:
    """Give what is left of the dose of a side that begins again after an interruption."""
    if isinstance(side.dose, HoldDose):
        left = max(1, side.dose.repetitions - int(side.before // (side.dose.hold + side.dose.gap)))
        return HoldDose(left, side.dose.hold, side.dose.gap)
    return TimedDose(side.dose.seconds - side.worked(state.now))


def is_as_good_as_done(state: State, side: Side) -> bool:
    """Tell whether so little of a timed dose is left that nobody gets in place for it again."""
    worked = side.worked(state.now)
    return isinstance(side.dose, TimedDose) and worked > 0 and side.dose.seconds - worked < LAST_SECONDS


def sum_up(state: State, reason: EndReason) -> None:
    """End the work, say what was done, and stop."""
    close_side(state, done=reason != "body")
    state.question = None
    state.end_reason = reason
    move(state, Trigger.SUM_UP)
    speak(state, _summary(state, reason))
    for line in state.closing:
        speak(state, utterance(state, line))
    _tell_a_tip(state, reason)
    if reason == "finished" and state.done_steps:
        chime(state, "finished")


def _tell_a_tip(state: State, reason: EndReason) -> None:
    """Tell something good to know, unless there is something more important to be told."""
    if state.closing or reason not in ("finished", "finished_early"):
        return
    done = [state.steps[number].step for number in sorted(state.done_steps)]
    tip = tip_after(state.plan.tips, state.plan.routine.id, done, state.plan.number)
    if tip is not None:
        speak(state, Utterance(tip.say, ears_closed=tip.ears == "closed"))


def _summary(state: State, reason: EndReason) -> Utterance:
    steps = len(state.done_steps)
    if steps == 0:
        return utterance(state, "summary_nothing" if state.worked == 0 else "summary_short")
    line = "summary_done" if reason == "finished" else "summary_part"
    length = minutes(state.elapsed)
    return utterance(state, line, name=state.plan.routine.name, minutes=length, steps=counted(steps, "step"))


def end(state: State) -> None:
    move(state, Trigger.END)
    length = state.now - state.began
    resumable = state.end_reason not in ("body", "limit")
    state.actions.append(Ended(state.end_reason, length, state.worked, len(state.done_steps), resumable=resumable))
