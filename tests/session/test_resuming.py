"""A session that was cut off goes on where it was: every cap, lock and word of both halves counts."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.rules import Watched, broken_rules, works
from tests.scripted_people import Said, Visit, everybody, examples, greedy_people, mouths, sore_people, visits
from voice_coach.commands.grammar import Command
from voice_coach.routines.beginning import Beginning, beginning_from
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.actions import Attend, DoseEnded, Ended, Noted, SetAside, StepBegan
from voice_coach.session.events import CutOff, Heard, SpeechEnded, TakenUp
from voice_coach.session.journal import Entry, from_text, replay
from voice_coach.session.phases import Phase
from voice_coach.testing import USUAL_WORDS_PER_SECOND, MovedSession, by_words, new_session

if TYPE_CHECKING:
    from voice_coach.session.session import Session
    from voice_coach.testing import LineSeconds

OVER = (Phase.SUMMARY, Phase.ENDED)
UNKNOWN = 5.0
LONG = 601.0


def journal_of(moved: MovedSession, fresh: Session) -> list[Entry]:
    """Give what a journal of the session holds, as it is read back from its text."""
    entries = [Entry(0.0, None)]
    fresh.begin(0.0)
    for at, event in moved.events:
        fresh.receive(event, at)
        if fresh.heeded:
            entries.append(Entry(at, event))
    return [from_text(entry.at, entry.kind, entry.as_text()) for entry in entries]


def cut_off(moved: MovedSession, again: Session, *, pause: float, asks: bool = True) -> None:
    """Let the program die now, and bring `again` to where the session stood; it goes on after `pause` seconds."""
    speed = moved.session._state.speaking.words_per_second
    moved.session = again
    moved._ends = None
    moved.receive(CutOff(UNKNOWN))
    moved.move_by(pause)
    if not again.over:
        moved.receive(TakenUp(asks, speed))


def in_work(routine: str = "quick_3", *, line_seconds: LineSeconds = 0.0) -> MovedSession:
    """Give a session in the middle of the work on the left foot."""
    moved = MovedSession(routine, line_seconds=line_seconds, answers={"opening": "no"})
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(10.0)
    return moved


def died_and_found(moved: MovedSession, *, pause: float = 60.0, asks: bool = True) -> MovedSession:
    routine = moved.session._state.plan
    speed = moved._line_seconds
    again = new_session(routine, speed)
    replay(again, journal_of(moved, new_session(routine, speed)))
    again.tick(moved.now)
    cut_off(moved, again, pause=pause, asks=asks)
    return moved


def new(visit: Visit, line_seconds: LineSeconds) -> Session:
    return new_session(visit.plan, line_seconds)


@examples(40)
@given(visits(), everybody(12), mouths(), st.floats(0, 40))
def test_a_journal_brings_a_session_exactly_to_where_the_other_stood(
    visit: Visit, said: list[Said], line_seconds: LineSeconds, at: float
) -> None:
    moved = Watched(visit, line_seconds)
    for wait, text in said:
        moved.move_by(wait)
        if not moved.session.over:
            moved.type(text)
    moved.move_by(at)
    assume(not moved.session.over)
    again = new(visit, line_seconds)
    replay(again, journal_of(moved, new(visit, line_seconds)))
    again.tick(moved.now)
    moved.session.tick(moved.now)
    for one in (again._state, moved.session._state):
        one.now = moved.now
    fields = [field.name for field in dataclasses.fields(again._state)]
    differing = [name for name in fields if getattr(again._state, name) != getattr(moved.session._state, name)]
    assert differing == []


def test_a_command_that_counts_once_changes_nothing_the_second_time() -> None:
    moved = in_work()
    moved.type("longer")
    before = copy.deepcopy(moved.session._state)
    moved.move_by(0.1)
    moved.type("longer")
    after = dataclasses.replace(moved.session._state, now=before.now)
    assert not moved.session.heeded
    assert after == before


@examples(60)
@given(
    visits(),
    st.one_of(everybody(10), sore_people(10), greedy_people(10)),
    st.one_of(everybody(10), sore_people(10), greedy_people(10)),
    mouths(),
    st.tuples(st.sampled_from([0.0, 30.0, LONG]), st.sampled_from(["yes", "resume", "ouch", "stop", None])),
)
def test_over_both_halves_of_a_session_no_rule_is_broken(
    visit: Visit, said: list[Said], later: list[Said], line_seconds: LineSeconds, taken_up: tuple[float, str | None]
) -> None:
    pause, reply = taken_up
    moved = Watched(visit, line_seconds)
    while moved.session.phase is not Phase.WORK and moved.due is not None:
        moved.move_to(moved.due)
    for wait, text in said:
        moved.move_by(wait)
        if moved.session.phase not in OVER:
            moved.type(text)
    assume(moved.session.phase not in OVER)
    again = new(visit, line_seconds)
    replay(again, journal_of(moved, new(visit, line_seconds)))
    again.tick(moved.now)
    cut_off(moved, again, pause=pause, asks=reply is not None)
    if reply is not None and not again.over:
        moved.move_by(3.0)
        moved.type(reply)
    for wait, text in later:
        moved.move_by(wait)
        if moved.session.over:
            break
        moved.type(text)
    moved.move_to_end()
    assert broken_rules(visit, moved) == []


def test_it_asks_whether_to_go_on_and_says_where_it_was() -> None:
    moved = died_and_found(in_work())
    assert moved.record.lines[-1] == "You stopped in the ball roll, left foot. Resume?"
    assert moved.session.asks == "resume"


@pytest.mark.parametrize("word", ["yes", "resume", "keep going", "ready"])
def test_yes_goes_on_with_what_was_left_of_the_side(word: str) -> None:
    moved = died_and_found(in_work())
    moved.type(word)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert moved.session.view(moved.now).left == pytest.approx(30.0)


def test_the_word_that_was_said_last_before_the_death_counts_at_once_after_it() -> None:
    moved = MovedSession("quick_3")
    moved.move_until(lambda state: state.phase is Phase.QUESTION)
    moved.type("no")
    died_and_found(moved, pause=0.5)
    moved.type("no")
    assert moved.session.over


def test_the_second_of_two_deaths_is_survived_as_the_first() -> None:
    moved = died_and_found(in_work())
    moved.type("yes")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(10.0)
    died_and_found(moved)
    moved.type("yes")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert moved.session.view(moved.now).left == pytest.approx(20.0)


def test_after_a_short_break_the_work_goes_on_and_after_a_long_one_the_feet_are_looked_at_first() -> None:
    for pause, first in ((590.0, None), (LONG, "foot_check")):
        moved = died_and_found(in_work(), pause=pause)
        before = len(moved.record.actions(StepBegan))
        moved.type("yes")
        moved.move_by(10.0)
        began = moved.record.actions(StepBegan)[before:]
        assert [one.step for one in began][:1] == ([] if first is None else [first])


def test_no_sets_it_aside_without_a_summary() -> None:
    moved = died_and_found(in_work())
    lines = len(moved.record.lines)
    moved.type("no")
    assert moved.session.over
    assert isinstance(moved.record.events[-1].action, SetAside)  # type: ignore[union-attr]
    assert moved.record.lines[lines:] == []
    assert moved.record.actions(Ended) == []


def test_without_an_answer_it_waits_in_a_pause_for_resume() -> None:
    moved = died_and_found(in_work())
    moved.move_by(60.0)
    assert moved.session.phase is Phase.PAUSED
    moved.type("resume")
    moved.move_until(lambda state: state.phase is Phase.WORK)
    assert moved.state.step == "ball_roll"


def test_who_has_said_so_beforehand_is_not_asked() -> None:
    moved = died_and_found(in_work(), asks=False)
    assert moved.record.lines[-2:] == ["Going on.", "Five, four, three, two, one."]


def test_the_seconds_that_nobody_saw_count_towards_the_caps() -> None:
    moved = died_and_found(in_work())
    moved.type("yes")
    moved.move_to_end()
    left = moved.record.doses[0]
    assert (left.step, left.worked, left.done) == ("ball_roll", 45.0, True)


def test_a_question_about_pain_that_was_open_counts_as_the_worst_answer() -> None:
    moved = in_work()
    moved.type("ouch")
    died_and_found(moved)
    assert [(note.kind, note.locked) for note in moved.record.actions(Noted)] == [("pain", False), ("pain", True)]
    assert isinstance(moved.record.doses[0], DoseEnded)
    moved.type("yes")
    moved.move_to_end()
    assert all(step != "ball_roll" or side != "left" for _, step, side in works_since(moved))


def works_since(moved: MovedSession) -> list[tuple[float, str, str]]:
    cut = next(at for at, event in moved.events if isinstance(event, CutOff))
    return [row for row in works(moved) if row[0] > cut]  # type: ignore[arg-type]


def test_a_stop_sign_stays_one_and_only_yes_leaves_it() -> None:
    moved = in_work()
    moved.type("stop")
    died_and_found(moved)
    moved.move_by(60.0)
    assert moved.session.phase is Phase.STOPPED
    moved.type("next")
    assert moved.session.phase is Phase.STOPPED


def test_a_numb_spot_is_asked_after_before_anything_goes_on() -> None:
    moved = in_work()
    moved.type("numb")
    died_and_found(moved, pause=5.0)
    moved.type("yes")
    assert moved.session.asks == "feeling"


def test_pain_while_it_asks_comes_back_to_a_halt() -> None:
    moved = died_and_found(in_work())
    moved.type("ouch")
    moved.type("two")
    assert moved.session.phase is Phase.PAUSED


def test_a_coach_that_slept_is_awake_again() -> None:
    moved = in_work()
    moved.type("stop listening")
    died_and_found(moved)
    assert moved.record.actions(Attend) == [Attend(awake=False), Attend(awake=True)]


def test_lines_take_their_time_again_where_the_voice_is_back() -> None:
    moved = in_work()
    moved.session.receive(CutOff(UNKNOWN), moved.now)
    moved.session.receive(TakenUp(asks=True, words_per_second=USUAL_WORDS_PER_SECOND), moved.now)
    assert moved.session._state.speaking.words_per_second == USUAL_WORDS_PER_SECOND


@pytest.mark.parametrize(
    "entry",
    [
        Entry(0.5, None),
        Entry(1.25, Heard(Command("more_time", 30), "", typed=True)),
        Entry(1.0, Heard(Command("cramp", "calf"), "", typed=True)),
        Entry(2.0, SpeechEnded(4)),
        Entry(3.0, CutOff(5.0)),
        Entry(4.0, TakenUp(asks=True, words_per_second=None)),
    ],
    ids=str,
)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    assert from_text(entry.at, entry.kind, entry.as_text()) == entry


def test_nothing_that_was_said_is_in_an_entry() -> None:
    said = Entry(1.0, Heard(Command("pain"), "oh no it hurts", typed=False))
    assert "hurts" not in said.as_text()


def test_what_never_counted_is_in_no_journal() -> None:
    moved = in_work(line_seconds=by_words())
    moved.type("stop listening")
    moved.hear("harder")
    moved.hear("tell me a story")
    moved.type("zebra")
    fresh = new_session("quick_3", by_words())
    kept = [entry.event.command.id for entry in journal_of(moved, fresh) if isinstance(entry.event, Heard)]
    assert kept == ["no", "stop_listening"]


@examples(40)
@given(visits(), st.integers(0, 500), st.one_of(st.none(), st.floats(1, 5)))
def test_a_session_is_planned_again_as_it_was(visit: Visit, number: int, speed: float | None) -> None:
    plan = visit.plan
    beginning = Beginning(
        path=None,
        routine=visit.routine,
        wishes=visit.wishes,
        person=visit.person,
        before=visit.before,
        number=number,
        words_per_second=speed,
    )
    again = beginning_from(beginning.as_text())
    assert again == beginning
    assert again.plan(load_catalogue()).steps == plan.steps
    assert again.plan(load_catalogue()).number == number
