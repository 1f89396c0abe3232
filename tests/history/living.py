"""Runs whole sessions on a moved clock and writes them down, as the program does; the time of day moves with them.

As a program of its own it is for being killed: for each line that it reads it begins a process that lives one session
after the other in the history named by its first argument, and prints the process's number.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from voice_coach.clocks import FastClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.history.recorder import Recorder
from voice_coach.history.store import History
from voice_coach.routines.adaptation import LOOK_BACK, asked_about, before_session
from voice_coach.routines.beginning import Beginning
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.routines.person import Person
from voice_coach.routines.wishes import Wishes
from voice_coach.runner import Inbox, Runner
from voice_coach.testing import FakeMouth, SessionRecord, new_session
from voice_coach.typed_input import Script, ScriptLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voice_coach.runner import Watcher
    from voice_coach.session.plan import Plan

EVENTFUL = (
    (5, "no"),
    (40, "harder"),
    (60, "three"),
    (75, "thirty seconds more"),
    (100, "ouch"),
    (103, "two"),
    (150, "blister"),
    (160, "resume"),
    (200, "pause"),
    (230, "resume"),
    (260, "slower"),
    (300, "skip"),
)


def live(
    path: Path,
    routine: str,
    said: Iterable[tuple[float, str]] = (),
    *,
    at: datetime,
    moved_clock: bool = False,
    watchers: Sequence[Watcher] = (),
) -> tuple[Plan, SessionRecord]:
    """Live through a session that begins `at` a time of day, and write it down."""
    catalogue, clock, inbox = load_catalogue(), FastClock(), Inbox()
    mouth = FakeMouth(inbox, clock)
    script = Script(tuple(ScriptLine(float(second), text) for second, text in said), inbox)
    record = SessionRecord()
    with closing(History(path, lambda: at + timedelta(seconds=clock.now()))) as history:
        past = history.past(at - LOOK_BACK)
        chosen = find_routine(catalogue, routine)
        before = before_session(past, at, catalogue, chosen)
        beginning = Beginning(
            path=None,
            routine=chosen,
            wishes=Wishes(),
            person=Person(),
            before=before,
            number=0,
            words_per_second=None,
        )
        plan = beginning.plan(catalogue)
        session = new_session(plan)
        number = history.begin_session(
            routine,
            moved_clock=moved_clock,
            rungs=before.rungs,
            dose_factor=before.dose_factor,
            beginning=beginning.as_text(),
        )
        about = asked_about(past, at, catalogue)
        with closing(
            Recorder(history, path, number, inbox, look=session.snapshot, about=None if about is None else about.id)
        ) as recorder:
            Runner(
                session=session,
                phrasebook=load_phrasebook(),
                clock=clock,
                inbox=inbox,
                mouth=mouth,
                timed=(mouth, script),
                watchers=(record, *watchers),
                sources=(script,),
                journal=recorder,
            ).run()
    return plan, record


def _live_until_killed(path: Path) -> None:
    while True:
        for routine in ("full_15", "quick_3", "arch_cramp_now"):
            live(path, routine, EVENTFUL, at=datetime.now(UTC), moved_clock=True)


def _begin_processes(path: Path) -> None:
    """Give birth to a process for each line, when the one before is dead."""
    live(path.with_name("warm.db"), "quick_3", at=datetime.now(UTC))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            _live_until_killed(path)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("dead\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _begin_processes(Path(sys.argv[1]))
