"""Writes a session into the history as it happens.

What a session was told and all that followed from it is one transaction: whenever a kill comes, the history knows of
a word and of what became of it, or of neither.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from voice_coach.errors import BrokenHistoryError, BusyHistoryError, HistoryError
from voice_coach.history.alive import ALIVE_EVERY
from voice_coach.history.database import IMPATIENT, PATIENT
from voice_coach.history.rescue import put_aside
from voice_coach.history.store import History, utc_now
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.actions import (
    Action,
    DoseEnded,
    Ended,
    NextDayAnswered,
    Noted,
    Rated,
    SetAside,
    StateChanged,
    StepBegan,
)
from voice_coach.session.events import Event, Interrupted
from voice_coach.session.journal import Entry
from voice_coach.session.phases import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from voice_coach.restoring import Restored
    from voice_coach.session.snapshot import Snapshot

_WRITES: dict[type[Action], Callable[[History, int, Any], None]] = {
    StepBegan: History.begin_side,
    StateChanged: History.stand,
    DoseEnded: History.add_dose,
    Rated: History.rate,
    Noted: History.note,
    Ended: History.end_session,
    SetAside: lambda history, session, _: history.forget_unfinished(session),
}
"""How each action is written down that needs no more than itself."""
_SYNCED = (Noted, Ended)
"""What is on the disk before anything else happens: the next session must know of it."""
_OVER = (Phase.NEW, Phase.SUMMARY, Phase.ENDED)
"""Phases with nothing to go on with: what was written down before them stays."""


def going_on(history: History, earlier: Restored) -> list[Callable[[], None]]:
    """Give what writes down that a session goes on that had come to no end."""
    number = earlier.number
    return [
        partial(history.go_on_with, number, earlier.doses, earlier.under_way),
        partial(history.write_journal, number, earlier.cut_off),
        *(
            partial(_WRITES[type(action)], history, number, action)
            for action in earlier.since
            if type(action) in _WRITES
        ),
    ]


class Recorder:
    """Keeps the journal of a session. When the history fails, it says so once, and the session goes on without it.

    What another coach's writing is in the way of is tried again later; nothing ever waits for it.

    Args:
        history: where to write; it is closed with this.
        path: of its file, to put it aside when it turns out to be damaged.
        session: its number.
        inbox: is told when the history fails.
        look: gives where the session stands; None where nobody may go on with it.
        about: number of the session that the next-day question is about.
        goes_on: what writes down that a session that had come to no end goes on; nothing is written before the user
            has said so. Empty for a new one.
    """

    def __init__(
        self,
        history: History,
        path: Path,
        session: int,
        inbox: Inbox,
        *,
        look: Callable[[], Snapshot] | None = None,
        about: int | None = None,
        goes_on: Iterable[Callable[[], None]] = (),
    ) -> None:
        self._history = history
        self._path = path
        self._session = session
        self._inbox = inbox
        self._look = look
        self._about = about
        self._waiting: deque[Callable[[], None]] = deque(goes_on)
        self._undecided = bool(self._waiting)
        self._syncs = False
        self._interrupted = False
        self._kept: Snapshot | None = None
        self._kept_at = 0.0
        self._failed: HistoryError | None = None
        history.wait_at_most(IMPATIENT)

    def told(self, now: float, event: Event | None) -> None:
        """Keep what the session was told, None for its beginning; after an interruption nobody goes on."""
        if isinstance(event, Interrupted):
            self._interrupted = True
        if self._failed is None and self._look is not None and not self._interrupted:
            self._waiting.append(partial(self._history.write_journal, self._session, Entry(now, event)))

    def followed(self, now: float, actions: Sequence[Action]) -> None:
        """Write down what was told and what has followed from it; now and then, that the session is alive."""
        if self._failed is not None:
            return
        for action in actions:
            self._add(action)
        self._keep(now)
        self._write()

    def _add(self, action: Action) -> None:
        write = None if self._is_left_as_it_was(action) else self._writing(action)
        if write is not None:
            self._waiting.append(write)
            self._syncs = self._syncs or isinstance(action, _SYNCED)

    def _is_left_as_it_was(self, action: Action) -> bool:
        """Tell whether the history stays as it is, because the session that had come to no end does not go on."""
        if not self._undecided:
            return False
        if isinstance(action, SetAside):
            self._waiting.clear()
            self._undecided = False
            return False
        asks_on = isinstance(action, StateChanged) and action.phase is Phase.QUESTION
        if type(action) in _WRITES and not asks_on:
            self._undecided = self._interrupted
        return self._interrupted

    @property
    def due(self) -> float | None:
        """When there is to be a sign again that the session is alive."""
        never = self._undecided or self._look is None or self._failed is not None
        return None if never else self._kept_at + ALIVE_EVERY

    def advance(self, now: float) -> None:
        """Do nothing: the session does first what is due, and where it stands then is the sign that it is alive."""

    def _writing(self, action: Action) -> Callable[[], None] | None:
        """Give what writes `action` down; None where nothing of it is to be remembered."""
        write = _WRITES.get(type(action))
        if write is not None:
            return partial(write, self._history, self._session, action)
        if isinstance(action, NextDayAnswered) and self._about is not None:
            return partial(self._history.answer_next_day, self._session, self._about, action)
        return None

    def _keep(self, now: float) -> None:
        """Have it written down where the session stands, when that has changed, or as a sign that it is alive."""
        if self._look is None:
            return
        snapshot = self._look()
        if snapshot.phase in _OVER:
            self._kept_at = now
            return
        if now - self._kept_at < ALIVE_EVERY and snapshot.without_time() == self._kept:
            return
        self._kept, self._kept_at = snapshot.without_time(), now
        self._waiting.append(partial(self._history.keep, self._session, snapshot.as_text(), snapshot.clock, now))

    def _write(self) -> None:
        """Write what waits, all of it or nothing; where another coach is writing, it goes on waiting."""
        if self._undecided or not self._waiting:
            return
        try:
            with self._history.at_once(synced=self._syncs):
                for write in self._waiting:
                    write()
        except BusyHistoryError:
            return
        except HistoryError as error:
            self._failed = error
            self._inbox.put(Trouble(error))
        self._waiting.clear()
        self._syncs = False

    def close(self) -> None:
        """Write what still waits, and put a damaged history aside for the next session to begin a new one."""
        if self._failed is None and self._waiting:
            self._history.wait_at_most(PATIENT)
            self._write()
        self._history.close()
        if isinstance(self._failed, BrokenHistoryError):
            put_aside(self._path, utc_now())
