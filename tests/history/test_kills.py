"""A kill at any moment leaves the history whole, and the session to be gone on with."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT, Program
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.history.store import History, lock_file
from voice_coach.profile.store import Profile, save_profile
from voice_coach.restoring import restored
from voice_coach.routines.beginning import beginning_from
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.journal import replay
from voice_coach.session.phases import Phase
from voice_coach.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.history.records import Unfinished

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs kill -9")

KILLS = int(os.environ.get("VOICE_COACH_KILLS", "40"))
"""How often a session is killed; more of them: VOICE_COACH_KILLS=1000."""
KNOWN_FILES = {"history.db", "history.db-wal", "history.db-shm", "history.lock", "warm.db", "warm.lock"}


def nothing_is_barred(data: Path) -> None:
    """Let the first questions be answered already."""
    profile = Profile()
    for question in load_catalogue().first_questions:
        profile = profile.with_answer(question, "no", date.today())  # noqa: DTZ011 - the date here
    save_profile(data / "profile.json", profile)


def check_whole(path: Path) -> None:
    History(path).close()  # the very first kill may have come before there was any table
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        ends = "SELECT count(*) FROM sessions WHERE (ended_at IS NULL) <> (reason IS NULL)"
        assert database.execute(ends).fetchone() == (0,)


def test_sessions_killed_at_any_instant_leave_a_whole_history_and_can_be_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    drawn = random.Random(4)  # noqa: S311 - to repeat, no secret
    resumable = 0
    with subprocess.Popen(
        [sys.executable, "-m", "tests.history.living", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as mother:
        assert mother.stdin is not None
        assert mother.stdout is not None
        assert mother.stdout.readline() == "ready\n"
        for _ in range(KILLS):
            mother.stdin.write("\n")
            mother.stdin.flush()
            child = int(mother.stdout.readline())
            time.sleep(drawn.uniform(0.0, 0.15))
            os.kill(child, signal.SIGKILL)
            assert mother.stdout.readline() == "dead\n"
            resumable += check_killed(path)
        mother.stdin.close()
    assert resumable > KILLS / 2
    assert {file.name for file in tmp_path.iterdir()} <= KNOWN_FILES


def check_killed(path: Path) -> bool:
    """Look at what a kill has left; tell whether the session can be gone on with."""
    if not path.exists():
        return False
    check_whole(path)
    with closing(History(path)) as history:
        unfinished = history.unfinished(moved_clock=True)
        latest = history.sessions(1)
        if unfinished is None:
            return False
        assert latest[0].id == unfinished.id
        assert latest[0].ended_at is None or latest[0].reason == "interrupted"
        assert can_be_gone_on_with(unfinished)
        routine = load_catalogue().routines[unfinished.routine]
        number = unfinished.snapshot.number
        assert number is None or 0 <= number < len(routine.steps)
        record = history.session(unfinished.id)
    assert record is not None
    assert all(dose.most >= dose.worked >= 0 for dose in record.doses)
    assert sum(dose.running for dose in record.doses) <= 1
    return True


def can_be_gone_on_with(unfinished: Unfinished) -> bool:
    """Tell whether the journal leads to where the session stood; one that was as good as over may be left."""
    found = restored(unfinished, load_catalogue(), load_phrasebook().grammar(), unfinished.seen_at)
    if found is None:
        again = Session(beginning_from(unfinished.beginning).plan(load_catalogue()), load_phrasebook().grammar())
        replay(again, unfinished.journal)
        return again.phase in (Phase.NEW, Phase.SUMMARY, Phase.ENDED)
    return found.number == unfinished.id


def test_a_killed_program_is_found_again_where_it_stood(tmp_path: Path) -> None:
    program = Program(tmp_path)
    nothing_is_barred(tmp_path)
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdin is not None
    assert process.stdout is not None
    said = {'"question"': "no", '"setup"': "ready"}
    while '"state": "work"' not in (line := process.stdout.readline()):
        assert line, "the session ended before the work began"
        for state, answer in said.items():
            if '"kind": "state"' in line and state in line:
                process.stdin.write(f"{answer}\n")
                process.stdin.flush()
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    check_whole(tmp_path / "history.db")
    with closing(History(tmp_path / "history.db")) as history:
        unfinished = history.unfinished()
        assert unfinished is not None
        assert (unfinished.routine, unfinished.step, unfinished.side) == ("quick_3", "ball_roll", "left")
        assert unfinished.running
        record = history.session(unfinished.id)
    assert record is not None
    assert [(dose.step, dose.most) for dose in record.doses] == [("ball_roll", 40.0)]
    listed = program.run("history")
    assert "Quick three minutes: broken off" in listed.stdout
    assert (listed.returncode, listed.stderr) == (0, "")
    assert lock_file(tmp_path / "history.db").exists()
