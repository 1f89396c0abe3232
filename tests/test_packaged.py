"""What was read of the package's YAML is kept, and never believed where it may be wrong."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.program import ROOT, Program
from voice_coach import packaged
from voice_coach.packaged import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKAGE = ROOT / "voice_coach"
FILES = sorted(file.relative_to(PACKAGE) for file in PACKAGE.rglob("*.yaml"))
LIMITS = yaml.safe_load((PACKAGE / "routines" / "limits.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which what was read is kept."""
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))
    return tmp_path / "cache"


@pytest.fixture
def kept(folder: Path) -> Path:
    """Keep the limits, and give the file."""
    read_yaml("voice_coach.routines", "limits")
    (file,) = folder.iterdir()
    return file


def refuse(_text: bytes) -> None:
    pytest.fail("the YAML was read again")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_file_comes_back_as_it_was_read(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, name = ".".join(("voice_coach", *file.parent.parts)), file.stem
    expected = yaml.safe_load((PACKAGE / file).read_text(encoding="utf-8"))
    assert read_yaml(package, name) == expected
    monkeypatch.setattr(packaged, "_read", refuse)
    assert repr(read_yaml(package, name)) == repr(expected)
    assert len(list(folder.iterdir())) == 1


def test_a_text_that_has_changed_is_read_again(kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An update, or a change by hand, that leaves size and time as they were."""
    (tmp_path / "routines").mkdir()
    (tmp_path / "routines" / "limits.yaml").write_text("{other: 1}", encoding="utf-8")
    monkeypatch.setattr(packaged, "_PACKAGE", tmp_path)
    assert read_yaml("voice_coach.routines", "limits") == {"other": 1}
    assert b"other" in kept.read_bytes()


def nothing(_whole: bytes) -> bytes:
    return b""


def half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def two_at_once(whole: bytes) -> bytes:
    return whole[:1000] + b"\xc0" + whole[1001:]


def something_else(_whole: bytes) -> bytes:
    packed = b"\x81\xa1a\x01"
    return packaged._checksum(packed) + packed


@pytest.mark.parametrize("damage", [nothing, half, two_at_once, something_else])
def test_what_is_not_whole_is_not_believed(kept: Path, damage: Callable[[bytes], bytes]) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert read_yaml("voice_coach.routines", "limits") == LIMITS
    assert kept.read_bytes() == whole, "it is mended"


def test_a_kill_at_any_byte_does_no_harm(kept: Path) -> None:
    whole = kept.read_bytes()
    for length in range(0, len(whole), 37):
        kept.write_bytes(whole[:length])
        assert read_yaml("voice_coach.routines", "limits") == LIMITS


def test_without_a_folder_to_keep_it_in_everything_works(folder: Path) -> None:
    folder.write_text("a file where the folder would be", encoding="utf-8")
    for _ in range(2):
        assert read_yaml("voice_coach.routines", "limits") == LIMITS


def test_a_second_look_at_the_history_reads_no_yaml(tmp_path: Path) -> None:
    program = Program(tmp_path)
    code = "import sys; from voice_coach.cli.main import cli; cli(standalone_mode=False); print('yaml' in sys.modules)"
    told = [
        subprocess.run(
            [sys.executable, "-c", code, "progress"],
            check=True,
            capture_output=True,
            text=True,
            env=program.environment,
        ).stdout.splitlines()[-1]
        for _ in range(2)
    ]
    assert told == ["True", "False"]
