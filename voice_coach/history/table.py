"""A history as one table, for spreadsheets: a row for each session, and one for each thing in it."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from voice_coach.history.document import Document, DoseRow, NextDayRow, NoteRow, RatingRow, Rungs, SessionRow, Wishes
from voice_coach.history.file_mistakes import mistake, parted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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


def from_csv(text: str, name: str) -> tuple[Document, list[int]]:
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
                    raise mistake(name, line, "session", f"There are two sessions number {row.number}")
                lines.append(line)
                sessions[cells["session"]] = {"row": row, "doses": [], "ratings": [], "notes": [], "next_days": []}
            else:
                rows.append((cells["session"], _PARTS[cells["record"]][0], row, line))
    except csv.Error as error:
        raise mistake(name, reader.line_num + 1, "", str(error)) from error
    for number, field, row, line in rows:
        if number not in sessions:
            raise mistake(name, line, "session", f"There is no session number {number!r} in this file")
        sessions[number][field].append(row)
    made = (
        msgspec.structs.replace(parts.pop("row"), **{field: tuple(found) for field, found in parts.items()})
        for parts in sessions.values()
    )
    return Document(sessions=tuple(made)), lines


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
_JSON_FIELDS: dict[str, Any] = {"wishes": Wishes, "rungs": Rungs}


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
        raise mistake(name, 1, "", (wrong or ["a column is there twice"])[0].capitalize())


def _row(cells: Mapping[str | None, Any], name: str, line: int) -> Any:
    """Make a row of its cells: empty ones are nothing, and those of other kinds of rows must be empty."""
    record = cells["record"]
    if None in cells or None in cells.values():
        raise mistake(name, line, "", f"A row has {len(_COLUMNS)} cells")
    if record != "session" and record not in _PARTS:
        raise mistake(name, line, "record", f"{record!r} is none of session, {', '.join(_PARTS)}")
    fields = _fields_of(record)
    for column in _COLUMNS[2:]:
        if cells[column] and column not in fields:
            raise mistake(name, line, column, f"A {record} has no {column}")
    values = {field: _value(field, cells[field], name, line) for field in fields if cells[field]}
    if record == "session":
        values["number"] = cells["session"]
    kind = SessionRow if record == "session" else _PARTS[record][1]
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        what, path = parted(error)
        field = path.removeprefix("$").lstrip(".")
        raise mistake(name, line, "session" if field == "number" else field, what) from error


def _value(field: str, cell: str, name: str, line: int) -> Any:
    if field not in _JSON_FIELDS:
        return cell
    try:
        return msgspec.json.decode(cell, type=_JSON_FIELDS[field])
    except msgspec.ValidationError as error:
        what, path = parted(error)
        raise mistake(name, line, f"{field}{path.removeprefix('$')}", what) from error
    except msgspec.DecodeError as error:
        raise mistake(name, line, field, f"This is no JSON: {error}") from error
