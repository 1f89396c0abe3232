"""When, in the work on one side, which cue is due."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from voice_coach.routines.schema import Dose, HoldDose, Step, TimedDose

if TYPE_CHECKING:
    from voice_coach.session.actions import ChimeName

LAST_SECONDS = 3.0
"""The last three seconds of a side are counted."""
SHORTEST_COUNTED = 6.0
"""A side shorter than this, in seconds, ends without being counted out."""
SHORTEST_HOLD = 5.0
"""Repetitions shorter than this, in seconds, get a soft sound each and no word."""
BEFORE_THEN = 4.0
"""The second cue comes after a quarter of the side, but at least so many seconds after the first."""
BEFORE_END = 8.0
"""Seconds before the end for the cue that looks back on the step."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Mark:
    """One cue of a side.

    Attributes:
        at: seconds of the dose clock.
        key: unique within a side; a mark fires once.
        chime: the sound to play; None where something is spoken.
        what: the spoken line, or the cue of the step.
        is_line: `what` is a spoken line of all steps, and no cue of this one.
    """

    at: float
    key: str
    chime: ChimeName | None = None
    what: str = ""
    is_line: bool = False


@lru_cache(maxsize=64)
def timeline(step: Step, dose: Dose, stroke: float) -> tuple[Mark, ...]:
    """Give the marks of one side, in their order.

    Args:
        step: whose cues they are.
        dose: of this side.
        stroke: seconds per stroke.
    """
    marks = _timed(step, dose, stroke) if isinstance(dose, TimedDose) else _repetitions(step, dose)
    seconds = dose.seconds
    if step.cues.then:
        marks.append(Mark(max(BEFORE_THEN, seconds / 4), "then", what="then"))
    if step.cues.near_end:
        marks.append(Mark(max(seconds / 2, seconds - BEFORE_END), "near_end", what="near_end"))
    if seconds >= SHORTEST_COUNTED:
        marks.append(Mark(seconds - LAST_SECONDS, f"last_three {seconds:g}", what="last_three", is_line=True))
    return tuple(sorted((mark for mark in marks if mark.at < seconds), key=lambda mark: mark.at))


def repetition_at(dose: HoldDose, worked: float) -> int:
    """Give the repetition, counted from 0, of second `worked` of the dose clock."""
    return min(int((worked + _ROUNDING) // (dose.hold + dose.gap)), dose.repetitions - 1)


def repetition_began(dose: HoldDose, worked: float) -> float:
    """Give the second of the dose clock at which the repetition of second `worked` began."""
    return min(repetition_at(dose, worked) * (dose.hold + dose.gap), worked)


def is_holding(dose: Dose, worked: float) -> bool:
    """Tell whether second `worked` of the dose clock is in a hold that is long enough to be let go by a word."""
    if isinstance(dose, TimedDose) or dose.hold < SHORTEST_HOLD:
        return False
    return worked - repetition_began(dose, worked) < dose.hold


def held(dose: Dose, worked: float) -> float:
    """Give how many of the first `worked` seconds of `dose` are spent in holds."""
    if isinstance(dose, TimedDose):
        return 0.0
    whole, into = divmod(worked, dose.hold + dose.gap)
    return whole * dose.hold + min(into, dose.hold)


def _timed(step: Step, dose: TimedDose, stroke: float) -> list[Mark]:
    marks = []
    if step.strokes:
        count = int((dose.seconds - 1e-9) // stroke) + 1
        marks = [Mark(n * stroke, f"stroke {n * stroke:g}", "stroke") for n in range(count)]
    if step.release:
        marks.append(_halfway(step, dose.seconds / 2))
    return marks


def _repetitions(step: Step, dose: HoldDose) -> list[Mark]:
    marks: list[Mark] = []
    long = dose.hold >= SHORTEST_HOLD
    middle = dose.repetitions // 2
    for n in range(dose.repetitions):
        start = n * (dose.hold + dose.gap)
        marks.append(Mark(start, f"hold {n}", "hold" if long else "stroke"))
        if n == middle and n > 0 and (dose.repetitions % 2 == 0 or step.cues.halfway):
            marks.append(_halfway(step, start))
        elif long and n > 0:
            marks.append(Mark(start, f"hold word {n}", what="hold", is_line=True))
        if dose.gap > 0 and n < dose.repetitions - 1:
            marks += _gap(step, start + dose.hold, n, long=long)
    if dose.repetitions == 1:
        marks.append(_halfway(step, dose.seconds / 2))
    return marks


def _gap(step: Step, at: float, n: int, *, long: bool) -> list[Mark]:
    marks = [Mark(at, f"release {n}", "release")]
    cue = "between" if step.cues.between else "each_repetition" if step.cues.each_repetition else ""
    if cue:
        marks.append(Mark(at, f"between {n}", what=cue))
    elif step.release and long:
        marks.append(Mark(at, f"between {n}", what="release", is_line=True))
    return marks


def _halfway(step: Step, at: float) -> Mark:
    if step.cues.halfway:
        return Mark(at, "halfway", what="halfway")
    return Mark(at, "halfway", what="halfway", is_line=True)
