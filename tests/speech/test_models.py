from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.models import model_folder
from voice_coach.errors import ModelError
from voice_coach.speech import models
from voice_coach.speech.models import MODEL_VARIABLE, SpeechModel, find_model, packaged_model
from voice_coach.understood import every_phrase

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("am/final.mdl", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/phones/word_boundary.int")


def make_model(folder: Path, without: str | None = None) -> Path:
    for name in FILES:
        if name != without:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("no real model")
    return folder


def copied(model: Path, folder: Path) -> Path:
    """Give a copy that may be changed, whatever may be done with the model."""
    shutil.copytree(model, folder, copy_function=shutil.copyfile)
    for entry in (folder, *folder.rglob("*/")):
        entry.chmod(0o755)
    return folder


@pytest.fixture
def users_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "users"
    monkeypatch.setattr(models, "models_folder", lambda: folder)
    monkeypatch.setattr(models, "__file__", str(tmp_path / "package" / "models.py"))
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    return folder


class TestFinding:
    def test_the_one_asked_for_wins(self, tmp_path: Path, users_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make_model(users_models / "users")
        monkeypatch.setenv(MODEL_VARIABLE, str(make_model(tmp_path / "variable")))
        asked_for = make_model(tmp_path / "asked for")
        assert find_model(asked_for) == asked_for

    def test_the_variable_comes_before_the_users_models(
        self, tmp_path: Path, users_models: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_model(users_models / "users")
        monkeypatch.setenv(MODEL_VARIABLE, str(make_model(tmp_path / "variable")))
        assert find_model() == tmp_path / "variable"

    def test_the_users_newest_model_is_used(self, users_models: Path) -> None:
        newest = make_model(users_models / "b")
        os.utime(make_model(users_models / "a"), (1, 1))
        (users_models / "no model").mkdir()
        assert find_model() == newest

    def test_the_users_chosen_model_is_used(self, users_models: Path) -> None:
        make_model(users_models / "b")
        os.utime(make_model(users_models / "a"), (1, 1))
        (users_models / "chosen").write_text("a\n")
        assert find_model() == users_models / "a"

    def test_the_model_in_the_package_is_the_last_resort(self, tmp_path: Path, users_models: Path) -> None:
        del users_models
        packaged = make_model(tmp_path / "package" / "model")
        assert find_model() == packaged

    def test_no_model_at_all_is_an_error_with_a_remedy(self, users_models: Path) -> None:
        del users_models
        with pytest.raises(ModelError, match=r"no speech model\..*Try: voice-coach start --model"):
            find_model()

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="nowhere"):
            find_model(tmp_path / "nowhere")

    @pytest.mark.parametrize("missing", FILES)
    def test_a_missing_file_is_named(self, tmp_path: Path, missing: str) -> None:
        with pytest.raises(ModelError, match=missing):
            find_model(make_model(tmp_path / "model", without=missing))

    def test_a_model_with_a_fixed_graph_is_refused(self, tmp_path: Path) -> None:
        folder = make_model(tmp_path / "model", without="graph/HCLr.fst")
        (folder / "graph" / "HCLG.fst").write_text("fixed")
        with pytest.raises(ModelError, match="takes no list of phrases"):
            find_model(folder)

    @pytest.mark.parametrize("rate", ["22050", "44100", "16000.5"])
    def test_a_model_for_sound_at_a_higher_rate_is_refused(self, tmp_path: Path, rate: str) -> None:
        folder = make_model(tmp_path / "model")
        (folder / "conf" / "mfcc.conf").write_text(f"--use-energy=false\n --sample-frequency={rate} # Hz\n")
        with pytest.raises(ModelError, match=f"made for {rate} samples a second, and the coach hears 16000"):
            find_model(folder)

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "--sample-frequency=16000.0",
            "# --sample-frequency=44100",
            "--sample-frequency=8000",
            "--sample-frequency=44100\n--allow-upsample=true",
        ],
    )
    def test_a_model_for_which_vosk_takes_what_the_coach_hears_is_found(self, tmp_path: Path, line: str) -> None:
        folder = make_model(tmp_path / "model")
        (folder / "conf" / "mfcc.conf").write_text(f"--use-energy=false\n{line}\n")
        assert find_model(folder) == folder


