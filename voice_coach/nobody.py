"""Answers the questions that a session cannot go on without, where nobody is there: for demonstrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.runner import Inbox, Sources, Typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_coach.clocks import Clock
    from voice_coach.session.session import Session

_ALL_IS_WELL = {"opening": "no", "first": "no", "feeling": "yes", "let go": "yes"}
"""Name of a question -> the answer of somebody to whom nothing happens."""
_TURNS = 2
"""Turns of the runner that a question waits: what was typed last may be on its way to the session in the first."""


class Nobody:
    """Types the answer with which a session goes on, once nobody can say or type anything any more.

    Args:
        session: it asks.
        clock: of the session; it is moved, so that no time passes.
        sources: where answers may still come from.
        inbox: gets the answer.
    """

    def __init__(self, session: Session, clock: Clock, sources: Sequence[Sources], inbox: Inbox) -> None:
        self._session = session
        self._clock = clock
        self._sources = sources
        self._inbox = inbox
        self._turns = 0

    @property
    def due(self) -> float | None:
        return None if self._turns >= _TURNS or self._answer is None else self._clock.now()

    def advance(self, _now: float) -> None:
        if self._answer is None:
            self._turns = 0
        elif self._inbox.empty():
            self._turns += 1
            if self._turns == _TURNS:
                self._inbox.put(Typed(self._answer))

    @property
    def _answer(self) -> str | None:
        answer = _ALL_IS_WELL.get(self._session.asks or "")
        if answer is None or answer not in self._session.active or any(source.open for source in self._sources):
            return None
        return answer
