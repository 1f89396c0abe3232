"""Brings a session back to where it stood when its program died."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice_coach.errors import CoachError, HistoryError
from voice_coach.history.alive import ALIVE_EVERY
from voice_coach.history.store import utc_now
from voice_coach.routines.beginning import Beginning, beginning_from
from voice_coach.session.actions import DoseEnded, StepBegan
from voice_coach.session.events import CutOff, IllegalEventError
from voice_coach.session.journal import Entry, replay
from voice_coach.session.phases import Phase
from voice_coach.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from voice_coach.commands.grammar import Grammar
    from voice_coach.history.records import Unfinished
    from voice_coach.history.store import History
    from voice_coach.routines.schema import Catalogue
    from voice_coach.session.actions import Action

_OVER = (Phase.NEW, Phase.SUMMARY, Phase.ENDED)
_MORE_THAN_LONG = 1.0
_LATEST = 4
"""Events at the end of a journal of which it may not have been written down where they led."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A session that stands still where it was cut off.

    Attributes:
        number: of the session in the history.
        at: second of the session, now.
        cut_off: what is to be added to its journal.
        since: what followed from that, and is in no history yet.
        doses: how many sides had ended before it was cut off.
        under_way: the side that was under way then; None between two.
    """

    session: Session
    beginning: Beginning
    number: int
    at: float
    cut_off: Entry
    since: tuple[Action, ...]
    doses: int
    under_way: StepBegan | None

    @property
    def shown(self) -> StepBegan | None:
        """The side that is under way now."""
        return None if any(isinstance(action, DoseEnded) for action in self.since) else self.under_way


def find_earlier(
    history: History,
    catalogue: Catalogue,
    grammar: Grammar,
    tell: Callable[[str], None],
    *,
    known: Mapping[str, str],
    wanted: bool | None,
    moved_clock: bool,
) -> Restored | None:
    """Find the session that was broken off and can be gone on with, and let nobody else go on with it.

    Args:
        history: with all sessions.
        catalogue: the one that it was planned from.
        grammar: every phrase of every command.
        tell: is told where there is none though one is wanted, and what is wrong with the history.
        known: what the user has told about their feet and legs by now, as `Person.answers`.
        wanted: go on with it, or let it never be gone on with; None: it is to be asked.
        moved_clock: look at sessions that ran faster than time, instead of those that somebody did.
    """
    try:
        found = _claimed(history, catalogue, grammar, wanted=wanted, moved_clock=moved_clock)
        if found is not None and _more_is_out(found.session, known):
            _leave(history, found.number)
            tell("You have told more about your feet since the last session; it is not gone on with.")
            return None
    except HistoryError as error:
        tell(str(error))
        return None
    if found is None and wanted:
        tell("There is no session to go on with; a new one begins.")
    return found


def _claimed(
    history: History, catalogue: Catalogue, grammar: Grammar, *, wanted: bool | None, moved_clock: bool
) -> Restored | None:
    unfinished = history.unfinished(moved_clock=moved_clock)
    if unfinished is None or not history.claim(unfinished.id):
        return None
    found = None if wanted is False else restored(unfinished, catalogue, grammar, utc_now())
    if found is None:
        _leave(history, unfinished.id)
    return found


def _leave(history: History, number: int) -> None:
    history.forget_unfinished(number)
    history.release(number)


def _more_is_out(session: Session, known: Mapping[str, str]) -> bool:
    """Tell whether something is known by now that a session did not know of, and that may bar what it goes on with."""
    return any(reply not in ("no", session.answers.get(id_)) for id_, reply in known.items())


def restored(unfinished: Unfinished, catalogue: Catalogue, grammar: Grammar, now: datetime) -> Restored | None:
    """Tell a new session all that the one that died was told.

    The break lasts a little longer than what asks for a look at the feet, at most: a longer one has no other meaning.

    Args:
        unfinished: what the history knows of it.
        catalogue: the one that it was planned from.
        grammar: every phrase of every command.
        now: the time of day.

    Returns:
        None where nobody can go on with it: it was as good as over, or what comes out is not what was written down,
        because the program has changed.
    """
    died = max([unfinished.at, *(entry.at for entry in unfinished.journal)])
    long = catalogue.limits.pause_before_foot_check + _MORE_THAN_LONG
    at = died + min(max(0.0, (now - unfinished.seen_at).total_seconds()), long)
    try:
        beginning = beginning_from(unfinished.beginning)
        session = Session(beginning.plan(catalogue), grammar, beginning.words_per_second, beginning.manner)
        done = _replayed(session, unfinished, died)
        if done is None or session.phase in _OVER:
            return None
        cut_off = Entry(died, CutOff(ALIVE_EVERY))
        since = [*replay(session, [cut_off]), *session.tick(at)]
    except (ValueError, IllegalEventError, CoachError):
        return None
    if session.phase in _OVER:
        return None
    doses = sum(isinstance(action, DoseEnded) for action in done)
    return Restored(session, beginning, unfinished.id, at, cut_off, tuple(since), doses, _under_way(done))


def _replayed(session: Session, unfinished: Unfinished, died: float) -> list[Action] | None:
    """Replay the journal up to the moment of death; None where it does not lead where the session stood then.

    The last events may have been written and not where they led, so where it stood shortly before will do as well:
    after the events before them, or after what time alone has brought about in between.
    """
    first = max(0, len(unfinished.journal) - _LATEST)
    done = replay(session, unfinished.journal[:first])
    stood = [session.snapshot().without_time()]
    for entry in unfinished.journal[first:]:
        for moment in (min(unfinished.at, entry.at), entry.at):
            if session.phase is not Phase.NEW:
                done += session.tick(moment)
                stood.append(session.snapshot().without_time())
        done += replay(session, [entry])
        stood.append(session.snapshot().without_time())
    done += session.tick(died)
    stood.append(session.snapshot().without_time())
    return done if unfinished.snapshot.without_time() in stood else None


def _under_way(actions: Sequence[Action]) -> StepBegan | None:
    """Give the side that has begun last, unless it is over."""
    last = next((action for action in reversed(actions) if isinstance(action, StepBegan | DoseEnded)), None)
    return last if isinstance(last, StepBegan) else None
