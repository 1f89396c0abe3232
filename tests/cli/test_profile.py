"""`voice-coach profile`, and what a session makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import rows
from voice_coach.routines.catalogue import load_catalogue

if TYPE_CHECKING:
    import subprocess

    from tests.cli.program import Program

QUESTIONS = load_catalogue().first_questions


def stored(program: Program) -> dict[str, Any]:
    """Give the profile as it lies in its file."""
    profile: dict[str, Any] = json.loads((program.data / "profile.json").read_text(encoding="utf-8"))
    return profile


def lines(output: str) -> list[str]:
    """Give what the coach says in the script view."""
    return [row["text"] for row in rows(output) if row["kind"] == "say"]


def steps(output: str) -> list[str]:
    return [row["step"] for row in rows(output) if row["kind"] == "step"]


def test_a_pipe_is_shown_the_profile_and_asked_nothing(program: Program) -> None:
    done = program.run("profile", said="yes\nyes\n")
    assert done.returncode == 0
    assert done.stdout.count("not answered yet") == len(QUESTIONS)
    assert not program.data.exists()


def test_an_answer_is_set_and_shown_with_its_day_and_what_it_means(program: Program) -> None:
    done = program.run("profile", "set", "wound", "left")
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(program)["answers"]["wound"]["answer"] == "left"
    shown = program.run("profile", "--show").stdout
    assert f"left ({datetime.now(UTC).date().isoformat()})" in shown
    assert QUESTIONS["wound"].if_yes in shown


@pytest.mark.parametrize(("question", "said", "answer"), [("Heel-Pain", "y", "yes"), ("wound", "yes", "both")])
def test_names_and_answers_may_be_written_as_people_do(program: Program, question: str, said: str, answer: str) -> None:
    assert program.run("profile", "set", question, said).returncode == 0
    assert [known["answer"] for known in stored(program)["answers"].values()] == [answer]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("set", "moon", "yes"), "heel_pain"),
        (("set", "clot", "left"), "yes or no"),
        (("set", "wound", "perhaps"), "no, left, right or both"),
        (("forget", "moon"), "heel_pain"),
        (("--tools", "hammer"), "tennis ball"),
        (("--tools", ","), "No tool is named"),
    ],
)
def test_a_wrong_word_is_told_with_the_right_ones_and_changes_nothing(
    program: Program, arguments: tuple[str, ...], reason: str
) -> None:
    done = program.run("profile", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert not program.data.exists()


def test_tools_and_place_are_kept_until_they_are_taken_back(program: Program) -> None:
    program.run("profile", "--tools", "ball, Wall", "--place", "floor")
    assert stored(program)["tools"] == ["tennis ball", "wall"]
    assert stored(program)["place"] == "floor"
    program.run("profile", "--tools", "none")
    assert stored(program)["tools"] == []
    program.run("profile", "--tools", "all", "--place", "anywhere")
    assert (stored(program)["tools"], stored(program)["place"]) == (None, None)


def test_answers_are_forgotten_one_by_one_or_all(program: Program) -> None:
    program.run("profile", "set", "clot", "no")
    program.run("profile", "set", "wound", "no")
    program.run("profile", "forget", "clot")
    assert list(stored(program)["answers"]) == ["wound"]
    assert program.run("profile", "forget").returncode == 0
    assert not (program.data / "profile.json").exists()
    assert program.run("profile", "forget").returncode == 0


def test_a_damaged_profile_is_kept_aside_and_told_in_one_line(program: Program) -> None:
    program.data.mkdir()
    (program.data / "profile.json").write_text("{", encoding="utf-8")
    done = program.run("profile", "--show")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert (program.data / "profile.damaged-1.json").read_text(encoding="utf-8") == "{"


def test_a_profile_that_cannot_be_read_or_written_has_a_status_of_its_own(program: Program) -> None:
    (program.data / "profile.json").mkdir(parents=True)
    for arguments in (("--show",), ("set", "clot", "no"), ("forget",)):
        done = program.run("profile", *arguments)
        assert done.returncode == 8
        assert "Traceback" not in done.stderr


# --- in a session


def test_a_stored_answer_bars_on_a_moved_clock_too_and_its_caution_is_said(program: Program) -> None:
    program.run("profile", "set", "diabetes", "yes")
    done = program.run("start", "quick_3", "--fast", "--json")
    assert set(steps(done.stdout)) == {"foot_check", "plantar_pull"}
    assert load_catalogue().lines["caution_diabetes"].say in lines(done.stdout)


def test_on_a_moved_clock_nothing_is_asked_and_nothing_is_written(program: Program) -> None:
    done = program.run("start", "quick_3", "--fast", "--json")
    assert not any(question.ask in line for question in QUESTIONS.values() for line in lines(done.stdout))
    assert not (program.data / "profile.json").exists()


def test_a_swollen_leg_on_a_moved_clock_is_nobodys(program: Program) -> None:
    program.run("start", "quick_3", "--fast", "--json", said="no\nswollen\n")
    assert not (program.data / "profile.json").exists()


def test_a_damaged_profile_stays_in_its_place_on_a_moved_clock(program: Program) -> None:
    program.data.mkdir()
    (program.data / "profile.json").write_text("{", encoding="utf-8")
    done = program.run("start", "quick_3", "--fast", "--json")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert (program.data / "profile.json").read_text(encoding="utf-8") == "{"


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Give what a session prints until a line holds `text`."""
    assert process.stdout is not None
    output = ""
    while text not in output:
        line = process.stdout.readline()
        assert line, f"the session ended without {text!r}"
        output += line
    return output


