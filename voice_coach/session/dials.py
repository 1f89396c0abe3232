"""What the dose commands do: time, intensity and tempo, three dials that never move each other.

The rules are those of the content's "dials and limits"; the limits are in routines/limits.yaml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.schema import Dose, HoldDose, Rung, Step, TimedDose
from voice_coach.session.allowed import fitted_here, is_lightest
from voice_coach.session.flow import count_in, stand_still
from voice_coach.session.minutes import take_back
from voice_coach.session.parts import AfterHarder, Side, Undo
from voice_coach.session.phases import Phase
from voice_coach.session.rungs import STRONG_FROM, current_rung, is_moving, may_rise, rung_of
from voice_coach.session.state import State, answer, chime, speak, utterance
from voice_coach.session.timeline import LAST_SECONDS, is_holding
from voice_coach.session.wording import spoken_number

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command

_CLOSE = 1e-6


def longer(state: State, _command: Command) -> None:
    """Give this side 15 s or one repetition more; a single short hold grows first."""
    side = state.side
    if side is None:
        answer(state, "not_now")
        return
    if isinstance(side.dose, TimedDose):
        _give(state, side, TimedDose(side.dose.seconds + state.limits.timed.step))
        return
    hold = side.dose.hold
    if side.dose.repetitions == 1 and hold < state.limits.hold.longest:
        grown = min(hold + state.limits.hold.step, state.limits.hold.longest)
        _give(state, side, HoldDose(1, grown, side.dose.gap))
        return
    _give(state, side, HoldDose(side.dose.repetitions + 1, hold, side.dose.gap))


def more_time(state: State, command: Command) -> None:
    """Give this side so many seconds more, in whole repetitions where it has any."""
    side = state.side
    if side is None or not isinstance(command.value, int):
        answer(state, "not_now")
        return
    if isinstance(side.dose, TimedDose):
        _give(state, side, TimedDose(side.dose.seconds + command.value))
        return
    more = max(1, round(command.value / (side.dose.hold + side.dose.gap)))
    _give(state, side, HoldDose(side.dose.repetitions + more, side.dose.hold, side.dose.gap))


def _give(state: State, side: Side, wanted: Dose) -> None:
    """Give this side as much of `wanted` as the caps allow, and say how much that is."""
    wanted = _within_extra(state, side, wanted)
    dose = fitted_here(state, side, wanted)
    if dose is None or dose.seconds <= side.dose.seconds + _CLOSE:
        answer(state, "at_most")
        return
    _set_dose(state, side, dose)


def _within_extra(state: State, side: Side, wanted: Dose) -> Dose:
    """Give `wanted`, but no more than so many seconds over what the plan gives this side, with what it has had."""
    most = _planned_seconds(side) + state.limits.more_time_per_step - side.had
    if wanted.seconds <= most + _CLOSE:
        return wanted
    if isinstance(wanted, TimedDose):
        return TimedDose(most)
    fits = [n for n in range(1, wanted.repetitions) if HoldDose(n, wanted.hold, wanted.gap).seconds <= most]
    return HoldDose(max(fits), wanted.hold, wanted.gap) if fits else side.dose


def _planned_seconds(side: Side) -> float:
    """Give the planned seconds of this side, at the gap between repetitions that it has now."""
    planned = side.planned.dose
    if isinstance(planned, HoldDose) and isinstance(side.dose, HoldDose):
        return HoldDose(planned.repetitions, planned.hold, side.dose.gap).seconds
    return planned.seconds


def shorter(state: State, _command: Command) -> None:
    """Take 15 s or one repetition from this side; a side that is nearly over is counted out."""
    side = state.side
    if side is None:
        answer(state, "not_now")
    elif isinstance(side.dose, TimedDose):
        _shorten_time(state, side, side.dose.seconds)
    else:
        _drop_repetition(state, side, side.dose)


def _shorten_time(state: State, side: Side, seconds: float) -> None:
    limits = state.limits.timed
    if seconds <= limits.shortest:
        answer(state, "at_least")
        return
    worked = side.worked(state.now)
    target = max(limits.shortest, seconds - limits.step)
    if target - worked < limits.least_left:
        target = max(limits.shortest, worked + LAST_SECONDS)
    if target >= seconds:
        answer(state, "nearly_over")
        return
    _set_dose(state, side, TimedDose(target), quiet=target - worked < limits.least_left)


def _drop_repetition(state: State, side: Side, dose: HoldDose) -> None:
    if dose.repetitions == 1:
        answer(state, "at_least")
        return
    under_way = int(side.worked(state.now) // (dose.hold + dose.gap)) + 1
    if under_way >= dose.repetitions:
        answer(state, "nearly_over")
        return
    _set_dose(state, side, HoldDose(dose.repetitions - 1, dose.hold, dose.gap))


def _set_dose(state: State, side: Side, dose: Dose, *, quiet: bool = False) -> None:
    state.dials.undo = Undo(
        "time",
        state.side_number,
        state.now,
        dose=side.dose,
        hand_over=side.hand_over,
        usual=side.usual,
        chosen=dict(state.chosen),
    )
    grown_hold = isinstance(dose, HoldDose) and isinstance(side.dose, HoldDose) and dose.hold != side.dose.hold
    if side.hand_over is not None:
        side.hand_over = _changed_alike(state, side.hand_over, side.dose, dose)
    if side.usual is not None:
        side.usual = _changed_alike(state, side.usual, side.dose, dose)
    if side.planned.number is not None:
        state.chosen[side.planned.number] = _changed_alike(state, _chosen(state, side), side.dose, dose)
    side.dose = dose
    if not quiet:
        _say_dose(state, side, grown_hold=grown_hold)


def _chosen(state: State, side: Side) -> Dose:
    """Give the whole dose of this step as it is wanted: more than the side's, where it only does the rest of one."""
    number = side.planned.number
    return side.planned.dose if number is None else state.chosen.get(number, side.planned.dose)


