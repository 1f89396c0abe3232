"""What is read of many years for a list or a view: the same as from every session in full, and without reading them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.program import Program
from tests.history.years import make_years
from voice_coach.history.database import Database
from voice_coach.history.figures import Figures, Ratings, read_figures
from voice_coach.history.progress import progress_of
from voice_coach.history.rows import as_text
from voice_coach.history.store import History

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2026, 7, 3, 18, tzinfo=UTC)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
HEAVY = {
    "numpy",
    "vosk",
    "sounddevice",
    "rich",
    "plotext",
    "yaml",
    "tomlkit",
    "tempfile",
    "subprocess",
    "dataclasses",
    "click.shell_completion",
    "voice_coach.session.state",
    "voice_coach.rendering.progress_page",
}
"""What a look at the history waits for if it is loaded, and does not need."""

# --- the sums

_SIDE = st.tuples(st.sampled_from(["roll", "pull"]), st.sampled_from(["left", "both"]))
_DOSE = st.tuples(_SIDE, st.sampled_from([0.0, 20.0, 40.0]), st.integers(1, 4))
_RATING = st.tuples(_SIDE, st.integers(0, 10))
_SESSION = st.tuples(
    st.one_of(st.integers(-20, 3), st.integers(-400, 3)),
    st.booleans(),
    st.lists(_DOSE, max_size=5),
    st.lists(_RATING, max_size=3),
)
"""A day, before today or after it, whether it was on a moved clock, doses and ratings."""


def in_full(history: History) -> Figures:
    """Add up every session as it is shown in full."""
    records = history.past(EVER)
    return Figures(
        days={record.id: record.began_at.date() for record in records},
        worked={record.id: record.worked for record in records if record.worked},
        rungs={
            record.id: {(dose.step, dose.side): dose.rung for dose in record.doses if dose.worked} for record in records
        },
        ratings={
            record.id: [Ratings(one.step, one.side, 1, one.rating, one.rating) for one in record.ratings]
            for record in records
        },
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lived=st.lists(_SESSION, max_size=12), weeks=st.sampled_from([0, 1, 3, 12, 40]))
def test_what_is_summed_up_is_what_every_session_in_full_adds_up_to(
    tmp_path: Path, lived: Sequence[tuple[int, bool, Any, Any]], weeks: int
) -> None:
    path = tmp_path / "history.db"
    path.unlink(missing_ok=True)
    with closing(History(path)) as history:
        with history.at_once():
            for number, (day, moved_clock, doses, ratings) in enumerate(lived, start=1):
                at = as_text(NOW + timedelta(days=day))
                history.database.write(
                    "INSERT INTO sessions (id, routine, began_at, moved_clock) VALUES (?, 'desk', ?, ?)",
                    (number, at, int(moved_clock)),
                )
                for (step, side), worked, rung in doses:
                    history.database.write(
                        "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done) "
                        "VALUES (?, ?, ?, ?, 40, ?, ?, 1)",
                        (number, at, step, side, worked, rung),
                    )
                for (step, side), rating in ratings:
                    history.database.write(
                        "INSERT INTO ratings (session_id, rated_at, step, family, side, rung, rating, asked) "
                        "VALUES (?, ?, ?, 'ball', ?, 1, ?, 'halfway')",
                        (number, at, step, side, rating),
                    )
        figures = read_figures(history.database, NOW.date(), weeks, UTC)
        assert progress_of(figures, NOW.date(), weeks) == progress_of(in_full(history), NOW.date(), weeks)


# --- what it takes


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Every query that is put to a history from now on, with its values."""
    queries: list[tuple[str, tuple[Any, ...]]] = []
    read = Database.read

    def noted(self: Database, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        queries.append((query, values))
        return read(self, query, values)

    monkeypatch.setattr(Database, "read", noted)
    return queries


def look_at_everything(path: Path) -> None:
    with closing(History(path)) as history:
        read_figures(history.database, NOW.date(), 0, UTC)
        history.sessions(None)
        history.past(EVER)


def test_many_sessions_take_no_more_queries_than_a_few(
    tmp_path: Path, asked: list[tuple[str, tuple[Any, ...]]]
) -> None:
    make_years(tmp_path / "few.db", NOW, sessions=3)
    make_years(tmp_path / "many.db", NOW, sessions=300)
    look_at_everything(tmp_path / "few.db")
    few = [query for query, _ in asked]
    asked.clear()
    look_at_everything(tmp_path / "many.db")
    assert [query for query, _ in asked] == few


def test_the_sums_are_read_from_indices_and_nothing_is_sorted(
    tmp_path: Path, asked: list[tuple[str, tuple[Any, ...]]]
) -> None:
    make_years(tmp_path / "history.db", NOW, sessions=30)
    with closing(History(tmp_path / "history.db")) as history:
        read_figures(history.database, NOW.date(), 0, UTC)
    plans = []
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        for query, values in asked:
            plans += [step for *_, step in database.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    large = [step for step in plans if "doses" in step or "ratings" in step]
    assert len(large) >= 6
    assert all("COVERING INDEX" in step for step in large if step.startswith("SCAN")), large
    assert all("INDEX" in step or "PRIMARY KEY" in step for step in large), large
    assert not any("TEMP B-TREE FOR GROUP BY" in step for step in plans), plans


@pytest.mark.parametrize("look", ["history", "history --most 0", "progress", "progress --weeks 0"])
def test_a_look_at_the_history_loads_nothing_that_it_does_not_need(tmp_path: Path, look: str) -> None:
    make_years(tmp_path / "history.db", datetime.now(UTC), sessions=30)
    program = Program(tmp_path)
    program.run(*look.split())  # keeps what it has read of the package
    code = (
        "import sys; from voice_coach.__main__ import main; main(); "
        f"print(sorted({HEAVY} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *look.split()],
        check=True,
        capture_output=True,
        text=True,
        env=program.environment,
    )
    assert (len(done.stdout.splitlines()) > 10, done.stderr) == (True, "[]\n")
