"""What the history tells about the past, as plain data. Lengths are seconds, times of day know their time zone.

Structs of msgspec, not dataclasses: to define a frozen dataclass takes forty times as long, and a look at the history
waits for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voice_coach.session.journal import Entry
    from voice_coach.session.snapshot import Snapshot


class PastDose(msgspec.Struct, frozen=True):
    """One side of a step.

    Attributes:
        ended_at: for a side that a kill has cut off, when the session was last heard of.
        worked: seconds of the dose clock, repeated parts included; of a side that was cut off, those that it
            has had until it was cut off at most.
        rung: when it ended.
        began_rung: when it began; None in sessions of the first version of the history.
        running: it was cut off while its dose clock ran.
    """

    step: str
    side: str
    ended_at: datetime
    planned: float
    worked: float
    rung: int
    done: bool
    began_rung: int | None = None
    running: bool = False

    @property
    def most(self) -> float:
        """Seconds that this side may have got at most: of one that was cut off, all that was planned."""
        return max(self.worked, self.planned) if self.running else self.worked


class PastRating(msgspec.Struct, frozen=True):
    """How strong the user said it was, from 0 to 10, on the rung that was rated.

    Attributes:
        asked: why it was asked, as in `voice_coach.session.actions.Rated`.
    """

    step: str
    family: str
    side: str
    rung: int
    rating: int
    asked: str
    at: datetime


class PastNote(msgspec.Struct, frozen=True):
    """A body word, or a sign on the skin.

    Attributes:
        kind: as in `voice_coach.session.actions.Noted`.
        locked: its region was out for the rest of the session.
    """

    kind: str
    step: str | None
    side: str | None
    family: str | None
    region: str | None
    locked: bool
    at: datetime


class NextDay(msgspec.Struct, frozen=True):
    """How the feet were on the day after session number `about`: `worse`, `same` or `better`."""

    about: int
    answer: str


class PastRecord(msgspec.Struct, frozen=True):
    """One session, with everything that is known about it.

    Attributes:
        ended_at: None where the session was killed, or is still going on.
        seen_at: when it was last heard of.
        seconds: its whole length; None where it has no end.
        moved_clock: it ran faster than time, so nobody did its doses.
        answered: the next-day question, where it was answered in this session, about an earlier one.
        rungs: family -> rungs above (or below) where its steps began.
        dose_factor: what every dose was multiplied with.
    """

    id: int
    routine: str
    began_at: datetime
    ended_at: datetime | None = None
    seen_at: datetime | None = None
    reason: str | None = None
    seconds: float | None = None
    moved_clock: bool = False
    doses: tuple[PastDose, ...] = ()
    ratings: tuple[PastRating, ...] = ()
    notes: tuple[PastNote, ...] = ()
    answered: NextDay | None = None
    rungs: Mapping[str, int] = {}
    dose_factor: float = 1.0

    @property
    def worked(self) -> float:
        """Seconds of all doses, as far as they were written down."""
        return sum(dose.worked for dose in self.doses)


class PastSession(msgspec.Struct, frozen=True):
    """One session in a list.

    Attributes:
        ended_at: None where it was killed, or is still going on.
        seconds: its whole length; None where it has no end.
        worked: seconds of all doses.
        steps: different steps that were done, by id, in their order.
        notes: what was noted in it: body words and signs on the skin, each once.
        moved_clock: it ran faster than time, so nobody did its doses.
    """

    id: int
    routine: str
    began_at: datetime
    ended_at: datetime | None
    reason: str | None
    seconds: float | None
    worked: float
    steps: tuple[str, ...]
    notes: tuple[str, ...] = ()
    moved_clock: bool = False


class Unfinished(msgspec.Struct, frozen=True):
    """A session that has come to no end, and can be gone on with.

    Attributes:
        seen_at: when it was last heard of.
        version: of the program that ran it.
        wishes: what the user had asked for: the inputs of the plan, by name.
        step: id of the step that was under way; None between two steps.
        side: of that step.
        worked: seconds of its dose clock, as last written down.
        running: the dose clock ran then.
        snapshot: where the session stood.
        at: second of the session at which it was last heard of.
        beginning: what it was planned from, as a JSON object.
        journal: what it was told.
    """

    id: int
    routine: str
    began_at: datetime
    seen_at: datetime
    version: str
    wishes: Mapping[str, Any]
    step: str | None
    side: str | None
    worked: float
    running: bool
    snapshot: Snapshot
    at: float
    beginning: str
    journal: tuple[Entry, ...]
