"""The history as a file for other programs, and back: JSON, or CSV for spreadsheets; both hold the same.

A session is known by its beginning, its routine and its clock; what is known already is left alone, so the same file
can be imported twice. Everything in a file is imported, or nothing: it is checked as a whole before the first row is
written, and written in one transaction. Where a session stood when it was cut off is not exported: what it may have
had at most is a dose of it, and nobody goes on with it elsewhere.

Sessions are numbered in the order in which they were done, and the rules for the next session go by that order. So
sessions that are older than what is there are put in between, and later ones get higher numbers.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from voice_coach.errors import BusyHistoryError, HistoryFileError
from voice_coach.history.lines import line_in_json, line_of_byte
from voice_coach.history.rows import as_moment, as_text
from voice_coach.session.actions import NotedKind  # noqa: TC001 - msgspec reads it

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from voice_coach.history.database import Database

Format = Literal["csv", "json"]
FORMATS: tuple[Format, ...] = ("csv", "json")

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
_Rung = Annotated[int, msgspec.Meta(ge=0, le=100)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Side = Literal["left", "right", "both", "one"]
_TOO_FAR = timedelta(days=2)
"""A session cannot have begun so much later than now: it would count as today's until then."""
_JUST = timedelta(seconds=2)
_NOTHING_DONE = "Nothing was imported."
_TABLES = ("doses", "ratings", "notes", "under_way", "journal")


class _Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in a file is all that may be in it."""


class DoseRow(_Plain, frozen=True):
    """One side of a step."""

    ended_at: _Moment
    step: _Name
    side: _Side
    planned: _Seconds
    worked: _Seconds
    rung: _Rung
    done: bool
    began_rung: _Rung | None = None


class RatingRow(_Plain, frozen=True):
    """How strong it was."""

    rated_at: _Moment
    step: _Name
    family: _Name
    side: _Side
    rung: _Rung
    rating: Annotated[int, msgspec.Meta(ge=0, le=10)]
    asked: Literal["halfway", "after harder", "again", "end", "pain"]


class NoteRow(_Plain, frozen=True):
    """A body word, or a sign on the skin."""

    noted_at: _Moment
    kind: NotedKind
    locked: bool
    step: _Name | None = None
    side: _Side | None = None
    family: _Name | None = None
    region: _Name | None = None


class NextDayRow(_Plain, frozen=True):
    """How the feet were on the day after session number `about`."""

    answered_at: _Moment
    about: _Number
    answer: Literal["worse", "same", "better"]


class SessionRow(_Plain, frozen=True):
    """A session, with everything in it."""

    number: _Number
    routine: _Name
    began_at: _Moment
    ended_at: _Moment | None = None
    seen_at: _Moment | None = None
    reason: Literal["finished", "finished_early", "interrupted", "body", "limit"] | None = None
    seconds: _Seconds | None = None
    worked: _Seconds | None = None
    moved_clock: bool = False
    version: _Name = ""
    wishes: dict[str, Any] = {}
    rungs: dict[str, Annotated[int, msgspec.Meta(ge=-100, le=100)]] = {}
    dose_factor: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    doses: tuple[DoseRow, ...] = ()
    ratings: tuple[RatingRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    next_days: tuple[NextDayRow, ...] = ()

    @property
    def identity(self) -> tuple[str, str, bool]:
        """What a session is known by."""
        return as_text(self.began_at), self.routine, self.moved_clock


class Document(_Plain, frozen=True):
    """A whole file."""

    format: Literal["voice-coach history"] = "voice-coach history"
    version: Literal[1] = 1
    sessions: tuple[SessionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has done.

    Attributes:
        added: sessions.
        known: sessions that were there already.
        renumbered: earlier sessions that have got another number.
    """

    added: int
    known: int
    renumbered: int


# --- out


