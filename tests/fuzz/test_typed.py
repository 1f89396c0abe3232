"""Whatever is typed or piped in, its commands are heard, the rest is shown without harm, and it takes no memory."""

from __future__ import annotations

import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program, rows
from tests.fuzz.odd import ODD_TEXTS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and limits of the system")
MEGABYTES = 400


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data")


def piped(program: Program, data: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        program.command("start", "quick_3", "--fast", *options),
        check=False,
        input=data,
        capture_output=True,
        env=program.environment,
        timeout=110,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20)),
    )


def test_odd_lines_are_no_command_and_the_next_one_is_heard(program: Program) -> None:
    lines = "\n".join([*(text.replace("\n", " ") for text in ODD_TEXTS), "finish", ""])
    done = piped(program, lines.encode("utf-8", "surrogatepass"), "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert rows(done.stdout.decode())[-1]["reason"] == "finished_early"


def test_a_line_of_ten_megabytes_is_no_command_and_the_next_one_is_heard(program: Program) -> None:
    done = piped(program, b"next " * 2_000_000 + b"\nfinish\n", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert rows(done.stdout.decode())[-1]["reason"] == "finished_early"


def test_ten_thousand_lines_at_once_are_worked_off(program: Program) -> None:
    done = piped(program, b"zebra\n" * 10_000 + b"finish\n", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert rows(done.stdout.decode())[-1]["reason"] == "finished_early"


@pytest.mark.parametrize("options", [(), ("--plain",)])
def test_signs_that_steer_a_terminal_are_not_passed_on(program: Program, options: tuple[str, ...]) -> None:
    done = piped(program, b"\x1b[2J\x1b]0;title\x07 next\nfinish\n", *options)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert b"\x07" not in done.stdout
