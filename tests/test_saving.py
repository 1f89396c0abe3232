"""What "save that" does: the user's own routine file, written while the session goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.own import Found, routine_called
from voice_coach.routines.schema import RoutineStep
from voice_coach.runner import Inbox, Trouble
from voice_coach.saving import RoutineSaver
from voice_coach.session.actions import SavedStep, SaveWanted
from voice_coach.session.plan import plan_routine
from voice_coach.testing import ALL_IS_WELL, run_session

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = load_catalogue()
MINE = "# mine\nname: Mine\nsteps:\n  - {step: ball_roll, seconds: 60} # both\n  - {step: settle}\n"
LONGER = SaveWanted("quick_3", (SavedStep(0, "ball_roll", seconds=55.0),))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))
    return tmp_path / "routines"


def troubles(inbox: Inbox) -> list[str]:
    """Give what the user is told."""
    told = []
    while not inbox.empty():
        message = inbox.get()
        assert isinstance(message, Trouble)
        told.append(str(message.error))
    return told


def saver_of(name: str, inbox: Inbox) -> RoutineSaver:
    return RoutineSaver(routine_called(name, CATALOGUE), CATALOGUE, inbox)


def test_a_packaged_routine_becomes_one_of_the_users_own_and_takes_its_place(folder: Path) -> None:
    inbox = Inbox()
    saver = saver_of("quick_3", inbox)
    saver.acted(30.0, LONGER)
    assert saver.saved_in == folder / "quick_3.yaml"
    assert troubles(inbox) == []
    found = routine_called("quick_3", CATALOGUE)
    assert found.path == folder / "quick_3.yaml"
    assert found.routine.steps[0] == RoutineStep("ball_roll", seconds=55)
    assert found.routine.steps[1:] == CATALOGUE.routines["quick_3"].steps[1:]
    text = saver.saved_in.read_text(encoding="utf-8")
    assert "# Quick three minutes, as you saved it in a session." in text
    assert "delete this file to have that one back" in text
    assert (folder / "routine.schema.json").exists()


def test_the_users_own_file_keeps_its_remarks(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.yaml").write_text(MINE, encoding="utf-8")
    saver_of("mine", Inbox()).acted(30.0, SaveWanted("mine", (SavedStep(0, "ball_roll", seconds=55.0),), (1,)))
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == (
        "# mine\nname: Mine\nsteps:\n  - {step: ball_roll, seconds: 55} # both\n"
    )


def test_a_file_outside_the_folder_is_changed_where_it_is(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "from_the_clinic.yaml"
    path.write_text(MINE, encoding="utf-8")
    saver_of(str(path), Inbox()).acted(30.0, SaveWanted("x", (SavedStep(0, "ball_roll", seconds=55.0),)))
    assert "seconds: 55}" in path.read_text(encoding="utf-8")
    assert not folder.exists()


def test_saving_twice_in_a_session_keeps_the_last_state(folder: Path) -> None:
    saver = saver_of("quick_3", Inbox())
    saver.acted(30.0, SaveWanted("quick_3", (SavedStep(0, "ball_roll", seconds=55.0),), stroke=4.0))
    saver.acted(60.0, SaveWanted("quick_3", (SavedStep(1, "plantar_pull", repetitions=3),)))
    routine = routine_called("quick_3", CATALOGUE).routine
    assert (routine.steps[0].seconds, routine.steps[1].repetitions, routine.stroke) == (40, 3, None)
    assert folder.exists()


def test_a_layout_that_cannot_be_kept_is_kept_as_another_file(folder: Path) -> None:
    folder.mkdir()
    flow = "{name: Mine, steps: [{step: ball_roll}, {step: settle}]} # mine\n"
    (folder / "mine.yaml").write_text(flow, encoding="utf-8")
    saver_of("mine", Inbox()).acted(30.0, SaveWanted("mine", (), (1,)))
    assert routine_called("mine", CATALOGUE).routine.steps == (RoutineStep("ball_roll"),)
    assert (folder / "mine.yaml.old").read_text(encoding="utf-8") == flow


def test_a_file_that_somebody_else_changed_meanwhile_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.yaml").write_text(MINE, encoding="utf-8")
    inbox = Inbox()
    saver = saver_of("mine", inbox)
    (folder / "mine.yaml").write_text(MINE + "# later\n", encoding="utf-8")
    saver.acted(30.0, SaveWanted("mine", (SavedStep(0, "ball_roll", seconds=55.0),)))
    assert "was changed while the session went on. It stays as it is; nothing was saved." in troubles(inbox)[0]
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == MINE + "# later\n"
    assert saver.saved_in is None


def test_what_would_break_a_rule_is_not_saved(folder: Path) -> None:
    inbox = Inbox()
    saver_of("quick_3", inbox).acted(30.0, SaveWanted("quick_3", (SavedStep(0, "ball_roll", seconds=500.0),)))
    assert "This cannot be kept: 500 s will not do; the most of ball_roll is 120 s for each side." in troubles(inbox)[0]
    assert not (folder / "quick_3.yaml").exists()


def test_leaving_out_every_step_is_not_saved(folder: Path) -> None:
    inbox = Inbox()
    saver_of("quick_3", inbox).acted(30.0, SaveWanted("quick_3", (), (0, 1)))
    assert "This cannot be kept" in troubles(inbox)[0]
    assert not (folder / "quick_3.yaml").exists()


@pytest.mark.skipif(os.name != "posix", reason="the folder is a file, which Windows tells in other words")
def test_a_folder_that_cannot_be_written_is_told_and_the_session_goes_on(folder: Path) -> None:
    folder.write_text("no folder", encoding="utf-8")
    inbox = Inbox()
    saver = RoutineSaver(Found(CATALOGUE.routines["quick_3"]), CATALOGUE, inbox)
    saver.acted(30.0, LONGER)
    assert "cannot be written" in troubles(inbox)[0]
    assert saver.saved_in is None


def test_nothing_is_saved_on_a_moved_clock(folder: Path) -> None:
    inbox = Inbox()
    found = routine_called("quick_3", CATALOGUE)
    RoutineSaver(found, CATALOGUE, inbox, moved_clock=True).acted(30.0, LONGER)
    assert "Nothing is saved in a session on a moved clock." in troubles(inbox)[0]
    assert not folder.exists()


def test_other_actions_save_nothing(folder: Path) -> None:
    record = run_session("quick_3", answers=ALL_IS_WELL)
    inbox = Inbox()
    saver = saver_of("quick_3", inbox)
    for event in record.events:
        if hasattr(event, "action"):
            saver.acted(event.at, event.action)
    assert (saver.saved_in, troubles(inbox), folder.exists()) == (None, [], False)


@pytest.mark.parametrize("routine", CATALOGUE.routines)
def test_what_a_session_wants_saved_can_be_read_again_and_begins_like_that(routine: str, folder: Path) -> None:
    """Longer, easier, slower, and minutes: all that changes a routine, said in every routine of the package."""
    said = [(40.0, "longer"), (44.0, "easier"), (48.0, "slower"), (52.0, "i have five minutes"), (60.0, "save that")]
    record = run_session(routine, said, answers=ALL_IS_WELL, side="left")
    inbox = Inbox()
    saver = saver_of(routine, inbox)
    wanted = record.actions(SaveWanted)
    for action in wanted:
        saver.acted(60.0, action)
    assert troubles(inbox) == []
    if not wanted:
        pytest.skip("in this routine nothing is to be saved at second 60")
    again = routine_called(routine, CATALOGUE)
    assert again.path == folder / f"{routine}.yaml"
    plan = plan_routine(CATALOGUE, again.routine, "left")
    assert run_session(plan, answers=ALL_IS_WELL).ended is not None
