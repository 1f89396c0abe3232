"""Typed by itself, "t" switches a session from voice to text and back."""

from __future__ import annotations

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.runner import Inbox, Runner
from voice_coach.session.actions import Say, Voiced
from voice_coach.session.phases import Phase
from voice_coach.testing import FakeEars, FakeMouth, SessionRecord, new_session
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
