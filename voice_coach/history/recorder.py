"""Writes a session into the history as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.errors import CoachError, HistoryError
from voice_coach.history.store import History
from voice_coach.runner import EarsReady, Inbox, Trouble
from voice_coach.session.actions import Action, DoseEnded, Ended

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.commands.grammar import Command


class Recorder:
    """Watches a session. When the history fails, it says so once, and the session goes on without it."""

    def __init__(self, history: History, session: int, inbox: Inbox) -> None:
        self._history = history
        self._session = session
        self._inbox = inbox
        self._failed = False

    def acted(self, _now: float, action: Action) -> None:
        if self._failed or not isinstance(action, DoseEnded | Ended):
            return
        try:
            if isinstance(action, DoseEnded):
                self._history.add_dose(self._session, action)
            else:
                self._history.end_session(self._session, action)
        except HistoryError as error:
            self._failed = True
            self._inbox.put(Trouble(error))

    def heard(self, now: float, text: str, command: Command | None) -> None:
        """Nothing that is said is written down."""

    def listening(self, now: float, ready: EarsReady) -> None:
        """Nothing of it is written down."""

    def troubled(self, now: float, error: CoachError) -> None:
        """Nothing of it is written down."""

    def close(self) -> None:
        self._history.close()


def open_recorder(path: Path, routine: str, inbox: Inbox, *, moved_clock: bool) -> Recorder:
    """Open the history and begin a session in it.

    Raises:
        HistoryError: the history cannot be written.
    """
    history = History(path)
    try:
        session = history.begin_session(routine, moved_clock=moved_clock)
    except HistoryError:
        history.close()
        raise
    return Recorder(history, session, inbox)
