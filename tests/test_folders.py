"""Where the program keeps what belongs to the user, and what it says where there is no such place."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_coach.errors import FolderError
from voice_coach.folders import cache_folder, data_folder, home_folder, settings_file


def test_the_folder_that_was_chosen_is_one_and_the_same_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("VOICE_COACH_DATA", "~/feet")
    assert data_folder() == tmp_path / "feet"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOICE_COACH_DATA", "mine")
    assert (data_folder(), cache_folder()) == (tmp_path / "mine", tmp_path / "mine" / "cache")


def test_who_has_no_home_is_told_how_to_give_the_coach_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> str:
        message = "could not determine the home directory"
        raise RuntimeError(message)

    monkeypatch.delenv("VOICE_COACH_DATA", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.setattr("platformdirs.user_data_path", nowhere)
    for place in (data_folder, settings_file, home_folder):
        with pytest.raises(FolderError, match="export VOICE_COACH_DATA="):
            place()
