"""Whole sessions, from a script to what happened, on a moved clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.routines.substitution import missing_tools
from voice_coach.runner import Inbox, Runner, Typed
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.session.session import Session
from voice_coach.session.sides import UNKNOWN_SIDE
from voice_coach.testing.fakes import FakeEars, FakeMouth
from voice_coach.testing.lengths import USUAL_WORDS_PER_SECOND, LineSeconds
from voice_coach.testing.records import SessionRecord
from voice_coach.typed_input import Script, ScriptLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voice_coach.clocks import Clock
    from voice_coach.commands.grammar import Grammar

ALL_IS_WELL: Mapping[str, str] = {"opening": "no", "first": "no", "feeling": "yes", "let go": "yes"}
"""Name of a question -> what somebody answers who is well: without an answer a session waits."""


def plan_of(routine: str, side: str | None = None) -> Plan:
    """Plan a routine of the package, by its id."""
    catalogue = load_catalogue()
    plan = plan_routine(catalogue, find_routine(catalogue, routine), side or UNKNOWN_SIDE)
    return replace(plan, missing=missing_tools(catalogue, None))


def new_session(routine: str | Plan, line_seconds: LineSeconds = 0.0, side: str | None = None) -> Session:
    """Give a session that has not begun; `line_seconds` tells it whether lines take time."""
    plan = plan_of(routine, side) if isinstance(routine, str) else routine
    speed = None if line_seconds == 0.0 else USUAL_WORDS_PER_SECOND
    return Session(plan, all_phrases(), speed)


@cache
def all_phrases() -> Grammar:
    """Give the grammar of everything that can be said."""
    return load_phrasebook().grammar()


def run_session(
    routine: str | Plan,
    said: Iterable[tuple[float, str]] = (),
    *,
    line_seconds: LineSeconds = 0.0,
    side: str | None = None,
    typed: bool = True,
    answers: Mapping[str, str] | None = None,
) -> SessionRecord:
    """Run a session from its greeting to its summary on a moved clock, through the real runner.

    Args:
        routine: id of a routine of the package, or a plan.
        said: what the user says, as (second of the session, text).
        line_seconds: how long the coach's lines take; 0 as in text.
        side: the foot, for a routine that works on one.
        typed: the user types; False where a recogniser hears.
        answers: name of a question -> what the user types as soon as it has been asked.
    """
    phrasebook = load_phrasebook()
    inbox = Inbox()
    clock = FastClock()
    mouth = FakeMouth(inbox, clock, line_seconds)
    record = SessionRecord()
    lines = [(float(at), text) for at, text in said]
    script = Script(tuple(sorted((ScriptLine(*line) for line in lines if typed), key=lambda line: line.at)), inbox)
    ears = FakeEars([] if typed else lines, phrasebook, inbox)
    session = new_session(routine, line_seconds, side)
    Runner(
        session=session,
        phrasebook=phrasebook,
        clock=clock,
        inbox=inbox,
        mouth=mouth,
        ears=[ears],
        timed=(mouth, _Answers(session, clock, answers or {}, inbox), script, ears),
        watchers=(record,),
        sources=(script, ears),
    ).run()
    return record


@dataclass(slots=True)
class _Answers:
    """Types the answers to questions as soon as they have been asked."""

    session: Session
    clock: Clock
    answers: Mapping[str, str]
    inbox: Inbox
    given: bool = False

    @property
    def due(self) -> float | None:
        return None if self.given or answer_now(self.session, self.answers) is None else self.clock.now()

    def advance(self, _now: float) -> None:
        answer = answer_now(self.session, self.answers)
        if answer is not None and not self.given:
            self.inbox.put(Typed(answer))
        self.given = answer is not None


def answer_now(session: Session, answers: Mapping[str, str]) -> str | None:
    """Give the answer to the question that has just been asked; None where there is none, or the ears are closed."""
    answer = answers.get(session.asks or "")
    return answer if answer in session.active else None
