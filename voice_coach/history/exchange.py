"""The history as a file for other programs, and back: JSON, or CSV for spreadsheets; both hold the same.

A session is known by its beginning, its routine and its clock; what is known already is left alone, so the same file
can be imported twice. Everything in a file is imported, or nothing: it is checked as a whole before the first row is
written.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from voice_coach.history.document import Document, SessionRow
from voice_coach.history.file_mistakes import mistake, parted
from voice_coach.history.lines import line_in_json, line_of_byte
from voice_coach.history.table import from_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")
Format = Literal["csv", "json"]
_TOO_FAR = timedelta(days=2)
"""A session cannot have begun so much later than now: it would count as today's until then."""

_TOO_EARLY = datetime(1970, 1, 1, tzinfo=UTC)
"""Nobody had this program, and not every calendar and clock of a system can tell of a moment before it."""


_BIDI_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Kinds of characters that let a terminal show others in another order."""


def as_json(document: Document) -> str:
    """Give a history as JSON, a session a line."""
    sessions = ",\n".join(msgspec.json.encode(session).decode() for session in document.sessions)
    head = f'{{"format": {json.dumps(document.format)}, "version": {document.version}, "sessions": ['
    return f"{head}\n{sessions}\n]}}\n" if sessions else f"{head}]}}\n"


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
        document, lines = from_csv(text, name)
        _check_sense(document, name, now, lines.__getitem__)
    else:
        document = _from_json(text, name)
        _check_sense(document, name, now, lambda index: line_in_json(text, f"$.sessions[{index}]"))
    return document


def _from_json(text: str, name: str) -> Document:
    try:
        return msgspec.json.decode(text, type=Document)
    except msgspec.ValidationError as error:
        what, path = parted(error)
        raise mistake(name, line_in_json(text, path), path.removeprefix("$").lstrip("."), what) from error
    except msgspec.DecodeError as error:
        raise mistake(name, line_of_byte(text, str(error)), "", str(error)) from error


def _check_sense(document: Document, name: str, now: datetime, line_of: Callable[[int], int]) -> None:
    """Check what no field tells for itself; `line_of` gives the line of the session with an index."""
    numbers = Counter(session.number for session in document.sessions)
    answered: set[int] = set()
    for index, session in enumerate(document.sessions):
        for field, what in _nonsense(session, numbers, answered, now):
            raise mistake(name, line_of(index), field, what)
        answered.update(row.about for row in session.next_days)


def _nonsense(
    session: SessionRow, numbers: Counter[int], answered: set[int], now: datetime
) -> Iterator[tuple[str, str]]:
    """Give the field of each thing in a session that makes no sense, and what it is."""
    if numbers[session.number] > 1:
        yield "number", f"There are two sessions number {session.number}"
    for field, moment in _values(session, datetime):
        if moment < _TOO_EARLY or moment - now > _TOO_FAR:
            wrong = "is before 1970" if moment < now else "has not come yet"
            yield field, f"{moment.isoformat()} {wrong}"
    for field, text in chain(_values(session, str), _planned_from(session)):
        if any(_steers_a_terminal(sign) for sign in text):
            yield field, f"{text!a} holds what cannot be printed"
    if session.ended_at is not None and session.ended_at < session.began_at:
        yield "ended_at", "The session ends before it begins"
    abouts = [row.about for row in session.next_days]
    for about in abouts:
        if about not in numbers:
            yield "about", f"There is no session number {about} in this file"
        if about in answered or abouts.count(about) > 1:
            yield "about", f"Session number {about} has two answers about the next day"


def _steers_a_terminal(sign: str) -> bool:
    if sign == "\t":
        return False
    return unicodedata.category(sign) in ("Cc", "Cs") or unicodedata.bidirectional(sign) in _BIDI_CONTROLS


def _values(session: SessionRow, kind: type[_T]) -> Iterator[tuple[str, _T]]:
    """Give the values of one kind in a session, each with its field."""
    for row in _all_rows(session):
        for field in row.__struct_fields__:
            value = getattr(row, field)
            if isinstance(value, kind):
                yield field, value


def _planned_from(session: SessionRow) -> Iterator[tuple[str, str]]:
    """Give the texts in what a session was planned from; words as they are read, whatever stands between them.

    Earlier versions wrote names of tools down just as they were typed.
    """
    yield from (("rungs", family) for family in session.rungs)
    for name, value in session.wishes.items():
        words = value if isinstance(value, list) else [value]
        yield from (("wishes", " ".join(text.split())) for text in words if isinstance(text, str))
        yield "wishes", name


def _all_rows(session: SessionRow) -> Iterable[msgspec.Struct]:
    return chain((session,), session.doses, session.ratings, session.notes, session.next_days)
