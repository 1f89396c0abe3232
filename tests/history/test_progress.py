"""What the history adds up to, by day and by week."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.history.weeks import NOW, make_weeks
from tests.history.years import make_years
from voice_coach.history.figures import Figures, Ratings, read_figures
from voice_coach.history.progress import (
    MOST_SPANS,
    Progress,
    Rated,
    Rows,
    Track,
    first_day,
    progress_of,
    weeks_since,
)
from voice_coach.history.store import History
from voice_coach.routines.adaptation import LOOK_BACK, before_session
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.screen.progress_view import progress_lines
from voice_coach.session.actions import DoseEnded, StepBegan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FRIDAY = date(2026, 7, 3)
MONDAY = date(2026, 6, 29)


def worked_on(*days: date, today: date = FRIDAY, weeks: int = 12) -> Progress:
    """Sum up sessions of five minutes on some days."""
    numbered = dict(enumerate(days, start=1))
    return progress_of(Figures(numbered, dict.fromkeys(numbered, 300.0)), today, weeks)


def ago(*days: int) -> Iterable[date]:
    return (FRIDAY - timedelta(days=number) for number in days)


def track(progress: Progress, step: str, side: str) -> Track:
    return next(one for one in progress.tracks if (one.step, one.side) == (step, side))


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    path = tmp_path_factory.mktemp("history") / "history.db"
    make_weeks(path)
    with closing(History(path)) as history:
        return read_figures(history.database, FRIDAY, 13, UTC)


# --- rows of days and weeks


@pytest.mark.parametrize(
    ("days", "rows"),
    [
        ((), Rows(0, 0)),
        ((0,), Rows(1, 1)),
        ((2, 1, 0), Rows(3, 3)),
        ((3, 2, 1), Rows(3, 3)),
        ((9, 8, 7, 2, 1), Rows(2, 3)),
        ((4, 3, 2), Rows(0, 3)),
        ((1, 1, 0), Rows(2, 2)),
    ],
)
def test_days_in_a_row_go_on_until_a_whole_day_was_free(days: tuple[int, ...], rows: Rows) -> None:
    assert worked_on(*ago(*days)).day_rows == rows


def test_one_session_is_enough_for_a_week_in_a_row() -> None:
    assert worked_on(*ago(25, 14, 12, 8)).week_rows == Rows(3, 3)
    assert worked_on(*ago(40, 25, 21, 18)).week_rows == Rows(0, 2)


def test_what_a_clock_that_was_set_back_put_into_the_future_counts_as_now() -> None:
    progress = worked_on(FRIDAY + timedelta(days=30))
    assert progress.spans[-1].sessions == 1
    assert progress.day_rows.longest == 1


# --- weeks


def test_minutes_are_summed_up_by_weeks_that_begin_on_monday() -> None:
    spans = worked_on(MONDAY - timedelta(days=14), MONDAY - timedelta(days=1), MONDAY, MONDAY, FRIDAY).spans
    assert [(span.begins, span.sessions, span.minutes_a_week) for span in spans] == [
        (date(2026, 6, 15), 1, 5.0),
        (date(2026, 6, 22), 1, 5.0),
        (MONDAY, 3, 15.0),
    ]


def test_totals_are_of_all_time_whatever_is_shown() -> None:
    progress = worked_on(*ago(1000, 3, 2), weeks=1)
    assert (progress.sessions, progress.days, progress.seconds) == (3, 3, 900.0)
    assert [span.sessions for span in progress.spans] == [2]


@pytest.mark.parametrize("weeks", [1, 26, 27, 104, 105, 340, 522, 1353, 2600])
def test_long_times_are_put_together_and_nothing_of_them_is_lost(weeks: int) -> None:
    days = [FRIDAY - timedelta(weeks=number) for number in range(weeks)]
    spans = worked_on(*days, weeks=weeks).spans
    assert len(spans) <= max(MOST_SPANS, weeks // 52 + 1)
    assert sum(span.weeks for span in spans) == weeks
    assert all(span.sessions == span.weeks and span.minutes_a_week == 5.0 for span in spans)
    assert spans[0].begins == first_day(FRIDAY, weeks)


def test_all_there_is_begins_with_the_first_work() -> None:
    assert worked_on(*ago(70, 0), weeks=0).spans[0].begins == date(2026, 4, 20)
    assert weeks_since(FRIDAY - timedelta(days=70), FRIDAY) == 11
    assert len(worked_on(weeks=0).spans) == 1


def test_a_day_is_one_where_the_person_is(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    make_weeks(path)
    with closing(History(path)) as history:
        far_east = read_figures(history.database, FRIDAY, 12, timezone(timedelta(hours=9)))
    assert far_east.days[11] == FRIDAY


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process is fixed here")
@pytest.mark.parametrize(
    ("began", "day"),
    [
        ("2026-07-03T21:59:59.999+00:00", FRIDAY),
        ("2026-07-03T22:00:00.000+00:00", FRIDAY + timedelta(days=1)),
        ("2026-03-28T23:00:00.000+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:59:59.000+00:00", date(2026, 3, 29)),
        ("2026-10-24T22:00:00.000+00:00", date(2026, 10, 25)),
        ("2026-10-25T22:59:59.000+00:00", date(2026, 10, 25)),
    ],
)
def test_the_zone_of_this_machine_has_its_summer_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began: str, day: date
) -> None:
    with closing(History(tmp_path / "history.db", lambda: datetime.fromisoformat(began))) as history:
        history.begin_session("quick_3")
        monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        try:
            figures = read_figures(history.database, FRIDAY, 12, None)
        finally:
            monkeypatch.undo()
            time.tzset()
    assert list(figures.days.values()) == [day]


# --- ratings, rungs and skin


def test_ratings_are_followed_by_step_and_side(figures: Figures) -> None:
    progress = progress_of(figures, FRIDAY, 3)
    assert track(progress, "ball_roll", "left").ratings == (Rated(1, 3.0, 3), Rated(1, 2.0, 2), Rated(3, 5 / 3, 3))
    assert track(progress, "ball_roll", "right").ratings[2] == Rated(3, 5.0, 10)
    assert track(progress, "plantar_pull", "left").ratings == (None, None, None)


def test_the_rung_of_a_week_is_the_one_it_ended_on(figures: Figures) -> None:
    assert track(progress_of(figures, FRIDAY, 3), "ball_roll", "right").rungs == (3, 3, 1)


def test_of_several_sessions_in_a_week_the_last_one_tells_the_rung_and_each_step_its_own() -> None:
    days = {1: MONDAY, 2: MONDAY, 3: FRIDAY}
    rungs = {1: {("roll", "left"): 1, ("pull", "both"): 4}, 2: {("roll", "left"): 3}, 3: {("roll", "right"): 2}}
    tracks = progress_of(Figures(days, dict.fromkeys(days, 1.0), rungs=rungs), FRIDAY).tracks
    assert [(one.step, one.side, one.rungs) for one in tracks] == [
        ("roll", "left", (3,)),
        ("roll", "right", (2,)),
        ("pull", "both", (4,)),
    ]


def test_what_was_rated_and_not_worked_on_has_a_track_without_rungs() -> None:
    figures = Figures({1: FRIDAY}, {1: 1.0}, ratings={1: (Ratings("roll", "left", 2, 10, 6),)})
    assert progress_of(figures, FRIDAY).tracks == (Track("roll", "left", (Rated(2, 5.0, 6),), (None,)),)


def test_the_rung_of_a_session_is_that_of_the_last_work_on_a_side(tmp_path: Path) -> None:
    with closing(History(tmp_path / "history.db", lambda: NOW)) as history:
        number = history.begin_session("quick_3")
        for side, worked, rung in (("left", 40.0, 3), ("right", 40.0, 2), ("left", 9.0, 1), ("left", 0.0, 4)):
            history.add_dose(number, DoseEnded("ball_roll", side, 40.0, worked, rung, done=True))
        figures = read_figures(history.database, FRIDAY, 12, UTC)
    assert figures.rungs == {number: {("ball_roll", "left"): 1, ("ball_roll", "right"): 2}}


@pytest.mark.parametrize(("weeks", "sessions"), [(0, {1, 3, 4, 5, 6, 7, 8, 11}), (4, {6, 7, 8, 11}), (1, {11})])
def test_rungs_and_ratings_are_those_that_a_week_ends_with_and_work_is_of_all_time(
    tmp_path: Path, weeks: int, sessions: set[int]
) -> None:
    make_weeks(tmp_path / "history.db")
    with closing(History(tmp_path / "history.db")) as history:
        figures = read_figures(history.database, FRIDAY, weeks, UTC)
    assert figures.rungs.keys() == figures.ratings.keys() == sessions
    assert sum(figures.worked.values()) == 11 * 290.0


def test_what_is_not_shown_is_in_no_track(figures: Figures) -> None:
    ratings = track(progress_of(figures, FRIDAY, 1), "ball_roll", "left").ratings
    assert ratings == (Rated(3, 5 / 3, 3),)


def test_what_was_done_on_a_moved_clock_is_in_nothing(figures: Figures) -> None:
    progress = progress_of(figures, FRIDAY)
    assert (progress.sessions, progress.last) == (11, FRIDAY - timedelta(days=1))
    assert {rated.strongest for given in figures.ratings.values() for rated in given} == {2, 3, 4, 5, 7, 10}
    assert figures.rungs.keys() <= figures.worked.keys() == set(range(1, 12))
    assert [(place.place, len(place.signs)) for place in progress.skin] == [("left sole", 3), ("right sole", 1)]


def test_what_is_under_way_counts_beside_what_has_ended(tmp_path: Path) -> None:
    with closing(History(tmp_path / "history.db", lambda: NOW)) as history:
        number = history.begin_session("quick_3")
        history.begin_side(number, StepBegan("ball_roll", "Ball roll", "left", 1, 1, 1, 40.0))
        history.add_dose(number, DoseEnded("ball_roll", "left", 40.0, 40.0, 1, done=True))
        history.begin_side(number, StepBegan("ball_roll", "Ball roll", "right", 1, 1, 1, 40.0))
        history.keep(number, "{}", 12.5)
        figures = read_figures(history.database, FRIDAY, 12, UTC)
    assert figures.worked == {number: 52.5}


def test_a_session_without_work_is_no_session(tmp_path: Path) -> None:
    with closing(History(tmp_path / "history.db", lambda: NOW)) as history:
        history.begin_session("quick_3")
        figures = read_figures(history.database, FRIDAY, 12, UTC)
    assert progress_of(figures, FRIDAY).last is None


@pytest.mark.parametrize(("apart", "came_back"), [(0, False), (1, True), (90, True), (91, False)])
def test_skin_that_came_back_within_ninety_days_is_told(apart: int, came_back: bool) -> None:
    days = {1: FRIDAY - timedelta(days=apart), 2: FRIDAY}
    figures = Figures(days, {1: 1.0}, skin=((1, "callus", "left", "sole"), (2, "blister", "left", "sole")))
    (place,) = progress_of(figures, FRIDAY).skin
    assert (place.place, place.came_back) == ("left sole", came_back)


def test_the_same_sign_at_two_places_is_no_return() -> None:
    figures = Figures(
        {1: FRIDAY - timedelta(days=9), 2: FRIDAY},
        {1: 1.0},
        skin=((1, "blister", "left", "sole"), (2, "blister", "right", "sole")),
    )
    assert [place.came_back for place in progress_of(figures, FRIDAY).skin] == [False, False]


# --- many years


@pytest.mark.parametrize("weeks", [12, 0])
def test_ten_years_are_summed_up_whole(tmp_path: Path, weeks: int) -> None:
    make_years(tmp_path / "history.db", NOW, sessions=3650)
    catalogue = load_catalogue()
    with closing(History(tmp_path / "history.db")) as history:
        progress = progress_of(read_figures(history.database, FRIDAY, weeks, None), FRIDAY, weeks)
        before = before_session(history.past(NOW - LOOK_BACK), NOW, catalogue)
        lines = progress_lines(progress, before, catalogue)
    assert progress.days == 3650
    assert len(lines) > 30
