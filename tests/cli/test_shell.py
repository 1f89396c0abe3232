"""Completion, the manual page and the versions."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from tests.cli.program import ROOT
from voice_coach import __version__
from voice_coach.cli.completion import complete_microphone, complete_reminder, complete_routine, complete_speaker
from voice_coach.cli.main import cli
from voice_coach.cli.man_page import man_page
from voice_coach.cli.versions import version_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Program


@pytest.fixture
def named(tmp_path: Path, program: Program) -> dict[str, str]:
    """Give an environment in which the program is found by its name, as after an installation."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "voice-coach"
    script.write_text(f"#!{sys.executable}\nfrom voice_coach.__main__ import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    return {**program.environment, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def shell(name: str, script: str, environment: dict[str, str]) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} here")
    done = subprocess.run(
        [found, "-c", script], check=True, capture_output=True, text=True, env=environment, timeout=60
    )
    return done.stdout


def test_bash_completes_commands_and_routines(named: dict[str, str]) -> None:
    script = """
    source <(voice-coach completion bash)
    COMP_WORDS=(voice-coach start quick) COMP_CWORD=2
    _voice_coach_completion voice-coach quick start; echo "${COMPREPLY[@]}"
    COMP_WORDS=(voice-coach remi) COMP_CWORD=1 COMPREPLY=()
    _voice_coach_completion voice-coach remi voice-coach; echo "${COMPREPLY[@]}"
    """
    assert shell("bash", script, named).split() == ["quick_3", "remind"]


def test_fish_completes_routines_with_their_names(named: dict[str, str]) -> None:
    script = 'voice-coach completion fish | source; complete -C "voice-coach start qu"'
    assert shell("fish", script, named).split("\t") == ["quick_3", "Quick three minutes\n"]


def test_zsh_learns_the_command(named: dict[str, str]) -> None:
    script = 'autoload -U compinit; compinit -u -D; eval "$(voice-coach completion zsh)"; echo $_comps[voice-coach]'
    assert shell("zsh", script, named).strip() == "_voice_coach_completion"


def test_a_shell_that_is_not_known_is_told(program: Program) -> None:
    done = program.run("completion", "tcsh")
    assert done.returncode == 2
    assert "fish" in done.stderr


def values(complete: object, incomplete: str) -> list[str]:
    assert callable(complete)
    context, parameter = click.Context(cli), click.Argument(["name"])
    return [item.value for item in complete(context, parameter, incomplete)]


def test_routines_and_reminders_are_completed_by_their_beginning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))
    assert values(complete_routine, "p") == ["pre_run", "post_run_lower_leg"]
    assert values(complete_reminder, "") == ["waking", "daily", "before_run", "after_run"]


def test_devices_are_completed_without_trouble_where_there_are_none() -> None:
    assert values(complete_microphone, "no such device") == []
    assert values(complete_speaker, "no such device") == []


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if not command.hidden:
            yield f"{path}{name}", command
            if isinstance(command, click.Group):
                yield from commands(command, f"{path}{name} ")


def test_the_manual_page_has_every_command_and_every_option() -> None:
    page = man_page().replace("\\-", "-")
    assert page.startswith(".TH VOICE-COACH 1")
    assert __version__ in page.splitlines()[0]
    for name, command in commands(cli):
        assert f".SS voice-coach {name}" in page
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in page
    assert "remind now" not in page
    assert "VOICE_COACH_DATA" in page