def say(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


def test_the_first_questions_come_before_the_greeting_and_are_kept_as_they_are_answered(program: Program) -> None:
    process = program.start("start", "quick_3", "--text")
    for question in QUESTIONS.values():
        assert "Quick three minutes." not in read_until(process, question.ask)
        say(process, "no")
    read_until(process, "Quick three minutes.")
    _, errors = process.communicate("finish\n", timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert {id_: known["answer"] for id_, known in stored(program)["answers"].items()} == dict.fromkeys(QUESTIONS, "no")


def test_who_has_answered_is_not_asked_again_before_ninety_days(program: Program) -> None:
    program.answer_first_questions()
    process = program.start("start", "quick_3", "--text")
    assert QUESTIONS["wound"].ask not in read_until(process, "Any new sore")
    process.communicate("finish\n", timeout=60)


def test_after_ninety_days_it_is_asked_again(program: Program) -> None:
    program.answer_first_questions(on=datetime.now(UTC).date() - timedelta(days=91))
    process = program.start("start", "quick_3", "--text")
    assert "Quick three minutes." not in read_until(process, QUESTIONS["wound"].ask)
    process.communicate("finish\n", timeout=60)


def test_a_swollen_leg_keeps_the_next_session_from_starting_until_the_user_clears_it(program: Program) -> None:
    program.answer_first_questions()
    process = program.start("start", "quick_3", "--text")
    read_until(process, "Any new sore")
    process.communicate("swollen\n", timeout=60)
    refused = program.run("start", "desk", "--fast")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "doctor" in refused.stderr
    program.run("profile", "set", "swollen_leg", "no")
    assert program.run("start", "desk", "--fast").returncode == 0


def test_nothing_is_asked_before_a_cramp_is_relieved(program: Program) -> None:
    process = program.start("start", "arch_cramp_now", "--text")
    before = read_until(process, "Sit down. Take hold of the toes of that foot.")
    assert [line for line in before.splitlines() if line.startswith("0:00   ")] == [
        "0:00   Sit down. Take hold of the toes of that foot."
    ]
    process.communicate("finish\n", timeout=60)


# --- wishes


def test_a_routine_is_fitted_adapted_and_narrowed_by_options(program: Program) -> None:
    done = program.run(
        "start", "full_15", "--fast", "--json", "--minutes", "8", "--without", "roller", "--side", "left"
    )
    assert "Eight minutes." in lines(done.stdout)
    assert "Only the left foot today." in lines(done.stdout)
    assert "The stick takes the place of the roller." in lines(done.stdout)
    sides = {row["side"] for row in rows(done.stdout) if row["kind"] == "step"}
    assert sides == {"left", "both"}
    only = program.run("start", "full_15", "--fast", "--json", "--only", "sole", "--tool", "lacrosse ball")
    assert list(dict.fromkeys(steps(only.stdout))) == ["foot_check", "ball_roll", "ball_press", "plantar_pull"]


def test_tools_that_are_stored_count_unless_others_are_named(program: Program) -> None:
    program.run("profile", "--tools", "lacrosse ball")
    stored_only = program.run("start", "quick_3", "--fast", "--json")
    assert any("thick sock" in line for line in lines(stored_only.stdout))
    named = program.run("start", "quick_3", "--fast", "--json", "--tool", "ball")
    assert not any("thick sock" in line for line in lines(named.stdout))


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--minutes", "31"), "voice-coach start quick_3 --minutes 30"),
        (("--only", "calf"), "voice-coach start quick_3 --only sole"),
        (("--tool", "hammer"), 'voice-coach start quick_3 --tool "tennis ball"'),
    ],
)
def test_an_impossible_wish_is_told_in_one_line_with_a_command_that_works(
    program: Program, arguments: tuple[str, ...], remedy: str
) -> None:
    done = program.run("start", "quick_3", "--fast", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip().endswith(f"Try: {remedy}")