def _changed_alike(state: State, other: Dose, before: Dose, after: Dose) -> Dose:
    """Change `other` by as much as this side's dose has changed."""
    if isinstance(other, TimedDose):
        least = min(other.seconds, state.limits.timed.shortest)
        return TimedDose(max(least, other.seconds + after.seconds - before.seconds))
    if isinstance(before, HoldDose) and isinstance(after, HoldDose):
        repetitions = max(1, other.repetitions + after.repetitions - before.repetitions)
        return HoldDose(repetitions, other.hold + after.hold - before.hold, other.gap)
    return other


def _say_dose(state: State, side: Side, *, grown_hold: bool = False) -> None:
    """Confirm the dose of this side, and say whether the other side gets it too."""
    here = "_here" if state.position.side > 0 else ""
    dose = side.dose
    if isinstance(dose, TimedDose):
        alone = len(side.planned.sides) == 1 or side.hand_over is not None
        line = "more_seconds_both" if alone else f"more_seconds{here}"
        answer(state, line, seconds=spoken_number(round(dose.seconds)))
    elif grown_hold:
        answer(state, "hold_seconds", seconds=spoken_number(dose.hold))
    else:
        line = "once" if dose.repetitions == 1 else "repetitions"
        answer(state, f"{line}{here}", count=spoken_number(dose.repetitions))


def harder(state: State, _command: Command) -> None:
    """Go one rung up, unless a rule is in the way; the clock waits while the user gets set."""
    step = step_at_hand(state)
    refusal = _why_not_harder(state, step)
    if refusal is not None:
        answer(state, refusal)
        return
    before = current_rung(state, step)
    state.ratings.open = None
    state.ratings.after_harder = AfterHarder(step.family, state.side_number)
    state.dials.undo = _rung_undo(state, step)
    _set_rung(state, step, rung_of(state, step) + 1)
    _count_rises(state, step.family, +1)
    state.dials.last_rise = state.now
    _announce_rise(state, step, before)


def _why_not_harder(state: State, step: Step) -> str | None:
    last = state.dials.last_rise
    if not may_rise(state, step):
        return "as_firm_as_today"
    if last is not None and state.now - last < state.limits.harder.seconds_between:
        return "firm_enough_for_now"
    return None


