"""The catalogue against the numbers of the content, typed from it by hand."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests import oracle
from voice_coach.errors import ContentError, UnknownRoutineError
from voice_coach.packaged import read_yaml
from voice_coach.routines import catalogue as catalogue_module
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.routines.schema import HoldDose, TimedDose
from voice_coach.session.actions import DoseEnded, StepBegan
from voice_coach.session.phases import Phase
from voice_coach.testing import ALL_IS_WELL, Happened, plan_of, run_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOTALS = {
    "morning_in_bed": 520,
    "pre_run": 386,
    "post_run_lower_leg": 650,
    "sore_foot_daily": 766,
    "arch_cramp_now": 169,
    "quick_3": 160,
    "full_15": 890,
    "desk": 398,
}
"""Seconds of every routine: setup, both sides and changes of feet, not the greeting."""
ANSWER = 0.5
"""Seconds until the opening question is answered, which is asked where the feet are not checked anyway."""
WHICH_FOOT_QUESTION = 8
"""Seconds of silence after the question for the foot that had the cramp."""


def test_there_are_the_eight_routines_of_the_content() -> None:
    assert set(load_catalogue().routines) == set(TOTALS)


def test_there_are_the_twenty_five_steps_of_the_content_with_their_most_and_their_rung() -> None:
    steps = load_catalogue().steps
    assert {id_: step.longest for id_, step in steps.items()} == oracle.MOST_PER_SIDE
    assert {id_: step.rung for id_, step in steps.items()} == oracle.DEFAULT_RUNG


@pytest.mark.parametrize(("routine", "seconds"), TOTALS.items())
def test_the_planned_total_of_a_routine_is_the_contents(routine: str, seconds: int) -> None:
    assert plan_of(routine).seconds == seconds


@pytest.mark.parametrize(("routine", "seconds"), TOTALS.items())
def test_a_session_without_speech_takes_the_planned_total_and_the_questions_until_its_summary(
    routine: str, seconds: int
) -> None:
    record = run_session(routine, answers=ALL_IS_WELL)
    asks = {"quick_3", "morning_in_bed", "desk"}
    extra = ANSWER if routine in asks else WHICH_FOOT_QUESTION if routine == "arch_cramp_now" else 0
    summary = next(at for at, state in record.states if state.phase is Phase.SUMMARY)
    assert summary == pytest.approx(seconds + extra)
    assert record.ended is not None
    assert record.ended.reason == "finished"


@pytest.mark.parametrize("routine", TOTALS)
def test_every_side_of_every_step_is_done_in_the_routines_order(routine: str) -> None:
    record = run_session(routine, answers=ALL_IS_WELL)
    planned = [(step.step.id, step.dose.seconds) for step in plan_of(routine).steps for _ in step.sides]
    assert [(dose.step, dose.worked) for dose in record.doses] == planned
    assert all(dose.done for dose in record.doses)
    kinds = [
        type(event.action).__name__
        for event in record.events
        if isinstance(event, Happened) and isinstance(event.action, StepBegan | DoseEnded)
    ]
    assert kinds == ["StepBegan", "DoseEnded"] * len(planned)


@pytest.mark.parametrize("routine", TOTALS)
def test_every_routine_keeps_every_cap(routine: str) -> None:
    assert oracle.broken_caps(run_session(routine, answers=ALL_IS_WELL), before_a_run=routine == "pre_run") == []


def test_the_full_stretch_of_the_trial_is_ten_times_ten_seconds() -> None:
    for routine in ("morning_in_bed", "sore_foot_daily"):
        dose = next(step.dose for step in plan_of(routine).steps if step.step.id == "plantar_pull")
        assert (dose, dose.held) == (HoldDose(10, 10, 3), 100)


def test_lengths_of_doses_count_the_gaps_between_holds_only() -> None:
    assert HoldDose(3, 15, 3).seconds == 51
    assert HoldDose(1, 30, 5).seconds == 30
    assert HoldDose(1, 30, 5).held == 30
    assert (TimedDose(40).seconds, TimedDose(40).held) == (40, 0)


@pytest.mark.parametrize("name", ["quick_3", "Quick-3", "Quick three minutes", " QUICK 3 "])
def test_a_routine_is_found_by_id_and_by_name(name: str) -> None:
    assert find_routine(load_catalogue(), name).id == "quick_3"


def test_a_routine_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UnknownRoutineError, match=r"no routine called 'long_60'.*desk"):
        find_routine(load_catalogue(), "long_60")


def test_cues_and_lines_hold_only_the_slots_that_are_filled() -> None:
    for step in load_catalogue().steps.values():
        for name in step.cues.__struct_fields__:
            getattr(step.cues, name).format(side="left", stroke="three", hold="ten seconds")


def unknown_step(data: dict[str, Any]) -> None:
    data["routines"]["desk"]["steps"][0]["step"] = "moonwalk"


def too_long(data: dict[str, Any]) -> None:
    data["routines"]["desk"]["steps"][2]["seconds"] = 121


def holds_for_a_roll(data: dict[str, Any]) -> None:
    data["routines"]["quick_3"]["steps"][0]["repetitions"] = 3


def seconds_for_holds(data: dict[str, Any]) -> None:
    data["routines"]["quick_3"]["steps"][1]["seconds"] = 30


def held_too_long(data: dict[str, Any]) -> None:
    data["routines"]["quick_3"]["steps"][1]["hold"] = 31


def rung_off_the_ladder(data: dict[str, Any]) -> None:
    data["steps"]["settle"]["rung"] = 3


def dose_over_the_most(data: dict[str, Any]) -> None:
    data["steps"]["settle"]["longest"] = 20


def unknown_cap(data: dict[str, Any]) -> None:
    data["steps"]["settle"]["caps"] = ["moon"]


def unknown_field(data: dict[str, Any]) -> None:
    data["steps"]["settle"]["colour"] = "blue"


def missing_field(data: dict[str, Any]) -> None:
    del data["limits"]["hold"]


def bar_of_no_step(data: dict[str, Any]) -> None:
    data["first_questions"]["clot"]["bars"]["out"] = ["elbow"]


def ceiling_under_the_ladder(data: dict[str, Any]) -> None:
    data["first_questions"]["thinners"]["bars"]["ceilings"] = {"everything": 0}


def caution_that_is_no_line(data: dict[str, Any]) -> None:
    data["first_questions"]["varicose"]["caution"] = "caution_moon"


def way_with_no_tool(data: dict[str, Any]) -> None:
    data["substitutions"]["steps"]["towel_calf"][1]["needs"] = ["rope"]


def way_to_no_step(data: dict[str, Any]) -> None:
    data["substitutions"]["steps"]["roller_calf"][1]["step"] = "moonwalk"


def way_of_no_step(data: dict[str, Any]) -> None:
    data["substitutions"]["steps"]["moonwalk"] = [{}]


def way_with_no_cue(data: dict[str, Any]) -> None:
    data["substitutions"]["steps"]["towel_calf"][1]["cues"] = {"shout": "Now."}


def way_off_the_ladder(data: dict[str, Any]) -> None:
    data["substitutions"]["steps"]["wall_bent"][2]["rung"] = 9


def way_with_too_long_a_ladder(data: dict[str, Any]) -> None:
    data["substitutions"]["steps"]["ball_heel"][0]["rungs"] += [[{}], [{}]]


def tool_that_goes_with_none(data: dict[str, Any]) -> None:
    data["substitutions"]["tools"]["belt"]["goes_with"] = "braces"


def area_of_no_step(data: dict[str, Any]) -> None:
    data["areas"]["sole"] = ["elbow"]


BREAKAGES = {
    unknown_step: "moonwalk",
    too_long: "over the most",
    holds_for_a_roll: "timed",
    seconds_for_holds: "repetitions",
    held_too_long: "holds for more",
    rung_off_the_ladder: "ladder",
    dose_over_the_most: "over its longest",
    unknown_cap: "moon",
    unknown_field: "colour",
    missing_field: "hold",
    bar_of_no_step: "first question clot.*elbow",
    ceiling_under_the_ladder: "counted from 1",
    caution_that_is_no_line: "caution_moon",
    way_with_no_tool: "towel_calf, way 2.*rope",
    way_to_no_step: "moonwalk",
    way_of_no_step: "moonwalk",
    way_with_no_cue: "shout",
    way_off_the_ladder: "rung 9",
    way_with_too_long_a_ladder: "longer than",
    tool_that_goes_with_none: "braces",
    area_of_no_step: "elbow",
}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Give the catalogue's plain data, to be broken; what is loaded in the test is this."""
    names = ("steps", "routines", "limits", "spoken_lines", "first_questions", "substitutions", "areas")
    files: dict[str, Any] = {name: copy.deepcopy(read_yaml("voice_coach.routines", name)) for name in names}
    monkeypatch.setattr(catalogue_module, "read_yaml", lambda _package, name: files[name])
    load_catalogue.cache_clear()
    yield files
    load_catalogue.cache_clear()


@pytest.mark.parametrize(("breakage", "reason"), BREAKAGES.items())
def test_a_broken_catalogue_is_told_with_the_place(
    data: dict[str, Any], breakage: Callable[[dict[str, Any]], None], reason: str
) -> None:
    breakage(data)
    with pytest.raises(ContentError, match=reason) as caught:
        load_catalogue()
    assert caught.value.exit_status == 3
    assert caught.value.meaning == "No session can start without it."
