"""`voice-coach start` as a user meets it: scripts, pipes, Ctrl-C, folders that cannot be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Program, rows

POSIX = os.name == "posix"


def ended(output: str) -> str:
    """Give the reason with which a session in the script view ended."""
    return str(rows(output)[-1]["reason"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("harder\n", 1),
        ("12.5\n", 1),
        ("1 pause\nsoon harder\n", 2),
        ("-1 harder\n", 1),
        ("nan harder\n", 1),
        ("# a comment\n\n1e999 next\n", 3),
    ],
)
def test_a_bad_line_of_a_script_is_named_and_nothing_is_started(
    program: Program, tmp_path: Path, text: str, line: int
) -> None:
    script = tmp_path / "script.txt"
    script.write_text(text, encoding="utf-8")
    done = program.run("start", "quick_3", "--fast", "--json", "--script", script)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Line {line} of {script}" in done.stderr
    assert "Nothing was started." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00 12"])
def test_a_script_that_is_missing_or_no_text_is_told_in_one_line(
    program: Program, tmp_path: Path, content: bytes | None
) -> None:
    script = tmp_path / "script.txt"
    if content is not None:
        script.write_bytes(content)
    done = program.run("start", "quick_3", "--fast", "--script", script)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be read" in done.stderr


def test_a_script_may_stand_in_any_order_with_comments(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("40 finish  # enough\n\n# first\n30.5   longer\n", encoding="utf-8")
    done = program.run("start", "quick_3", "--fast", "--json", "--script", script)
    heard = [(row["t"], row["command"]) for row in rows(done.stdout) if row["kind"] == "heard"]
    assert heard == [(30.5, "longer"), (40.0, "finish")]
    assert ended(done.stdout) == "finished_early"


def test_a_script_that_an_editor_has_marked_as_utf_8_is_read(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("12.5 harder\n", encoding="utf-8-sig")
    done = program.run("start", "quick_3", "--fast", "--json", "--script", script)
    assert (done.returncode, done.stderr) == (0, "")
    assert next(row["t"] for row in rows(done.stdout) if row["kind"] == "heard") == 12.5


def test_an_unknown_routine_is_told_with_those_there_are(program: Program) -> None:
    done = program.run("start", "quick_4", "--fast")
    assert (done.returncode, done.stdout) == (2, "")
    assert "quick_4" in done.stderr
    assert "quick_3" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--sideways"], ["quick_3", "--side", "middle"]])
def test_an_unknown_option_is_told(program: Program, arguments: list[str]) -> None:
    done = program.run("start", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_commands_come_from_a_pipe(program: Program) -> None:
    done = program.run("start", "quick_3", "--fast", "--json", said="no\n\nlonger\nfinish\n")
    heard = [row["command"] for row in rows(done.stdout) if row["kind"] == "heard"]
    assert heard == ["no", "longer", "finish"]
    assert (done.returncode, ended(done.stdout)) == (0, "finished_early")


def test_bytes_that_are_no_text_and_endless_lines_are_no_command(program: Program) -> None:
    done = subprocess.run(
        program.command("start", "quick_3", "--fast", "--json"),
        check=False,
        input=b"\xff\xfe\x00\n" + b"harder " * 10_000 + b"\nfinish",
        capture_output=True,
        env=program.environment,
        timeout=60,
    )
    heard = [row["command"] for row in rows(done.stdout.decode()) if row["kind"] == "heard"]
    assert heard == [None, None, "finish"]
    assert done.returncode == 0


@pytest.mark.skipif(not POSIX, reason="needs /dev/null")
def test_a_session_with_nobody_at_the_keyboard_runs_to_its_end(program: Program) -> None:
    with open(os.devnull) as nothing:  # noqa: PTH123 - a device
        done = subprocess.run(
            program.command("start", "quick_3", "--fast", "--json"),
            check=False,
            stdin=nothing,
            capture_output=True,
            text=True,
            env=program.environment,
            timeout=60,
        )
    assert (done.returncode, ended(done.stdout)) == (0, "finished")


@pytest.mark.skipif(not POSIX, reason="closes the standard input with a shell")
def test_a_closed_standard_input_is_no_trouble(program: Program) -> None:
    command = " ".join(program.command("start", "quick_3", "--fast", "--json"))
    done = subprocess.run(
        ["sh", "-c", f"exec {command} <&-"],
        check=False,
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ended(done.stdout) == "finished"


@pytest.mark.skipif(not POSIX, reason="closes standard streams with a shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [("profile", 0), ("start quick_3 --fast", 0), ("history delete --all", 130)],
)
def test_closed_standard_streams_lead_nowhere(program: Program, arguments: str, status: int, closed: str) -> None:
    if status:
        program.run("start", "quick_3", "--fast")
    done = subprocess.run(
        ["sh", "-c", f"exec {' '.join(program.command(*arguments.split()))} {closed}"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == status


@pytest.mark.skipif(not POSIX, reason="needs a shell")
def test_a_reader_that_goes_away_ends_the_program_without_a_word(program: Program) -> None:
    command = " ".join(program.command("start", "full_15", "--fast", "--json"))
    done = subprocess.run(
        ["sh", "-c", f"{command} </dev/null | head -n 2"],
        check=False,
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


@pytest.mark.skipif(not POSIX, reason="needs a pipe that breaks")
def test_a_reader_that_goes_away_is_told_by_the_exit_status(program: Program) -> None:
    with program.start("start", "full_15", "--fast", "--json") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        assert process.wait(60) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "command",
    [
        ["about"],
        ["--version"],
        ["--help"],
        ["routines"],
        ["settings", "--json"],
        ["history", "export"],
        ["start", "quick_3", "--fast", "--json"],
        ["start", "quick_3", "--fast"],
    ],
    ids=" ".join,
)
def test_a_full_disk_under_the_standard_output_is_told_in_one_line(program: Program, command: list[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            program.command(*command),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=program.environment,
            timeout=60,
        )
    told = "The output cannot be written (No space left on device). It ends here. Try: df -h\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.skipif(not POSIX or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_and_the_session_goes_on(program: Program) -> None:
    program.data.mkdir(mode=0o500)
    done = program.run("start", "quick_3", "--fast", "--json")
    assert done.returncode == 0
    assert ended(done.stdout) == "finished"
    assert "sessions work all the same" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["history"],
        ["history", "show"],
        ["progress"],
        ["profile", "--show"],
        ["profile", "set", "clot", "no"],
        ["routines"],
        ["settings"],
        ["model", "list"],
        ["start", "quick_3", "--fast"],
    ],
    ids=" ".join,
)
def test_a_folder_that_cannot_be_is_told_in_sentences_by_every_command(tmp_path: Path, command: list[str]) -> None:
    done = Program(tmp_path / ("folder" * 50)).run(*command)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "Try: " in done.stderr


def test_a_folder_that_cannot_be_made_is_told_and_the_session_goes_on(program: Program) -> None:
    program.data.write_text("a file stands where the folder should be", encoding="utf-8")
    done = program.run("start", "quick_3", "--fast", "--json")
    assert (done.returncode, ended(done.stdout)) == (0, "finished")
    assert done.stderr.count("\n") == 1
    assert "What you do now is not written down" in done.stderr


@pytest.mark.skipif(not POSIX, reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_session_politely_with_its_summary(program: Program) -> None:
    program.answer_first_questions()
    process = program.start("start", "quick_3", "--text")
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert "Quick three minutes." in first
    assert "The session is over, before the work began." in rest
    assert (process.returncode, errors) == (0, "")


def test_typed_commands_act_in_real_time(program: Program) -> None:
    program.answer_first_questions()
    process = program.start("start", "quick_3", "--text")
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    process.stdin.write("no\n")
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(4)]
    assert any("First, Ball roll, heel to toes." in line for line in lines)
    rest, errors = process.communicate("finish\n", timeout=30)
    assert "(finish)" in rest
    assert (process.returncode, errors) == (0, "")


def test_the_plain_view_prints_each_line_with_its_time_and_the_countdown(program: Program) -> None:
    done = program.run("start", "quick_3", "--fast", "--text")
    lines = done.stdout.splitlines()
    assert "0:00   Quick three minutes. You need a ball." in lines
    assert "0:00== 1/2 Ball roll, heel to toes, left foot (0:40, rung 1)" in lines
    assert "0:32   0:20 left" in lines
    assert "0:52   [done: 0:40 of 0:40]" in lines


def test_a_foot_can_be_named_beforehand(program: Program) -> None:
    done = program.run("start", "arch_cramp_now", "--fast", "--json", "--side", "left")
    sides = [row["side"] for row in rows(done.stdout) if row["kind"] == "step"]
    assert sides == ["left", "left", "both", "both"]


def test_help_needs_none_of_the_heavy_modules() -> None:
    code = (
        "import sys\n"
        "from voice_coach.cli.main import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "cli(['start', '--help'], standalone_mode=False)\n"
        "heavy = {'numpy', 'vosk', 'sounddevice', 'soundfile', 'yaml', 'msgspec', 'rich', 'sqlite3', 'pyttsx3'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stderr == "[]\n"
    assert "voice-coach" in done.stdout or "Usage" in done.stdout


def test_a_text_session_needs_neither_sound_nor_speech(program: Program) -> None:
    code = (
        "import sys\n"
        "sys.argv = ['voice-coach', 'start', 'quick_3', '--fast', '--json']\n"
        "from voice_coach.cli.main import main\n"
        "main()\n"
        "heavy = {'numpy', 'vosk', 'sounddevice', 'soundfile', 'pyttsx3', 'espeakng_loader'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        input="",
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )
    assert done.stderr == "[]\n"


def test_routines_are_listed_with_their_lengths(program: Program) -> None:
    done = program.run("routines")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 8
    assert any(line.startswith("full_15 ") and "fifteen minutes" in line for line in done.stdout.splitlines())
