"""`voice-coach settings`: what counts, where it comes from, and that sessions go by it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import rows
from voice_coach.session.manner import USUAL_WORDS_PER_MINUTE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program


def shown(program: Program, **environment: str) -> str:
    done = subprocess.run(
        program.command("settings"),
        check=True,
        capture_output=True,
        text=True,
        env={**program.environment, **environment},
        timeout=60,
    )
    return done.stdout


def test_each_value_is_shown_with_where_it_comes_from(program: Program) -> None:
    program.run("settings", "set", "loudness", "3")
    program.run("settings", "set", "routine", "desk")
    printed = shown(program, VOICE_COACH_MINUTES="8").splitlines()
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in printed if not line.startswith("[")}
    file = (program.data / "settings.toml").read_text(encoding="utf-8").splitlines()
    number = file.index("loudness = 3.0") + 1
    assert lines["loudness"].split(maxsplit=1) == ["3.0", f"file, line {number}"]
    assert lines["minutes"].split() == ["8", "VOICE_COACH_MINUTES"]
    assert lines["speech_rate"].split() == ["165", "usual"]
    assert lines["File:"] == str(program.data / "settings.toml")


def test_no_colours_for_every_program_are_none_here(program: Program) -> None:
    lines = [line.split() for line in shown(program, NO_COLOR="1", VOICE_COACH_COLOUR="auto").splitlines()]
    assert ["colour", '"never"', "NO_COLOR"] in lines


def test_a_number_without_end_in_the_file_stops_no_session(program: Program) -> None:
    program.data.mkdir()
    (program.data / "settings.toml").write_text(f"[audio]\nloudness = 0x{'f' * 4000}\n")
    done = program.run("settings")
    assert done.returncode == 0
    assert "a number of thousands of digits" in done.stderr


def test_scripts_get_the_same(program: Program) -> None:
    found = json.loads(program.run("settings", "--json").stdout)
    assert found["settings"]["loudness"] == {"value": None, "from": "usual"}


def test_the_usual_session_is_the_one_of_the_settings(program: Program) -> None:
    program.run("settings", "set", "routine", "desk")
    program.run("settings", "set", "minutes", "5")
    done = program.run("start", "--fast", "--json")
    first = next(row for row in rows(done.stdout) if row["kind"] == "say")
    assert first["text"].startswith("At the desk.")
    assert rows(done.stdout)[-1]["seconds"] <= 5 * 60
    named = program.run("start", "quick_3", "--fast", "--json")
    assert rows(named.stdout)[-1]["seconds"] < rows(done.stdout)[-1]["seconds"]


def test_a_number_below_zero_is_set(program: Program) -> None:
    assert program.run("settings", "set", "loudness", "-3").returncode == 0
    assert json.loads(program.run("settings", "--json").stdout)["settings"]["loudness"]["value"] == -3


def test_no_minutes_at_all_are_no_wish_whatever_the_settings_say(program: Program) -> None:
    program.run("settings", "set", "minutes", "5")
    done = program.run("start", "--fast", "--json", "--minutes", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == program.run("start", "quick_3", "--fast", "--json", "--minutes", "0").stderr


def test_a_setting_is_forgotten(program: Program) -> None:
    program.run("settings", "set", "routine", "desk")
    assert program.run("settings", "forget", "routine").stdout == "routine is as usual.\n"
    assert "desk" not in shown(program)


def test_a_bad_value_is_refused_with_those_that_are_allowed(program: Program) -> None:
    done = program.run("settings", "set", "colour", "pink")
    assert done.returncode == 2
    assert "one of auto, never" in done.stderr
    assert not (program.data / "settings.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("set loudness 9", 'loudness cannot be "9": it must be a number from -12 to 6 (decibels above the usual).'),
        ("set duplex full", 'duplex cannot be "full": it must be one of auto, half.'),
        ("set nosuch 1", "nosuch cannot be changed: there is no such setting; there are "),
        ("forget nosuch", "nosuch cannot be changed: there is no such setting; there are "),
    ],
)
def test_what_cannot_be_written_says_that_nothing_was(program: Program, arguments: str, told: str) -> None:
    done = program.run("settings", *arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)
    assert done.stderr.endswith(" Nothing was written. Try: voice-coach settings\n")


def test_a_file_that_cannot_be_written_says_that_nothing_was(program: Program) -> None:
    (program.data / "settings.toml").mkdir(parents=True)
    done = program.run("settings", "set", "loudness", "3")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert " Nothing was written. " in done.stderr


def test_what_is_written_is_what_is_told(program: Program) -> None:
    done = program.run("settings", "set", "speech_rate", "165.5")
    assert done.stdout == f"speech_rate = 166, in {program.data / 'settings.toml'}\n"
    assert program.run("settings", "set", "plain", "yes").stdout.startswith("plain = true, in ")


def test_a_bad_value_in_the_file_is_told_by_a_session_which_goes_on(program: Program) -> None:
    program.data.mkdir(exist_ok=True)
    (program.data / "settings.toml").write_text("[session]\nminutes = 99\n", encoding="utf-8")
    done = program.run("start", "--fast")
    assert f"Line 2 of {program.data / 'settings.toml'} says minutes = 99" in done.stderr
    assert done.returncode == 0


def test_a_routine_that_there_is_not_is_refused(program: Program) -> None:
    done = program.run("settings", "set", "routine", "nosuch")
    assert done.returncode == 2
    assert "There is no routine called 'nosuch'; there are " in done.stderr
    assert done.stderr.endswith("Nothing was written. Try: voice-coach routines\n")
    assert not (program.data / "settings.toml").exists()


def routine_set(program: Program, name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Set the routine of every session, with the program at work in `folder`."""
    return subprocess.run(
        program.command("settings", "set", "routine", name),
        check=True,
        capture_output=True,
        text=True,
        env={**program.environment, "HOME": str(folder)},
        cwd=folder,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["local.yaml", "./local.yaml", " local.yaml "])
