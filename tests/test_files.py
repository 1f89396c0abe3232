"""Files are written as a whole, and nothing but our own leftovers is ever removed beside them."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from voice_coach.files import quoted, remove_leftovers, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def old_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("somebody's")
    os.utime(path, (1, 1))
    os.utime(path.parent, (1, 1))
    return path


@pytest.mark.parametrize("name", ["[a-z][a-z][a-z]", "git", "x" * 250])
@pytest.mark.parametrize("beside", [".git-credentials", "git-old"])
def test_writing_a_file_of_any_name_leaves_the_others_in_its_folder(tmp_path: Path, name: str, beside: str) -> None:
    other = old_file(tmp_path / beside)
    write_whole(tmp_path / name, "new")
    assert other.read_text() == "somebody's"
    assert {path.name for path in tmp_path.iterdir()} == {name, beside}


def test_what_a_killed_program_has_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    old_file(tmp_path / "mine-old")
    old_file(tmp_path / "mine-folder" / "file")
    (tmp_path / "mine-new").write_text("still needed")
    remove_leftovers(tmp_path, "mine-")
    assert [path.name for path in tmp_path.iterdir()] == ["mine-new"]


def test_a_prefix_is_taken_as_it_stands(tmp_path: Path) -> None:
    other = old_file(tmp_path / "abc")
    remove_leftovers(tmp_path, "*")
    assert other.exists()


def test_what_is_needed_stays_with_the_folder_that_it_is_in(tmp_path: Path) -> None:
    needed = old_file(tmp_path / "mine-model" / "file")
    remove_leftovers(tmp_path, "mine-", needed=needed.parent)
    remove_leftovers(tmp_path, "mine-", needed=needed)
    assert needed.exists()


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX and Windows quote differently")
def test_a_path_in_a_command_is_one_word_whatever_is_in_it(tmp_path: Path) -> None:
    for name in ("Application Support", "it's $HOME", "plain"):
        assert shlex.split(f"ls -ld {quoted(tmp_path / name)}") == ["ls", "-ld", str(tmp_path / name)]