def read_document(database: Database) -> Document:
    """Read the whole history.

    Raises:
        HistoryError: the history cannot be read.
    """
    with database.at_one_moment():
        doses = _children(
            database,
            "SELECT session_id, ended_at, step, side, planned, worked, rung, done, began_rung FROM "
            "(SELECT id, session_id, ended_at, step, side, planned, worked, rung, done, began_rung FROM doses "
            "UNION ALL SELECT 9e15, session_id, coalesce(seen_at, began_at), step, side, planned, "
            "iif(running, max(under_way.worked, planned), under_way.worked), rung, 0, began_rung "
            "FROM under_way JOIN sessions ON sessions.id = session_id WHERE step IS NOT NULL) ORDER BY id",
            DoseRow,
        )
        ratings = _children(
            database,
            "SELECT session_id, rated_at, step, family, side, rung, rating, asked FROM ratings ORDER BY id",
            RatingRow,
        )
        notes = _children(
            database,
            "SELECT session_id, noted_at, kind, locked, step, side, family, region FROM notes ORDER BY id",
            NoteRow,
        )
        next_days = _children(
            database, "SELECT session_id, answered_at, about, answer FROM next_days ORDER BY answered_at", NextDayRow
        )
        sessions = database.read(
            "SELECT id, routine, began_at, ended_at, seen_at, reason, seconds, worked, moved_clock, version, wishes, "
            "rungs, dose_factor FROM sessions ORDER BY id"
        )
    with database.translated():
        return Document(
            sessions=tuple(
                _session(
                    row,
                    doses=doses.get(row[0], ()),
                    ratings=ratings.get(row[0], ()),
                    notes=notes.get(row[0], ()),
                    next_days=next_days.get(row[0], ()),
                )
                for row in sessions
            )
        )


def as_json(document: Document) -> str:
    """Give a history as JSON, a session a line."""
    sessions = ",\n".join(msgspec.json.encode(session).decode() for session in document.sessions)
    head = f'{{"format": {json.dumps(document.format)}, "version": {document.version}, "sessions": ['
    return f"{head}\n{sessions}\n]}}\n" if sessions else f"{head}]}}\n"


def as_csv(document: Document) -> str:
    """Give a history as one table: a row for each session, and one for each thing in it, told apart by `record`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for session in document.sessions:
        writer.writerow(_cells("session", session.number, session))
        for record, (field, _) in _PARTS.items():
            writer.writerows(_cells(record, session.number, row) for row in getattr(session, field))
    return text.getvalue()


# --- in


def as_document(text: str, kind: Format, name: str, now: datetime) -> Document:
    """Read and check an exported history.

    Args:
        text: the content of the file.
        kind: what it is written in.
        name: of the file, for errors.
        now: the time of day; no session is later.

    Raises:
        HistoryFileError: it has a mistake; the first one is named, with its line and field.
    """
    if kind == "csv":
        document, lines = _from_csv(text, name)
        _check_sense(document, name, now, lines.__getitem__)
    else:
        document = _from_json(text, name)
        _check_sense(document, name, now, lambda index: line_in_json(text, f"$.sessions[{index}]"))
    return document


def _from_json(text: str, name: str) -> Document:
    try:
        return msgspec.json.decode(text, type=Document)
    except msgspec.ValidationError as error:
        what, path = _parted(error)
        raise _mistake(name, line_in_json(text, path), path.removeprefix("$").lstrip("."), what) from error
    except msgspec.DecodeError as error:
        raise _mistake(name, line_of_byte(text, str(error)), "", str(error)) from error


def _from_csv(text: str, name: str) -> tuple[Document, list[int]]:
    """Give a history, and the line of each session."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    sessions: dict[str, dict[str, Any]] = {}
    lines: list[int] = []
    rows: list[tuple[str, str, msgspec.Struct, int]] = []
    try:
        _check_head(reader.fieldnames or (), name)
        for cells in reader:
            line = reader.line_num
            row = _row(cells, name, line)
            if isinstance(row, SessionRow):
                if cells["session"] in sessions:
                    raise _mistake(name, line, "session", f"There are two sessions number {row.number}")
                lines.append(line)
                sessions[cells["session"]] = {"row": row, "doses": [], "ratings": [], "notes": [], "next_days": []}
            else:
                rows.append((cells["session"], _PARTS[cells["record"]][0], row, line))
    except csv.Error as error:
        raise _mistake(name, reader.line_num + 1, "", str(error)) from error
    for number, field, row, line in rows:
        if number not in sessions:
            raise _mistake(name, line, "session", f"There is no session number {number!r} in this file")
        sessions[number][field].append(row)
    made = (
        msgspec.structs.replace(parts.pop("row"), **{field: tuple(found) for field, found in parts.items()})
        for parts in sessions.values()
    )
    return Document(sessions=tuple(made)), lines