def _announce_rise(state: State, step: Step, before: Rung) -> None:
    """Say the new rung, and count in again where the work, or the count, had begun.

    Where neither had, the next count-in leaves time to get in place.
    """
    moving = is_moving(before, current_rung(state, step))
    if moving:
        state.in_place = before
    line = "rung_change_of_kit" if moving else "rung"
    slots = {"rung": spoken_number(rung_of(state, step)), "text": current_rung(state, step).text}
    if state.phase not in (Phase.WORK, Phase.COUNT_IN, Phase.GO):
        answer(state, line, **slots)
        return
    side = state.side
    holding = side is not None and state.phase is Phase.WORK and is_holding(side.dose, side.worked(state.now))
    stand_still(state)
    if holding:
        chime(state, "release")
        answer(state, "release")
        speak(state, utterance(state, line, **slots), keep=True)
    else:
        answer(state, line, **slots)
    count_in(state, clock_after=state.clock_after_count)


def easier(state: State, _command: Command) -> None:
    """Go one rung down, at once; never refused, and nothing in this family rises any more."""
    step = step_at_hand(state)
    rung = rung_of(state, step)
    state.ratings.open = None
    state.ratings.after_harder = None
    if is_lightest(state, step):
        state.dials.barred.add(step.family)
        state.dials.undo = None
        answer(state, "lightest_already")
        return
    state.dials.undo = _rung_undo(state, step)
    state.dials.barred.add(step.family)
    _set_rung(state, step, rung - 1)
    holds = isinstance(step.dose, HoldDose) and step.family == "stretch"
    line = "half_stretch" if holds else "rung"
    answer(state, line, rung=spoken_number(rung - 1), text=current_rung(state, step).text)


def step_at_hand(state: State) -> Step:
    """Give the step being worked on, or the one that comes."""
    if state.side is not None:
        return state.side.step
    steps = state.steps or [state.plan.foot_check]
    return steps[min(state.ahead.position.step, len(steps) - 1)].step


def _set_rung(state: State, step: Step, rung: int) -> None:
    state.dials.rungs[step.family] = rung - step.rung


def _count_rises(state: State, family: str, change: int) -> None:
    state.dials.rises[family] = max(0, state.dials.rises.get(family, 0) + change)


def _rung_undo(state: State, step: Step) -> Undo:
    return Undo(
        "rung",
        state.side_number,
        state.now,
        family=step.family,
        rung=state.dials.rungs.get(step.family, 0),
        barred=step.family in state.dials.barred,
    )


def faster(state: State, _command: Command) -> None:
    """Take a second from each stroke, or from the gap between repetitions."""
    _change_tempo(state, -1, "as_quick_as_it_goes")


def slower(state: State, _command: Command) -> None:
    """Give each stroke, or the gap between repetitions, a second more."""
    _change_tempo(state, +1, "as_calm_as_it_goes")


def _change_tempo(state: State, change: int, refusal: str) -> None:
    step, side = step_at_hand(state), state.side
    if step.strokes:
        _change_stroke(state, change, refusal)
    elif side is not None and isinstance(side.dose, HoldDose) and side.dose.gap > 0 and side.dose.repetitions > 1:
        _change_gap(state, side, side.dose, change, refusal)
    else:
        answer(state, "holds_stay")


def _change_stroke(state: State, change: int, refusal: str) -> None:
    limits = state.limits.tempo.stroke
    stroke = state.dials.stroke + change
    if not limits.least <= stroke <= limits.most:
        answer(state, refusal)
        return
    state.dials.undo = Undo("stroke", state.side_number, state.now, stroke=state.dials.stroke)
    state.dials.stroke = stroke
    answer(state, "stroke_seconds", seconds=spoken_number(stroke))


def _change_gap(state: State, side: Side, dose: HoldDose, change: int, refusal: str) -> None:
    limits = state.limits.tempo.gap
    slower_dose = HoldDose(dose.repetitions, dose.hold, dose.gap + change)
    if not (limits.least <= slower_dose.gap <= limits.most and _is_allowed(state, side, slower_dose)):
        answer(state, refusal)
        return
    state.dials.undo = Undo("gap", state.side_number, state.now, gap=state.dials.gap)
    _set_gap(state, side, slower_dose)
    state.dials.gap += change
    answer(state, "gap_seconds", seconds=spoken_number(slower_dose.gap))


