"""The program on a real terminal: what it draws, and that it leaves the terminal as it was found, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import Program  # noqa: TC001 - a fixture is typed with it
from voice_coach.history.store import History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("needs the terminals of POSIX", allow_module_level=True)

import fcntl
import pty
import select
import struct
import termios

FULL_SCREEN, BACK = "\x1b[?1049h", "\x1b[?1049l"
HIDDEN, VISIBLE = "\x1b[?25l", "\x1b[?25h"
LONGEST_SECONDS = 20.0


class Console:
    """A terminal with the program on it."""

    def __init__(
        self,
        program: Program,
        *arguments: str,
        size: tuple[int, int] = (80, 24),
        shell: str = "",
        **environment: str,
    ) -> None:
        program.answer_first_questions()
        self.master, self.slave = pty.openpty()
        self.resize(*size)
        self.found = termios.tcgetattr(self.slave)
        self.text = ""
        command = program.command("start", *arguments)
        self.process = subprocess.Popen(
            ["sh", "-c", shell, "sh", *command] if shell else command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={**program.environment, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread is running here
            start_new_session=True,
        )

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def see(self, part: str, since: int = 0) -> str:
        """Wait until `part` is on the terminal, and give what came since."""
        end = time.monotonic() + LONGEST_SECONDS
        while part not in self.text[since:]:
            left = end - time.monotonic()
            assert left > 0, f"{part!r} never came; there is {self.text[since:][-2000:]!r}"
            if select.select([self.master], [], [], min(left, 0.2))[0]:
                self.text += os.read(self.master, 65536).decode(errors="replace")
        return self.text[since:]

    @property
    def modes(self) -> list[Any]:
        return termios.tcgetattr(self.slave)

    @property
    def echoes(self) -> bool:
        return bool(self.modes[3] & termios.ECHO)

    def is_as_it_was(self) -> bool:
        """Tell whether the terminal is as it was found."""
        shown = self.text.rfind(BACK) > self.text.rfind(FULL_SCREEN)
        return self.modes == self.found and shown and self.text.rfind(VISIBLE) > self.text.rfind(HIDDEN)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def working(program: Program) -> Iterator[Console]:
    """Give a session on a terminal, with its first question answered."""
    console = Console(program, "quick_3", "--text")
    try:
        console.see("sore, blister or numb spot?")
        console.type("no\n")
        console.see("First, Ball roll, heel to toes.")
        yield console
    finally:
        console.close()


def test_a_session_takes_the_whole_terminal_and_gives_it_back_with_what_was_done(working: Console) -> None:
    assert FULL_SCREEN in working.text
    assert HIDDEN in working.text
    assert not working.echoes
    working.type("finish\n")
    working.see(VISIBLE)
    assert working.process.wait(LONGEST_SECONDS) == 0
    assert working.is_as_it_was()
    assert "Ball roll, heel to toes, left foot: left out" in working.see(
        "The session is over", working.text.rfind(BACK)
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_session_and_the_terminal_is_as_it_was(working: Console, number: int) -> None:
    working.process.send_signal(number)
    working.see("The session is over, before the work began.", working.text.rfind(HIDDEN))
    assert working.process.wait(LONGEST_SECONDS) == 0
    working.see(BACK)
    assert working.is_as_it_was()


def test_a_program_that_is_killed_outright_leaves_the_terminal_as_it_was(working: Console) -> None:
    working.process.kill()
    assert working.process.wait(LONGEST_SECONDS) == -signal.SIGKILL
    working.see(BACK)
    end = time.monotonic() + LONGEST_SECONDS
    while working.modes != working.found and time.monotonic() < end:
        time.sleep(0.01)  # the guard is another process
    assert working.is_as_it_was()


def test_a_fault_of_the_program_leaves_the_terminal_as_it_was(program: Program, tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import voice_coach.runner as r\n"
        "def fail(*_, **__): raise RuntimeError('a fault on purpose')\n"
        "r.Runner._heard = fail\n",
        encoding="utf-8",
    )
    paths = f"{tmp_path}{os.pathsep}{program.environment['PYTHONPATH']}"
    console = Console(program, "quick_3", "--text", PYTHONPATH=paths)
    console.see("sore, blister or numb spot?")
    console.type("no\n")
    console.see("a fault on purpose")
    assert console.process.wait(LONGEST_SECONDS) == 1
    assert console.is_as_it_was()
    assert console.text.rfind("a fault on purpose") > console.text.rfind(BACK)
    console.close()


def test_ctrl_z_pauses_and_gives_the_terminal_back_until_the_program_goes_on(program: Program) -> None:
    shell = 'set -m; "$@"; echo the shell has it; read line; fg; echo status $?'
    console = Console(program, "quick_3", "--text", shell=shell)
    console.see("sore, blister or numb spot?")
    console.type("no\n")
    console.see("First, Ball roll, heel to toes.")
    console.type("\x1a")
    console.see("the shell has it")
    assert console.is_as_it_was()
    seen = len(console.text)
    console.type("\n")
    console.see(FULL_SCREEN, seen)
    console.see("say or type", seen)
    assert not console.echoes
    console.type("finish\n")
    console.see("status 0", seen)
    assert console.is_as_it_was()
    console.close()


def test_a_terminal_that_changes_its_size_is_drawn_in_the_new_one(working: Console) -> None:
    seen = len(working.text)
    working.resize(120, 40)
    working.see("\x1b[40;1H", seen)
    seen = len(working.text)
    working.resize(30, 10)
    working.see("\x1b[10;1H", seen)
    working.type("finish\n")
    working.see(BACK)
    assert working.process.wait(LONGEST_SECONDS) == 0


@pytest.mark.parametrize(
    ("arguments", "size"), [((), (80, 24)), ((), (60, 4)), (("--plain",), (80, 24)), (("--json",), (80, 24))]
)
def test_a_terminal_that_is_closed_ends_the_session_and_nobody_is_told(
    program: Program, arguments: tuple[str, ...], size: tuple[int, int]
) -> None:
    console = Console(program, "quick_3", "--text", *arguments, size=size)
    console.see("sore, blister or numb spot?")
    os.close(console.slave)
    os.close(console.master)
    assert console.process.wait(LONGEST_SECONDS) == 0
    history = History(program.data / "history.db")
    (session,) = history.sessions()
    history.close()
    assert session.reason == "interrupted"


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(("--plain",), {}), ((), {"VOICE_COACH_PLAIN": "1"}), ((), {"TERM": "dumb"})],
)
def test_plain_lines_redraw_nothing(program: Program, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    console = Console(program, "quick_3", "--text", *arguments, size=(80, 24), **environment)
    console.see("sore, blister or numb spot?")
    assert console.echoes
    console.type("no\n")
    console.see("== 1/2 Ball roll, heel to toes")
    console.type("finish\n")
    console.see("(finish)")
    assert console.process.wait(LONGEST_SECONDS) == 0
    console.see("The session is over")
    assert "\x1b" not in console.text
    console.close()


def test_a_tiny_terminal_gets_lines_with_a_countdown_in_the_last(program: Program) -> None:
    console = Console(program, "quick_3", "--text", size=(60, 4))
    console.see("sore, blister or numb spot?")
    console.see("your answer > ")
    assert FULL_SCREEN not in console.text
    assert not console.echoes
    console.process.send_signal(signal.SIGKILL)
    console.process.wait()
    end = time.monotonic() + LONGEST_SECONDS
    while console.modes != console.found and time.monotonic() < end:
        time.sleep(0.01)  # the guard is another process
    assert console.modes == console.found
    console.close()
