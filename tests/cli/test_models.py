"""`voice-coach model`: which model is used, and what is said of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.models import model_folder
from tests.speech.test_model_store import FILES
from voice_coach.cli.main import cli
from voice_coach.errors import SettingsError
from voice_coach.folders import DATA_VARIABLE
from voice_coach.speech.models import MODEL_VARIABLE, packaged_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def make_model(folder: Path) -> Path:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def run(*arguments: str) -> str:
    """Run the program in this process, and give what it prints."""
    return CliRunner().invoke(cli, arguments).output


def refused(*arguments: str) -> str:
    """Give what the program says where it sets no model."""
    error = CliRunner().invoke(cli, ["settings", "set", "model", *arguments]).exception
    assert isinstance(error, SettingsError)
    return str(error)


def starred() -> list[str]:
    return [line[2:] for line in run("model", "list").splitlines() if line.startswith("*")]


def test_the_list_stars_the_model_that_sessions_listen_with(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert starred() == [f"in the box  ({packaged_model()})"]
    own = make_model(data / "models" / "own")
    assert starred() == [f"own  ({own})"]
    elsewhere = make_model(tmp_path / "elsewhere")
    run("settings", "set", "model", str(elsewhere))
    assert starred() == [f"{elsewhere}  ({elsewhere})"]
    monkeypatch.setenv(MODEL_VARIABLE, "data/models/own")
    assert starred() == [f"own  ({own})"]


def test_the_list_shows_a_chosen_model_that_is_not_whole_and_how_it_is_fetched_again(data: Path) -> None:
    broken = data / "models" / "vosk-model-small-en-us-0.15"
    broken.mkdir(parents=True)
    (data / "models" / "chosen").write_text(broken.name)
    assert starred() == [f"{broken}  ({broken}, not whole)"]
    assert "fetch it with: voice-coach model get small-en-us" in run("model", "list")


def test_what_wins_over_a_choice_is_said_with_the_command_that_takes_it_back(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_model(data / "models" / "own")
    elsewhere = make_model(tmp_path / "elsewhere")
    assert run("model", "use", "own") == "Sessions listen with own from now on.\n"
    run("settings", "set", "model", str(elsewhere))
    says = run("model", "use", "in the box")
    assert f"the setting model wins: sessions listen with {elsewhere}. Try: voice-coach settings forget model" in says
    monkeypatch.setenv(MODEL_VARIABLE, str(elsewhere))
    says = run("model", "use", "own")
    assert f"{MODEL_VARIABLE} wins: sessions listen with {elsewhere}. Try: unset {MODEL_VARIABLE}" in says
    assert run("model", "use", str(elsewhere)) == "Sessions listen with elsewhere from now on.\n"


@pytest.mark.parametrize("command", [("settings", "set", "model"), ("model", "use")])
def test_a_model_that_is_named_by_a_relative_path_is_found_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    folder = make_model(tmp_path / "elsewhere")
    run(*command, "./elsewhere")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert starred() == [f"{folder}  ({folder})"]


@pytest.mark.parametrize("place", [".", "./", "../here", "..", "./own", "own/../../here"])
def test_a_place_is_taken_from_where_the_user_is(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    make_model(data / "models" / "own")
    make_model(data / "models")
    make_model(data)
    here = make_model(tmp_path / "here")
    make_model(here / "own")
    make_model(here.parent)
    monkeypatch.chdir(here)
    meant = (here / place).resolve()
    run("model", "use", place)
    assert starred() == [f"{meant}  ({meant})"]


def test_a_name_is_that_of_a_model_of_the_users_own_before_it_is_a_place(data: Path, tmp_path: Path) -> None:
    own = make_model(data / "models" / "own")
    make_model(tmp_path / "own")
    run("model", "use", "own")
    assert starred() == [f"own  ({own})"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("in the box", 'voice-coach model use "in the box"'),
        ("own", "voice-coach model use own"),
        ("small-en-us", "voice-coach model get small-en-us"),
        ("nowhere", "voice-coach model list"),
    ],
)
def test_the_setting_takes_no_name_of_a_model_and_says_which_command_does(
    data: Path, tmp_path: Path, name: str, remedy: str
) -> None:
    make_model(data / "models" / "own")
    says = refused(name)
    assert says.startswith(f"There is no folder {tmp_path / name}: ")
    assert "`voice-coach model use` takes a model's name. Nothing was written. Try: " in says
    assert says.endswith(f" Try: {remedy}")
    assert not (data / "settings.toml").exists()


@pytest.mark.parametrize("nothing", ["", " "])
def test_nothing_is_no_folder_of_a_model(data: Path, nothing: str) -> None:
    says = refused(nothing)
    assert says.startswith(f'model cannot be "{nothing}": it must be the folder of a Vosk model')
    assert " Nothing was written. " in says
    assert not (data / "settings.toml").exists()


def test_a_fetched_model_is_chosen_by_the_name_it_is_known_by(data: Path) -> None:
    make_model(data / "models" / "vosk-model-small-en-us-0.15")
    assert refused("small-en-us").endswith(" Try: voice-coach model use small-en-us")


def test_a_model_in_the_home_folder_is_kept_as_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    folder = make_model(tmp_path / "elsewhere")
    assert run("settings", "set", "model", "~/elsewhere").startswith('model = "~/elsewhere", in ')
    assert starred() == [f"{folder}  ({folder})"]
    assert refused("~/nowhere").startswith(f"There is no folder {tmp_path / 'nowhere'}: ")


def test_the_check_of_a_model_for_telephones_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "telephone"
    shutil.copytree(model_folder(), folder, copy_function=shutil.copyfile)
    (folder / "conf").chmod(0o755)
    features = folder / "conf" / "mfcc.conf"
    features.write_text(features.read_text().replace("16000", "8000"))
    assert "made for 8000 samples a second" in run("model", "check", str(folder))
    assert "samples a second" not in run("model", "check", "in the box")
