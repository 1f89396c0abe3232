"""The small parts of the core: marks of a side, the ledger of caps, wording, the turn to speak, the table of phases."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_coach.numbers import in_words
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import HoldDose, SpokenLine, TimedDose
from voice_coach.session.actions import Action, Say
from voice_coach.session.events import IllegalEventError
from voice_coach.session.ledger import Ledger
from voice_coach.session.phases import ALWAYS_HEARD, BODY, COMMANDS, RUNNING, TRANSITIONS, Phase, Trigger, after
from voice_coach.session.speaking import Speaking, Utterance
from voice_coach.session.timeline import held, repetition_began, timeline
from voice_coach.session.wording import about, counted, fill, minutes, sentence, spoken_number, spoken_side

CATALOGUE = load_catalogue()
STEPS = CATALOGUE.steps


def marks(step: str, dose: TimedDose | HoldDose, stroke: float = 3.0) -> list[tuple[float, str]]:
    return [(mark.at, mark.chime or mark.what) for mark in timeline(STEPS[step], dose, stroke)]


# --- timeline


def test_a_roll_has_a_stroke_every_three_seconds_a_half_way_and_a_count_out() -> None:
    assert marks("ball_roll", TimedDose(15)) == [
        (0, "stroke"),
        (3, "stroke"),
        (6, "stroke"),
        (7.5, "halfway"),
        (9, "stroke"),
        (12, "stroke"),
        (12, "last_three"),
    ]


def test_a_hold_begins_with_its_sound_and_ends_with_another() -> None:
    assert marks("plantar_pull", HoldDose(3, 10, 3)) == [
        (0, "hold"),
        (10, "release"),
        (10, "between"),
        (13, "hold"),
        (13, "hold"),
        (23, "release"),
        (23, "between"),
        (26, "hold"),
        (26, "hold"),
        (33, "last_three"),
    ]


def test_the_half_way_of_holds_is_told_where_it_is_one() -> None:
    assert (26, "halfway") in marks("plantar_pull", HoldDose(4, 10, 3))
    assert "halfway" not in {what for _, what in marks("plantar_pull", HoldDose(5, 10, 3))}


def test_a_hold_without_a_cue_for_its_end_is_ended_with_a_word() -> None:
    relief = marks("cramp_arch", HoldDose(3, 20, 5))
    assert [at for at, what in relief if what == "release"] == [20, 20, 45, 45]


def test_short_repetitions_have_a_soft_sound_each_and_no_word() -> None:
    assert {what for _, what in marks("ankle_pumps", HoldDose(20, 2, 0))} == {"stroke", "then", "halfway", "last_three"}


def test_a_single_hold_has_its_half_way_in_the_middle() -> None:
    assert (15, "halfway") in marks("wall_straight", HoldDose(1, 30, 5))


def test_a_short_side_is_not_counted_out() -> None:
    assert "last_three" not in [what for _, what in marks("ball_roll", TimedDose(5))]


@given(st.sampled_from(sorted(STEPS)), st.integers(1, 120), st.integers(1, 8), st.sampled_from([2.0, 3.0, 4.0, 5.0]))
def test_marks_stand_in_their_order_inside_the_side_and_each_once(
    step: str, seconds: int, n: int, stroke: float
) -> None:
    for dose in (TimedDose(seconds), HoldDose(n, seconds / n, 3)):
        found = timeline(STEPS[step], dose, stroke)
        assert [mark.at for mark in found] == sorted(mark.at for mark in found)
        assert all(0 <= mark.at < dose.seconds for mark in found)
        assert len({mark.key for mark in found}) == len(found)


@pytest.mark.parametrize(
    ("worked", "began", "in_holds"), [(0, 0, 0), (9.9, 0, 9.9), (11, 0, 10), (13, 13, 10), (20, 13, 17), (23, 13, 20)]
)
def test_a_repetition_knows_its_beginning_and_its_time_in_holds(worked: float, began: float, in_holds: float) -> None:
    dose = HoldDose(2, 10, 3)
    assert repetition_began(dose, worked) == began
    assert held(dose, worked) == pytest.approx(in_holds)
    assert held(TimedDose(30), worked) == 0


# --- ledger


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(CATALOGUE.limits, {})


def fitted(ledger: Ledger, step: str, side: str, seconds: float) -> float | None:
    dose = ledger.fitted(STEPS[step], side, TimedDose(seconds))
    return None if dose is None else dose.seconds


def test_what_is_left_under_a_cap_is_given(ledger: Ledger) -> None:
    ledger.add(STEPS["ball_roll"], "left", 70, 0)
    assert fitted(ledger, "ball_roll", "left", 60) == 50
    assert fitted(ledger, "ball_roll", "right", 60) == 60


def test_less_than_is_worth_beginning_is_refused(ledger: Ledger) -> None:
    ledger.add(STEPS["ball_roll"], "left", 106, 0)
    assert fitted(ledger, "ball_roll", "left", 60) is None
    assert fitted(ledger, "ball_roll", "left", 10) == 10


def test_the_sole_has_one_cap_for_all_steps_that_press_on_it(ledger: Ledger) -> None:
    for step in ("ball_roll", "cold_roll"):
        ledger.add(STEPS[step], "left", 120, 0)
    ledger.add(STEPS["ball_heel"], "left", 40, 0)
    assert fitted(ledger, "thumb_sole", "left", 45) == 20
    assert fitted(ledger, "hand_calf", "left", 45) == 45


def test_both_feet_at_once_and_an_unknown_foot_count_for_each(ledger: Ledger) -> None:
    ledger.add(STEPS["thumb_sole"], "one", 60, 0)
    assert (fitted(ledger, "thumb_sole", "left", 45), fitted(ledger, "thumb_sole", "right", 45)) == (30, 30)
    ledger.move("one", "left")
    assert (fitted(ledger, "thumb_sole", "left", 45), fitted(ledger, "thumb_sole", "right", 45)) == (30, 45)
    assert fitted(ledger, "thumb_sole", "both", 45) == 30


def test_repetitions_are_dropped_until_they_fit(ledger: Ledger) -> None:
    ledger.add(STEPS["plantar_pull"], "left", 75, 60)
    assert ledger.fitted(STEPS["plantar_pull"], "left", HoldDose(5, 10, 3)) == HoldDose(4, 10, 3)
    ledger.add(STEPS["plantar_pull"], "left", 35, 35)
    assert ledger.fitted(STEPS["plantar_pull"], "left", HoldDose(5, 10, 3)) is None


def test_a_hold_is_never_longer_than_thirty_seconds(ledger: Ledger) -> None:
    assert ledger.fitted(STEPS["towel_calf"], "left", HoldDose(1, 45, 5)) == HoldDose(1, 30, 5)


def test_what_is_lost_counts_too(ledger: Ledger) -> None:
    dose = ledger.fitted(STEPS["ball_roll"], "left", TimedDose(120), 30)
    assert dose == TimedDose(90)


def test_a_routine_may_be_stricter_and_never_laxer() -> None:
    dose = HoldDose(4, 30, 5)
    wall = STEPS["wall_straight"]
    assert Ledger(CATALOGUE.limits, {"stretch_calf": 30}).fitted(wall, "left", dose) == HoldDose(1, 30, 5)
    assert Ledger(CATALOGUE.limits, {"stretch_calf": 500}).fitted(wall, "left", dose) == HoldDose(3, 30, 5)


# --- wording


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "zero seconds"),
        (1.2, "one second"),
        (4.4, "four seconds"),
        (12, "ten seconds"),
        (54, "fifty five seconds"),
        (55, "one minute"),
        (74, "one minute"),
        (80, "one and a half minutes"),
        (120, "two minutes"),
    ],
)
def test_a_length_is_told_as_a_person_would(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_lengths_counts_sides_and_numbers_are_worded() -> None:
    assert minutes(10) == "half a minute"
    assert minutes(890) == "fifteen minutes"
    assert (counted(1, "step"), counted(2, "step")) == ("one step", "two steps")
    assert (spoken_number(3), spoken_number(2.5), spoken_number(2.7)) == ("three", "two and a half", "three")
    assert (spoken_side("one"), spoken_side("left")) == ("sore", "left")
    assert [in_words(n) for n in (0, 19, 20, 99, 100, 120, 705)] == [
        *(
            "zero",
            "nineteen",
            "twenty",
            "ninety nine",
            "one hundred",
            "one hundred and twenty",
            "seven hundred and five",
        )
    ]
    assert sentence("two times. both feet.") == "Two times. Both feet."
    assert fill(SpokenLine("{count} times."), count="three") == "Three times."


# --- the turn to speak


def spoken(actions: list[Action]) -> list[str]:
    return [action.text if isinstance(action, Say) else "hush" for action in actions]


def test_lines_wait_for_each_other() -> None:
    speaking = Speaking()
    assert spoken(speaking.add(Utterance("One."), 0.0)) == ["One."]
    assert speaking.add(Utterance("Two."), 1.0) == []
    assert spoken(speaking.ended(1, 2.0) or []) == ["Two."]
    assert not speaking.silent
    assert speaking.ended(2, 3.0) == []
    assert speaking.silent


def test_a_receipt_comes_first_and_instructions_are_kept_for_afterwards() -> None:
    speaking = Speaking()
    speaking.add(Utterance("Instruction.", keep=True), 0.0)
    speaking.add(Utterance("Dropped."), 0.0)
    assert spoken(speaking.instead(Utterance("Receipt."), 1.0)) == ["hush", "Receipt."]
    assert spoken(speaking.ended(2, 2.0) or []) == ["Instruction."]
    assert speaking.ended(3, 3.0) == []


def test_the_end_of_a_line_that_was_interrupted_means_nothing() -> None:
    speaking = Speaking()
    speaking.add(Utterance("One."), 0.0)
    speaking.instead(Utterance("Two."), 1.0)
    assert speaking.ended(1, 2.0) is None
    speaking.forget(2.0)
    assert speaking.ended(2, 2.0) is None


def test_a_lost_line_is_given_up_after_three_times_its_length() -> None:
    speaking = Speaking()
    assert speaking.overdue is None
    speaking.add(Utterance("One two three four five."), 10.0)
    assert speaking.overdue == pytest.approx(10 + 3 * 5 / 2.5 + 5)


# --- the table of phases


@pytest.mark.parametrize(("trigger", "phase"), list(itertools.product(Trigger, Phase)))
def test_a_way_that_is_not_in_the_table_raises(trigger: Trigger, phase: Phase) -> None:
    if phase in TRANSITIONS[trigger]:
        assert after(phase, trigger) is TRANSITIONS[trigger][phase]
    else:
        with pytest.raises(IllegalEventError):
            after(phase, trigger)


def test_every_phase_can_be_reached_and_left_except_the_ends() -> None:
    reached = {to for ways in TRANSITIONS.values() for to in ways.values()}
    left = {phase for ways in TRANSITIONS.values() for phase in ways}
    assert reached == set(Phase) - {Phase.NEW}
    assert left == set(Phase) - {Phase.ENDED}


def test_stop_and_body_words_count_in_every_phase_of_a_session() -> None:
    for phase in set(Phase) - {Phase.NEW, Phase.ENDED}:
        assert BODY | {"stop", "finish"} <= COMMANDS[phase]
    for phase in RUNNING | {Phase.PAUSED, Phase.STOPPED, Phase.QUESTION}:
        assert ALWAYS_HEARD | {"easier"} <= COMMANDS[phase]