def _check_sense(document: Document, name: str, now: datetime, line_of: Callable[[int], int]) -> None:
    """Check what no field tells for itself; `line_of` gives the line of the session with an index."""
    numbers = Counter(session.number for session in document.sessions)
    answered: set[int] = set()
    for index, session in enumerate(document.sessions):
        field, what = _nonsense(session, numbers, answered, now)
        if what:
            raise _mistake(name, line_of(index), field, what)
        answered.update(row.about for row in session.next_days)


def import_document(database: Database, document: Document, goes_on: Callable[[int], bool], now: datetime) -> Imported:
    """Add the sessions that are not known yet, in one transaction.

    Args:
        database: the history.
        document: what to add.
        goes_on: tells whether a session is going on now.
        now: the time of day.

    Raises:
        BusyHistoryError: a session that would get another number is going on.
        HistoryError: the history cannot be written; it is as it was.
    """
    with database.transaction():
        there = [
            (number, (began_at, routine, bool(moved)))
            for number, began_at, routine, moved in database.read(
                "SELECT id, began_at, routine, moved_clock FROM sessions ORDER BY id"
            )
        ]
        new, known = _told_apart(document.sessions, there)
        places, moved = _places(there, new)
        _check_nobody_writes(database, moved, goes_on, now)
        _renumber(database, moved)
        final = places | {number: moved.get(old, old) for number, old in known.items()}
        for session in new:
            _insert(database, places[session.number], session)
        _insert_answers(database, document.sessions, final, places.keys())
    return Imported(len(new), len(known), len(moved))


# --- which session is which


def _told_apart(
    sessions: Sequence[SessionRow], there: Sequence[tuple[int, tuple[str, str, bool]]]
) -> tuple[list[SessionRow], dict[int, int]]:
    """Give the sessions that are new, by their beginning, and number in the file -> number here of the others."""
    unused: dict[tuple[str, str, bool], list[int]] = {}
    for number, identity in there:
        unused.setdefault(identity, []).append(number)
    known: dict[int, int] = {}
    new = []
    for session in sessions:
        numbers = unused.get(session.identity)
        if numbers:
            known[session.number] = numbers.pop(0)
        else:
            new.append(session)
    return sorted(new, key=lambda session: (session.began_at, session.number)), known


def _places(
    there: Sequence[tuple[int, tuple[str, str, bool]]], new: Sequence[SessionRow]
) -> tuple[dict[int, int], dict[int, int]]:
    """Find numbers for the new sessions; what is there keeps its order, and its numbers where that can be.

    Returns:
        Number in the file -> number here, of the new ones; and old number -> new number, of those that have to move.
    """
    waiting = list(reversed(new))
    places: dict[int, int] = {}
    moved: dict[int, int] = {}
    last = 0
    for number, (began_at, _, _) in there:
        while waiting and as_text(waiting[-1].began_at) < began_at:
            last += 1
            places[waiting.pop().number] = last
        last = max(number, last + 1)
        if last != number:
            moved[number] = last
    while waiting:
        session = waiting.pop()
        # into an empty history sessions come with their own numbers
        last = max(session.number, last + 1) if not there else last + 1
        places[session.number] = last
    return places, moved


def _check_nobody_writes(
    database: Database, moved: Mapping[int, int], goes_on: Callable[[int], bool], now: datetime
) -> None:
    """Leave a session its number while its coach writes into it.

    One that has just begun is not known to go on for a moment; it was heard of just now, though.
    """
    if not moved:
        return
    query = "SELECT id, seen_at >= ? FROM sessions JOIN under_way ON session_id = id"
    rows = database.read(query, (as_text(now - _JUST),))
    if any(number in moved and (just or goes_on(number)) for number, just in rows):
        raise BusyHistoryError(
            "A session is going on, and older ones would change its number.",
            _NOTHING_DONE,
            "end the session, then import again",
        )


def _renumber(database: Database, moved: Mapping[int, int]) -> None:
    """Give sessions other numbers, all higher, beginning with the highest, so that none is taken."""
    if not moved:
        return
    database.write("PRAGMA defer_foreign_keys = ON", ())
    for old, new in sorted(moved.items(), reverse=True):
        database.write("UPDATE sessions SET id = ? WHERE id = ?", (new, old))
        for table in _TABLES:
            database.write(f"UPDATE {table} SET session_id = ? WHERE session_id = ?", (new, old))  # noqa: S608 - ours
        database.write("UPDATE next_days SET session_id = ? WHERE session_id = ?", (new, old))
        database.write("UPDATE next_days SET about = ? WHERE about = ?", (new, old))


