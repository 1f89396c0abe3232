"""Makes a history of many years: daily sessions as somebody may have done them, always the same ones."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from voice_coach.history.rows import as_text
from voice_coach.history.store import History
from voice_coach.routines.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from voice_coach.routines.schema import Routine

_KINDS = ("pain", "blister", "callus", "cramp", "bruise")


def make_years(path: Path, until: datetime, sessions: int) -> None:
    """Write a new history of `sessions` sessions, one a day, the last on the day before `until`."""
    History(path).close()
    drawn = random.Random(1)  # noqa: S311 - to repeat, no secret
    routines = list(load_catalogue().routines.values())
    with closing(sqlite3.connect(path)) as database, database:
        for number in range(1, sessions + 1):
            began = until - timedelta(days=sessions - number + 1)
            _write(database, number, began, drawn.choice(routines), drawn)


def _write(database: sqlite3.Connection, number: int, began: datetime, routine: Routine, drawn: random.Random) -> None:
    at = as_text(began)
    database.execute(
        "INSERT INTO sessions (id, routine, began_at, moved_clock, ended_at, reason, seconds, worked, seen_at, rungs) "
        "VALUES (?, ?, ?, 0, ?, 'finished', 600, 400, ?, ?)",
        (number, routine.id, at, as_text(began + timedelta(minutes=10)), at, '{"ball": -1}'),
    )
    rows = list(_doses(routine))
    database.executemany(
        "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done, began_rung) "
        "VALUES (?, ?, ?, ?, 40, 40, 1, 1, 1)",
        [(number, at, step, side) for step, side in rows],
    )
    database.executemany(
        "INSERT INTO ratings (session_id, rated_at, step, family, side, rung, rating, asked) "
        "VALUES (?, ?, 'ball_roll', 'ball', ?, 1, ?, 'halfway')",
        [(number, at, side, drawn.randrange(8)) for side in ("left", "right", "left", "right")],
    )
    if drawn.random() < 0.1:
        note: tuple[Any, ...] = (number, at, drawn.choice(_KINDS), "ball_roll", drawn.choice(["left", "right"]))
        database.execute(
            "INSERT INTO notes (session_id, noted_at, kind, step, side, family, region, locked) "
            "VALUES (?, ?, ?, ?, ?, 'ball', 'sole', 1)",
            note,
        )
    if number > 1 and drawn.random() < 0.7:
        database.execute(
            "INSERT INTO next_days (about, session_id, answered_at, answer) VALUES (?, ?, ?, ?)",
            (number - 1, number, at, drawn.choice(["worse", "same", "same", "better"])),
        )


def _doses(routine: Routine) -> Iterator[tuple[str, str]]:
    catalogue = load_catalogue()
    for entry in routine.steps:
        sides = ("left", "right") if catalogue.steps[entry.step].sides == "each" else ("both",)
        yield from ((entry.step, side) for side in sides)
