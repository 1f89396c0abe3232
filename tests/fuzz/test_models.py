"""A model that is damaged, wherever it is, is told about; no archive writes anything outside its folder."""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.program import ROOT, Program
from tests.fuzz.odd import damaged
from tests.models import model_folder
from tests.speech.test_model_store import FILES, FakeSource, good_zip, ignore_progress
from voice_coach.errors import ModelError
from voice_coach.folders import DATA_VARIABLE
from voice_coach.speech import model_store
from voice_coach.speech.model_store import KnownModel

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from(
    [
        *(f"tiny-model/{name}" for name in FILES),
        "../outside",
        "/outside",
        "tiny-model/../../outside",
        "..\\outside",
        "C:\\outside",
        "C:outside",
        "tiny-model/",
        "",
        ".",
        "tiny-model/" + "x" * 300,
        "\u202etiny-model/x",
        "tiny-model/am",
    ]
)
SPEECH = ROOT / "tests" / "recordings" / "no_1.flac"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    monkeypatch.delenv("VOICE_COACH_MODEL", raising=False)
    return tmp_path / "data"


def fetched(monkeypatch: pytest.MonkeyPatch, archive: bytes) -> None:
    """Fetch an archive that was published as it is."""
    known = KnownModel(
        folder="tiny-model",
        url="https://models.example/tiny.zip",
        bytes=len(archive),
        sha256=hashlib.sha256(archive).hexdigest(),
        unpacked_bytes=10_000,
        licence="CC0",
        language="none",
    )
    with monkeypatch.context() as patch:
        patch.setattr(model_store, "known_models", lambda: {"tiny": known})
        with suppress(ModelError):
            model_store.get("tiny", FakeSource(archive), ignore_progress)


def check_inside(data: Path) -> None:
    """See that nothing was written outside the folder of models, and nothing half is in it."""
    assert {entry.name for entry in data.parent.iterdir()} <= {"data"}
    assert {entry.name for entry in data.iterdir()} <= {"models"}
    known = {"tiny-model", "chosen", "tiny-model.zip.part", ".lock"}
    assert {entry.name for entry in (data / "models").iterdir()} <= known
    target = data / "models" / "tiny-model"
    assert not target.exists() or all((target / name).is_file() for name in FILES)
    shutil.rmtree(data)


def test_any_names_in_an_archive_stay_inside(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @given(st.lists(st.tuples(NAMES, st.sampled_from([0, 0o120777, 0o010644, 0o100644])), max_size=6))
    def tried(members: list[tuple[str, int]]) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, mode in members:
                info = zipfile.ZipInfo(name)
                info.external_attr = mode << 16
                with suppress(UserWarning):
                    archive.writestr(info, b"../../outside")
        fetched(monkeypatch, buffer.getvalue())
        check_inside(data)

    tried()


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_any_damage_to_an_archive_is_told(data: Path, monkeypatch: pytest.MonkeyPatch, kind: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name in FILES:
            archive.writestr(f"tiny-model/{name}", bytes(range(256)) * 4)

    @given(damaged(buffer.getvalue()))
    def tried(archive: bytes) -> None:
        fetched(monkeypatch, archive)
        check_inside(data)

    tried()


def test_an_archive_that_lies_about_its_size_does_not_grow(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(f"tiny-model/{name}", bytes(5_000_000))
    lying = buffer.getvalue().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 100))
    fetched(monkeypatch, lying)
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    assert size < 100_000
    check_inside(data)


def test_an_archive_that_arrives_otherwise_is_thrown_away(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = good_zip()
    known = KnownModel(
        folder="tiny-model",
        url="https://models.example/tiny.zip",
        bytes=len(archive),
        sha256="0" * 64,
        unpacked_bytes=10_000,
        licence="CC0",
        language="none",
    )
    monkeypatch.setattr(model_store, "known_models", lambda: {"tiny": known})
    with pytest.raises(ModelError, match="not what was published"):
        model_store.get("tiny", FakeSource(archive), ignore_progress)
    assert not (data / "models" / "tiny-model").exists()


@pytest.mark.parametrize(
    "name",
    [
        "am/final.mdl",
        "conf/model.conf",
        "conf/mfcc.conf",
        "graph/HCLr.fst",
        "graph/Gr.fst",
        "decoys.txt",
        "recorded.txt",
    ],
)
@pytest.mark.parametrize("fault", ["empty", "half", "rubbish", "a folder"])
def test_a_damaged_file_of_a_model_ends_in_sentences(tmp_path: Path, name: str, fault: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder(), folder)
    file = folder / name
    whole = file.read_bytes() if file.exists() else b""
    file.unlink(missing_ok=True)
    if fault == "a folder":
        file.mkdir()
    else:
        file.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "rubbish": b"\xa5" * 5000}[fault])
    done = subprocess.run(
        [sys.executable, "-m", "voice_coach", "hear", str(SPEECH), "--model", str(folder)],
        check=False,
        capture_output=True,
        text=True,
        env=Program(tmp_path / "data").environment,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 5), (done.returncode, done.stderr)
