"""Runs the recorded sessions in `recorded/`, each a file that a therapist can read; see its README."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import pytest
import yaml

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.bars import bars_of, without_barred
from voice_coach.session.actions import (
    DoseEnded,
    NextDayAnswered,
    Noted,
    ProfileAnswered,
    Rated,
    SavedStep,
    SaveWanted,
    Say,
)
from voice_coach.session.before import Before
from voice_coach.session.session import KNOWN_COMMANDS
from voice_coach.testing import SessionRecord, UserSaid, plan_of, run_session

if TYPE_CHECKING:
    from voice_coach.session.plan import Plan

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


class Earlier(msgspec.Struct, forbid_unknown_fields=True):
    """What earlier sessions mean for this one."""

    rungs: dict[str, int] = {}
    dose: float = 1.0
    offers: list[str] = []
    sole_seconds_today: dict[str, float] = msgspec.field(name="sole seconds today", default_factory=dict)
    massages_today: int = msgspec.field(name="massages today", default=0)
    arch_stretches_today: int = msgspec.field(name="arch stretches today", default=0)


class Recorded(msgspec.Struct, forbid_unknown_fields=True):
    about: str
    routine: str
    said: list[tuple[float, str]]
    then: list[Moment]
    foot: str | None = None
    heard: bool = False
    earlier: Earlier = msgspec.field(default_factory=Earlier)
    knows: dict[str, str] = {}
    asks_first: list[str] = msgspec.field(name="asks first", default_factory=list)
    asks_about_last_time: bool = msgspec.field(name="asks about last time", default=False)
    lines_take: float = msgspec.field(name="lines take", default=0.0)
    doses: list[tuple[str, str, float, float, int, Literal["done", "left out"]]] | None = None
    end: str | None = None
    resumable: bool | None = None
    noted: list[tuple[str, str | None, str | None, Literal["locked", "not locked"]]] | None = None
    answered: dict[str, str] | None = None
    rated: list[tuple[str, str, int, int, str]] | None = None
    saved: list[dict[str, object]] | None = None
    left_out_for_good: list[int] | None = msgspec.field(name="left out for good", default=None)


def read(path: Path) -> Recorded:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Recorded)


SESSIONS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.yml"))}


@pytest.mark.parametrize("name", SESSIONS)
def test_the_session_goes_as_it_was_recorded(name: str) -> None:
    recorded = SESSIONS[name]
    record = run_session(plan_for(recorded), recorded.said, line_seconds=recorded.lines_take, typed=not recorded.heard)
    for moment in recorded.then:
        assert seen(record, moment) == expected(moment), f"{name}, second {moment.at:g}"
    if recorded.doses is not None:
        assert [dose_row(dose) for dose in record.doses] == recorded.doses
    if recorded.end is not None:
        assert record.ended is not None
        assert record.ended.reason == recorded.end
    if recorded.resumable is not None:
        assert record.ended is not None
        assert record.ended.resumable == recorded.resumable
    if recorded.noted is not None:
        assert [noted_row(noted) for noted in record.actions(Noted)] == recorded.noted
    if recorded.answered is not None:
        answers = {answer.question: answer.answer for answer in record.actions(ProfileAnswered)}
        last_time = record.actions(NextDayAnswered)
        assert answers | ({"last time": last_time[0].answer} if last_time else {}) == recorded.answered
    if recorded.rated is not None:
        assert [rated_row(rated) for rated in record.actions(Rated)] == recorded.rated
    if recorded.saved is not None:
        wanted = record.actions(SaveWanted)[-1]
        assert [saved_row(step) for step in wanted.steps] == recorded.saved
    if recorded.left_out_for_good is not None:
        assert list(record.actions(SaveWanted)[-1].left_out) == recorded.left_out_for_good


def plan_for(recorded: Recorded) -> Plan:
    """Give the plan of the routine, for a user about whom something is known, or asked."""
    plan = plan_of(recorded.routine, recorded.foot)
    bars = bars_of(plan.catalogue, recorded.knows)
    return replace(
        plan,
        steps=without_barred(plan.steps, bars),
        bars=bars,
        answers=recorded.knows,
        questions=tuple(recorded.asks_first),
        before=before(recorded),
    )


def before(recorded: Recorded) -> Before:
    earlier = recorded.earlier
    return Before(
        rungs=earlier.rungs,
        dose_factor=earlier.dose,
        offers=frozenset(earlier.offers),
        seconds_today={("sole_pressure", side): seconds for side, seconds in earlier.sole_seconds_today.items()},
        massages_today=earlier.massages_today,
        arch_stretches_today=earlier.arch_stretches_today,
        ask_next_day=recorded.asks_about_last_time,
    )


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


def rated_row(rated: Rated) -> tuple[str, str, int, int, str]:
    return (rated.step, rated.side, rated.rung, rated.rating, rated.asked)


def saved_row(saved: SavedStep) -> dict[str, object]:
    """Give what a step is saved with, without what stays as it is."""
    values = {name: getattr(saved, name) for name in SavedStep.__slots__ if name != "number"}
    return {name: value for name, value in values.items() if value is not None}


def noted_row(noted: Noted) -> tuple[str, str | None, str | None, str]:
    return (noted.kind, noted.step, noted.side, "locked" if noted.locked else "not locked")


def test_every_command_that_a_session_understands_is_recorded() -> None:
    grammar = load_phrasebook().grammar()
    said = {command.id for it in SESSIONS.values() for _, text in it.said if (command := grammar.match(text))}
    numbers = {"zero", "three", "six", "seven", "nine", "ten"}  # answers like their neighbours, see test_body.py
    assert KNOWN_COMMANDS - said - numbers <= {"right"}


def test_what_the_user_says_in_the_recordings_is_heard_at_its_second() -> None:
    recorded = SESSIONS["undo"]
    record = run_session(recorded.routine, recorded.said)
    assert [(it.at, it.text) for it in record.events if isinstance(it, UserSaid)] == recorded.said
