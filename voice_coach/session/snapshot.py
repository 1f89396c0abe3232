"""Where a session stands, as plain data: enough to go on with it after the program has died.

What the person has answered is not in it: it is kept where it was kept before.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the types of the fields
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from voice_coach.routines.schema import Dose  # noqa: TC001 - as above
from voice_coach.session.parts import Place, Position
from voice_coach.session.phases import Phase  # noqa: TC001 - as above

if TYPE_CHECKING:
    from voice_coach.session.state import State


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a session stands at one moment. Times are seconds, steps of the plan go by their place in the routine.

    What every side has had so far is not in here: the doses tell it.

    Attributes:
        elapsed: since the session began, without the time it stood still.
        number: place in the routine, counted from 0, of the step that is under way or comes; None after the last. A
            step that was put in is not named; the one before which it was put is.
        side: of that step, counted from 0.
        dose: of that side, as the dials stand; None where it is the plan's.
        hand_over: what the other foot gets afterwards, where it is not the same.
        worked: seconds of that dose that are done.
        clock: seconds of the dose clock of the side under way, whichever it is; None where there is none.
        locked: areas and sides that are out.
        chosen: place in the routine -> dose that a dial has left.
        left_out: places in the routine of steps that are left out.
    """

    phase: Phase
    elapsed: float
    number: int | None
    side: int
    dose: Dose | None
    hand_over: Dose | None
    worked: float
    clock: float | None
    stroke: float
    gap: int
    rungs: Mapping[str, int]
    raised: int
    barred: tuple[str, ...]
    pained: tuple[str, ...]
    locked: tuple[tuple[str, str], ...]
    pains: int
    cramps: int
    chosen: Mapping[int, Dose]
    left_out: tuple[int, ...]
    missing: tuple[str, ...]
    place: str | None

    def without_time(self) -> Snapshot:
        """Give the snapshot as it is at any moment in which nothing but time passes."""
        return replace(self, elapsed=0.0, worked=0.0, clock=None)

    def as_text(self) -> str:
        """Give it as a JSON object."""
        return msgspec.json.encode(self).decode()


def from_text(text: str) -> Snapshot:
    """Give the snapshot of which `text` was made.

    Raises:
        ValueError: of none; another version of the program may have made it.
    """
    return msgspec.json.decode(text, type=Snapshot)


def snapshot(state: State) -> Snapshot:
    """Give where the session stands; nothing changes."""
    dials = state.dials
    place, worked = _stands_at(state)
    return Snapshot(
        phase=state.phase,
        elapsed=state.elapsed,
        number=_number(state, place),
        side=place.position.side,
        dose=place.dose,
        hand_over=place.hand_over,
        worked=worked,
        clock=None if state.side is None else state.side.worked(state.now),
        stroke=dials.stroke,
        gap=dials.gap,
        rungs=dict(dials.rungs),
        raised=dials.raised,
        barred=tuple(sorted(dials.barred)),
        pained=tuple(sorted(dials.pained)),
        locked=tuple(sorted(state.locked)),
        pains=state.pains,
        cramps=state.cramps,
        chosen=dict(state.chosen),
        left_out=tuple(sorted(state.left_out)),
        missing=tuple(sorted(state.missing)),
        place=state.place,
    )


def _stands_at(state: State) -> tuple[Place, float]:
    """Give the planned side that is under way or comes, and the seconds of it that are done."""
    side = state.side
    if side is None:
        return state.ahead, 0.0
    if state.position.step in state.inserted:
        return (state.interrupted[-1] if state.interrupted else Place(Position(state.position.step + 1))), 0.0
    return Place(state.position, side.dose, side.hand_over), side.worked(state.now)


def _number(state: State, place: Place) -> int | None:
    """Give the place in the routine of the step at `place`, or of the first after it that was planned."""
    numbers = (planned.number for planned in state.steps[place.position.step :])
    return next((number for number in numbers if number is not None), None)
