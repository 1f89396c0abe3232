"""A program that was killed in a session asks at its next start whether to go on, and does."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping

    from tests.cli.program import Program

ASKED = "You stopped in the ball roll, left foot. Resume?"


def read_until(process: subprocess.Popen[str], wanted: str, answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Read what happens until `wanted` is in a line, and type what it is answered with, each answer once."""
    assert process.stdin is not None
    assert process.stdout is not None
    left, seen = dict(answers), []
    while line := process.stdout.readline():
        seen.append(json.loads(line))
        for part in [part for part in left if part in line]:
            process.stdin.write(f"{left.pop(part)}\n")
            process.stdin.flush()
        if wanted in line:
            return seen
    raise AssertionError(f"it ended before {wanted}: {seen[-3:]} {process.stderr and process.stderr.read()}")


@pytest.fixture
def begin(program: Program) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give a function that starts the program; what still runs after the test is killed."""
    running = []

    def begun(*arguments: str) -> subprocess.Popen[str]:
        running.append(program.start("start", *arguments, "--text", "--json"))
        return running[-1]

    yield begun
    for process in running:
        kill(process)


@pytest.fixture
def killed(program: Program, begin: Callable[..., subprocess.Popen[str]]) -> Program:
    """Give a program that was killed when the user was getting in place for the left foot."""
    program.answer_first_questions()
    process = begin("quick_3")
    read_until(process, '"state": "setup"', {"numb spot": "no"})
    time.sleep(0.2)
    kill(process)
    return program


def kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    if process.stdout is not None and not process.stdout.closed:
        process.communicate(timeout=30)


@pytest.fixture
def started(
    killed: Program, begin: Callable[..., subprocess.Popen[str]], request: pytest.FixtureRequest
) -> subprocess.Popen[str]:
    assert killed.data.exists()
    return begin(*request.param)


@pytest.mark.parametrize("started", [("desk",)], indirect=True)
def test_yes_goes_on_in_the_same_step_on_the_same_foot(started: subprocess.Popen[str], killed: Program) -> None:
    seen = read_until(started, '"state": "count_in"', {"Resume?": "yes"})
    said = [row["text"] for row in seen if row["kind"] == "say"]
    assert said[:2] == [ASKED, "Going on."]
    assert (seen[-1]["step"], seen[-1]["side"], seen[-1]["planned"]) == ("ball_roll", "left", 40.0)
    kill(started)
    listed = killed.run("history").stdout
    assert listed.count("Quick three minutes") == 1
    assert "At the desk" not in listed


@pytest.mark.parametrize("started", [("desk",)], indirect=True)
def test_no_begins_what_was_asked_for_in_the_same_program(started: subprocess.Popen[str], killed: Program) -> None:
    seen = read_until(started, '"state": "setup"', {"Resume?": "no", "numb spot": "no"})
    kinds = [row["kind"] for row in seen]
    began = kinds.index("set_aside") + 1
    assert next(row["text"] for row in seen[began:] if row["kind"] == "say").startswith("At the desk.")
    assert seen[began]["t"] < 1.0
    kill(started)
    listed = killed.run("history").stdout
    assert "At the desk" in listed
    assert "Quick three minutes: broken off" in listed


@pytest.mark.parametrize("started", [("arch_cramp_now",)], indirect=True)
def test_nobody_is_asked_before_a_cramp(started: subprocess.Popen[str]) -> None:
    seen = read_until(started, '"kind": "say"', {})
    assert "Resume" not in seen[-1]["text"]


@pytest.mark.parametrize("started", [("desk", "--resume")], indirect=True)
def test_a_script_can_say_beforehand_that_it_goes_on(started: subprocess.Popen[str]) -> None:
    seen = read_until(started, '"state": "count_in"', {})
    assert next(row["text"] for row in seen if row["kind"] == "say") == "Going on."


@pytest.mark.parametrize("started", [("desk", "--no-resume")], indirect=True)
def test_a_script_can_say_beforehand_that_it_does_not(started: subprocess.Popen[str], killed: Program) -> None:
    seen = read_until(started, '"kind": "say"', {})
    assert seen[-1]["text"].startswith("At the desk.")
    kill(started)
    assert "broken off" in killed.run("history").stdout


@pytest.mark.parametrize("started", [("quick_3",)], indirect=True)
def test_where_nobody_answers_the_question_is_still_there_next_time(
    started: subprocess.Popen[str], begin: Callable[..., subprocess.Popen[str]]
) -> None:
    read_until(started, ASKED, {})
    kill(started)
    read_until(begin("quick_3"), ASKED, {})


def test_a_stop_sign_that_ended_a_session_leaves_nothing_to_go_on_with(
    program: Program, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    program.answer_first_questions()
    process = begin("quick_3")
    read_until(process, '"state": "summary"', {"numb spot": "no", '"state": "setup"': "dizzy"})
    kill(process)
    said = read_until(begin("quick_3"), '"kind": "say"', {})[-1]["text"]
    assert "Resume?" not in said


def test_without_a_session_to_go_on_with_a_new_one_begins_and_says_so(program: Program) -> None:
    done = program.run("start", "quick_3", "--fast", "--resume")
    assert "There is no session to go on with; a new one begins." in done.stderr
    assert done.returncode == 0


def test_a_session_that_another_program_runs_is_not_broken_off(
    program: Program, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    program.answer_first_questions()
    process = begin("quick_3")
    read_until(process, '"state": "setup"', {"numb spot": "no"})
    said = read_until(begin("quick_3"), '"kind": "say"', {})[-1]["text"]
    assert "Resume?" not in said
    assert process.poll() is None


@pytest.mark.parametrize("options", [(), ("--resume",)])
def test_nobody_goes_on_with_a_session_after_telling_of_a_swollen_leg(
    killed: Program, options: tuple[str, ...]
) -> None:
    assert killed.run("profile", "set", "swollen_leg", "yes").returncode == 0
    done = killed.run("start", "quick_3", "--text", "--json", *options)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "You told of a hot or swollen leg." in done.stderr


def test_what_was_told_since_a_session_was_cut_off_counts_in_the_new_one(
    killed: Program, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    assert killed.run("profile", "set", "diabetes", "yes").returncode == 0
    process = begin("full_15")
    seen = read_until(process, '"kind": "say"', {})
    assert "Resume?" not in seen[-1]["text"]
    kill(process)
    assert "Quick three minutes: broken off" in killed.run("history").stdout


def test_an_answer_that_bars_nothing_lets_a_session_go_on(
    killed: Program, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    assert killed.run("profile", "set", "heel_pain", "no").returncode == 0
    read_until(begin("quick_3"), ASKED, {})


@pytest.mark.parametrize("started", [("quick_3", "--only", "shin")], indirect=True)
def test_whoever_asks_for_a_session_with_nothing_in_it_can_go_on_with_the_other(started: subprocess.Popen[str]) -> None:
    read_until(started, ASKED, {"Resume?": "no"})
    _, told = started.communicate(timeout=30)
    assert "'Quick three minutes' has nothing for shin" in told
    assert started.returncode == 2