class TestLoading:
    def test_a_broken_model_is_an_error_and_leaves_the_screen_alone(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(ModelError, match="Vosk cannot load it"):
            SpeechModel(make_model(tmp_path / "model"))
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("name", ["voice-coach-model-mine", models._COPY_PREFIX + "mine"])
    def test_a_model_among_temporary_files_is_loaded_and_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        folder = copied(model_folder(), tmp_path / name)
        configuration = folder / "conf" / "model.conf"
        configuration.write_text(configuration.read_text().replace("--frames-per-chunk=6", "--frames-per-chunk=20"))
        os.utime(folder, (1, 1))
        SpeechModel(folder, tried=True)
        assert configuration.exists()
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_where_no_process_can_be_started_a_model_is_not_called_damaged(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

        monkeypatch.setattr(subprocess, "run", fail)
        with pytest.raises(ModelError, match=r"cannot be tried .*\(Resource temporarily unavailable\)"):
            SpeechModel(copied(model_folder(), tmp_path / "model"))

    def test_it_knows_its_words_and_names_phrases_with_others(self, model: SpeechModel) -> None:
        assert model.knows("stop")
        assert not model.knows("flibber")
        assert model.unheard(["stop", "flibber stop", "flibber", ""]) == ["flibber stop", "flibber", ""]

    def test_decoys_are_those_that_the_model_can_hear(self, model: SpeechModel, tmp_path: Path) -> None:
        folder = copied(model.folder, tmp_path / "model")
        (folder / "decoys.txt").unlink(missing_ok=True)
        (folder / "decoys.txt").write_text("no one\n\nflibber\nno  one\n")
        assert SpeechModel(folder).decoys == ("no one",)

    def test_it_tells_which_phrases_it_learned_from_many_recordings(self, model: SpeechModel, tmp_path: Path) -> None:
        folder = copied(model.folder, tmp_path / "model")
        (folder / "recorded.txt").unlink(missing_ok=True)
        assert not SpeechModel(folder).recorded
        (folder / "recorded.txt").write_text("stop\n\n  yes \n")
        assert SpeechModel(folder).recorded == {"stop", "yes"}

    def test_a_phrase_stands_in_the_grammar_as_often_as_it_is_likelier_than_a_decoy(
        self, model: SpeechModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grammars: list[Counter[str]] = []

        class Noting:
            def __init__(self, _model: object, _rate: int, phrases: str) -> None:
                grammars.append(Counter(json.loads(phrases)))

            def SetWords(self, _wanted: bool) -> None:  # noqa: N802 - Vosk's name
                pass

        monkeypatch.setattr(model, "_recogniser_class", Noting)
        for decoys in (("no one", "stop"), ()):
            monkeypatch.setattr(model, "decoys", decoys)
            model.recogniser({"stop": 3, "harder": 1, "flibber": 3})
        with_decoys, without = grammars
        assert with_decoys == {"stop": 3, "harder": 1, "no one": 1, "[unk]": 1}
        assert without == {"stop": 1, "harder": 1, "[unk]": 1}

    def test_an_empty_list_of_phrases_does_not_kill_the_process(self, model: SpeechModel) -> None:
        recogniser = model.recogniser({})
        assert not recogniser.AcceptWaveform(bytes(320))


@pytest.mark.parametrize("error", [ImportError("no module"), OSError("libatomic.so.1: cannot open shared object file")])
def test_a_recogniser_that_cannot_be_loaded_is_told_with_what_helps(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoVosk:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "vosk":
                raise error

    monkeypatch.delitem(sys.modules, "vosk", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoVosk(), *sys.meta_path])
    with pytest.raises(ModelError, match=r"Vosk.*typed.*Try: pip install"):
        SpeechModel(model_folder(), tried=True)


def test_the_model_in_the_package_hears_every_phrase_of_the_session_and_of_standby() -> None:
    packaged = packaged_model()
    assert packaged is not None
    assert SpeechModel(packaged).unheard(every_phrase()) == []


@pytest.mark.skipif(os.name != "posix", reason="owners and links of POSIX")
@pytest.mark.parametrize(
    ("name", "linked", "age", "stays"),
    [
        ("voice-coach-model-ab1_xyz9", True, 90_000, False),
        ("voice-coach-model-ab1_xyz9", True, 3_600, True),
        ("voice-coach-model-ab1_xyz9", False, 90_000, True),
        ("voice-coach-model-mine", True, 90_000, True),
    ],
)
def test_only_old_copies_of_links_that_an_earlier_version_left_are_removed(
    tmp_path: Path, name: str, *, linked: bool, age: float, stays: bool
) -> None:
    left = tmp_path / name
    left.mkdir(mode=0o700)
    (left / "conf").mkdir()
    (left / "conf" / "model.conf").touch()
    for part in ("am", "graph"):
        if linked:
            (left / part).symlink_to(model_folder() / part)
        else:
            (left / part).mkdir()
    os.utime(left, (time.time() - age,) * 2)
    models._remove_old_copies(tmp_path, needed=model_folder())
    assert left.exists() == stays
    assert (model_folder() / "am" / "final.mdl").exists()
