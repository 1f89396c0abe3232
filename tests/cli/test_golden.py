"""Whole sessions against what they printed before; `golden/README.md` tells how to renew them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import rows
from voice_coach.commands.phrasebook import load_phrasebook

if TYPE_CHECKING:
    from tests.cli.program import Program

GOLDEN = Path(__file__).parent / "golden"
RENEW = os.environ.get("VOICE_COACH_RENEW_GOLDEN") == "1"
SCRIPT = GOLDEN / "every_command.txt"
TRANSCRIPTS = {
    "quick_3": ("quick_3",),
    "arch_cramp_now": ("arch_cramp_now",),
    "every_command": ("full_15", "--script", SCRIPT),
}
KINDS = {
    *("say", "hush", "chime", "step", "dose", "heard", "state", "end"),
    *("rated", "noted", "profile", "next_day", "save", "speak", "attend"),
}
TOLD = {"every_command": "Nothing is saved in a session on a moved clock."}
"""What is told besides, on the error stream."""
ENDS_A_SESSION = {"finish", "injury", "dizzy", "swollen"}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_session_prints_what_it_printed_before(program: Program, name: str) -> None:
    done = program.run("start", *TRANSCRIPTS[name], "--fast", "--json")
    assert done.returncode == 0
    assert done.stderr.startswith(TOLD[name]) if name in TOLD else done.stderr == ""
    golden = GOLDEN / f"{name}.jsonl"
    if RENEW:
        golden.write_text(done.stdout, encoding="utf-8")
    assert rows(done.stdout) == rows(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_every_row_has_a_time_that_never_goes_back_and_a_known_kind(name: str) -> None:
    transcript = rows((GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8"))
    assert [row["t"] for row in transcript] == sorted(row["t"] for row in transcript)
    assert {row["kind"] for row in transcript} <= KINDS
    assert [row["kind"] for row in transcript].index("end") == len(transcript) - 1


def test_a_dose_tells_step_side_planned_and_worked_seconds_and_the_rung() -> None:
    doses = [row for row in rows((GOLDEN / "quick_3.jsonl").read_text(encoding="utf-8")) if row["kind"] == "dose"]
    assert [(row["step"], row["side"], row["planned"], row["worked"], row["rung"]) for row in doses] == [
        ("ball_roll", "left", 40.0, 40.0, 1),
        ("ball_roll", "right", 40.0, 40.0, 1),
        ("plantar_pull", "left", 23.0, 23.0, 2),
        ("plantar_pull", "right", 23.0, 23.0, 2),
    ]


def test_a_hurried_cramp_gets_its_first_action_at_once_with_no_greeting_before_it() -> None:
    transcript = rows((GOLDEN / "arch_cramp_now.jsonl").read_text(encoding="utf-8"))
    first = next(row for row in transcript if row["kind"] == "say")
    assert (first["t"], first["text"]) == (0.0, "Sit down. Take hold of the toes of that foot.")


def test_the_script_of_every_command_leaves_none_out() -> None:
    heard = rows((GOLDEN / "every_command.jsonl").read_text(encoding="utf-8"))
    said = {row["command"] for row in heard if row["kind"] == "heard"}
    assert load_phrasebook().groups.keys() - said <= ENDS_A_SESSION
