"""The runner tells what becomes of devices: on the screen, aloud where the microphone was lost, and with a sound."""

from __future__ import annotations

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import MicrophoneError
from voice_coach.runner import Inbox, Mended, Runner, Trouble
from voice_coach.testing import FakeMouth, SessionRecord, new_session

GONE = MicrophoneError("The microphone has gone.", "Commands can be typed.", "voice-coach devices")


def test_a_microphone_that_is_back_is_told_after_the_sound_of_listening_again() -> None:
    record, inbox, clock = SessionRecord(), Inbox(), FastClock()
    for news in (Trouble(GONE, "I cannot hear you."), Mended("The microphone works.", "I can hear you.")):
        inbox.put(news)
    mouth = FakeMouth(inbox, clock)
    Runner(new_session("pre_run"), load_phrasebook(), clock, inbox, mouth, timed=(mouth,), watchers=(record,)).run()
    assert mouth.announced == ["I cannot hear you.", "I can hear you."]
    assert [name for _, name in mouth.chimes].count("listening") == 1
    assert (record.troubles, [news.sentence for news in record.mended_parts]) == ([GONE], ["The microphone works."])


def test_a_loudspeaker_that_is_back_makes_no_sound_of_its_own() -> None:
    inbox, clock = Inbox(), FastClock()
    inbox.put(Mended("The loudspeaker works."))
    mouth = FakeMouth(inbox, clock)
    Runner(new_session("pre_run"), load_phrasebook(), clock, inbox, mouth, timed=(mouth,)).run()
    assert mouth.announced == []
    assert "listening" not in [name for _, name in mouth.chimes]
