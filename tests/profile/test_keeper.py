"""What is told in a session goes into the profile as it is told."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from voice_coach.profile.keeper import ProfileKeeper
from voice_coach.profile.store import Answer, Profile, load_profile, save_profile
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.actions import Action, Noted, ProfileAnswered

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 5, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "profile.json"


def keep(path: Path, *actions: Action) -> Inbox:
    inbox: Inbox = Inbox()
    keeper = ProfileKeeper(path, inbox, lambda: TODAY)
    for action in actions:
        keeper.acted(0.0, action)
    return inbox


def test_an_answer_is_written_at_once_with_its_day_and_leaves_the_rest_alone(path: Path) -> None:
    save_profile(path, Profile(place="bed").with_answer("clot", "yes", date(2026, 1, 1)))
    keep(path, ProfileAnswered("wound", "left"))
    profile = load_profile(path)
    assert profile.answers == {"clot": Answer("yes", date(2026, 1, 1)), "wound": Answer("left", TODAY)}
    assert profile.place == "bed"


def test_a_swollen_leg_sets_its_flag(path: Path) -> None:
    keep(path, Noted("swollen", "roller_calf", "left"))
    assert load_profile(path).answers == {"swollen_leg": Answer("yes", TODAY)}


def test_nothing_else_is_written(path: Path) -> None:
    keep(path, Noted("pain", "ball_roll", "left"), Noted("blister", "ball_roll", "left"))
    assert not path.exists()


def test_a_profile_that_cannot_be_written_is_told_once(path: Path) -> None:
    path.mkdir(parents=True)
    inbox = keep(path, ProfileAnswered("wound", "no"), ProfileAnswered("clot", "no"))
    trouble = inbox.get_nowait()
    assert isinstance(trouble, Trouble)
    assert trouble.error.exit_status == 8
    assert inbox.empty()


def test_a_swollen_leg_is_kept_also_where_an_earlier_answer_could_not_be(path: Path) -> None:
    path.mkdir(parents=True)
    keeper = ProfileKeeper(path, Inbox(), lambda: TODAY)
    keeper.acted(0.0, ProfileAnswered("wound", "no"))
    path.rmdir()
    keeper.acted(30.0, Noted("swollen", None, "both"))
    assert load_profile(path).answers == {"swollen_leg": Answer("yes", TODAY)}


def test_a_profile_that_was_damaged_in_the_meantime_is_put_aside_and_the_answer_kept(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    inbox = keep(path, Noted("swollen", None, "both"))
    assert load_profile(path).answers == {"swollen_leg": Answer("yes", TODAY)}
    assert [file.read_text(encoding="utf-8") for file in path.parent.glob("profile.damaged-*")] == ["{"]
    assert isinstance(inbox.get_nowait(), Trouble)
