"""The package as a stranger gets it: built, installed into a bare environment, and run from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.package, pytest.mark.timeout(400)]

MOST_BYTES = 6_000_000
"""Of the installed package without its dependencies."""


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        input="",
        timeout=300,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a wheel that was made from a source distribution, as package indexes want it."""
    folder = tmp_path_factory.mktemp("built")
    done = run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def bare(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of programs of an environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    assert run(sys.executable, "-m", "venv", folder, folder=folder).returncode == 0
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    wheel = next(built.glob("*.whl"))
    done = run(programs / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
    assert done.returncode == 0, done.stderr
    return programs


def test_the_wheel_holds_types_data_and_the_speech_model(built: Path) -> None:
    names = zipfile.ZipFile(next(built.glob("*.whl"))).namelist()
    for wanted in (
        "voice_coach/py.typed",
        "voice_coach/routines/steps.yaml",
        "voice_coach/commands/phrases.yaml",
        "voice_coach/speech/model/graph/HCLr.fst",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "scripts/"))]


def test_the_model_in_the_box_takes_four_megabytes_at_most() -> None:
    model = ROOT / "voice_coach" / "speech" / "model"
    assert sum(path.stat().st_size for path in model.rglob("*") if path.is_file()) <= 4_000_000


def test_the_wheel_is_small(built: Path) -> None:
    files = zipfile.ZipFile(next(built.glob("*.whl"))).infolist()
    assert sum(file.file_size for file in files) <= MOST_BYTES


def test_the_source_distribution_holds_the_tests(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert "tests/oracle.py" in names
    assert "README.md" in names


def test_a_bare_environment_runs_a_session(bare: Path, tmp_path: Path) -> None:
    done = run(
        bare / "voice-coach", "start", "quick_3", "--fast", folder=tmp_path, VOICE_COACH_DATA=str(tmp_path / "data")
    )
    assert done.returncode == 0, done.stderr
    assert "Roll from heel to toes" in done.stdout


def test_a_bare_environment_hears_a_command(bare: Path, tmp_path: Path) -> None:
    recording = ROOT / "tests" / "recordings" / "stop_1.flac"
    done = run(bare / "voice-coach", "hear", recording, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "stop" in done.stdout


def test_what_was_installed_fits_together(bare: Path, tmp_path: Path) -> None:
    done = run(bare / "python", "-m", "pip", "check", folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_wheel_holds_the_manual_page(built: Path) -> None:
    wheel = zipfile.ZipFile(next(built.glob("*.whl")))
    (page,) = [name for name in wheel.namelist() if name.endswith("share/man/man1/voice-coach.1")]
    assert wheel.read(page).startswith(b".TH VOICE-COACH 1")
