"""The rule "I have n minutes", with its numbers typed from the content by hand."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from tests import oracle
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.fitting import Fitting, budget_of, fitted, one_minute
from voice_coach.routines.schema import Dose, HoldDose, TimedDose
from voice_coach.session.ledger import Ledger
from voice_coach.session.plan import PlannedStep
from voice_coach.testing import plan_of

CATALOGUE = load_catalogue()
LIMITS = CATALOGUE.limits
SOLE = {"ball_roll", "ball_press", "ball_forefoot", "ball_heel", "thumb_sole", "cold_roll"}
STRETCHES = {"plantar_pull", "top_foot", "towel_calf", "wall_straight", "wall_bent"}
POOLS = [cap for cap in oracle.CAPS if not cap.each]


def in_minutes(routine: str, minutes: float) -> Fitting:
    plan = plan_of(routine)
    return fitted(plan.steps, budget_of(minutes), plan.limits)


def doses(fitting: Fitting) -> dict[str, Dose]:
    return {planned.step.id: planned.dose for planned in fitting.steps}


def step(id_: str, dose: Dose | None = None, sides: tuple[str, ...] = ("left", "right")) -> PlannedStep:
    step = CATALOGUE.steps[id_]
    return PlannedStep(step, step.dose if dose is None else dose, ("both",) if step.sides == "both" else sides)


def test_ten_seconds_of_the_users_minutes_are_kept_back() -> None:
    assert budget_of(8) == 470
    assert budget_of(2) == 110


def test_a_plan_of_just_this_length_stays_as_it_is() -> None:
    fitting = in_minutes("full_15", 15)
    assert fitting.steps == plan_of("full_15").steps
    assert (fitting.dropped, fitting.seconds, fitting.over) == ((), 890, 0)


def test_optional_steps_go_first_and_the_last_of_them_before_the_others() -> None:
    fitting = in_minutes("post_run_lower_leg", 10)
    assert fitting.dropped == ("Stick, shin muscle",)
    assert fitting.factor == 1
    assert fitting.seconds == 576


def test_one_factor_shortens_all_doses_and_no_setup() -> None:
    fitting = in_minutes("full_15", 10)
    assert fitting.dropped == ("Ball press, three spots", "Stick, shin muscle")
    assert doses(fitting)["ball_roll"] == TimedDose(49)
    assert doses(fitting)["roller_calf"] == TimedDose(49)
    assert doses(fitting)["ankle_circles"] == HoldDose(8, 2.5, 0)
    assert doses(fitting)["plantar_pull"] == HoldDose(4, 10, 3)
    assert doses(fitting)["wall_bent"] == HoldDose(1, 24, 5)
    assert fitting.factor == 0.816
    assert fitting.seconds == 586


def test_core_steps_go_from_the_end_once_six_tenths_are_not_enough() -> None:
    fitting = in_minutes("desk", 3)
    assert fitting.dropped == ("Ankle pumps", "Toe curl and fan", "Arch lift")
    assert fitting.seconds <= 170


def test_the_foot_check_a_sole_step_and_a_stretch_stay_however_short_the_time() -> None:
    fitting = in_minutes("full_15", 2)
    assert [planned.step.id for planned in fitting.steps] == ["foot_check", "ball_roll", "plantar_pull"]
    assert fitting.factor == 0.6
    assert not fitting.fits
    assert fitting.over == fitting.seconds - 110 > 0


def test_the_relief_of_a_cramp_is_never_dropped() -> None:
    assert [planned.step.id for planned in in_minutes("arch_cramp_now", 1).steps] == ["cramp_arch", "thumb_sole"]


def test_three_minutes_at_their_least_take_one_minute_and_seven_tenths() -> None:
    assert in_minutes("quick_3", 1).seconds == 102
    assert in_minutes("quick_3", 2).fits


def test_somebody_with_one_minute_is_offered_a_ball_roll_of_twenty_seconds_a_foot() -> None:
    offer = one_minute(CATALOGUE)
    assert (offer.step.id, offer.dose, offer.sides) == ("ball_roll", TimedDose(20), ("left", "right"))
    assert offer.seconds < 60


def test_a_short_plan_grows_by_a_quarter_and_then_ends_early() -> None:
    fitting = in_minutes("quick_3", 30)
    assert doses(fitting) == {"ball_roll": TimedDose(50), "plantar_pull": HoldDose(2, 10, 3)}
    assert fitting.factor == 1.25
    assert fitting.seconds == 180


def test_a_plan_grows_no_further_than_the_time_there_is() -> None:
    fitting = in_minutes("quick_3", 3)
    assert doses(fitting)["ball_roll"] == TimedDose(45)
    assert fitting.seconds == 170


def test_growing_can_be_forbidden() -> None:
    plan = plan_of("quick_3")
    assert fitted(plan.steps, budget_of(30), LIMITS, grow=False).steps == plan.steps


def test_growing_stops_at_the_caps() -> None:
    fitting = fitted([step("plantar_pull", HoldDose(10, 10, 3)), step("ball_roll", TimedDose(115))], 5000, LIMITS)
    assert doses(fitting) == {"plantar_pull": HoldDose(10, 10, 3), "ball_roll": TimedDose(120)}


def test_growing_takes_nothing_from_the_other_steps_under_a_cap() -> None:
    steps = [step("ball_roll", TimedDose(100)), step("cold_roll", TimedDose(100)), step("thumb_sole", TimedDose(80))]
    assert doses(fitted(steps, 5000, LIMITS)) == {
        "ball_roll": TimedDose(120),
        "cold_roll": TimedDose(100),
        "thumb_sole": TimedDose(80),
    }


def test_a_single_hold_grows_to_thirty_seconds_and_shrinks_to_ten() -> None:
    short = [step("wall_bent", HoldDose(1, 28, 5))]
    assert doses(fitted(short, 5000, LIMITS)) == {"wall_bent": HoldDose(1, 30, 5)}
    assert doses(fitted([step("wall_bent", HoldDose(1, 15, 5))], 1, LIMITS)) == {"wall_bent": HoldDose(1, 10, 5)}


def test_fifteen_seconds_and_one_repetition_are_the_least() -> None:
    fitting = fitted([step("ball_roll", TimedDose(20)), step("ankle_pumps", HoldDose(1, 2, 0))], 1, LIMITS)
    assert doses(fitting) == {"ball_roll": TimedDose(15)}
    alone = fitted([step("ankle_pumps", HoldDose(1, 2, 0))], 1, LIMITS)
    assert doses(alone) == {"ankle_pumps": HoldDose(1, 2, 0)}


def test_a_floor_lengthens_nothing() -> None:
    assert doses(fitted([step("ball_roll", TimedDose(12))], 1, LIMITS)) == {"ball_roll": TimedDose(12)}


def test_what_the_user_has_had_counts_when_the_rest_is_fitted() -> None:
    ledger = Ledger(LIMITS, {})
    ledger.add(CATALOGUE.steps["ball_roll"], "left", 110, 0)
    ledger.add(CATALOGUE.steps["thumb_sole"], "right", 90, 0)
    before = list(ledger.entries)
    fitting = fitted([step("ball_roll", TimedDose(60)), step("thumb_sole", TimedDose(40))], 5000, LIMITS, ledger=ledger)
    assert fitting.steps == ()
    assert fitting.dropped == ("Ball roll, heel to toes", "Thumb glide along the sole")
    assert ledger.entries == before


def test_the_stricter_caps_of_a_routine_hold_for_growing_too() -> None:
    ledger = Ledger(LIMITS, {"stretch_calf": 30})
    fitting = fitted([step("wall_straight", HoldDose(1, 28, 5))], 5000, LIMITS, ledger=ledger)
    assert doses(fitting) == {"wall_straight": HoldDose(1, 30, 5)}
    two = [step("wall_straight", HoldDose(1, 15, 5)), step("wall_bent", HoldDose(1, 15, 5))]
    assert fitted(two, 5000, LIMITS, ledger=ledger).steps == tuple(two)


def test_a_sole_step_under_way_makes_the_ones_to_come_free_to_go() -> None:
    left = [step("ball_roll", TimedDose(60)), step("plantar_pull")]
    assert fitted(left, 60, LIMITS).dropped == ()
    roll = CATALOGUE.steps["thumb_sole"]
    assert fitted(left, 110, LIMITS, under_way=[roll]).dropped == ("Ball roll, heel to toes",)


def test_a_step_that_comes_twice_is_dropped_once() -> None:
    twice = [step("ball_roll"), step("ankle_circles"), step("ball_roll"), step("plantar_pull")]
    assert fitted(twice, 300, LIMITS).dropped == ("Ball roll, heel to toes",)


def doses_of(id_: str) -> st.SearchStrategy[Dose]:
    """Give doses of a step within its longest."""
    most = oracle.MOST_PER_SIDE[id_]
    if isinstance(CATALOGUE.steps[id_].dose, TimedDose):
        seconds = [seconds for seconds in (5.0, 15.0, 20.0, 40.0, 45.0, 60.0, 90.0) if seconds <= most]
        return st.builds(TimedDose, st.sampled_from(seconds))
    holds, gaps = (2.0, 2.5, 5.0, 10.0, 15.0, 30.0), (0.0, 2.0, 3.0, 5.0)
    some = [HoldDose(count, hold, gap) for count in range(1, 21) for hold in holds for gap in gaps]
    return st.sampled_from([dose for dose in some if dose.seconds <= most])


DOSES = {id_: doses_of(id_) for id_ in oracle.MOST_PER_SIDE}


@st.composite
def plans(draw: st.DrawFn) -> list[PlannedStep]:
    ids = draw(st.lists(st.sampled_from(sorted(DOSES)), min_size=1, max_size=10))
    sides = draw(st.sampled_from([("left", "right"), ("left",), ("right", "left"), ("one",)]))
    return [step(id_, draw(DOSES[id_]), sides) for id_ in ids]


def within_caps(steps: list[PlannedStep] | tuple[PlannedStep, ...]) -> bool:
    """Tell whether a plan keeps every cap of the oracle, for each foot."""
    for foot in ("left", "right"):
        mine = [planned for planned in steps if {foot, "both", "one"} & set(planned.sides)]
        for id_, most in oracle.MOST_PER_SIDE.items():
            if sum(planned.dose.seconds for planned in mine if planned.step.id == id_) > most + 1e-6:
                return False
        for cap in POOLS:
            of_cap = [planned.dose for planned in mine if planned.step.id in cap.steps]
            if sum(dose.held if cap.held else dose.seconds for dose in of_cap) > cap.seconds + 1e-6:
                return False
    return True


@given(plans(), st.integers(1, 30))
def test_no_cap_is_passed_and_nothing_is_longer_than_a_quarter_more(steps: list[PlannedStep], minutes: int) -> None:
    assume(within_caps(steps))
    fitting = fitted(steps, budget_of(minutes), LIMITS)
    assert within_caps(fitting.steps)
    assert 0.6 <= fitting.factor <= 1.25
    for planned, before in pairs(fitting, steps):
        assert work(planned.dose) <= work(before.dose) * 1.25 + 1e-6
        assert replace(planned, dose=before.dose) == before
        if isinstance(planned.dose, HoldDose):
            assert planned.dose.hold <= 30
            assert planned.dose.repetitions >= 1


@given(plans(), st.integers(1, 30))
def test_what_fits_was_only_left_out_or_shortened_as_far_as_needed(steps: list[PlannedStep], minutes: int) -> None:
    assume(within_caps(steps))
    budget = budget_of(minutes)
    fitting = fitted(steps, budget, LIMITS)
    assert fitting.seconds == sum(planned.seconds for planned in fitting.steps)
    if sum(planned.seconds for planned in steps) <= budget:
        assert fitting.dropped == ()
        assert fitting.factor >= 1
        assert fitting.fits
    if not fitting.fits:
        assert fitting.factor == 0.6
        may_go = [p for p in fitting.steps if p.step.priority != "must"]
        assert len([p for p in may_go if p.step.id in SOLE]) <= 1
        assert len([p for p in may_go if p.step.id in STRETCHES]) <= 1
    assert len(fitting.steps) + len(fitting.dropped) == len(steps)


@given(plans(), st.integers(1, 30))
def test_what_must_stay_stays(steps: list[PlannedStep], minutes: int) -> None:
    assume(within_caps(steps))
    fitting = fitted(steps, budget_of(minutes), LIMITS)
    before, after = {planned.step.id for planned in steps}, {planned.step.id for planned in fitting.steps}
    assert {id_ for id_ in before if CATALOGUE.steps[id_].priority == "must"} <= after
    assert bool(before & SOLE) == bool(after & SOLE)
    assert bool(before & STRETCHES) == bool(after & STRETCHES)
    assert after


@given(plans(), st.integers(1, 30))
def test_doses_are_whole_seconds_and_not_under_the_floors(steps: list[PlannedStep], minutes: int) -> None:
    assume(within_caps(steps))
    for planned, before in pairs(fitted(steps, budget_of(minutes), LIMITS), steps):
        dose, planned_before = planned.dose, before.dose
        if isinstance(dose, TimedDose):
            assert dose.seconds == int(dose.seconds)
            assert dose.seconds >= min(15, planned_before.seconds)
        elif isinstance(planned_before, HoldDose):
            assert dose.gap == planned_before.gap
            assert dose.hold == planned_before.hold or dose.repetitions == planned_before.repetitions == 1
            assert dose.hold >= min(10, planned_before.hold)


@given(plans(), st.integers(2, 29))
def test_more_minutes_never_mean_fewer_steps(steps: list[PlannedStep], minutes: int) -> None:
    assume(within_caps(steps))
    fewer = fitted(steps, budget_of(minutes), LIMITS)
    more = fitted(steps, budget_of(minutes + 1), LIMITS)
    assert len(more.steps) >= len(fewer.steps)


def work(dose: Dose) -> float:
    return dose.seconds if isinstance(dose, TimedDose) else dose.held


def pairs(fitting: Fitting, steps: list[PlannedStep]) -> list[tuple[PlannedStep, PlannedStep]]:
    """Pair every step that is left with what it was before, in order."""
    rest, found = list(steps), []
    for planned in fitting.steps:
        while rest and (rest[0].step.id != planned.step.id):
            rest.pop(0)
        found.append((planned, rest.pop(0)))
    return found


def test_a_fitting_keeps_what_belongs_to_the_plan() -> None:
    fitting = in_minutes("full_15", 5)
    numbers = [planned.number for planned in fitting.steps]
    assert numbers == sorted(n for n in numbers if n is not None)
    assert msgspec.structs.asdict(fitting.steps[0].step)["id"] == "foot_check"