def _is_allowed(state: State, side: Side, dose: Dose) -> bool:
    """Tell whether the caps leave this side the whole of `dose`."""
    return fitted_here(state, side, dose) == dose


def _set_gap(state: State, side: Side, dose: HoldDose) -> None:
    """Change the gap and stay in the same repetition, at the same second of it."""
    old = side.dose
    if not isinstance(old, HoldDose):
        return
    worked = side.worked(state.now)
    repetition = min(int(worked // (old.hold + old.gap)), old.repetitions - 1)
    into = min(worked - repetition * (old.hold + old.gap), dose.hold + dose.gap)
    running = side.running_since is not None
    side.before = repetition * (dose.hold + dose.gap) + into
    side.running_since = state.now if running else None
    side.lost += worked - side.before
    side.fired_until = side.before
    side.dose = dose


def undo(state: State, _command: Command) -> None:
    """Take the last change of a dial back, if it can still matter."""
    last, side = state.dials.undo, state.side
    if state.phase is Phase.QUESTION and (last is None or last.dial != "minutes"):
        answer(state, "not_now")
        return
    state.dials.undo = None
    if last is None:
        answer(state, "nothing_to_undo")
    elif last.dial == "rung":
        _undo_rung(state, last)
    elif last.dial == "stroke":
        state.dials.stroke = last.stroke
        answer(state, "stroke_seconds", seconds=spoken_number(last.stroke))
    elif last.dial == "minutes":
        take_back(state, last)
    elif side is None or last.side != state.side_number:
        answer(state, "nothing_to_undo")
    elif last.dial == "time":
        _undo_time(state, side, last)
    elif isinstance(side.dose, HoldDose):
        _undo_gap(state, side, side.dose, last)


def _undo_gap(state: State, side: Side, dose: HoldDose, last: Undo) -> None:
    before = HoldDose(dose.repetitions, dose.hold, dose.gap + last.gap - state.dials.gap)
    if not _is_allowed(state, side, before):
        answer(state, "at_most")
        return
    state.dials.gap = last.gap
    _set_gap(state, side, before)
    answer(state, "gap_seconds", seconds=spoken_number(before.gap))


def _undo_rung(state: State, last: Undo) -> None:
    step = step_at_hand(state)
    before, rung_before = rung_of(state, step), current_rung(state, step)
    rises = last.rung > state.dials.rungs.get(last.family, 0)
    if rises and (last.family in state.dials.pained or _was_strong_since(state, last)):
        answer(state, "as_firm_as_today")
        return
    if not rises and step.family == last.family and before > 1 and is_lightest(state, step):
        answer(state, "lightest_already")
        return
    state.dials.rungs[last.family] = last.rung
    state.ratings.after_harder = None
    if last.family not in state.dials.pained:
        state.gentlest.pop(last.family, None)
    if not last.barred:
        state.dials.barred.discard(last.family)
    if step.family != last.family:
        answer(state, "undone")
        return
    if rung_of(state, step) > before:
        _announce_rise(state, step, rung_before)
        return
    if rung_of(state, step) < before:
        _count_rises(state, last.family, -1)
    answer(state, "rung", rung=spoken_number(rung_of(state, step)), text=current_rung(state, step).text)


def _was_strong_since(state: State, last: Undo) -> bool:
    """Tell whether a rating after this change says that nothing may rise."""
    ratings = state.ratings
    return ratings.last is not None and ratings.last >= STRONG_FROM and ratings.last_at >= last.at


def _undo_time(state: State, side: Side, last: Undo) -> None:
    if last.dose is None or last.dose.seconds <= side.worked(state.now) + LAST_SECONDS:
        answer(state, "nearly_over")
        return
    dose = fitted_here(state, side, last.dose)
    if dose is None:
        answer(state, "at_most")
        return
    side.dose = dose
    side.hand_over = last.hand_over
    side.usual = last.usual
    state.chosen = dict(last.chosen)
    _say_dose(state, side)
