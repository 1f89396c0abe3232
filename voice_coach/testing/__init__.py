"""The fakes we ship: clock, mouth, ears, microphone and loudspeaker, and whole sessions run from a script.

    record = run_session("quick_3", [(30.0, "harder"), (60.0, "stop")], answers=ALL_IS_WELL)
    assert "Stopped. Take the pressure off." in record.lines

`run_session` goes through the real runner, with the clock moved instead of waited for. `MovedSession` goes on step by
step, for a test that looks at a session in the middle of things.
"""

from __future__ import annotations

from voice_coach.testing.fakes import FakeEars, FakeMicrophone, FakeMouth, FakeSpeaker, ManualClock
from voice_coach.testing.lengths import USUAL_WORDS_PER_SECOND, LineSeconds, by_words, seconds_of
from voice_coach.testing.moved import MovedSession
from voice_coach.testing.records import Happened, SessionRecord, UserSaid
from voice_coach.testing.sessions import ALL_IS_WELL, new_session, plan_of, run_session

__all__ = [
    "ALL_IS_WELL",
    "USUAL_WORDS_PER_SECOND",
    "FakeEars",
    "FakeMicrophone",
    "FakeMouth",
    "FakeSpeaker",
    "Happened",
    "LineSeconds",
    "ManualClock",
    "MovedSession",
    "SessionRecord",
    "UserSaid",
    "by_words",
    "new_session",
    "plan_of",
    "run_session",
    "seconds_of",
]
