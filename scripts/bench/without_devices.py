"""Benches that need no sound: the core, the beginning of the program, the history of ten years, the sizes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure

import voice_coach
from tests.cli.program import ROOT, Program
from tests.history.years import make_years
from voice_coach.history.figures import read_figures
from voice_coach.history.progress import USUAL_WEEKS, progress_of
from voice_coach.history.store import History
from voice_coach.routines.adaptation import LOOK_BACK
from voice_coach.testing import ALL_IS_WELL, by_words, run_session

if TYPE_CHECKING:
    from collections.abc import Iterator

DAYS = 3650
LOOKS = ("history", "history --most 0", "progress", "progress --weeks 0")
"""Commands that look at the history: what they show unless told otherwise, and all of it."""
CORE_SECONDS = 3.0
MEGABYTE = 1_000_000


def core() -> list[Figure]:
    """How many sessions a second the core goes through on a moved clock, with the real runner and no history."""
    figures = []
    for what, line_seconds in (("in text", 0.0), ("with lines that take time", by_words())):
        run_session("full_15", answers=ALL_IS_WELL, line_seconds=line_seconds)
        began, sessions = time.process_time(), 0
        while time.process_time() - began < CORE_SECONDS:
            run_session("full_15", answers=ALL_IS_WELL, line_seconds=line_seconds)
            sessions += 1
        rate = sessions / (time.process_time() - began)
        figures.append(Figure(f"sessions of 15 minutes, {what}", rate, "per second", count=sessions))
    return figures


def start() -> list[Figure]:
    """How long the program takes to its first line: processor time, which other programs do not change."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder))
        program.answer_first_questions()
        help_ = [_processor_time(program, "--help") for _ in range(7)]
        whole = [_processor_time(program, "start", "quick_3", "--fast") for _ in range(7)]
        first = [_first_line(program) for _ in range(7)]
    return [
        Figure("--help, processor time", statistics.median(help_), "s", count=len(help_)),
        Figure("a whole session on a moved clock, processor time", statistics.median(whole), "s", count=len(whole)),
        Figure("start --text to its first line, wall time", statistics.median(first), "s", count=len(first)),
    ]


def _processor_time(program: Program, *arguments: str) -> float:
    before = os.times()
    program.run(*arguments)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _first_line(program: Program) -> float:
    began = time.monotonic()
    process = program.start("start", "quick_3", "--text")
    next(iter(process.stdout or ()))
    seconds = time.monotonic() - began
    process.kill()
    process.communicate()
    return seconds


def history() -> list[Figure]:
    """How long it takes to look into a history of ten years, a session a day."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        make_years(path, now, sessions=DAYS)
        size = path.stat().st_size / MEGABYTE
        program = Program(Path(folder))
        commands = [figure for command in LOOKS for figure in _whole_command(program, *command.split())]
        with closing(History(path)) as opened:
            session = opened.begin_session("quick_3")
            snapshot = "{}" * 500
            questions = {
                "what a session needs to begin": lambda: opened.past(now - LOOK_BACK),
                "the latest twenty sessions": lambda: opened.sessions(20),
                "one session in full": lambda: opened.session(DAYS // 2),
                "the progress of twelve weeks": lambda: progress_of(
                    read_figures(opened.database, now.date(), USUAL_WEEKS, None), now.date()
                ),
                "the progress of ten years": lambda: progress_of(
                    read_figures(opened.database, now.date(), 0, None), now.date(), 0
                ),
                "one write in a session": lambda: opened.keep(session, snapshot, 1.0),
            }
            figures = [
                Figure(f"{what}, {DAYS} sessions", statistics.median(_times(question)), "s", count=9)
                for what, question in questions.items()
            ]
    return [*figures, *commands, Figure("size of the history", size, "MB")]


def _whole_command(program: Program, *arguments: str) -> Iterator[Figure]:
    program.run(*arguments)
    name = f"the whole command `voice-coach {' '.join(arguments)}`"
    seconds = _times(lambda: program.run(*arguments))
    yield Figure(name, statistics.median(seconds), "s", most=0.2, count=len(seconds))
    of_processor = [_processor_time(program, *arguments) for _ in seconds]
    yield Figure(f"{name}, processor time", statistics.median(of_processor), "s", count=len(of_processor))


def _times(question: object) -> list[float]:
    seconds = []
    for _ in range(9):
        began = time.perf_counter()
        question()  # type: ignore[operator]
        seconds.append(time.perf_counter() - began)
    return seconds


def size() -> list[Figure]:
    """How large the installed package is, and the model in it."""
    package = Path(voice_coach.__file__).parent
    model = package / "speech" / "model"
    return [
        Figure("package as installed, without dependencies", _bytes(package) / MEGABYTE, "MB", most=6.0),
        Figure("speech model in it", _bytes(model) / MEGABYTE, "MB", most=4.0),
    ]


def _bytes(folder: Path) -> int:
    files = (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc")
    return sum(file.stat().st_size for file in files)


def kills() -> list[Figure]:
    """Kill the program at random instants; see kills.py for as many as wanted."""
    with tempfile.TemporaryDirectory() as folder:
        findings = Path(folder) / "findings.json"
        command = [sys.executable, str(ROOT / "scripts" / "bench" / "kills.py"), "--json", str(findings)]
        done = subprocess.run(
            [*command, "--moved", "20", "--real", "5"], check=False, capture_output=True, text=True, cwd=ROOT
        )
    return [Figure("faults after 25 kills at random instants", float(done.returncode), "", most=0.0, count=25)]
