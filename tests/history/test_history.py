"""The history keeps what happened, whatever happens to the program."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.program import Program
from voice_coach.errors import HistoryError
from voice_coach.history.recorder import Recorder, open_recorder
from voice_coach.history.store import History, PastSession
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.actions import DoseEnded, Ended

DOSE = DoseEnded("ball_roll", "left", planned=40.0, worked=40.0, rung=1, done=True)
LEFT_OUT = DoseEnded("settle", "both", planned=30.0, worked=0.0, rung=2, done=False)
ENDED = Ended("finished", seconds=166.0, worked=126.0, steps=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "history.db"


def past(path: Path) -> list[PastSession]:
    with closing(History(path)) as history:
        return history.sessions()


def test_a_new_history_is_empty_and_in_wal_mode(path: Path) -> None:
    assert past(path) == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_sessions_are_listed_with_what_was_done_the_newest_first(path: Path) -> None:
    with closing(History(path)) as history:
        first, second = history.begin_session("quick_3"), history.begin_session("desk")
        history.add_dose(first, DOSE)
        history.add_dose(first, LEFT_OUT)
        history.end_session(first, ENDED)
        history.add_dose(second, DOSE)
        latest, earlier = history.sessions()
    assert (latest.id, latest.routine, latest.ended_at, latest.reason, latest.worked) == (
        second,
        "desk",
        None,
        None,
        40.0,
    )
    assert (earlier.reason, earlier.seconds, earlier.worked, earlier.steps) == (
        "finished",
        166.0,
        126.0,
        ("ball_roll",),
    )
    assert earlier.ended_at is not None
    assert earlier.ended_at >= earlier.began_at


def test_no_more_sessions_are_listed_than_asked_for(path: Path) -> None:
    with closing(History(path)) as history:
        ids = [history.begin_session("desk") for _ in range(5)]
        assert [session.id for session in history.sessions(most=2)] == ids[:-3:-1]


def test_what_is_written_can_be_read_by_another_before_the_session_ends(path: Path) -> None:
    with closing(History(path)) as writer, closing(History(path)) as reader:
        writer.add_dose(writer.begin_session("quick_3"), DOSE)
        assert [session.worked for session in reader.sessions()] == [40.0]


def test_two_sessions_at_once_are_both_written_down(path: Path) -> None:
    def live() -> None:
        with closing(History(path)) as history:
            session = history.begin_session("quick_3")
            for _ in range(20):
                history.add_dose(session, DOSE)
            history.end_session(session, ENDED)

    past(path)
    threads = [threading.Thread(target=live) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [session.reason for session in past(path)] == ["finished"] * 2
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT session_id, count(*) FROM doses GROUP BY 1").fetchall() == [(1, 20), (2, 20)]


def test_a_dose_of_no_session_is_refused(path: Path) -> None:
    with closing(History(path)) as history, pytest.raises(HistoryError, match="FOREIGN KEY"):
        history.add_dose(99, DOSE)


def test_a_file_that_is_no_history_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_text("my shopping list " * 100, encoding="utf-8")
    with pytest.raises(HistoryError, match="cannot be used"):
        History(path)
    assert path.read_text(encoding="utf-8").startswith("my shopping list")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(HistoryError, match="cannot be used"):
        History(folder / "history.db")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError) as caught:
        History(tmp_path)
    assert caught.value.exit_status == 7


def test_a_recorder_writes_down_doses_and_the_end(path: Path) -> None:
    recorder = open_recorder(path, "quick_3", Inbox(), moved_clock=True)
    recorder.acted(58.0, DOSE)
    recorder.acted(166.0, ENDED)
    recorder.close()
    (session,) = past(path)
    assert (session.routine, session.reason, session.worked, session.steps) == (
        "quick_3",
        "finished",
        126.0,
        ("ball_roll",),
    )


def test_a_history_that_fails_says_so_once_and_the_session_goes_on(path: Path) -> None:
    inbox = Inbox()
    history = History(path)
    recorder = Recorder(history, history.begin_session("quick_3"), inbox)
    history.close()
    recorder.acted(58.0, DOSE)
    recorder.acted(166.0, ENDED)
    trouble = inbox.get_nowait()
    assert isinstance(trouble, Trouble)
    assert isinstance(trouble.error, HistoryError)
    assert inbox.empty()


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_a_killed_session_leaves_a_whole_history_with_its_doses(tmp_path: Path) -> None:
    program = Program(tmp_path)
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdin is not None
    assert process.stdout is not None
    for awaited, said in (('"question"', "no"), ('"setup"', "ready"), ('"work"', "next"), ('"dose"', "")):
        while awaited not in (line := process.stdout.readline()):
            assert line, f"the session ended before {awaited}"
        process.stdin.write(f"{said}\n")
        process.stdin.flush()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT routine, ended_at, moved_clock FROM sessions").fetchall() == [
            ("quick_3", None, 0)
        ]
        assert database.execute("SELECT step, side, done FROM doses").fetchall()[0][:2] == ("ball_roll", "left")
    listed = program.run("history")
    assert "Quick three minutes: broken off" in listed.stdout
    assert (listed.returncode, listed.stderr) == (0, "")


def test_an_empty_history_tells_how_to_begin(tmp_path: Path) -> None:
    listed = Program(tmp_path / "none").run("history")
    assert (listed.returncode, listed.stdout) == (0, "No session yet. Begin with: voice-coach start\n")
    assert not (tmp_path / "none").exists()


def test_sessions_of_the_program_are_listed(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.run("start", "quick_3", "--fast", "--json")
    program.run("start", "desk", "--fast", "--json", said="finish\n")
    lines = program.run("history").stdout.splitlines()
    assert "At the desk: ended early, no work" in lines[0]
    assert "Quick three minutes: to the end, two minutes of work (ball_roll, plantar_pull)" in lines[1]


def test_a_broken_history_ends_the_listing_with_its_status(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("no database " * 100, encoding="utf-8")
    listed = Program(tmp_path).run("history")
    assert (listed.returncode, listed.stdout) == (7, "")
    assert "Traceback" not in listed.stderr


def test_the_history_needs_no_sound_and_no_model() -> None:
    heavy = "{'numpy', 'vosk', 'sounddevice'}"
    code = f"import sys, voice_coach.history.recorder; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