# --- writing


def _insert(database: Database, number: int, session: SessionRow) -> None:
    database.write(
        "INSERT INTO sessions (id, routine, began_at, ended_at, seen_at, reason, seconds, worked, moved_clock, "
        "version, wishes, rungs, dose_factor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            session.routine,
            as_text(session.began_at),
            _maybe(session.ended_at),
            _maybe(session.seen_at),
            session.reason,
            session.seconds,
            session.worked,
            int(session.moved_clock),
            session.version,
            json.dumps(session.wishes),
            json.dumps(session.rungs),
            session.dose_factor,
        ),
    )
    for dose in session.doses:
        database.write(
            "INSERT INTO doses (session_id, ended_at, step, side, planned, worked, rung, done, began_rung) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *_values(dose)),
        )
    for rating in session.ratings:
        database.write(
            "INSERT INTO ratings (session_id, rated_at, step, family, side, rung, rating, asked) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *_values(rating)),
        )
    for note in session.notes:
        database.write(
            "INSERT INTO notes (session_id, noted_at, kind, locked, step, side, family, region) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *_values(note)),
        )


def _insert_answers(
    database: Database, sessions: Iterable[SessionRow], final: Mapping[int, int], new: Container[int]
) -> None:
    """Write down the next-day answers in new sessions, and those about them; a session that has one keeps it."""
    for session in sessions:
        for row in session.next_days:
            if session.number in new or row.about in new:
                database.write(
                    "INSERT OR IGNORE INTO next_days (session_id, about, answered_at, answer) VALUES (?, ?, ?, ?)",
                    (final[session.number], final[row.about], as_text(row.answered_at), row.answer),
                )


def _values(row: msgspec.Struct) -> tuple[Any, ...]:
    """Give the values of a row as SQLite takes them, in the order of its fields."""
    values = (getattr(row, field) for field in row.__struct_fields__)
    return tuple(
        as_text(value) if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value
        for value in values
    )


def _maybe(moment: datetime | None) -> str | None:
    return None if moment is None else as_text(moment)


# --- reading


def _children(database: Database, query: str, kind: type[Any]) -> dict[int, tuple[Any, ...]]:
    """Give what belongs to each session, as rows of a kind."""
    found: dict[int, list[Any]] = {}
    fields = kind.__struct_fields__
    rows = database.read(query)
    with database.translated():
        for session, *values in rows:
            found.setdefault(session, []).append(_made(dict(zip(fields, values, strict=True)), kind))
    return {session: tuple(children) for session, children in found.items()}


def _session(row: tuple[Any, ...], **parts: tuple[Any, ...]) -> SessionRow:
    *values, wishes, rungs, dose_factor = row
    fields = dict(zip(SessionRow.__struct_fields__, values, strict=False))
    plan = {"wishes": json.loads(wishes), "rungs": json.loads(rungs), "dose_factor": dose_factor}
    session: SessionRow = _made({**fields, **plan, **parts}, SessionRow)
    return session


def _made(fields: dict[str, Any], kind: type[Any]) -> Any:
    """Make a row of what SQLite gives: 0 and 1 for no and yes, text for times."""
    for name, value in fields.items():
        if name in _FLAG_FIELDS:
            fields[name] = bool(value)
        elif name.endswith("_at") and value is not None:
            fields[name] = as_moment(value)
    return kind(**fields)


# --- a table in CSV

_PARTS: dict[str, tuple[str, type[Any]]] = {
    "dose": ("doses", DoseRow),
    "rating": ("ratings", RatingRow),
    "note": ("notes", NoteRow),
    "next day": ("next_days", NextDayRow),
}
"""Kind of row -> field of a session, and what it holds."""
_LISTS = frozenset(field for field, _ in _PARTS.values())
_SESSION_FIELDS = tuple(field for field in SessionRow.__struct_fields__ if field not in _LISTS and field != "number")
_COLUMNS = (
    "record",
    "session",
    *dict.fromkeys(chain(_SESSION_FIELDS, *(kind.__struct_fields__ for _, kind in _PARTS.values()))),
)
_FLAG_FIELDS = frozenset({"done", "locked", "moved_clock"})
_JSON_FIELDS = frozenset({"wishes", "rungs"})


