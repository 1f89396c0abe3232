"""The history as a file: out, back in, all or nothing; and deleted for good."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.weeks import NOW, make_weeks
from voice_coach.errors import BusyHistoryError, HistoryError, HistoryFileError
from voice_coach.history.document import Document
from voice_coach.history.erasing import erase, existing, sessions_before
from voice_coach.history.exchange import Format, as_document, as_json
from voice_coach.history.exporting import read_document
from voice_coach.history.importing import Imported, import_document
from voice_coach.history.lines import line_in_json
from voice_coach.history.rescue import damaged_ones
from voice_coach.history.store import History
from voice_coach.history.table import as_csv
from voice_coach.session.actions import DoseEnded, Ended, NextDayAnswered, Noted, StepBegan

if TYPE_CHECKING:
    from pathlib import Path

BOTH = pytest.mark.parametrize("kind", ["csv", "json"])
SECRET = "qrstuvw_secret_step"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Document:
    path = tmp_path_factory.mktemp("history") / "history.db"
    make_weeks(path)
    return exported(path)


def exported(path: Path) -> Document:
    with closing(History(path)) as history:
        return read_document(history.database)


def imported(path: Path, document: Document) -> Imported:
    with closing(History(path)) as history:
        return import_document(history.database, document, history.goes_on, NOW)


def text_of(document: Document, kind: Format) -> str:
    return as_csv(document) if kind == "csv" else as_json(document)


def short(path: Path, *days: int, routine: str = "desk") -> None:
    """Write short sessions that began so many days before NOW, in this order."""
    for day in days:
        with closing(History(path, lambda day=day: NOW - timedelta(days=day))) as history:  # type: ignore[misc]
            number = history.begin_session(routine)
            history.add_dose(number, DoseEnded("ball_roll", "left", 40.0, 40.0, 1, done=True))
            history.end_session(number, Ended("finished", 60.0, 40.0, 1))


def beginnings(path: Path) -> list[tuple[int, int]]:
    """Give number and days before NOW of each session."""
    return [(session.number, (NOW - session.began_at).days) for session in exported(path).sessions]


def mistake(text: str, kind: Format, now: datetime = NOW) -> str:
    with pytest.raises(HistoryFileError) as error:
        as_document(text, kind, "file", now)
    assert error.value.meaning == "Nothing was imported."
    return error.value.what


# --- out and in


@BOTH
def test_what_is_exported_comes_back_to_the_letter(whole: Document, kind: Format, tmp_path: Path) -> None:
    document = as_document(text_of(whole, kind), kind, "file", NOW)
    assert document == whole
    assert imported(tmp_path / "history.db", document) == Imported(12, 0, 0)
    assert exported(tmp_path / "history.db") == whole


@BOTH
def test_an_empty_history_can_be_exported_and_imported(kind: Format, tmp_path: Path) -> None:
    document = as_document(text_of(Document(), kind), kind, "file", NOW)
    assert imported(tmp_path / "history.db", document) == Imported(0, 0, 0)


def test_a_session_a_line_in_json(whole: Document) -> None:
    lines = as_json(whole).splitlines()
    assert lines[0] == '{"format": "voice-coach history", "version": 1, "sessions": ['
    assert [json.loads(line.rstrip(","))["number"] for line in lines[1:-1]] == list(range(1, 13))


def test_the_same_file_twice_adds_nothing(whole: Document, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    imported(path, whole)
    assert imported(path, whole) == Imported(0, 12, 0)
    assert exported(path) == whole


def test_what_was_deleted_comes_back_with_the_answers_about_it(whole: Document, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    imported(path, whole)
    with closing(History(path)) as history:
        erase(history.database, [1, 2, 7])
    assert imported(path, whole) == Imported(3, 9, 0)
    assert exported(path) == whole


def test_older_sessions_go_in_between_and_the_order_is_that_of_the_days(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    short(old, 9, 5, 3)
    short(new, 7, 4, 1)
    assert imported(new, exported(old)) == Imported(3, 0, 3)
    assert beginnings(new) == [(1, 9), (2, 7), (3, 5), (4, 4), (5, 3), (6, 1)]


def test_everything_of_a_session_moves_with_its_number(whole: Document, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    imported(path, whole)
    short(tmp_path / "old.db", 100, 50)
    assert imported(path, exported(tmp_path / "old.db")) == Imported(2, 0, 12)
    moved = {session.identity: session for session in exported(path).sessions}
    shift = {1: 2} | {number: number + 2 for number in range(2, 13)}
    for before in whole.sessions:
        after = moved[before.identity]
        assert after.number == shift[before.number]
        assert (after.doses, after.ratings, after.notes) == (before.doses, before.ratings, before.notes)
        assert [row.about for row in after.next_days] == [shift[row.about] for row in before.next_days]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_newer_sessions_change_no_number(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    short(old, 9, 5)
    short(new, 4, 1)
    assert imported(old, exported(new)) == Imported(2, 0, 0)
    assert beginnings(old) == [(1, 9), (2, 5), (3, 4), (4, 1)]


@given(
    st.lists(st.integers(1, 60), max_size=6, unique=True).map(lambda days: sorted(days, reverse=True)),
    st.lists(st.integers(1, 60), max_size=6, unique=True).map(lambda days: sorted(days, reverse=True)),
)
@settings(max_examples=10, deadline=None)
def test_any_two_histories_become_one_in_order(
    tmp_path_factory: pytest.TempPathFactory, one: list[int], other: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("two")
    short(folder / "one.db", *one)
    short(folder / "other.db", *other)
    document = exported(folder / "other.db")
    imported(folder / "one.db", document)
    found = beginnings(folder / "one.db")
    assert [day for _, day in found] == sorted({*one, *other}, reverse=True)
    assert imported(folder / "one.db", document).added == 0


def test_the_side_that_a_kill_has_cut_off_is_exported_with_what_it_may_have_had_since_the_last_sign_of_life(
    tmp_path: Path,
) -> None:
    path = tmp_path / "history.db"
    with closing(History(path, lambda: NOW)) as history:
        number = history.begin_session("quick_3")
        history.begin_side(number, StepBegan("ball_roll", "Ball roll", "left", number=1, of=2, rung=1, planned=40.0))
        with sqlite3.connect(path) as database:
            database.execute("UPDATE under_way SET running = 1, worked = 12")
        database.close()
    (session,) = exported(path).sessions
    assert [(dose.worked, dose.done) for dose in session.doses] == [(17.0, False)]


# --- mistakes


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"rating":7', '"rating":11', "file, line 7, sessions[5].ratings[0].rating: Expected `int` <= 10."),
        ('"rating":7', '"rating":"7"', "file, line 7, sessions[5].ratings[0].rating: Expected `int`, got `str`."),
        ('"kind":"callus"', '"kind":"wart"', "file, line 6, sessions[4].notes[0].kind: Invalid enum value 'wart'."),
        (
            '"began_at":"2026-05-04T18',
            '"begun_at":"2026-05-04T18',
            "file, line 2, sessions[0]: Object contains unknown",
        ),
        (
            '"began_at":"2026-05-04T18',
            '"began_at":"2026-05-44T18',
            "file, line 2, sessions[0].began_at: Invalid RFC3339",
        ),
        (
            '"began_at":"2026-05-04T18',
            '"began_at":"2027-05-04T18',
            "file, line 2, began_at: 2027-05-04T18:00:00+00:00 has",
        ),
        ('"number":3,', '"number":2,', "file, line 3, number: There are two sessions number 2."),
        ('"about":1,', '"about":99,', "file, line 3, about: There is no session number 99 in this file."),
        ('"about":2,', '"about":1,', "file, line 4, about: Session number 1 has two answers about the next day."),
        ('"version": 1', '"version": 2', "file, line 1, version: "),
        ('"seconds":400.0,', '"seconds":-1,', "file, line 2, sessions[0].seconds: Expected `float` >= 0.0."),
        ('"seconds":400.0,', '"seconds":NaN,', "file, line 2: JSON is malformed"),
        ('"doses":[', '"doses":[[', "file, line 2"),
        ("\n]}\n", "\n", "file, line 13: "),
    ],
)
def test_a_mistake_in_json_is_told_with_line_and_field(whole: Document, old: str, new: str, what: str) -> None:
    text = as_json(whole)
    assert old in text
    assert mistake(text.replace(old, new, 1), "json").startswith(what)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("\r\nrating,1,", "\r\nrating,77,", "file, line 9, session: There is no session number '77' in this file."),
        (
            "\r\nrating,1,",
            "\r\nrated,1,",
            "file, line 9, record: 'rated' is none of session, dose, rating, note, next day.",
        ),
        (",halfway,", ",half way,", "file, line 9, asked: Invalid enum value 'half way'."),
        (",heel_raises,both,40.0,", ",heel_raises,both,forty,", "file, line 7, planned: Expected `float`, got `str`."),
        ("\r\nsession,2,", "\r\nsession,1,", "file, line 11, session: There are two sessions number 1."),
        ("\r\nsession,2,", "\r\nsession,two,", "file, line 11, session: Expected `int`, got `str`."),
        ("record,session,routine", "record,session,routines", "file, line 1: The column 'routine' is missing."),
        ('"{""minutes"": 8}"', '"{""minutes"": 8"', "file, line 2, wishes: This is no JSON: "),
        ("\r\ndose,1,,", "\r\ndose,1,desk,", "file, line 3, routine: A dose has no routine."),
        (",heel_raises,both", ",heel_raises", "file, line 7: A row has 31 cells."),
        (
            "2026-05-04T18:00:00Z",
            "2027-05-04T18:00:00Z",
            "file, line 2, began_at: 2027-05-04T18:00:00+00:00 has not come",
        ),
        ("\r\nrating,1,", '\r\n"rating"x,1,', "file, line 9: "),
    ],
)
def test_a_mistake_in_csv_is_told_with_line_and_field(whole: Document, old: str, new: str, what: str) -> None:
    text = as_csv(whole)
    assert old in text
    assert mistake(text.replace(old, new, 1), "csv").startswith(what)


DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000


@pytest.mark.parametrize(
    ("wishes", "what"),
    [
        (DEEP[:100_000], "wishes[...]: Expected "),
        ('{"a":{"b":1}}', "wishes[...]: Expected "),
        ('{"a":"\\ud800"}', "wishes: This is no JSON: "),
        ('{"a":NaN}', "wishes: This is no JSON: "),
    ],
)
def test_a_wish_that_no_export_could_hold_is_told(whole: Document, wishes: str, what: str) -> None:
    quoted = wishes.replace('"', '""')
    text = as_csv(whole).replace('"{""minutes"": 8}"', f'"{quoted}"', 1)
    assert mistake(text, "csv").startswith(f"file, line 2, {what}")


def test_what_is_nested_without_end_is_told(whole: Document) -> None:
    text = re.sub('"wishes":{[^}]*}', lambda _: f'"wishes":{DEEP}', as_json(whole), count=1)
    assert mistake(text, "json").startswith("file, line 2, sessions[0].wishes[...]: Expected ")
    assert mistake("[" * 100_000, "json")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('"routine":"', r'"routine":"\u001b[31m', "routine"),
        ('"step":"heel_raises"', r'"step":"heel\u0000"', "step"),
        ('"family":"', r'"family":"\u009b', "family"),
        ('"minutes":8', r'"minutes\u001b":8', "wishes"),
        ('"minutes":8', r'"tools":["\u001b"]', "wishes"),
        ('"minutes":8', r'"tools":["tennis\u202eball"]', "wishes"),
        ('"rungs":{', r'"rungs":{"\u001b":1', "rungs"),
    ],
)
def test_what_would_steer_a_terminal_is_told(whole: Document, old: str, new: str, field: str) -> None:
    text = as_json(whole)
    assert old in text
    told = mistake(text.replace(old, new, 1), "json")
    assert f", {field}: " in told
    assert told.endswith(" holds what cannot be printed.")
    assert told.isprintable()


@BOTH
@pytest.mark.parametrize("between", ["\t", "\n", "\N{NO-BREAK SPACE}", "\N{LINE SEPARATOR}", "\N{NEXT LINE}"])
def test_a_tool_is_imported_as_somebody_typed_it(kind: Format, between: str, tmp_path: Path) -> None:
    wishes = {"tools": [f"tennis{between}ball"]}
    with closing(History(tmp_path / "old.db", lambda: NOW)) as history:
        history.begin_session("desk", wishes=wishes)
    text = text_of(exported(tmp_path / "old.db"), kind)
    imported(tmp_path / "new.db", as_document(text, kind, "file", NOW))
    assert exported(tmp_path / "new.db").sessions[0].wishes == wishes


@BOTH
def test_a_mistake_is_told_without_what_would_steer_a_terminal(whole: Document, kind: Format) -> None:
    text = text_of(whole, kind)
    assert "callus" in text
    assert mistake(text.replace("callus", "\x9b31m" if kind == "csv" else r"\u009b31m", 1), kind).isprintable()


def test_a_session_that_ends_before_it_begins_is_told(whole: Document) -> None:
    text = as_json(whole).replace('"ended_at":"2026-05-04T', '"ended_at":"2026-05-03T', 1)
    assert mistake(text, "json") == "file, line 2, ended_at: The session ends before it begins."


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z"])
def test_a_moment_before_1970_is_told(whole: Document, moment: str) -> None:
    text = as_json(whole).replace('"began_at":"2026-05-04T18:00:00Z"', f'"began_at":"{moment}"', 1)
    assert mistake(text, "json").startswith("file, line 2, began_at: ")
    table = as_csv(whole).replace("2026-05-04T18:00:00Z", moment, 1)
    assert mistake(table, "csv").endswith("is before 1970.")


def test_a_note_before_1970_is_told(whole: Document) -> None:
    text = re.sub('"noted_at":"[^"]*"', '"noted_at":"0001-01-01T00:00:00Z"', as_json(whole), count=1)
    assert ", noted_at: 0001-01-01T00:00:00+00:00 is before 1970." in mistake(text, "json")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"sessions": {}}', "\0", "record\n", '"'])
@BOTH
def test_what_is_no_history_is_told(text: str, kind: Format) -> None:
    assert mistake(text, kind)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_damage_to_a_file_is_told_or_harmless(whole: Document, data: st.DataObject) -> None:
    kind: Format = data.draw(st.sampled_from(["csv", "json"]))
    text = text_of(whole, kind)[:6000]
    at = data.draw(st.integers(0, len(text)))
    damaged = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    with suppress(HistoryFileError):
        as_document(damaged, kind, "file", NOW)


def test_lines_are_found_however_json_is_laid_out() -> None:
    value: dict[str, Any] = {"a": [{"b": 1}, {"c": [1, {"d,": "}]"}], "e": "x"}]}
    text = json.dumps(value, indent=1)
    assert text.splitlines()[line_in_json(text, "$.a[1].e") - 1].strip() == '"e": "x"'
    assert line_in_json(text, "$.a[1].missing") == 6
    assert line_in_json(text, "$") == 1


def test_a_fault_in_the_middle_of_an_import_leaves_everything_as_it_was(whole: Document, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    short(path, 90, 1)
    before = exported(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON notes BEGIN SELECT raise(ABORT, 'the disk is full'); END"
        )
    with pytest.raises(HistoryError, match="the disk is full"):
        imported(path, whole)
    assert exported(path) == before


def test_a_session_that_goes_on_keeps_its_number(tmp_path: Path) -> None:
    path, old = tmp_path / "history.db", tmp_path / "old.db"
    short(old, 5)
    with closing(History(path, lambda: NOW)) as going:
        number = going.begin_session("quick_3")
        with pytest.raises(BusyHistoryError, match="going on"):
            imported(path, exported(old))
        going.add_dose(number, DoseEnded("ball_roll", "left", 40.0, 40.0, 1, done=True))
    assert [session.number for session in exported(path).sessions] == [number]


# --- deleted for good


def with_secrets(path: Path) -> int:
    """Write a session whose step has a name that can be looked for in the bytes of a file."""
    with closing(History(path, lambda: NOW - timedelta(days=3))) as history:
        number = history.begin_session(SECRET, wishes={"only": SECRET})
        for _ in range(300):
            history.add_dose(number, DoseEnded(SECRET, "left", 40.0, 40.0, 1, done=True))
        history.note(number, Noted("blister", SECRET, "left", "ball", "sole", locked=True))
        history.end_session(number, Ended("finished", 60.0, 40.0, 1))
    return number


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_no_byte_of_a_deleted_session_is_left_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    short(path, 9)
    number = with_secrets(path)
    short(path, 1)
    with closing(History(path)) as history:
        assert SECRET.encode() in bytes_of(tmp_path)
        erase(history.database, [number])
        assert SECRET.encode() not in bytes_of(tmp_path)
        assert (tmp_path / "history.db-wal").stat().st_size == 0
        assert history.is_whole()
    assert SECRET.encode() not in bytes_of(tmp_path)
    assert [number for number, _ in beginnings(path)] == [1, 3]


def test_what_was_deleted_otherwise_goes_for_good_as_well(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    number = with_secrets(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("DELETE FROM sessions WHERE id = ?", (number,))
    with closing(History(path)) as history:
        erase(history.database, [])
    assert SECRET.encode() not in bytes_of(tmp_path)


def test_whoever_reads_meanwhile_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    number = with_secrets(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader, closing(History(path)) as history:
        history.wait_at_most(0.01)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sessions").fetchall()
        with pytest.raises(BusyHistoryError, match="Traces of them may be left"):
            erase(history.database, [number])
        reader.execute("COMMIT")
        assert existing(history.database, None) == []
        erase(history.database, [])
    assert SECRET.encode() not in bytes_of(tmp_path)


def test_an_answer_about_a_deleted_session_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    short(path, 3, 2)
    with closing(History(path)) as history:
        history.answer_next_day(2, 1, NextDayAnswered("worse"))
        erase(history.database, [1])
    (session,) = exported(path).sessions
    assert (session.number, session.next_days) == (2, ())


def test_sessions_are_chosen_by_day_and_number(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    short(path, 9, 5, 1)
    with closing(History(path)) as history:
        assert sessions_before(history.database, NOW - timedelta(days=5)) == [1]
        assert existing(history.database, [3, 1, 8]) == [1, 3]


def test_damaged_histories_are_found_with_what_lies_beside_them(tmp_path: Path) -> None:
    for name in ("history.db", "history-damaged-2026.db", "history-damaged-2026.db-wal", "historic.db"):
        (tmp_path / name).touch()
    assert [file.name for file in damaged_ones(tmp_path / "history.db")] == [
        "history-damaged-2026.db",
        "history-damaged-2026.db-wal",
    ]
