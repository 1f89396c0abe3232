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
from voice_coach.testing import Happened, plan_of, run_session

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
OPENING_QUESTION = 6
"""Seconds of silence after the opening question, which is asked where the feet are not checked anyway."""
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
def test_a_session_without_speech_takes_the_planned_total_and_the_questions(routine: str, seconds: int) -> None:
    ended = run_session(routine).ended
    asks = {"quick_3", "morning_in_bed", "desk"}
    extra = OPENING_QUESTION if routine in asks else WHICH_FOOT_QUESTION if routine == "arch_cramp_now" else 0
    assert ended is not None
    assert ended.seconds == pytest.approx(seconds + extra)
    assert ended.reason == "finished"


@pytest.mark.parametrize("routine", TOTALS)
def test_every_side_of_every_step_is_done_in_the_routines_order(routine: str) -> None:
    record = run_session(routine)
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
    assert oracle.broken_caps(run_session(routine), before_a_run=routine == "pre_run") == []


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
}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Give the catalogue's plain data, to be broken; what is loaded in the test is this."""
    names = ("steps", "routines", "limits", "spoken_lines")
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
