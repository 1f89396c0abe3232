"""Text-to-speech, recogniser, disk or clock fail in mid-session: it is told in a line, and the session goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import ROOT, Program, rows
from tests.faults.broken_parts import CHILDREN
from tests.history import living
from tests.models import model_folder
from voice_coach.history.store import History

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SPEECH = ROOT / "tests" / "recordings" / "sentence_1.flac"
posix = pytest.mark.skipif(os.name != "posix", reason="limits and mounts of the system")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data")


def run_broken(program: Program, part: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.broken_parts", part, "start", "quick_3", "--fast", "--json", *arguments],
        check=False,
        input="",
        capture_output=True,
        text=True,
        env=program.environment,
        cwd=ROOT,
        timeout=60,
    )


def end_of(output: str) -> str:
    row = rows(output)[-1]
    assert row["kind"] == "end"
    return str(row["reason"])


# --- what speaks


@pytest.mark.parametrize("fault", sorted(set(CHILDREN) - {"speaks once"}))
def test_a_voice_that_fails_is_told_once_and_the_session_goes_on_to_its_end(
    program: Program, tmp_path: Path, fault: str
) -> None:
    done = run_broken(program, fault, "--speaker-wav", str(tmp_path / "said.wav"))
    assert (done.returncode, end_of(done.stdout)) == (0, "finished")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("Text-to-speech failed")


def test_a_voice_that_dies_after_every_line_is_started_again_and_nobody_is_told(
    program: Program, tmp_path: Path
) -> None:
    done = run_broken(program, "speaks once", "--speaker-wav", str(tmp_path / "said.wav"))
    assert (done.returncode, end_of(done.stdout), done.stderr) == (0, "finished", "")


# --- what hears


def test_a_recogniser_that_raises_is_told_once_and_the_session_goes_on(program: Program) -> None:
    done = run_broken(program, "recogniser raises", "--mic-wav", str(SPEECH))
    assert done.returncode == 0
    assert rows(done.stdout)[-1]["kind"] == "end"
    assert done.stderr == (
        "Listening has failed: Failed to process waveform. The session goes on; commands can be typed. "
        "Try: voice-coach start\n"
    )


def test_a_recogniser_that_raises_is_an_error_with_a_remedy_where_a_recording_is_heard(program: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.broken_parts", "recogniser raises", "hear", str(SPEECH)],
        check=False,
        capture_output=True,
        text=True,
        env=program.environment,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 4
    assert done.stderr.startswith("Listening has failed: Failed to process waveform.")


@posix
def test_a_recogniser_that_aborts_the_program_leaves_a_whole_history_to_go_on_with(program: Program) -> None:
    done = run_broken(program, "recogniser aborts", "--mic-wav", str(SPEECH))
    assert done.returncode == -signal.SIGABRT
    with closing(History(program.data / "history.db")) as history:
        assert history.is_whole()
        assert history.unfinished(moved_clock=True) is not None
    assert program.run("start", "quick_3", "--fast", "--json").returncode == 0


# --- the disk


@posix
@pytest.mark.parametrize("kilobytes", [0, 4, 40, 80, 120])
def test_a_disk_that_is_full_is_told_in_a_line_and_the_session_goes_on(program: Program, kilobytes: int) -> None:
    done = limited(program, kilobytes, "start", "quick_3", "--fast", "--json")
    assert (done.returncode, end_of(done.stdout)) == (0, "finished")
    assert done.stderr.count("\n") <= 1
    assert "Traceback" not in done.stderr
    if kilobytes < 40:
        assert "What you do now is not written down" in done.stderr


@posix
@pytest.mark.parametrize(
    "arguments",
    [
        ("profile", "set", "heel_pain", "no"),
        ("routines", "new", "evening_feet"),
        ("devices", "use", "--microphone", "none"),
        ("history", "export", "{folder}/feet.json"),
        ("progress", "--html", "{folder}/feet.html"),
        ("routines", "show", "quick_3", "--format", "html", "--out", "{folder}/wall.html"),
        ("remind", "calendar", "{folder}/feet.ics", "--waking", "06:45"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_written_for_want_of_room_is_told_and_leaves_nothing(
    program: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    program.data.mkdir(exist_ok=True)
    living.live(program.data / "history.db", "quick_3", [(1, "no")], at=datetime.now(UTC))
    folder = tmp_path / "out"
    folder.mkdir()
    done = limited(program, 0, *(argument.format(folder=folder) for argument in arguments))
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert list(folder.iterdir()) == []
    assert [file.name for file in program.data.rglob(".*")] == []


def limited(program: Program, kilobytes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program where no file may get larger than so much."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes} * 1024,) * 2)"
    start = "import sys; from voice_coach.__main__ import main; sys.argv[0] = 'voice-coach'; main()"
    return subprocess.run(
        [sys.executable, "-c", f"{limit}; {start}", *arguments],
        check=False,
        input="",
        capture_output=True,
        text=True,
        env=program.environment,
        timeout=60,
    )


@posix
def test_a_speech_model_is_used_and_not_called_damaged_where_the_disk_is_full(program: Program) -> None:
    folder = program.data / "models" / "fetched"
    shutil.copytree(model_folder(), folder, copy_function=shutil.copyfile)
    (folder / "conf").chmod(0o755)
    configuration = folder / "conf" / "model.conf"
    configuration.write_text(configuration.read_text().replace("--frames-per-chunk=6", "--frames-per-chunk=20"))
    for arguments in (["model", "check"], ["hear", str(SPEECH)]):
        done = limited(program, 0, *arguments)
        assert (done.returncode, done.stderr) == (0, "")


@posix
@pytest.mark.parametrize("options", ["size=96k", "ro"])
def test_a_disk_that_is_too_small_or_read_only_is_told_and_the_session_goes_on(program: Program, options: str) -> None:
    program.data.mkdir()
    done = mounted(program, options, "start", "full_15", "--fast", "--json")
    assert (done.returncode, end_of(done.stdout)) == (0, "finished")
    assert done.stderr.count("\n") == 1
    assert "What you do now is not written down" in done.stderr


@posix
def test_sound_for_which_there_is_no_room_is_told(program: Program) -> None:
    program.data.mkdir()
    path = program.data / "feet.wav"
    done = mounted(program, "size=400k", "render", "arch_cramp_now", str(path))
    assert done.returncode == 4
    assert done.stderr.startswith(f"The sound file {path} cannot be written (No space left on device).")
    assert "--speaker-wav" not in done.stderr


@posix
def test_a_session_whose_sound_finds_no_room_is_told_so_once_and_goes_on_to_its_end(program: Program) -> None:
    program.data.mkdir()
    path = program.data / "said.wav"
    done = mounted(program, "size=400k", "start", "quick_3", "--fast", "--json", "--speaker-wav", str(path))
    assert (done.returncode, end_of(done.stdout)) == (0, "finished")
    assert done.stderr.count(f"The sound file {path} cannot be written (No space left on device).") == 1
    assert "--speaker-wav" in done.stderr
    assert "Traceback" not in done.stderr


def mounted(program: Program, options: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a file system of its own in the place of its folder."""
    unshare = shutil.which("unshare")
    mount = f"mount -t tmpfs -o {options} tmpfs '{program.data}'"
    if (
        unshare is None
        or subprocess.run([unshare, "-rm", "sh", "-c", mount], check=False, capture_output=True).returncode
    ):
        pytest.skip("no file system can be mounted here")
    command = " ".join(f"'{part}'" for part in program.command(*arguments))
    return subprocess.run(
        [unshare, "-rm", "sh", "-c", f"{mount} && exec {command}"],
        check=False,
        input="",
        capture_output=True,
        text=True,
        env=program.environment,
        cwd=ROOT,
        timeout=60,
    )


