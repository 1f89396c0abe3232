"""Makes a history of some weeks on fixed days, as somebody with a sore left foot may have had them."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from voice_coach.history.store import History
from voice_coach.session.actions import DoseEnded, Ended, NextDayAnswered, Noted, Rated

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.session.actions import NotedKind

NOW = datetime(2026, 7, 3, 18, tzinfo=UTC)
"""A Friday."""

# days before NOW, rungs of the ball on the left and on the right, ratings, notes
_DAYS: tuple[tuple[int, int, int, tuple[int, ...], tuple[tuple[NotedKind, str], ...]], ...] = (
    (60, 1, 1, (3, 2), ()),
    (45, 1, 2, (4, 3), (("blister", "left"),)),
    (44, 1, 2, (2, 3), ()),
    (36, 1, 2, (3, 3), ()),
    (30, 2, 2, (5, 3), (("callus", "left"), ("callus", "right"))),
    (22, 2, 3, (7, 4), ()),
    (15, 1, 3, (3, 3), ()),
    (9, 1, 3, (2, 4), ()),
    (3, 1, 3, (3, 10), (("blister", "left"),)),
    (2, 1, 1, (1, 2), ()),
    (1, 1, 1, (1, 3), ()),
)


def make_weeks(path: Path) -> None:
    """Write the history, the last session on the day before NOW, and one on a moved clock after it."""
    for days, left, right, ratings, signs in _DAYS:
        _live(path, NOW - timedelta(days=days), (left, right), ratings, signs)
    _live(path, NOW - timedelta(hours=2), (3, 3), (9, 9), (("blister", "right"),), moved_clock=True)


def _live(
    path: Path,
    began: datetime,
    rungs: tuple[int, int],
    ratings: tuple[int, ...],
    signs: tuple[tuple[NotedKind, str], ...],
    *,
    moved_clock: bool = False,
) -> None:
    moment = [began]
    with closing(History(path, lambda: moment[0])) as history:
        number = history.begin_session("sore_foot_daily", moved_clock=moved_clock, wishes={"minutes": 8})
        if number > 1:
            history.answer_next_day(number, number - 1, NextDayAnswered("same"))
        for side, rung, rating in zip(("left", "right"), rungs, ratings, strict=True):
            moment[0] += timedelta(seconds=70)
            history.rate(number, Rated("ball_roll", "ball", side, rung, rating, "halfway"))
            history.add_dose(number, DoseEnded("ball_roll", side, 60.0, 60.0, rung, done=True))
            history.add_dose(number, DoseEnded("plantar_pull", side, 50.0, 50.0, 2, done=True))
        history.add_dose(number, DoseEnded("heel_raises", "both", 40.0, 40.0, 1 + number % 3, done=True))
        history.add_dose(number, DoseEnded("foot_check", "both", 30.0, 30.0, 2, done=True))
        for kind, side in signs:
            history.note(number, Noted(kind, "ball_roll", side, "ball", "sole", locked=kind == "blister"))
        history.end_session(number, Ended("finished", 400.0, 290.0, 4))
