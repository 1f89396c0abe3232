"""Typed by itself, "t" switches a session from voice to text and back."""

from __future__ import annotations

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.runner import Inbox, Runner
from voice_coach.session.actions import Say, SetAside, Voiced
from voice_coach.session.events import CutOff, TakenUp
from voice_coach.session.phases import Phase
from voice_coach.testing import (
    USUAL_WORDS_PER_SECOND,
    FakeEars,
    FakeMouth,
    MovedSession,
    SessionRecord,
    new_session,
)
from voice_coach.typed_input import Script, ScriptLine


def test_in_text_nothing_takes_time_and_nothing_is_heard_until_it_is_switched_back() -> None:
    record, inbox, clock, phrasebook = SessionRecord(), Inbox(), FastClock(), load_phrasebook()
    mouth = FakeMouth(inbox, clock, line_seconds=2.0)
    typed = Script(
        (ScriptLine(6.0, "no"), ScriptLine(40.0, "T"), ScriptLine(43.0, "details"), ScriptLine(50.0, "t")), inbox
    )
    ears = FakeEars([(45.0, "pause"), (56.0, "pause"), (60.0, "finish")], phrasebook, inbox)
    Runner(
        session=new_session("quick_3", 2.0),
        phrasebook=phrasebook,
        clock=clock,
        inbox=inbox,
        mouth=mouth,
        ears=[ears],
        timed=(mouth, typed, ears),
        watchers=(record,),
        sources=(typed, ears),
    ).run()
    assert [(at, switched.on) for at, switched in record.timed(Voiced)] == [(40.0, False), (50.0, True)]
    assert "Silent from here on. Type t for the voice." in record.lines
    paused = [at for at, state in record.states if state.phase is Phase.PAUSED]
    assert paused[0] == 56.0, "what is said in text does not count"
    assert not mouth.muted
    assert [at for at, _ in record.timed(Say) if 43.0 <= at < 45.0].count(43.0) > 1, "each line follows at once"


def test_a_session_that_begins_in_the_place_of_another_stays_in_text() -> None:
    """Whoever types "t" and then does not want to go on with the earlier one is in a quiet office still."""
    earlier = MovedSession("quick_3", line_seconds=2.0, answers={"opening": "no"})
    earlier.move_to(30.0)
    earlier.session.receive(CutOff(5.0), 30.0)
    record, inbox, clock, phrasebook = SessionRecord(), Inbox(), FastClock(30.0), load_phrasebook()
    mouth = FakeMouth(inbox, clock, line_seconds=2.0)
    typed = Script((ScriptLine(33.0, "t"), ScriptLine(35.0, "no"), ScriptLine(60.0, "finish")), inbox)
    Runner(
        session=earlier.session,
        phrasebook=phrasebook,
        clock=clock,
        inbox=inbox,
        mouth=mouth,
        timed=(mouth, typed),
        watchers=(record,),
        sources=(typed,),
        taken_up=TakenUp(asks=True, words_per_second=USUAL_WORDS_PER_SECOND),
        instead=begin_anew,
    ).run()
    assert record.actions(SetAside)
    assert [switched.on for switched in record.actions(Voiced)] == [False, False]
    assert record.lines.count("Silent from here on. Type t for the voice.") == 2
    assert mouth.muted


def begin_anew(runner: Runner) -> None:
    runner.session, runner.taken_up = new_session("quick_3", 2.0), None
