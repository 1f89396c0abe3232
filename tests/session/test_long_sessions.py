"""After twenty minutes the feet are checked, after thirty the session ends, however it came to be so long."""

from __future__ import annotations

import pytest

from tests import oracle
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import Routine, RoutineStep, TimedDose
from voice_coach.session.plan import Plan, plan_routine
from voice_coach.testing import ALL_IS_WELL, MovedSession, SessionRecord, run_session

FOOT_CHECK_AFTER = 20 * 60
END_AFTER = 30 * 60


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Give a routine with everything, at length: some forty minutes."""
    catalogue = load_catalogue()
    steps = tuple(
        RoutineStep(id_, seconds=step.longest) if isinstance(step.dose, TimedDose) else RoutineStep(id_)
        for id_, step in catalogue.steps.items()
        if id_ != "foot_check"
    )
    return plan_routine(catalogue, Routine("Everything", "never", "all", steps, id="everything", check=False))


@pytest.fixture(scope="module")
def record(plan: Plan) -> SessionRecord:
    return run_session(plan)


def test_a_session_ends_after_thirty_minutes(record: SessionRecord) -> None:
    assert record.ended is not None
    assert record.ended.reason == "limit"
    assert record.ended.seconds == pytest.approx(END_AFTER)
    assert "That is plenty for one session. Take a break." in record.lines
    assert oracle.broken_caps(record) == []


def test_the_feet_are_checked_once_after_twenty_minutes_before_the_next_side(record: SessionRecord) -> None:
    checks = [(at, number) for number, (at, step) in enumerate(record.steps) if step.step == "foot_check"]
    assert len(checks) == 1
    at, number = checks[0]
    assert at >= FOOT_CHECK_AFTER
    before, after = record.steps[number - 1], record.steps[number + 1]
    assert before[0] < FOOT_CHECK_AFTER + 130
    assert (before[1].step, before[1].side) != (after[1].step, after[1].side)


@pytest.mark.parametrize("word", ["again", "back"])
def test_a_check_of_the_feet_has_its_own_dose_also_when_a_side_is_begun_again(plan: Plan, word: str) -> None:
    moved = MovedSession(plan)
    moved.move_until(
        lambda state: moved.now > FOOT_CHECK_AFTER - 60 and (state.worked or 0) == 0 and state.phase == "work"
    )
    moved.move_to(FOOT_CHECK_AFTER + 1)
    step, side, planned = moved.state.step, moved.state.side, moved.state.planned
    if step == "foot_check":
        pytest.fail("the feet were checked before the word")
    moved.type(word)
    moved.move_by(1)
    assert (moved.state.step, moved.state.planned) == ("foot_check", 30)
    moved.move_by(36)
    assert (moved.state.step, moved.state.side) == (step, side)
    assert (moved.state.planned or 0) <= (planned or 0)


def test_standing_still_does_not_count_towards_the_length(plan: Plan) -> None:
    record = run_session(plan, [(100, "pause"), (600, "resume")])
    assert record.ended is not None
    assert record.ended.seconds == pytest.approx(END_AFTER + 500)


@pytest.mark.parametrize(
    "said",
    [
        [(30.0, "pause"), (700.0, "resume")],
        [(30.0, "pause"), (700.0, "next")],
        [(30.0, "pause"), (700.0, "skip")],
        [(30.0, "stop"), (700.0, "resume")],
        [(30.0, "ouch"), (32.0, "sharp"), (700.0, "resume")],
        [(30.0, "bruise"), (700.0, "next")],
        [(30.0, "numb"), (700.0, "resume"), (703.0, "yes")],
    ],
)
def test_the_feet_are_checked_after_a_long_halt_however_it_is_left(said: list[tuple[float, str]]) -> None:
    record = run_session("quick_3", said, answers={"opening": "no"})
    assert next(step.step for at, step in record.steps if at >= 700) == "foot_check"


def test_after_each_of_many_long_halts_the_feet_are_looked_at() -> None:
    moved = MovedSession("full_15", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == "ball_roll" and state.phase == "work")
    looks = len(looks_at_the_feet(moved.record))
    for number in range(1, 7):
        moved.move_by(5.0)
        moved.type("pause")
        moved.move_by(700.0)
        moved.type("resume")
        moved.move_until(lambda state: state.step == "ball_roll" and state.phase == "work")
        assert looks_at_the_feet(moved.record)[looks:] == [30.0] * number
    moved.move_to_end()
    assert moved.record.ended is not None
    assert "That is the most for this spot." not in moved.record.lines
    assert oracle.broken_caps(moved.record) == []


def looks_at_the_feet(record: SessionRecord) -> list[float]:
    """Give the seconds of each look at the feet."""
    return [dose.worked for dose in record.doses if dose.step == "foot_check"]


def test_a_long_first_look_at_the_feet_is_no_reason_to_leave_out_the_one_that_has_to_be() -> None:
    steps = (
        RoutineStep("foot_check", seconds=60),
        *(RoutineStep("roller_calf", seconds=120), RoutineStep("ball_roll", seconds=120)),
        *(RoutineStep(id_, repetitions=99, hold=1.0, gap=0.0) for id_ in ("ankle_pumps", "toe_fan", "arch_lift")),
        *(RoutineStep(id_, repetitions=99, hold=1.0, gap=0.0) for id_ in ("ankle_circles", "heel_raises")),
        *(RoutineStep(id_, seconds=60) for id_ in ("roller_outer", "stick_shin", "ball_forefoot")),
    )
    routine = Routine("Long", "never", "all", steps, id="long", check=False)
    record = run_session(plan_routine(load_catalogue(), routine))
    looks = [at for at, step in record.steps if step.step == "foot_check"]
    assert len(looks) == 2
    assert looks[1] >= FOOT_CHECK_AFTER
    assert oracle.broken_caps(record) == []


def test_a_look_at_the_feet_that_has_to_be_comes_after_they_were_looked_at_for_long() -> None:
    moved = MovedSession("sore_foot_daily", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == "foot_check" and state.phase == "work")
    for _ in range(3):
        moved.type("longer")
        moved.move_by(2.5)
    moved.move_until(lambda state: state.step == "ball_roll" and state.phase == "work")
    moved.move_by(5.0)
    moved.type("pause")
    moved.move_by(900.0)
    moved.type("resume")
    moved.move_until(lambda state: state.phase == "work")
    assert (moved.state.step, moved.state.planned) == ("foot_check", 30.0)


def test_many_long_halts_come_to_an_end() -> None:
    pauses = [(at, text) for n in range(6) for at, text in ((30.0 + 700 * n, "pause"), (700.0 + 700 * n, "resume"))]
    record = run_session("full_15", pauses, answers=ALL_IS_WELL)
    assert record.ended is not None
    assert oracle.broken_caps(record) == []


def test_after_an_infection_and_a_long_halt_the_feet_are_looked_at() -> None:
    record = run_session("full_15", [(40.0, "it's infected"), (700.0, "resume")], answers=ALL_IS_WELL)
    after = [(step.step, step.side) for at, step in record.steps if at >= 700.0]
    assert after[:2] == [("foot_check", "both"), ("ankle_circles", "right")]
    assert record.ended is not None


@pytest.mark.parametrize(("done", "left"), [(20.0, 40.0), (50.0, 10.0), (56.0, 4.0), (58.0, None)])
def test_after_a_long_halt_a_side_gets_what_is_left_of_it_and_no_more(done: float, left: float | None) -> None:
    moved = MovedSession("post_run_lower_leg", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == "roller_calf" and state.phase == "work")
    moved.move_by(done)
    moved.type("pause")
    moved.move_by(700.0)
    moved.type("resume")
    moved.move_until(lambda state: state.step == "roller_calf" and state.side == "right")
    rests = [(dose.planned, dose.done) for dose in moved.record.doses if dose.step == "roller_calf"]
    assert rests == ([(60.0, True)] if left is None else [(60.0, False), (pytest.approx(left), True)])
    assert moved.state.planned == 60.0
    assert looks_at_the_feet(moved.record) == [20.0, 30.0]


def test_after_a_long_halt_at_the_very_end_nothing_is_looked_at_any_more() -> None:
    last = MovedSession("full_15", answers=ALL_IS_WELL)
    last.move_until(lambda state: state.step == "settle" and state.phase == "work")
    last.move_by(28.0)
    last.type("pause")
    last.move_by(700.0)
    last.type("resume")
    last.move_to_end()
    assert last.record.ended is not None
    assert last.record.ended.reason == "finished"
    assert "That was a long break. Look at both soles before we go on." not in last.record.lines


@pytest.mark.parametrize("tenths", range(1, 150, 7))
def test_a_short_dose_is_gone_on_with_after_a_long_halt(tenths: int) -> None:
    steps = (RoutineStep("ball_roll", seconds=15), RoutineStep("roller_calf", seconds=15))
    plan = plan_routine(load_catalogue(), Routine("Short", "never", "all", steps, id="short", check=False))
    moved = MovedSession(plan, answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.phase == "work")
    moved.move_by(tenths / 10)
    moved.type("pause")
    moved.move_by(700.0)
    moved.type("resume")
    moved.move_to_end()
    assert "That is the most for this spot." not in moved.record.lines
    left = sum(dose.worked for dose in moved.record.doses if (dose.step, dose.side) == ("ball_roll", "left"))
    assert 12.0 <= left <= 15.0 + oracle.ROUNDING


def test_after_a_short_halt_the_session_goes_on_at_once() -> None:
    record = run_session("quick_3", [(30.0, "bruise"), (600.0, "resume")], answers={"opening": "no"})
    assert next(step.step for at, step in record.steps if at >= 600) == "ball_roll"


def test_a_long_pause_before_the_first_step_asks_for_a_look_at_the_feet_though_a_greeting_comes_between() -> None:
    moved = MovedSession("morning_in_bed", answers={"opening": "no"}, line_seconds=2.0)
    moved.move_by(1)
    moved.type("a sharp pain")
    moved.move_by(700)
    moved.type("resume")
    moved.move_until(lambda state: state.step is not None)
    assert moved.state.step == "foot_check"


def test_a_look_at_the_feet_is_due_once_after_a_long_pause() -> None:
    moved = MovedSession("morning_in_bed", answers={"opening": "no"})
    moved.move_until(lambda state: state.step == "ankle_circles")
    moved.type("pause")
    moved.move_by(700)
    moved.type("resume")
    moved.move_to_end()
    assert [step.step for _, step in moved.record.steps].count("foot_check") == 1
