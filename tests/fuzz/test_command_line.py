"""Odd words on the command line: every command takes them, or says in sentences what is wrong with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from tests.cli.program import ROOT, Program
from tests.fuzz.odd import ODD_TEXTS
from voice_coach.cli.main import cli
from voice_coach.errors import CoachError
from voice_coach.folders import DATA_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

SPEECH = str(ROOT / "tests" / "recordings" / "no_1.flac")
ODD = "ODD"
"""Stands for the odd word."""
COMMANDS = [
    f"start {ODD} --fast",
    f"start quick_3 --fast --script {ODD}",
    f"start quick_3 --fast --mic-wav {ODD}",
    f"start quick_3 --fast --model {ODD} --mic-wav {SPEECH}",
    f"start quick_3 --fast --tool {ODD}",
    f"start quick_3 --fast --without {ODD}",
    f"start quick_3 --fast --only {ODD}",
    f"start quick_3 --fast --minutes {ODD}",
    f"routines show {ODD}",
    f"routines check {ODD}",
    f"routines new {ODD}",
    f"routines new mine --like {ODD}",
    f"routines show quick_3 --format html --out {ODD}",
    f"history show {ODD}",
    f"history import {ODD} --format json",
    f"history import {ODD} --format csv",
    f"history export {ODD} --format json",
    f"history --routine {ODD}",
    f"history --since {ODD}",
    f"history delete {ODD} --yes",
    f"history delete --before {ODD} --yes",
    f"progress --weeks {ODD}",
    f"progress --html {ODD}",
    f"profile set {ODD} no",
    f"profile set heel_pain {ODD}",
    f"profile --tools {ODD}",
    f"profile forget {ODD}",
    f"model use {ODD}",
    f"model check {ODD}",
    f"model remove {ODD}",
    f"devices use --microphone {ODD}",
    f"remind calendar {ODD} --waking 06:45",
    f"remind calendar feet.ics --waking {ODD}",
    f"remind calendar feet.ics --after-run {ODD}",
    f"remind remove {ODD}",
    f"hear {ODD}",
    f"hear {SPEECH} --phrases {ODD}",
    f"completion {ODD}",
]
NO_TEXT = "\udcff"
"""What a byte that is no text becomes on a command line."""
WORDS = [
    *(text.replace("\ud800", NO_TEXT) for text in ODD_TEXTS if "\0" not in text),
    "/",
    ".",
    "~",
    "/dev/null",
    "/dev/full",
    "x" * 300 + ".yaml",
    "/" + "x" * 300,
]
EACH = 1 if "VOICE_COACH_EXAMPLES" in os.environ else 4
"""So many of the words are left out between two that a command gets, each command others."""
TOLD = (CoachError, click.ClickException, click.Abort, SystemExit)
"""What the command line turns into sentences."""


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=lambda number: COMMANDS[number].replace(SPEECH, "FILE"))
def test_an_odd_word_is_taken_or_told(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={"COLUMNS": "80"})
    for word in WORDS[number % EACH :: EACH]:
        arguments = [word if argument == ODD else argument for argument in COMMANDS[number].split(" ")]
        done = runner.invoke(cli, arguments, standalone_mode=False, input="")
        fault = done.exception
        if isinstance(fault, UnicodeEncodeError) and NO_TEXT in word:
            continue  # the real standard output is told to write such names in another way, see `main`
        assert fault is None or isinstance(fault, TOLD), (arguments, fault)
        if isinstance(fault, CoachError):
            assert fault.what
            assert fault.meaning
            assert fault.remedy


def test_a_name_that_is_no_text_is_printed_all_the_same(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    program.run("start", "quick_3", "--fast")
    done = program.run("history", "export", f"{tmp_path}/{NO_TEXT}.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\udcff.json" in done.stdout
