"""The history: every session, what was done, rated and noted in it, and where it stands, written down as it happens.

SQLite in WAL mode: whatever has been written survives a kill at any moment, and every write is one transaction.
Times of day are UTC, ISO 8601. What was said, as sound or as text, is never written.

`synchronous` is NORMAL: the file is never damaged, not by a power cut either, and a write takes microseconds. It costs
that a power cut (not a kill) may lose the last seconds, since a commit does not wait for the disk. Waiting takes
milliseconds, and a tenth of a second on slow cards: too much between a cue and its moment. Two things do wait: a body
word, because the next session must know of it, and the end of a session, when nobody waits for anything any more.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from voice_coach import __version__
from voice_coach.history import rows
from voice_coach.history.alive import Alive
from voice_coach.history.database import Database
from voice_coach.history.rows import HAD, as_array, as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from voice_coach.history.records import PastRecord, PastSession, Unfinished
    from voice_coach.history.rows import Row
    from voice_coach.session.actions import DoseEnded, Ended, NextDayAnswered, Noted, Rated, StateChanged, StepBegan
    from voice_coach.session.journal import Entry

_T = TypeVar("_T")

RESUMABLE_FOR = timedelta(hours=12)
"""A session that has died can be gone on with for so long."""
_AT_LEAST = 10
"""So many of the latest sessions count as the past, however old they are."""


def utc_now() -> datetime:
    """Give the time of day."""
    return datetime.now(UTC)


class History:
    """The history in one file.

    Args:
        path: of the database; it is made, with its folder, where it does not exist, and brought up to date where an
            earlier version wrote it.
        now: gives the time of day.
        read_only: change nothing at all, where the file, its folder or its disk takes no writing.

    Raises:
        BrokenHistoryError: the file is damaged, or no database.
        HistoryError: it cannot be made, read or written, or a later version of the program wrote it.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = utc_now, *, read_only: bool = False) -> None:
        self._now = now
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._database = Database(path, read_only=read_only)
        self._alive: Alive | None = None
        if not read_only:
            with suppress(OSError):  # without it, a session that goes on elsewhere may look like one that has died
                self._alive = Alive(lock_file(path))

    def wait_at_most(self, seconds: float) -> None:
        """Set how long a write waits while another coach writes, before it is a `BusyHistoryError`."""
        self._database.wait_at_most(seconds)

    @contextmanager
    def at_once(self, *, synced: bool = False) -> Iterator[None]:
        """Let everything that is written be there as a whole, or not at all.

        Args:
            synced: it is on the disk afterwards, and everything before it.
        """
        if synced:
            with self._database.synced(), self._database.transaction():
                yield
        else:
            with self._database.transaction():
                yield

    # --- writing, as it happens

    def begin_session(
        self,
        routine: str,
        *,
        moved_clock: bool = False,
        wishes: Mapping[str, Any] | None = None,
        rungs: Mapping[str, int] | None = None,
        dose_factor: float = 1.0,
        beginning: str = "",
    ) -> int:
        """Write down that a session begins now, and give its number.

        Args:
            routine: its id.
            moved_clock: the session runs faster than time, so nobody does its doses.
            wishes: what the user asks for, to plan the same session again.
            rungs: family -> rungs above (or below) where its steps begin, because of earlier sessions.
            dose_factor: what every dose is multiplied with, because of earlier sessions.
            beginning: what it is planned from, as a JSON object.
        """
        now = self._time()
        plan = (as_object(wishes or {}), as_object(rungs or {}), dose_factor)
        with self._database.transaction():
            number = self._database.write(
                "INSERT INTO sessions (routine, began_at, seen_at, moved_clock, version, wishes, rungs, dose_factor) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (routine, now, now, int(moved_clock), __version__, *plan),
            )
            self._database.write("INSERT INTO under_way (session_id, beginning) VALUES (?, ?)", (number, beginning))
        number = number or 0
        self._hold(number)
        return number

    def go_on_with(self, session: int, doses: int, under_way: StepBegan | None) -> None:
        """Write down that a session that had come to no end goes on now.

        Args:
            session: its number.
            doses: how many of its sides had ended where it goes on; what ended with the program had not.
            under_way: the side that is under way there.
        """
        with self._database.transaction():
            self._database.write(
                "UPDATE sessions SET seen_at = ?, ended_at = NULL, reason = NULL, seconds = NULL, worked = NULL "
                "WHERE id = ?",
                (self._time(), session),
            )
            self._database.write(
                "DELETE FROM doses WHERE session_id = ?1 AND id NOT IN "
                "(SELECT id FROM doses WHERE session_id = ?1 ORDER BY id LIMIT ?2)",
                (session, doses),
            )
            self._database.write(
                "UPDATE under_way SET step = NULL, side = NULL, planned = 0, worked = 0, running = 0 "
                "WHERE session_id = ?",
                (session,),
            )
            if under_way is not None:
                self.begin_side(session, under_way)

    def write_journal(self, session: int, entry: Entry) -> None:
        """Write down what the session is told."""
        self._database.write(
            "INSERT INTO journal (session_id, at, kind, event) VALUES (?, ?, ?, ?)",
            (session, entry.at, entry.kind, entry.as_text()),
        )

    def _hold(self, session: int) -> None:
        if self._alive is not None:
            self._alive.hold(session)

    def claim(self, session: int) -> bool:
        """Let nobody else go on with this session; False where somebody does already."""
        return self._alive is None or self._alive.hold(session)

    def release(self, session: int) -> None:
        """Leave this session to others again."""
        if self._alive is not None:
            self._alive.let_go(session)

    def begin_side(self, session: int, began: StepBegan) -> None:
        """Write down that one side of a step begins."""
        self._database.write(
            "UPDATE under_way SET step = ?, side = ?, planned = ?, worked = 0, began_rung = ?, rung = ?, running = 0 "
            "WHERE session_id = ?",
            (began.step, began.side, began.planned, began.rung, began.rung, session),
        )

    def stand(self, session: int, changed: StateChanged) -> None:
        """Write down how the side under way stands after a change of phase or of a dial."""
        if changed.step is None:
            return
        self._database.write(
            "UPDATE under_way SET side = ?, planned = ?, worked = ?, rung = ?, running = ? WHERE session_id = ?",
            (changed.side, changed.planned, changed.worked, changed.rung, int(changed.phase == "work"), session),
        )

    def keep(self, session: int, snapshot: str, worked: float | None, at: float = 0.0) -> None:
        """Write down that the session is alive, and where it stands.

        Args:
            session: its number.
            snapshot: where it stands, as a JSON object.
            worked: seconds of the dose clock of the side under way; None where there is none.
            at: second of the session.
        """
        now = self._time()
        with self._database.transaction():
            self._database.write("UPDATE sessions SET seen_at = ? WHERE id = ?", (now, session))
            self._database.write(
                "UPDATE under_way SET snapshot = ?, worked = coalesce(?, worked), at = ? WHERE session_id = ?",
                (snapshot, worked, at, session),
            )

    def add_dose(self, session: int, dose: DoseEnded) -> None:
        """Write down one side of a step that has ended now."""
        values = (dose.step, dose.side, dose.planned, dose.worked, dose.rung, int(dose.done))
        with self._database.transaction():
            self._database.write(
                "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done, began_rung) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
                "(SELECT began_rung FROM under_way WHERE session_id = ?1 AND step = ?3))",
                (session, self._time(), *values),
            )
            self._database.write(
                "UPDATE under_way SET step = NULL, side = NULL, planned = 0, worked = 0, running = 0 "
                "WHERE session_id = ?",
                (session,),
            )

    def rate(self, session: int, rated: Rated) -> None:
        """Write down an answer to "how strong is that"."""
        self._database.write(
            "INSERT INTO ratings (session_id, rated_at, step, family, side, rung, rating, asked) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (session, self._time(), rated.step, rated.family, rated.side, rated.rung, rated.rating, rated.asked),
        )

    def note(self, session: int, noted: Noted) -> None:
        """Write down a body word, or a sign on the skin."""
        where = (noted.step, noted.side, noted.family, noted.region)
        self._database.write(
            "INSERT INTO notes (session_id, noted_at, kind, step, side, family, region, locked) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (session, self._time(), noted.kind, *where, int(noted.locked)),
        )

    def answer_next_day(self, session: int, about: int, answered: NextDayAnswered) -> None:
        """Write down, in `session`, how the feet were on the day after session number `about`."""
        self._database.write(
            "INSERT INTO next_days (about, session_id, answered_at, answer) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (about) DO UPDATE SET session_id = excluded.session_id, "
            "answered_at = excluded.answered_at, answer = excluded.answer",
            (about, session, self._time(), answered.answer),
        )

    def end_session(self, session: int, ended: Ended) -> None:
        """Write down that the session is over; one that was only interrupted can still be gone on with."""
        now = self._time()
        with self._database.transaction():
            self._database.write(
                "UPDATE sessions SET ended_at = ?, seen_at = ?, reason = ?, seconds = ?, worked = ? WHERE id = ?",
                (now, now, ended.reason, ended.seconds, ended.worked, session),
            )
            if not (ended.reason == "interrupted" and ended.resumable):
                self._forget(session)

    def forget_unfinished(self, session: int) -> None:
        """Let a session that has come to no end never be gone on with again: it was, or the user does not want to.

        What the side under way may have got at most goes into the doses, so that it counts.
        """
        with self._database.transaction():
            self._database.write(
                "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done, began_rung) "  # noqa: S608 - ours
                f"SELECT session_id, coalesce(seen_at, began_at), step, side, planned, {HAD}, rung, 0, began_rung "
                "FROM under_way JOIN sessions ON id = session_id WHERE session_id = ? AND step IS NOT NULL",
                (session,),
            )
            self._forget(session)

    def _forget(self, session: int) -> None:
        self._database.write("DELETE FROM under_way WHERE session_id = ?", (session,))
        self._database.write("DELETE FROM journal WHERE session_id = ?", (session,))

    def forget_dead(self, *, moved_clock: bool = False) -> None:
        """Let none of the sessions be gone on with that have come to no end, but those that are going on.

        Args:
            moved_clock: look at those that ran faster than time, instead of those that somebody did.
        """
        query = "SELECT session_id FROM under_way JOIN sessions ON id = session_id WHERE moved_clock = ?"
        for (session,) in self._database.read(query, (int(moved_clock),)):
            if not self.goes_on(session):
                self.forget_unfinished(session)

    # --- reading

    def sessions(
        self, most: int | None = 20, *, since: datetime | None = None, routine: str | None = None
    ) -> list[PastSession]:
        """Give sessions, the newest first.

        Args:
            most: how many; None for all.
            since: only those that began at this moment or later.
            routine: only those of this routine, by its id.
        """
        found = self._database.read(
            "SELECT id, routine, began_at, ended_at, reason, seconds, "
            "coalesce(worked, (SELECT total(doses.worked) FROM doses WHERE session_id = sessions.id)), "
            # the indices have the doses and notes of a session in their order
            "(SELECT group_concat(step) FROM doses INDEXED BY doses_by_session "
            "WHERE session_id = sessions.id AND doses.worked > 0), "
            "(SELECT group_concat(kind) FROM notes INDEXED BY notes_by_session WHERE session_id = sessions.id), "
            "moved_clock FROM sessions "
            "WHERE began_at >= ?1 AND (?2 IS NULL OR routine = ?2) ORDER BY id DESC LIMIT ?3",
            ("" if since is None else as_text(since), routine, -1 if most is None else most),
        )
        with self._database.translated():
            return rows.listed(found)

    def session(self, number: int) -> PastRecord | None:
        """Give everything that is known about session `number`; None where there is none."""
        records = self._records("SELECT id FROM sessions WHERE id = ?", (number,))
        return records[0] if records else None

    def past(self, since: datetime) -> list[PastRecord]:
        """Give the sessions that people did, in their order: those since a moment, and in any case the last few."""
        return self._records(
            "SELECT id FROM sessions WHERE NOT moved_clock AND began_at >= ?1 UNION SELECT id FROM "
            "(SELECT id FROM sessions WHERE NOT moved_clock ORDER BY id DESC LIMIT ?2) ORDER BY id",
            (as_text(since), _AT_LEAST),
        )

    def unfinished(
        self, within: timedelta = RESUMABLE_FOR, *, moved_clock: bool = False, version: str = __version__
    ) -> Unfinished | None:
        """Give the latest session, if it has come to no end, does not go on elsewhere, and can be gone on with.

        Args:
            within: how long ago it may have been heard of last.
            moved_clock: look at those that ran faster than time, instead of those that somebody did.
            version: only one that this version of the program ran: its snapshot is understood.
        """
        found = self._database.read(
            "SELECT id, routine, began_at, coalesce(seen_at, began_at), version, wishes, step, side, "
            "under_way.worked, running, snapshot, at, beginning FROM sessions JOIN under_way ON session_id = id "
            "WHERE id = (SELECT max(id) FROM sessions WHERE moved_clock = ?) AND version = ? AND snapshot <> '{}'",
            (int(moved_clock), version),
        )
        try:
            sessions = [rows.unfinished(row, self._journal(row[0])) for row in found]
        except ValueError:  # a snapshot that is not understood: nobody can go on from there
            return None
        recent = (session for session in sessions if self._now() - session.seen_at <= within)
        return next((session for session in recent if not self.goes_on(session.id)), None)

    def _journal(self, session: int) -> list[Entry]:
        query = "SELECT session_id, at, kind, event FROM journal WHERE session_id = ? ORDER BY id"
        found = self._database.read(query, (session,))
        return [rows.entry(tuple(values)) for _, *values in found]

    def goes_on(self, session: int) -> bool:
        """Tell whether this session is going on now, here or in another program."""
        return self._alive is not None and self._alive.is_held(session)

    @property
    def database(self) -> Database:
        """The file itself, for what reads or changes the history as a whole."""
        return self._database

    @property
    def misses_latest(self) -> bool:
        """Tell whether the latest of what was written cannot be read, where only reading is possible."""
        return self._database.misses_latest

    def is_whole(self) -> bool:
        """Look through the whole file for damage."""
        return self._database.is_whole()

    def close(self) -> None:
        if self._alive is not None:
            self._alive.close()
        self._database.close()

    def _records(self, chosen: str, values: tuple[Any, ...]) -> list[PastRecord]:
        """Give the sessions whose ids the query `chosen` gives, in their order."""
        ids = as_array(row[0] for row in self._database.read(chosen, values))
        doses = self._by_session(
            "SELECT session_id, step, side, ended_at, planned, worked, rung, done, began_rung, 0 FROM doses "  # noqa: S608 - ours
            "WHERE session_id IN (SELECT value FROM json_each(?1)) UNION ALL "
            f"SELECT session_id, step, side, coalesce(seen_at, began_at), planned, {HAD}, rung, 0, "
            "began_rung, running FROM under_way JOIN sessions ON id = session_id "
            "WHERE step IS NOT NULL AND session_id IN (SELECT value FROM json_each(?1))",
            ids,
            rows.dose,
        )
        ratings = self._by_session(
            "SELECT session_id, step, family, side, rung, rating, asked, rated_at FROM ratings "
            "WHERE session_id IN (SELECT value FROM json_each(?)) ORDER BY id",
            ids,
            rows.rating,
        )
        notes = self._by_session(
            "SELECT session_id, kind, step, side, family, region, locked, noted_at FROM notes "
            "WHERE session_id IN (SELECT value FROM json_each(?)) ORDER BY id",
            ids,
            rows.note,
        )
        answers = self._by_session(
            "SELECT session_id, about, answer FROM next_days WHERE session_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY answered_at",
            ids,
            rows.next_day,
        )
        found = self._database.read(
            "SELECT id, routine, began_at, ended_at, seen_at, reason, seconds, moved_clock, rungs, dose_factor "
            "FROM sessions WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (ids,),
        )
        with self._database.translated():
            return [
                rows.record(
                    row,
                    doses.get(row[0], ()),
                    ratings.get(row[0], ()),
                    notes.get(row[0], ()),
                    answers.get(row[0], ()),
                )
                for row in found
            ]

    def _by_session(self, query: str, ids: str, make: Callable[[Row], _T]) -> dict[int, list[_T]]:
        """Give what `make` makes of the rows of a query, by the session that each row begins with."""
        made: dict[int, list[_T]] = {}
        found = self._database.read(query, (ids,))
        with self._database.translated():
            for row in found:
                made.setdefault(row[0], []).append(make(row[1:]))
        return made

    def _time(self) -> str:
        """Give the time of day; where that is set back, it stands still until it has caught up."""
        self._latest = max(self._latest, self._now())
        return as_text(self._latest)


def lock_file(path: Path) -> Path:
    """Give the file with the locks of the sessions in the history at `path`."""
    return path.with_suffix(".lock")
