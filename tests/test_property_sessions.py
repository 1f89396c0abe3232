"""What holds in every session, whatever the routine, whatever is said at whatever moment, however long lines take."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests import oracle
from tests.rules import broken_rules, visited
from tests.scripted_people import (
    ASKING,
    BODY,
    EVERYTHING,
    FLOW,
    MINUTES,
    WELL,
    Choice,
    Said,
    Visit,
    everybody,
    examples,
    greedy_people,
    live,
    mouths,
    own_routines,
    people,
    routines,
    say_all,
    sore_people,
    visits,
)
from voice_coach.commands.grammar import as_spoken
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.session.actions import DoseEnded, Hush, Say, StateChanged, StepBegan
from voice_coach.session.events import Heard, IllegalEventError, Interrupted, NotUnderstood, SpeechEnded
from voice_coach.session.phases import AWAKE, Phase
from voice_coach.testing import Happened, LineSeconds, MovedSession, SessionRecord, UserSaid, new_session, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.session.actions import Action

CLOSE = 1e-6
GRAMMAR = load_phrasebook().grammar()


@examples(120)
@given(routines(), st.one_of(greedy_people(), greedy_people(), people(30)), mouths())
def test_no_cap_is_ever_passed(choice: Choice, said: list[Said], line_seconds: LineSeconds) -> None:
    moved = live(choice, said, line_seconds)
    assert oracle.broken_caps(moved.record) == []


@examples(60)
@given(visits(), st.one_of(everybody(), sore_people(), greedy_people()), mouths())
def test_whoever_comes_and_whatever_is_said_no_rule_is_broken(
    visit: Visit, said: list[Said], line_seconds: LineSeconds
) -> None:
    assert broken_rules(visit, visited(visit, said, line_seconds)) == []


@examples(25)
@given(visits(), everybody(6), st.sampled_from([*BODY, "stop", "dizzy", "swollen"]), everybody(6), mouths())
def test_only_stop_and_body_words_cut_a_safety_line_off(
    visit: Visit, said: list[Said], word: str, later: list[Said], line_seconds: LineSeconds
) -> None:
    at_once = [(wait % 1, text) for wait, text in later]
    record = visited(visit, [*said[:3], (2.5, word), *at_once], line_seconds).record
    assert oracle.safety_lines_cut_off(record, lambda say: seconds_of(line_seconds, say.text, say.beat)) == []


@examples(20)
@given(greedy_people(20), mouths())
def test_before_a_run_no_muscle_is_held_longer_than_thirty_seconds(said: list[Said], line_seconds: LineSeconds) -> None:
    moved = MovedSession("pre_run", line_seconds=line_seconds)
    moved.move_until(lambda state: state.step == "wall_straight")
    say_all(moved, said)
    moved.move_to_end()
    assert oracle.broken_caps(moved.record, before_a_run=True) == []


@examples(25)
@given(routines(), greedy_people(), mouths())
def test_no_dial_passes_its_limits(choice: Choice, said: list[Said], line_seconds: LineSeconds) -> None:
    record = live(choice, said, line_seconds).record
    asked_for = {entry.step: entry.seconds for entry in choice.routine.steps if entry.seconds is not None}
    assert [state.stroke for _, state in record.states if not in_range(state.stroke, oracle.STROKES)] == []
    for _, state in record.states:
        if state.step is None or state.rung is None or state.planned is None:
            continue
        assert 1 <= state.rung <= min(oracle.DEFAULT_RUNG[state.step] + oracle.RUNGS_UP, choice.routine.rung_ceiling, 4)
        twice = sum(entry.step == state.step for entry in choice.routine.steps) > 1
        # A cramp brings its own relief and rub, whose dose is not the routine's.
        for_cramp = state.step in oracle.AFTER_A_CRAMP and any("cramp" in text for _, text in said)
        if state.step in asked_for and not twice and not for_cramp:
            assert state.planned <= asked_for[state.step] + oracle.MORE_TIME + CLOSE


def in_range(value: float, limits: tuple[int, int]) -> bool:
    return limits[0] <= value <= limits[1]


@examples(20)
@given(
    own_routines(), st.lists(st.tuples(st.integers(0, 250), st.sampled_from(["harder", "harder", "next"])), max_size=20)
)
def test_the_rung_rises_twice_in_a_session_at_most_and_not_within_twenty_seconds(
    choice: Choice, said: list[tuple[int, str]]
) -> None:
    record = live(choice, [(tenths / 10, text) for tenths, text in said], 0.0).record
    rises = [
        at
        for (at, state), (_, before) in zip(record.states[1:], record.states, strict=False)
        if state.step == before.step and (state.rung or 0) > (before.rung or 0)
    ]
    assert len(rises) <= oracle.RUNGS_UP
    assert all(later - earlier >= oracle.SECONDS_BETWEEN_RISES - CLOSE for earlier, later in itertools.pairwise(rises))


@examples(25)
@given(routines(), people(), mouths())
def test_every_session_ends_or_waits_for_a_person_who_can_end_it(
    choice: Choice, said: list[Said], line_seconds: LineSeconds
) -> None:
    moved = live(choice, said, line_seconds)
    if not moved.session.over:
        assert moved.session.phase in (Phase.PAUSED, Phase.STOPPED)
        moved.move_by(3600)
        assert moved.session.phase in (Phase.PAUSED, Phase.STOPPED)
        moved.type("finish")
        moved.move_to_end()
    assert moved.session.over
    assert isinstance(moved.record.events[-1], Happened)
    assert moved.record.events[-1].action == moved.record.ended


@examples(20)
@given(routines(), st.one_of(people(12), everybody(12)), mouths(), st.sampled_from(["stop", "that's enough", "quit"]))
def test_stop_is_obeyed_in_every_state(choice: Choice, said: list[Said], line_seconds: LineSeconds, word: str) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    assume(not moved.session.over)
    moved.move_by(2.1)
    assume(not moved.session.over)
    summing_up = moved.session.phase is Phase.SUMMARY
    actions = moved.type(word)
    assert any(isinstance(action, Hush) for action in actions)
    assert moved.session.phase is (Phase.ENDED if summing_up else Phase.STOPPED)


@examples(20)
@given(routines(), st.one_of(people(12), everybody(12)), mouths(), st.sampled_from(BODY))
def test_body_words_silence_the_coach_and_stop_the_clock_in_every_state(
    choice: Choice, said: list[Said], line_seconds: LineSeconds, word: str
) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    moved.move_by(2.1)
    assume(not moved.session.over)
    before = moved.state
    actions = moved.type(word)
    assert any(isinstance(action, Hush) for action in actions)
    assert any(isinstance(action, Say) for action in actions) or line_seconds != 0.0
    after = moved.state
    assert after.phase is not Phase.WORK or after.step in ("cramp_arch", "cramp_calf")
    if before.phase is Phase.WORK and before.step not in ("cramp_arch", "cramp_calf"):
        standing = moved.record.states[-1]
        moved.move_by(1.0)
        at_work = [state for _, state in moved.record.states[moved.record.states.index(standing) :]]
        assert not any(state.phase is Phase.WORK and state.step == before.step for state in at_work)


@examples(20)
@given(routines(), st.one_of(people(12), everybody(12)), mouths())
def test_easier_is_never_refused_and_never_raises_the_rung(
    choice: Choice, said: list[Said], line_seconds: LineSeconds
) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    moved.move_by(2.1)
    assume(not moved.session.over and moved.session.phase is not Phase.SUMMARY)
    assert "easier" in moved.session.legal or moved.session.legal <= AWAKE
    before = moved.state
    actions = moved.type("easier")
    assert "Not at this point." not in [action.text for action in actions if isinstance(action, Say)]
    if before.rung is not None:
        lower = max(1, before.rung - 1)
        # one calf is the lightest there is where the other must not be rolled
        takes_both = (before.step, lower) in oracle.BOTH_AT_ONCE
        assert moved.state.rung == lower or (takes_both and moved.state.rung == before.rung)
        assert moved.state.planned == before.planned


@examples(20)
@given(routines(), people(10), st.integers(5, 60))
def test_stop_is_heard_while_the_coach_speaks(choice: Choice, said: list[Said], tenths: int) -> None:
    moved = choice.begin(tenths / 10)
    say_all(moved, said)
    moved.move_by(2.1)
    assume(not moved.session.over and moved.session.phase is not Phase.SUMMARY)
    assume(
        not any("stop" in as_spoken(line).split() for line in moved.record.lines_between(moved.now - 7, moved.now + 1))
    )
    moved.hear("stop")
    assert moved.session.phase is Phase.STOPPED


@examples(25)
@given(own_routines(), mouths(), st.floats(0, 0.95), st.integers(0, 19))
def test_harder_then_easier_restores_the_rung_and_leaves_the_seconds(
    choice: Choice, line_seconds: LineSeconds, part: float, tenths: int
) -> None:
    moved = at_work(choice, line_seconds, part)
    before = moved.state
    moved.type("harder")
    raised = moved.state.rung == (before.rung or 0) + 1
    moved.move_by(tenths / 10)
    assume(raised or (moved.state.step, moved.state.side) == (before.step, before.side))
    moved.type("easier")
    assert moved.state.rung == (before.rung if raised else max(1, (before.rung or 0) - 1))
    if moved.state.phase is not Phase.SETUP:
        assert (moved.state.planned, moved.state.stroke) == (before.planned, before.stroke)


@examples(25)
@given(own_routines(), mouths(), st.floats(0, 0.9))
def test_longer_then_shorter_restores_the_seconds_unless_a_cap_bit(
    choice: Choice, line_seconds: LineSeconds, part: float
) -> None:
    moved = at_work(choice, line_seconds, part)
    planned = moved.state.planned or 0.0
    left = moved.session.view(moved.now).left or 0.0
    step = choice.routine.steps[0]
    assume(((step.seconds or 0) >= 15 and left >= 5.0) or (step.repetitions or 0) > 1)
    moved.type("longer")
    grown = (moved.state.planned or 0.0) - planned
    if grown == 15.0 or (step.seconds is None and grown > 0):
        moved.type("shorter")
        assert moved.state.planned == planned
    else:
        assert 0 <= grown < 15.0


@examples(25)
@given(
    own_routines(), mouths(), st.floats(0, 0.9), st.sampled_from(["longer", "shorter", "faster", "slower", "easier"])
)
def test_undo_puts_a_dial_back_where_it_was(choice: Choice, line_seconds: LineSeconds, part: float, dial: str) -> None:
    moved = at_work(choice, line_seconds, part)
    before = moved.state
    moved.move_by(0.0)
    assume((moved.session.view(moved.now).left or 0.0) > 5.0)
    moved.type(dial)
    assume((moved.state.step, moved.state.side) == (before.step, before.side))  # "shorter" between holds ends a side
    moved.type("undo")
    assert dials_of(moved.state) == dials_of(before)


def at_work(choice: Choice, line_seconds: LineSeconds, part: float) -> MovedSession:
    """Give a session that has come through `part` of the first side."""
    moved = choice.begin(line_seconds)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.move_by(part * (moved.state.planned or 0.0))
    return moved


def dials_of(state: StateChanged) -> tuple[object, ...]:
    return (state.step, state.side, state.rung, state.planned, state.stroke)


@examples(25)
@given(
    own_routines(),
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from((*EVERYTHING, *MINUTES))), max_size=6),
    mouths(),
)
def test_side_two_gets_what_side_one_got(
    choice: Choice, said: list[tuple[int, str]], line_seconds: LineSeconds
) -> None:
    moved = choice.begin(line_seconds)
    if "left" in choice.plan.steps[0].sides:
        moved.move_until(lambda state: state.phase is Phase.WORK)
    say_all(moved, [(tenths / 10, text) for tenths, text in said])
    moved.move_to_end()
    for one, two in changes_of_feet(moved.record):
        if one.done and one.worked >= one.planned - CLOSE:
            assert two.planned == pytest.approx(one.planned) or had_before(moved.record, two)


def changes_of_feet(record: SessionRecord) -> list[tuple[DoseEnded, StepBegan]]:
    """Give each left side that ended with the right side that began at the same moment."""
    actions = [event.action for event in record.events if isinstance(event, Happened)]
    steps = [action for action in actions if isinstance(action, DoseEnded | StepBegan)]
    return [
        (one, two)
        for one, two in itertools.pairwise(steps)
        if isinstance(one, DoseEnded) and isinstance(two, StepBegan) and one.step == two.step
        if (one.side, two.side) == ("left", "right")
    ]


def had_before(record: SessionRecord, begun: StepBegan) -> bool:
    """Tell whether the right foot had worked before on a step with caps in common, so that one may be in the way."""
    worked = oracle.time_at_work(record).worked
    caps = [cap.steps for cap in oracle.CAPS if begun.step in cap.steps] + [frozenset({begun.step})]
    others = set().union(*caps) - {begun.step}
    again = [step for _, step in record.steps if (step.step, step.side) == (begun.step, begun.side)]
    return len(again) > 1 or any(
        worked.get((step, side), 0) > 0 for step in others for side in ("right", "both", "one")
    )


@examples(25)
@given(own_routines(), mouths(), st.floats(0, 0.95), people(6), people(10))
def test_after_pain_nothing_in_that_family_rises(
    choice: Choice, line_seconds: LineSeconds, part: float, before: list[Said], later: list[Said]
) -> None:
    family = oracle.family_of(choice.routine.steps[0].step)
    assume(family is not None)
    moved = at_work(choice, line_seconds, part)
    say_all(moved, [(wait / 10, text) for wait, text in before if text in ("harder", "longer", "easier", "faster")])
    assume(oracle.family_of(moved.state.step or "") == family)
    moved.move_by(2.1)
    assume(not moved.session.over and oracle.family_of(moved.state.step or "") == family)
    moved.type("ouch")
    since = len(moved.record.states)
    say_all(moved, [(3, "two"), (10, "undo"), (25, "harder"), *later, (3, "harder"), (3, "undo")])
    moved.move_to_end()
    rungs: dict[str, int] = {}
    for _, state in moved.record.states[since - 1 :]:
        if state.step is not None and state.rung is not None and oracle.family_of(state.step) == family:
            assert state.rung <= rungs.get(state.step, state.rung), f"{state.step} rose to {state.rung}"
            rungs[state.step] = state.rung


@examples(20)
@given(
    routines(),
    people(8),
    mouths(),
    st.lists(
        st.tuples(
            st.integers(0, 300),
            st.sampled_from([word for word in EVERYTHING if word not in ("resume", "finish", "cramp", "calf cramp")]),
        ),
        max_size=12,
    ),
)
def test_after_stop_only_resume_and_finish_go_on(
    choice: Choice, said: list[Said], line_seconds: LineSeconds, later: list[tuple[int, str]]
) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    moved.move_by(2.1)
    assume(not moved.session.over and moved.session.phase is not Phase.SUMMARY)
    moved.type("stop")
    since = len(moved.record.states)
    say_all(moved, [(tenths / 10, text) for tenths, text in later])
    moved.move_to_end()
    standing = {Phase.STOPPED, Phase.PAUSED, Phase.QUESTION, Phase.SUMMARY, Phase.ENDED}
    assert {state.phase for _, state in moved.record.states[since:]} <= standing


@examples(20)
@given(routines(), people(), mouths())
def test_the_same_events_give_the_same_actions(choice: Choice, said: list[Said], line_seconds: LineSeconds) -> None:
    moved = live(choice, said, line_seconds)
    again = new_session(choice.plan, line_seconds)
    actions: list[Action] = again.begin(0.0)
    for at, event in moved.events:
        actions += again.tick(at)
        actions += again.receive(event, at)
    actions += again.tick(moved.now)
    assert actions == [event.action for event in moved.record.events if isinstance(event, Happened)]


@examples(20)
@given(routines(), people(15), mouths(), st.sampled_from(["past", "token", "begin", "over"]))
def test_an_event_that_cannot_be_raises_and_changes_nothing(
    choice: Choice, said: list[Said], line_seconds: LineSeconds, wrong: str
) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    if wrong == "over":
        moved.move_to_end()
        if not moved.session.over:
            moved.receive(Interrupted())
            moved.move_to_end()
    session = moved.session
    before = copy.deepcopy(vars(session))
    wrongs: dict[str, Callable[[], object]] = {
        "begin": lambda: session.begin(moved.now),
        "token": lambda: session.receive(SpeechEnded(10_000), moved.now),
        "past": lambda: session.receive(NotUnderstood(), moved.now - 1.0),
        "over": lambda: session.receive(Heard(GRAMMAR.meanings["pause"]), moved.now),
    }
    with pytest.raises(IllegalEventError):
        wrongs[wrong]()
    assert vars(session) == before


@examples(20)
@given(routines(), people(), mouths())
def test_time_never_goes_back_and_lines_are_numbered_in_their_order(
    choice: Choice, said: list[Said], line_seconds: LineSeconds
) -> None:
    moved = live(choice, said, line_seconds)
    times = [event.at for event in moved.record.events]
    assert times == sorted(times)
    tokens = [say.token for say in moved.record.actions(Say)]
    assert tokens == list(range(1, len(tokens) + 1))


@examples(20)
@given(routines(), mouths(), st.sampled_from(["yes", "no"]))
def test_speech_never_eats_the_dose(choice: Choice, line_seconds: LineSeconds, answer: str) -> None:
    choice = replace(choice, answers=(*WELL, ("opening", answer)))
    record = live(choice, [(60, "resume")] if answer == "yes" else [], line_seconds).record
    measured = oracle.time_at_work(record).worked
    ended: dict[tuple[str, str], float] = {}
    for dose in record.doses:
        assert dose.done
        assert dose.worked == pytest.approx(dose.planned)
        ended[dose.step, dose.side] = ended.get((dose.step, dose.side), 0.0) + dose.planned
    assert {key: pytest.approx(seconds) for key, seconds in ended.items()} == dict(measured)


@examples(20)
@given(routines(), people(12), mouths(), st.integers(0, 31))
def test_a_command_said_twice_within_two_seconds_counts_once(
    choice: Choice, said: list[Said], line_seconds: LineSeconds, sixteenths: int
) -> None:
    later = sixteenths / 16  # sums of such times are exact: nothing falls on the other side of a deadline
    choice = replace(choice, routine=msgspec.structs.replace(choice.routine, check=False), answers=())
    spaced = [(round(wait * 16) / 16 + 2.125, text) for wait, text in said if GRAMMAR.match(text) is not None]
    doubled: list[Said] = []
    for wait, text in spaced:
        doubled += [(wait - (later if doubled else 0.0), text), (later, text)]
    once, twice = live(choice, spaced, line_seconds), live(choice, doubled, line_seconds)
    assert what_happened(twice.record) == what_happened(once.record)


def what_happened(record: SessionRecord) -> list[tuple[float, str]]:
    return [(round(event.at, 3), kind_of(event)) for event in record.events if isinstance(event, Happened)]


def kind_of(event: Happened) -> str:
    action = event.action
    if isinstance(action, StateChanged):
        return f"{action.phase} {dials_of(action)}"
    return action.text if isinstance(action, Say) else type(action).__name__


@examples(20)
@given(routines(), people(10), mouths(), st.sampled_from([*ASKING, "how much longer"]))
def test_questions_change_nothing(choice: Choice, said: list[Said], line_seconds: LineSeconds, asked: str) -> None:
    moved = choice.begin(line_seconds)
    say_all(moved, said)
    moved.move_by(2.1)
    assume(not moved.session.over)
    moved.session.tick(moved.now)
    before = moved.session.view(moved.now)
    moved.type(asked)
    after = moved.session.view(moved.now)
    assert after == replace(before, left_in_all=after.left_in_all)
    assert after.left_in_all == pytest.approx(before.left_in_all, abs=0.2)


@given(st.sampled_from([*FLOW, "stop", "cramp", "ouch"]))
@examples(20)
def test_what_is_said_is_recorded_with_its_command(text: str) -> None:
    moved = MovedSession("quick_3")
    moved.type(text)
    assert [event for event in moved.record.events if isinstance(event, UserSaid)] == [
        UserSaid(0.0, text, GRAMMAR.match(text))
    ]
