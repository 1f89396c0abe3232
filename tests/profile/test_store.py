"""The stored profile: written as a whole, never lost, never a reason not to start."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import pytest

from voice_coach.errors import ProfileError
from voice_coach.profile.store import Answer, BrokenProfileError, Profile, load_profile, open_profile, save_profile

if TYPE_CHECKING:
    from pathlib import Path

MAY_FIRST = date(2026, 5, 1)
BROKEN = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b'{"answers": {"wound": "no"}}',
    b'{"answers": {"wound": {"answer": "perhaps", "on": "2026-05-01"}}}',
    b'{"answers": {"wound": {"answer": "no", "on": "yesterday"}}}',
    b'{"place": "moon"}',
    b'{"version": 2}',
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "profile.json"


def test_who_never_told_anything_has_an_empty_profile(path: Path) -> None:
    assert load_profile(path) == Profile()
    assert not path.parent.exists()


def test_what_is_saved_is_what_is_loaded(path: Path) -> None:
    profile = Profile(tools=("tennis ball",), place="floor").with_answer("wound", "left", MAY_FIRST)
    save_profile(path, profile)
    assert load_profile(path) == profile
    assert load_profile(path).answers["wound"] == Answer("left", MAY_FIRST)
    assert [file.name for file in path.parent.iterdir()] == ["profile.json"]


def test_a_person_can_read_the_file(path: Path) -> None:
    save_profile(path, Profile().with_answer("clot", "yes", MAY_FIRST))
    assert '"clot": {\n      "answer": "yes",\n      "on": "2026-05-01"\n    }' in path.read_text(encoding="utf-8")


def test_a_field_of_a_later_version_does_no_harm(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 1, "place": "bed", "colour": "blue"}', encoding="utf-8")
    assert load_profile(path) == Profile(place="bed")


def test_answers_are_forgotten_one_by_one_or_all() -> None:
    profile = Profile(place="bed").with_answer("clot", "no", MAY_FIRST).with_answer("wound", "no", MAY_FIRST)
    assert set(profile.without_answers("clot").answers) == {"wound"}
    assert profile.without_answers() == Profile(place="bed")


@pytest.mark.parametrize("content", BROKEN)
def test_a_damaged_profile_is_kept_under_another_name_and_told_in_one_line(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(BrokenProfileError):
        load_profile(path)
    told: list[str] = []
    assert open_profile(path, told.append) == Profile()
    aside = path.with_name("profile.damaged-1.json")
    assert aside.read_bytes() == content
    assert not path.exists()
    assert len(told) == 1
    assert str(aside) in told[0]
    assert "\n" not in told[0]


def test_a_second_damaged_profile_does_not_take_the_place_of_the_first(path: Path) -> None:
    path.parent.mkdir()
    for content in (b"first", b"second"):
        path.write_bytes(content)
        open_profile(path, lambda _line: None)
    assert path.with_name("profile.damaged-1.json").read_bytes() == b"first"
    assert path.with_name("profile.damaged-2.json").read_bytes() == b"second"


def test_a_damaged_profile_stays_where_it_is_when_nothing_may_be_written(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")
    told: list[str] = []
    assert open_profile(path, told.append, may_move=False) == Profile()
    assert path.read_bytes() == b"{"
    assert len(told) == 1


def test_a_profile_that_cannot_be_read_is_told_and_never_replaced(path: Path) -> None:
    path.mkdir(parents=True)
    told: list[str] = []
    assert open_profile(path, told.append) == Profile()
    assert len(told) == 1
    assert path.is_dir()
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert caught.value.exit_status == 8


def test_a_folder_that_cannot_be_made_holds_no_profile_and_takes_none(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder", encoding="utf-8")
    assert load_profile(file / "profile.json") == Profile()
    with pytest.raises(ProfileError, match="cannot be written"):
        save_profile(file / "profile.json", Profile())


def test_a_write_that_fails_half_way_leaves_the_old_profile_and_no_rubbish(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Profile(place="bed")
    save_profile(path, before)

    def full_disk(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(ProfileError, match="No space left"):
        save_profile(path, Profile(place="floor"))
    assert load_profile(path) == before
    assert [file.name for file in path.parent.iterdir()] == ["profile.json"]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_profile_is_for_its_owner_only(path: Path) -> None:
    save_profile(path, Profile())
    assert path.stat().st_mode & 0o077 == 0