# --- others, and the time of day


def test_two_coaches_at_once_both_write_down_all_they_did(program: Program) -> None:
    coaches = [program.start("start", "full_15", "--fast", "--json") for _ in range(4)]
    results = [coach.communicate(timeout=60) for coach in coaches]
    assert [errors for _, errors in results] == [""] * len(coaches)
    printed = sorted(sum(row["kind"] == "dose" for row in rows(output)) for output, _ in results)
    with closing(History(program.data / "history.db")) as history:
        assert history.is_whole()
        sessions = [history.session(session.id) for session in history.sessions(None)]
    assert sorted(len(session.doses) for session in sessions if session is not None) == printed


@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_is_set_in_mid_session_changes_no_dose_and_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: timedelta
) -> None:
    class Shifted(History):
        def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
            super().__init__(path, lambda: now() + (shift if now() > NOON + timedelta(minutes=2) else timedelta()))

    path = tmp_path / "history.db"
    _, straight = living.live(tmp_path / "straight.db", "quick_3", living.EVENTFUL, at=NOON)
    monkeypatch.setattr(living, "History", Shifted)
    _, shifted = living.live(path, "quick_3", living.EVENTFUL, at=NOON)
    assert shifted.doses == straight.doses
    with closing(History(path)) as history:
        (record,) = history.past(NOON)
    assert record.seconds == straight.ended.seconds if straight.ended else False
    times = [record.began_at, *(dose.ended_at for dose in record.doses), record.ended_at]
    assert times == sorted(time for time in times if time is not None)


def test_a_history_from_before_and_after_a_clock_was_set_back_can_be_looked_at_and_moved(tmp_path: Path) -> None:
    program = Program(tmp_path)
    now = datetime.now(UTC)
    for began in (now - timedelta(days=400), now, now - timedelta(hours=1)):
        living.live(tmp_path / "history.db", "quick_3", living.EVENTFUL, at=began)
    for arguments in (["history"], ["history", "show", "2"], ["progress"], ["progress", "--weeks", "0"]):
        done = program.run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert program.run("start", "quick_3", "--fast").returncode == 0
    file = tmp_path / "feet.json"
    assert program.run("history", "export", file).returncode == 0
    assert Program(tmp_path / "other").run("history", "import", file).returncode == 0


def test_progress_after_a_long_time_without_a_session_is_shown(tmp_path: Path) -> None:
    living.live(tmp_path / "history.db", "quick_3", living.EVENTFUL, at=datetime.now(UTC) - timedelta(days=200))
    done = Program(tmp_path).run("progress")
    assert (done.returncode, done.stderr) == (0, "")


# --- what the system asks for


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_request_to_end_ends_the_session_with_its_summary_to_be_gone_on_with(program: Program, number: int) -> None:
    program.answer_first_questions()
    process = program.start("start", "quick_3", "--text", "--json")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors, end_of(output)) == (0, "", "interrupted")
    with closing(History(program.data / "history.db")) as history:
        assert history.unfinished() is not None