def test_the_manual_page_is_one_to_the_programs_that_show_it() -> None:
    found = shutil.which("mandoc")
    if found is None:
        pytest.skip("no mandoc here")
    done = subprocess.run(
        [found, "-T", "lint", "-W", "error"], check=False, input=man_page(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_versions_name_the_program_the_engine_the_model_and_the_voice() -> None:
    lines = version_lines()
    assert lines[0] == f"voice-coach {__version__}"
    assert [line.split(":")[0] for line in lines[2:]] == ["hears with", "speech model", "speaks with"]


def test_versions_load_neither_the_engine_nor_the_voice(program: Program) -> None:
    code = (
        "import sys\n"
        "sys.argv = ['voice-coach', '--version']\n"
        "from voice_coach.cli.main import main\n"
        "main()\n"
        "print(sorted({'vosk', 'pyttsx3', 'sounddevice', 'numpy', 'rich'} & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=program.environment, cwd=ROOT
    )
    assert done.stdout.startswith(f"voice-coach {__version__}\n")
    assert done.stderr == "[]\n"


# --- reminders and recordings, as they are asked for


def test_a_calendar_file_is_written(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "feet.ics"
    done = program.run("remind", "calendar", file, "--waking", "06:45", "--after-run", "tue,thu 18:30")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{file}: Feet, before you get up (06:45)",
        f"{file}: Lower legs, after the run (tue,thu 18:30)",
    ]
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 2


@pytest.mark.parametrize("arguments", [["calendar", "x.ics"], ["install"], ["calendar", "x.ics", "--daily", "noon"]])
def test_a_reminder_without_a_time_is_told_with_an_example(program: Program, arguments: list[str]) -> None:
    done = program.run("remind", *arguments)
    assert done.returncode == 9
    assert done.stderr.count("\n") == 1
    assert "voice-coach remind calendar feet.ics --waking 06:45" in done.stderr


def test_a_timer_that_is_not_there_cannot_be_removed(program: Program, tmp_path: Path) -> None:
    environment = {**program.environment, "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        program.command("remind", "remove", "waking"),
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 9
    assert "No timer called 'waking' is installed." in done.stderr


def test_a_recording_of_an_unknown_kind_or_routine_is_told_before_anything_is_said(
    program: Program, tmp_path: Path
) -> None:
    done = program.run("render", "quick_3", tmp_path / "out.mov")
    assert done.returncode == 4
    assert ".mp3" in done.stderr
    done = program.run("render", "quick_4", tmp_path / "out.wav")
    assert done.returncode == 2
    assert list(tmp_path.glob("out*")) == []


def test_a_sheet_for_the_wall_is_printed_or_written(program: Program, tmp_path: Path) -> None:
    done = program.run("routines", "show", "quick_3", "--format", "md")
    assert done.stdout.startswith("# Quick three minutes\n")
    file = tmp_path / "sheet.html"
    done = program.run("routines", "show", "quick_3", "--format", "html", "--out", file)
    assert done.stdout == f"{file}\n"
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_sheet_that_cannot_be_written_is_told(program: Program, tmp_path: Path) -> None:
    (tmp_path / "no").write_text("a file stands where the folder should be", encoding="utf-8")
    done = program.run("routines", "show", "quick_3", "--format", "html", "--out", tmp_path / "no" / "sheet.html")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr


def in_ascii(program: Program, *arguments: str) -> bytes:
    """Give what the program prints where the terminal has no other characters."""
    return subprocess.run(
        program.command(*arguments),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**program.environment, "PYTHONIOENCODING": "ascii"},
        timeout=60,
    ).stdout


def test_scripts_and_pages_hold_every_character_where_the_terminal_does_not(program: Program) -> None:
    program.run("routines", "new", "mine")
    mine = program.data / "routines" / "mine.yaml"
    text = mine.read_text(encoding="utf-8")
    mine.write_text(re.sub("^name: .*$", "name: Füße", text, flags=re.MULTILINE), encoding="utf-8")
    program.run("settings", "set", "microphone", "Füße")
    session = [json.loads(line) for line in in_ascii(program, "start", "mine", "--fast", "--json").splitlines()]
    assert any("Füße" in row.get("text", "") for row in session)
    settings = json.loads(in_ascii(program, "settings", "--json"))
    assert settings["settings"]["microphone"]["value"] == "Füße"
    assert "Füße" in in_ascii(program, "routines", "show", "mine", "--format", "html").decode("utf-8")