def _fields_of(record: str) -> tuple[str, ...]:
    return _SESSION_FIELDS if record == "session" else _PARTS[record][1].__struct_fields__


def _cells(record: str, number: int, row: msgspec.Struct) -> dict[str, str]:
    cells = {field: _cell(getattr(row, field)) for field in _fields_of(record)}
    return {"record": record, "session": str(number), **cells}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, datetime):
        return str(msgspec.to_builtins(value))
    return str(value)


def _check_head(names: Sequence[str], name: str) -> None:
    missing = [column for column in _COLUMNS if column not in names]
    unknown = [column for column in names if column not in _COLUMNS]
    if missing or unknown or len(set(names)) != len(names):
        wrong = [f"the column {column!r} is missing" for column in missing[:1]]
        wrong += [f"nothing is known of a column {column!r}" for column in unknown[:1]]
        raise _mistake(name, 1, "", (wrong or ["a column is there twice"])[0].capitalize())


def _row(cells: Mapping[str | None, Any], name: str, line: int) -> Any:
    """Make a row of its cells: empty ones are nothing, and those of other kinds of rows must be empty."""
    record = cells["record"]
    if None in cells or None in cells.values():
        raise _mistake(name, line, "", f"A row has {len(_COLUMNS)} cells")
    if record != "session" and record not in _PARTS:
        raise _mistake(name, line, "record", f"{record!r} is none of session, {', '.join(_PARTS)}")
    fields = _fields_of(record)
    for column in _COLUMNS[2:]:
        if cells[column] and column not in fields:
            raise _mistake(name, line, column, f"A {record} has no {column}")
    values = {field: _value(field, cells[field], name, line) for field in fields if cells[field]}
    if record == "session":
        values["number"] = cells["session"]
    kind = SessionRow if record == "session" else _PARTS[record][1]
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        what, path = _parted(error)
        field = path.removeprefix("$").lstrip(".")
        raise _mistake(name, line, "session" if field == "number" else field, what) from error


def _value(field: str, cell: str, name: str, line: int) -> Any:
    if field not in _JSON_FIELDS:
        return cell
    try:
        return json.loads(cell)
    except ValueError as error:
        raise _mistake(name, line, field, f"This is no JSON: {error}") from error


# --- mistakes


def _nonsense(session: SessionRow, numbers: Counter[int], answered: set[int], now: datetime) -> tuple[str, str]:
    """Give the field of the first thing in a session that makes no sense, and what it is."""
    if numbers[session.number] > 1:
        return "number", f"There are two sessions number {session.number}"
    for field, moment in _moments(session):
        if moment - now > _TOO_FAR:
            return field, f"{moment.isoformat()} has not come yet"
    if session.ended_at is not None and session.ended_at < session.began_at:
        return "ended_at", "The session ends before it begins"
    abouts = [row.about for row in session.next_days]
    for about in abouts:
        if about not in numbers:
            return "about", f"There is no session number {about} in this file"
        if about in answered or abouts.count(about) > 1:
            return "about", f"Session number {about} has two answers about the next day"
    return "", ""


def _moments(session: SessionRow) -> Iterator[tuple[str, datetime]]:
    for row in _all_rows(session):
        for field in row.__struct_fields__:
            value = getattr(row, field)
            if isinstance(value, datetime):
                yield field, value


def _all_rows(session: SessionRow) -> Iterable[msgspec.Struct]:
    return chain((session,), session.doses, session.ratings, session.notes, session.next_days)


def _parted(error: msgspec.ValidationError) -> tuple[str, str]:
    """Part what is wrong from where."""
    what, _, where = str(error).rpartition(" - at `")
    return (what, where.rstrip("`")) if what else (str(error), "$")


def _mistake(name: str, line: int | None, field: str, what: str) -> HistoryFileError:
    place = name if line is None else f"{name}, line {line}"
    where = f"{place}, {field}" if field else place
    return HistoryFileError(f"{where}: {what.rstrip('.')}.", _NOTHING_DONE, "voice-coach history export history.json")