def test_a_routine_file_is_found_from_every_folder(program: Program, tmp_path: Path, name: str) -> None:
    program.run("routines", "new", "mine")
    (program.data / "routines" / "mine.yaml").rename(tmp_path / "local.yaml")
    assert routine_set(program, name, tmp_path).stdout.startswith(f'routine = "{tmp_path / "local.yaml"}", in ')
    done = program.run("start", "--fast", "--json")
    assert (done.returncode, done.stderr, rows(done.stdout)[-1]["reason"]) == (0, "", "finished")


@pytest.mark.skipif(os.name != "posix", reason="HOME names the home folder on POSIX")
def test_a_routine_file_in_the_home_folder_is_kept_as_it_was_named(program: Program, tmp_path: Path) -> None:
    program.run("routines", "new", "mine")
    (program.data / "routines" / "mine.yaml").rename(tmp_path / "local.yaml")
    assert routine_set(program, "~/local.yaml", tmp_path).stdout.startswith('routine = "~/local.yaml", in ')


def test_a_routine_that_is_named_stays_a_name(program: Program) -> None:
    assert program.run("settings", "set", "routine", "desk").stdout.startswith('routine = "desk", in ')


def test_a_wrong_routine_in_the_settings_is_told_and_the_usual_one_begins(program: Program) -> None:
    program.data.mkdir(exist_ok=True)
    (program.data / "settings.toml").write_text('[session]\nroutine = "nosuch"\n', encoding="utf-8")
    done = program.run("start", "--fast", "--json")
    assert done.stderr.startswith("The routine of your settings cannot be used. There is no routine called 'nosuch'; ")
    assert done.stderr.endswith("The usual value is used instead. Try: voice-coach settings forget routine\n")
    assert done.returncode == 0
    assert rows(done.stdout)[-1]["reason"] == "finished"
    named = program.run("start", "nosuch", "--fast", "--json")
    assert (named.returncode, named.stdout) == (2, "")


def test_a_broken_routine_in_the_settings_is_told_and_the_usual_one_begins(program: Program) -> None:
    program.run("routines", "new", "mine")
    program.run("settings", "set", "routine", "mine")
    (program.data / "routines" / "mine.yaml").write_text("name: [", encoding="utf-8")
    done = program.run("start", "--fast", "--json")
    assert f"in {program.data / 'routines' / 'mine.yaml'}" in done.stderr
    assert (done.returncode, rows(done.stdout)[-1]["reason"]) == (0, "finished")


def test_the_file_is_in_the_platforms_place_for_settings(program: Program) -> None:
    environment = {name: value for name, value in program.environment.items() if name != "VOICE_COACH_DATA"}
    places = {"XDG_CONFIG_HOME": str(program.data / "config"), "XDG_DATA_HOME": str(program.data / "data")}
    done = subprocess.run(
        program.command("settings", "new"),
        check=True,
        capture_output=True,
        text=True,
        env={**environment, **places, "HOME": str(program.data)},
        timeout=60,
    )
    assert done.stdout.startswith("Written: ")
    assert os.path.isabs(done.stdout.split(maxsplit=1)[1])  # noqa: PTH117 - of a text


def test_louder_is_remembered_from_a_session_in_text_too(program: Program) -> None:
    program.answer_first_questions()
    program.run("start", "quick_3", "--text", said="no\nlouder\ntalk faster\nfinish\n")
    found = json.loads(program.run("settings", "--json").stdout)["settings"]
    assert found["loudness"]["value"] == 3.0
    assert found["speech_rate"]["value"] > USUAL_WORDS_PER_MINUTE


def test_a_session_on_a_moved_clock_changes_no_settings(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("5 no\n20 louder\n25 finish\n", encoding="utf-8")
    program.run("start", "quick_3", "--fast", "--speaker-wav", tmp_path / "out.wav", "--script", script)
    program.run("start", "quick_3", "--fast", "--script", script)
    assert not (program.data / "settings.toml").exists()
