"""Nothing leaves the machine: no code but the model download can reach the network, and nothing heard is written."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = ROOT / "voice_coach"
REACHES_OUT = {
    "aiohttp",
    "asyncio",
    "ftplib",
    "http",
    "httpx",
    "imaplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "telnetlib",
    "urllib",
    "urllib3",
    "webbrowser",
    "websockets",
    "xmlrpc",
}
"""Modules that open connections, or have others open them."""
THE_DOWNLOAD = "speech/model_store.py"
SPEECH = ROOT / "tests" / "recordings"

NO_SOCKETS = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto", "urllib.Request"):
        sys.stderr.write(f"NETWORK {event}\\n")
        raise RuntimeError(event)

sys.addaudithook(refuse)
sys.argv = ["voice-coach", *sys.argv[1:]]
from voice_coach.__main__ import main
main()
"""


def imported_modules(path: Path) -> Iterator[str]:
    """Give the first name of every module that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def test_only_the_model_download_imports_anything_that_reaches_the_network() -> None:
    reaching = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if REACHES_OUT.intersection(imported_modules(path))
    }
    assert reaching == {THE_DOWNLOAD}


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "quick_3", "--fast"),
        ("start", "arch_cramp_now", "--fast", "--json"),
        ("hear", str(SPEECH / "stop_1.flac")),
        ("routines",),
        ("history",),
        ("model", "list"),
        ("model", "check"),
        ("--help",),
    ],
    ids=" ".join,
)
def test_a_command_opens_no_connection(program: Program, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_SOCKETS, *arguments],
        check=False,
        input="",
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )
    assert "NETWORK" not in done.stderr
    assert done.returncode == 0, done.stderr


def test_the_guard_of_these_tests_does_catch_a_connection(program: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_SOCKETS, "model", "get", "small-en-us"],
        check=False,
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )
    assert "NETWORK" in done.stderr


def test_nothing_that_was_heard_or_typed_is_kept(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("3 no\n20 speak of the zebra\n25 harder\n", encoding="utf-8")
    program.run("start", "quick_3", "--fast", "--script", script)
    kept = [path for path in program.data.rglob("*") if path.is_file()]
    assert kept, "a session leaves a history"
    assert not [path for path in kept if b"zebra" in path.read_bytes()]
    assert {path.suffix for path in kept}.isdisjoint({".wav", ".flac", ".raw", ".ogg"})


@pytest.mark.skipif(os.name != "posix", reason="the folder for temporary files is named by TMPDIR")
def test_a_session_leaves_no_temporary_file(program: Program, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    wav = tmp_path / "said.wav"
    done = subprocess.run(
        program.command("start", "arch_cramp_now", "--fast", "--speaker-wav", wav),
        check=False,
        input="",
        capture_output=True,
        text=True,
        env={**program.environment, "TMPDIR": str(temporary)},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
