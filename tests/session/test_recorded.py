"""Runs the recorded sessions in `recorded/`, each a file that a therapist can read; see its README."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest
import yaml

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.session.actions import DoseEnded, Say
from voice_coach.session.session import KNOWN_COMMANDS
from voice_coach.testing import SessionRecord, UserSaid, run_session

FOLDER = Path(__file__).parent / "recorded"
CLOSE = 1e-6


class Moment(msgspec.Struct, forbid_unknown_fields=True):
    """What is so at one second, after everything that happens then."""

    at: float
    says: list[str] | None = None
    begins_with: list[str] | None = msgspec.field(name="begins with", default=None)
    state: str | None = None
    step: str | None = None
    side: str | None = None
    rung: int | None = None
    planned: float | None = None
    worked: float | None = None
    stroke: float | None = None


class Recorded(msgspec.Struct, forbid_unknown_fields=True):
    about: str
    routine: str
    said: list[tuple[float, str]]
    then: list[Moment]
    foot: str | None = None
    lines_take: float = msgspec.field(name="lines take", default=0.0)
    doses: list[tuple[str, str, float, float, int, Literal["done", "left out"]]] | None = None
    end: str | None = None


def read(path: Path) -> Recorded:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Recorded)


SESSIONS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.yml"))}


@pytest.mark.parametrize("name", SESSIONS)
def test_the_session_goes_as_it_was_recorded(name: str) -> None:
    recorded = SESSIONS[name]
    record = run_session(recorded.routine, recorded.said, line_seconds=recorded.lines_take, side=recorded.foot)
    for moment in recorded.then:
        assert seen(record, moment) == expected(moment), f"{name}, second {moment.at:g}"
    if recorded.doses is not None:
        assert [dose_row(dose) for dose in record.doses] == recorded.doses
    if recorded.end is not None:
        assert record.ended is not None
        assert record.ended.reason == recorded.end


def expected(moment: Moment) -> dict[str, object]:
    """Give what a moment asks for, without what it leaves open."""
    wanted = {name: getattr(moment, name) for name in moment.__struct_fields__ if name != "at"}
    return {name: value for name, value in wanted.items() if value is not None}


def seen(record: SessionRecord, moment: Moment) -> dict[str, object]:
    """Give what was so at the second of `moment`, in the fields that it asks for."""
    state = record.state_at(moment.at + CLOSE)
    said = [say.text for at, say in record.timed(Say) if abs(at - moment.at) <= CLOSE]
    values: dict[str, object] = {
        "says": said,
        "begins_with": said[: len(moment.begins_with or ())],
        "state": state.phase.value,
        "step": state.step,
        "side": state.side,
        "rung": state.rung,
        "planned": state.planned,
        "worked": worked_at(record, moment.at),
        "stroke": state.stroke,
    }
    return {name: values[name] for name in expected(moment)}


def worked_at(record: SessionRecord, time: float) -> float | None:
    """Give the seconds of the dose clock: as last shown, and what has run since."""
    at, state = next((at, state) for at, state in reversed(record.states) if at <= time + CLOSE)
    if state.worked is None:
        return None
    return round(state.worked + (time - at if state.phase == "work" else 0.0), 6)


def dose_row(dose: DoseEnded) -> tuple[str, str, float, float, int, str]:
    done = "done" if dose.done else "left out"
    return (dose.step, dose.side, round(dose.worked, 6), round(dose.planned, 6), dose.rung, done)


def test_every_command_that_a_session_understands_is_recorded() -> None:
    grammar = load_phrasebook().grammar()
    said = {command.id for it in SESSIONS.values() for _, text in it.said if (command := grammar.match(text))}
    numbers = {"zero", "three", "six", "seven", "nine", "ten"}  # answers like their neighbours, see test_body.py
    assert KNOWN_COMMANDS - said - numbers <= {"right"}


def test_what_the_user_says_in_the_recordings_is_heard_at_its_second() -> None:
    recorded = SESSIONS["undo"]
    record = run_session(recorded.routine, recorded.said)
    assert [(it.at, it.text) for it in record.events if isinstance(it, UserSaid)] == recorded.said
