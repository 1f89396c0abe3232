"""The fakes that are shipped behave as what they stand for, and the runner works with them."""

from __future__ import annotations

import numpy as np
import pytest

from voice_coach.audio.clip import Clip
from voice_coach.clocks import FastClock, RealClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import HistoryError
from voice_coach.runner import Inbox, LineEnded, Runner, Said, Trouble, Typed
from voice_coach.session.actions import Say
from voice_coach.session.events import NotUnderstood
from voice_coach.session.phases import BODY, Phase
from voice_coach.testing import (
    ALL_IS_WELL,
    FakeEars,
    FakeMicrophone,
    FakeMouth,
    FakeSpeaker,
    ManualClock,
    MovedSession,
    SessionRecord,
    by_words,
    new_session,
    run_session,
)


def test_a_manual_clock_moves_only_forward_and_only_when_told() -> None:
    clock = ManualClock()
    inbox = Inbox()
    assert clock.wait(inbox, 5.0) is None
    assert clock.now() == 0.0
    clock.move_to(3.0)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.move_to(2.0)
    inbox.put(Typed("next"))
    assert clock.wait(inbox, None) == Typed("next")


def test_a_fast_clock_jumps_where_nothing_waits() -> None:
    clock, inbox = FastClock(), Inbox()
    inbox.put(Typed("next"))
    assert (clock.wait(inbox, 9.0), clock.now()) == (Typed("next"), 0.0)
    assert (clock.wait(inbox, 9.0), clock.now()) == (None, 9.0)
    assert (clock.wait(inbox, 3.0), clock.now()) == (None, 9.0)


def test_a_real_clock_gives_a_message_at_once() -> None:
    clock, inbox = RealClock(), Inbox()
    inbox.put(Typed("next"))
    assert clock.wait(inbox, clock.now() + 60) == Typed("next")
    assert clock.wait(inbox, clock.now() - 1) is None


def test_a_mouth_ends_its_line_after_its_length_and_not_when_hushed() -> None:
    inbox, clock = Inbox(), ManualClock()
    mouth = FakeMouth(inbox, clock, 2.0)
    mouth.say(Say(1, "Hold."))
    mouth.advance(1.9)
    assert inbox.empty()
    mouth.advance(2.0)
    assert inbox.get_nowait() == LineEnded(1)
    mouth.say(Say(2, "Let go."))
    mouth.hush()
    mouth.advance(100.0)
    assert inbox.empty()
    assert mouth.said == [(0.0, "Hold."), (0.0, "Let go.")]


def test_ears_hear_only_what_is_listened_for() -> None:
    inbox = Inbox()
    ears = FakeEars([(2.0, "next"), (1.0, "stop")], load_phrasebook(), inbox)
    ears.listen_for(frozenset({"next"}))
    assert ears.due == 1.0
    ears.advance(5.0)
    first, second = inbox.get_nowait(), inbox.get_nowait()
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert (first.command, second.text) == (None, "next")
    assert not ears.open


def test_a_microphone_feeds_whoever_started_it() -> None:
    blocks: list[bytes] = []
    microphone = FakeMicrophone()
    microphone.feed(b"before")
    microphone.start(blocks.append)
    microphone.feed(b"sound")
    microphone.close()
    microphone.feed(b"after")
    assert blocks == [b"sound"]


def test_a_speaker_ends_a_line_once_and_never_a_hushed_one() -> None:
    ended: list[str] = []
    speaker = FakeSpeaker()
    clip = Clip(np.zeros(10, np.int16), speaker.rate)
    speaker.say(clip, lambda: ended.append("one"))
    speaker.finish()
    speaker.finish()
    speaker.say(clip, lambda: ended.append("two"))
    speaker.hush()
    speaker.finish()
    assert (ended, len(speaker.said), speaker.hushes) == (["one"], 2, 1)


def test_a_heard_session_goes_like_a_typed_one() -> None:
    said = [(30.0, "harder"), (50.0, "longer"), (70.0, "stop"), (75.0, "finish")]
    typed = run_session("quick_3", said, answers=ALL_IS_WELL)
    heard = run_session("quick_3", said, typed=False, answers=ALL_IS_WELL)
    assert heard.events == typed.events


@pytest.mark.parametrize("routine", ["quick_3", "pre_run"])
@pytest.mark.parametrize("line_seconds", [0.0, 1.3, by_words()])
def test_a_session_through_the_runner_goes_like_one_moved_by_hand(routine: str, line_seconds: float) -> None:
    said = [(31.1, "longer"), (53.7, "pause"), (61.3, "resume"), (90.9, "harder")]
    moved = MovedSession(routine, line_seconds=line_seconds, answers=ALL_IS_WELL)
    for at, text in said:
        moved.move_to(at)
        moved.type(text)
    moved.move_to_end()
    assert moved.record.events == run_session(routine, said, line_seconds=line_seconds, answers=ALL_IS_WELL).events


def test_words_heard_while_the_coach_says_them_are_not_taken_for_the_users() -> None:
    moved = MovedSession("quick_3", line_seconds=5.0, answers=ALL_IS_WELL)
    moved.move_to(40)
    moved.type("what can I say")
    moved.move_by(1)
    assert moved.session.active == BODY, "every body word stays armed; stop is in the line itself"
    moved.hear("harder")
    assert moved.state.rung == 1
    moved.move_by(4.3)
    assert "harder" not in moved.session.active
    moved.move_by(0.5)
    assert "harder" in moved.session.active


def test_a_part_that_fails_is_told_and_the_session_goes_on() -> None:
    record, inbox, clock = SessionRecord(), Inbox(), FastClock()
    trouble = HistoryError("It is full.", "Nothing is written down.", "df")
    inbox.put(Trouble(trouble))
    mouth = FakeMouth(inbox, clock)
    session = new_session("pre_run")
    Runner(session, load_phrasebook(), clock, inbox, mouth, timed=(mouth,), watchers=(record,)).run()
    assert record.troubles == [trouble]
    assert session.phase is Phase.ENDED
    assert record.ended is not None
    assert record.ended.reason == "finished"


def test_a_state_before_anything_happened_cannot_be_asked_for() -> None:
    with pytest.raises(LookupError):
        SessionRecord().state_at(0.0)


def test_a_moved_session_that_comes_to_rest_says_so() -> None:
    moved = MovedSession("quick_3")
    moved.type("stop")
    with pytest.raises(LookupError, match="came to rest"):
        moved.move_until(lambda state: state.phase is Phase.WORK)


def test_what_is_typed_and_means_nothing_was_typed_all_the_same() -> None:
    moved = MovedSession("pre_run")
    moved.type("banana")
    assert moved.events[-1][1] == NotUnderstood(typed=True)
