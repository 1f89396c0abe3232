"""A demonstration on a moved clock answers its safety questions itself, once nobody is there any more."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.mouths import SilentMouth
from voice_coach.nobody import Nobody
from voice_coach.runner import Inbox, Runner, Typed
from voice_coach.session.session import Session
from voice_coach.testing import SessionRecord, UserSaid, plan_of


@dataclass
class Somebody:
    """Can still say something."""

    open: bool


def demonstrate(routine: str, *typed: str, somebody: bool = False) -> SessionRecord:
    """Run a session with lines typed at its beginning and nobody there afterwards."""
    inbox: Inbox = Inbox()
    for line in typed:
        inbox.put(Typed(line))
    phrasebook = load_phrasebook()
    session = Session(plan_of(routine), phrasebook.grammar())
    clock, record = FastClock(), SessionRecord()
    nobody = Nobody(session, clock, [Somebody(open=somebody)], inbox)
    Runner(session, phrasebook, clock, inbox, SilentMouth(inbox), timed=[nobody], watchers=[record]).run()
    return record


def said(record: SessionRecord) -> list[str]:
    return [event.text for event in record.events if isinstance(event, UserSaid)]


@pytest.mark.parametrize("routine", ["quick_3", "arch_cramp_now", "full_15"])
def test_a_demonstration_runs_to_its_end(routine: str) -> None:
    record = demonstrate(routine)
    assert record.ended is not None
    assert record.ended.reason == "finished"


def test_nothing_new_is_said_to_be_sore_and_a_cramp_lets_go() -> None:
    assert said(demonstrate("quick_3")) == ["no"]
    assert said(demonstrate("arch_cramp_now")) == ["yes"]


def test_what_was_typed_before_comes_first() -> None:
    record = demonstrate("quick_3", "finish")
    assert said(record) == ["finish"]
    assert record.ended is not None
    assert record.ended.reason == "finished_early"


def test_while_somebody_can_answer_nobody_does() -> None:
    record = demonstrate("quick_3", somebody=True)
    assert said(record) == []
