"""A session that is to be run: a new one, or one that was broken off; how it is planned, and begun in the history."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voice_coach.here import now_here
from voice_coach.routines.adaptation import asked_about, before_session
from voice_coach.routines.beginning import Beginning
from voice_coach.routines.own import Found
from voice_coach.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_coach.commands.grammar import Grammar
    from voice_coach.history.records import PastRecord
    from voice_coach.history.store import History
    from voice_coach.restoring import Restored
    from voice_coach.routines.person import Person
    from voice_coach.routines.schema import Catalogue
    from voice_coach.routines.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Undertaking:
    """A session to be run, and what it began with; `earlier` where it was broken off before."""

    session: Session
    beginning: Beginning
    earlier: Restored | None = None

    @property
    def at(self) -> float:
        """Second of the session at which it begins, or goes on."""
        return 0.0 if self.earlier is None else self.earlier.at

    @property
    def number(self) -> int | None:
        """Number in the history; None where it has none yet."""
        return None if self.earlier is None else self.earlier.number

    @property
    def found(self) -> Found:
        """The routine, and the file that it is from."""
        path = self.beginning.path
        return Found(self.beginning.routine, None if path is None else Path(path))

    def about(self, past: Sequence[PastRecord], catalogue: Catalogue) -> int | None:
        """Give the number of the session that the next-day question is about."""
        others = [record for record in past if record.id != self.number]
        record = asked_about(others, now_here(), catalogue)
        return None if record is None else record.id

    def begin_in(self, history: History, *, moved_clock: bool) -> int:
        """Give its number in the history; a new one is written down first, and those before it are over for good.

        Raises:
            HistoryError: it cannot be written.
        """
        if self.earlier is not None:
            return self.earlier.number
        before = self.beginning.before
        history.forget_dead(moved_clock=moved_clock)
        return history.begin_session(
            self.beginning.routine.id,
            moved_clock=moved_clock,
            wishes=asdict(self.beginning.wishes),
            rungs=before.rungs,
            dose_factor=before.dose_factor,
            beginning=self.beginning.as_text(),
        )


def new_beginning(
    found: Found, wishes: Wishes, person: Person, past: Sequence[PastRecord], catalogue: Catalogue, *, tips: bool
) -> Beginning:
    """Give what a new session is planned from."""
    return Beginning(
        path=None if found.path is None else str(found.path.absolute()),
        routine=found.routine,
        wishes=wishes,
        person=person,
        before=before_session(past, now_here(), catalogue, found.routine),
        number=max((record.id for record in past), default=0) + 1 if tips else 0,
        words_per_second=None,
    )


def begun(beginning: Beginning, catalogue: Catalogue, grammar: Grammar) -> Undertaking:
    """Give a new session that begins with this.

    Raises:
        WishError: no work is left of the routine.
    """
    plan = beginning.plan(catalogue)
    return Undertaking(Session(plan, grammar, beginning.words_per_second, beginning.manner), beginning)
