"""`voice-coach progress` and `voice-coach history export | import | delete` as a user meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Program
from tests.history.living import live

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Give a program with two sessions of the last days, and one on a moved clock."""
    data = tmp_path_factory.mktemp("data")
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    live(data / "history.db", "quick_3", [(1, "no"), (20, "harder"), (40, "seven")], at=noon - timedelta(days=2))
    live(data / "history.db", "desk", [(1, "same"), (3, "no"), (150, "blister")], at=noon - timedelta(days=1))
    live(data / "history.db", "full_15", at=noon - timedelta(hours=20), moved_clock=True)
    return Program(data)


@pytest.fixture
def filled(lived: Program, tmp_path: Path) -> Program:
    """Give a program of its own with those sessions."""
    lived.run("history", "export", tmp_path / "out.json")
    program = Program(tmp_path / "data")
    assert program.run("history", "import", tmp_path / "out.json").returncode == 0
    return program


def numbers(program: Program) -> list[str]:
    return [line.split()[0] for line in program.run("history").stdout.splitlines()]


# --- progress


def test_progress_tells_what_was_done_and_what_comes_next(lived: Program) -> None:
    done = lived.run("progress")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  Sessions so far: 2, on 2 days.\n" in done.stdout
    assert "yesterday." in done.stdout
    assert "\nNext time\n" in done.stdout
    assert "full" not in done.stdout.lower()
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_progress_without_a_history_tells_how_to_begin(tmp_path: Path) -> None:
    program = Program(tmp_path / "none")
    nothing = (0, "No session with work in it yet. Begin with: voice-coach start\n")
    for arguments in ([], ["--html", str(tmp_path / "page.html")], ["--weeks", "0", "--plain"]):
        done = program.run("progress", *arguments)
        assert (done.returncode, done.stdout) == nothing
    assert not (tmp_path / "page.html").exists()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("weeks", ["0", "1", "2600"])
def test_progress_shows_as_many_weeks_as_are_wanted(lived: Program, weeks: str) -> None:
    done = lived.run("progress", "--weeks", weeks)
    assert (done.returncode, done.stderr) == (0, "")
    assert lived.run("progress", "--weeks", "-1").returncode == 2


def test_a_page_is_written_as_a_whole(lived: Program, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    done = lived.run("progress", "--html", path)
    assert (done.returncode, done.stdout) == (0, f"Written: {path}\n")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert path.read_text(encoding="utf-8").endswith("</html>\n")


def test_a_page_that_cannot_be_written_is_told(lived: Program, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = lived.run("progress", "--html", tmp_path / "file" / "page.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written" in done.stderr


def test_days_long_ago_mean_all_sessions_or_none(filled: Program) -> None:
    assert filled.run("history", "--since", "0001-01-01").stdout == filled.run("history").stdout
    assert filled.run("history", "delete", "--before", "0001-01-01", "--yes").stdout == "Deleted: 0 sessions.\n"


def test_a_number_without_end_is_no_fault(filled: Program) -> None:
    endless = "9" * 30
    assert filled.run("history", "--most", endless).stdout == filled.run("history").stdout
    for arguments in (["show", endless], ["delete", endless, "--yes"]):
        done = filled.run("history", *arguments)
        assert done.returncode == 2
        assert f"{endless} is not in the range" in done.stderr


def test_a_routine_that_there_is_not_is_told_where_sessions_are_wanted(filled: Program) -> None:
    done = filled.run("history", "--routine", "nonsense")
    assert done.returncode == 2
    assert done.stderr.endswith(". No session is shown. Try: voice-coach history\n")


# --- export and import


def test_what_is_exported_goes_into_another_history(lived: Program, tmp_path: Path) -> None:
    for name in ("out.csv", "out.json"):
        done = lived.run("history", "export", tmp_path / name)
        assert done.stdout == f"Written: {tmp_path / name} (3 sessions)\n"
    other = Program(tmp_path / "other")
    assert other.run("history", "import", tmp_path / "out.csv").stdout == "Imported: 3 sessions.\n"
    again = other.run("history", "import", tmp_path / "out.json")
    assert again.stdout == "Imported: 0 sessions; 3 were there already.\n"
    assert other.run("history").stdout == lived.run("history").stdout
    assert other.run("progress").stdout == lived.run("progress").stdout


def test_an_export_goes_to_the_standard_output_unless_a_file_is_named(lived: Program) -> None:
    assert len(json.loads(lived.run("history", "export").stdout)["sessions"]) == 3
    assert lived.run("history", "export", "--format", "csv").stdout.startswith("record,session,routine,")


def test_a_file_of_no_known_ending_needs_a_format(lived: Program, tmp_path: Path) -> None:
    done = lived.run("history", "export", tmp_path / "out.txt")
    assert done.returncode == 2
    assert "--format" in done.stderr
    assert lived.run("history", "export", tmp_path / "out.txt", "--format", "csv").returncode == 0
    assert Program(tmp_path / "b").run("history", "import", tmp_path / "out.txt", "--format", "csv").returncode == 0


def test_a_mistake_is_told_and_nothing_is_imported(lived: Program, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    text = lived.run("history", "export").stdout
    path.write_text(text.replace('"rating":7', '"rating":70'), encoding="utf-8")
    other = Program(tmp_path / "other")
    done = other.run("history", "import", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{path}, line 2, sessions[0].ratings[")
    assert "Nothing was imported." in done.stderr
    assert not (tmp_path / "other").exists()


def test_what_a_spreadsheet_has_saved_is_read(filled: Program, tmp_path: Path) -> None:
    text = filled.run("history", "export", "--format", "csv").stdout
    path = tmp_path / "saved.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace(",true", ",TRUE").replace(",false", ",FALSE").encode())
    done = filled.run("history", "import", path)
    assert done.stdout == "Imported: 0 sessions; 3 were there already.\n", done.stderr


def test_a_file_that_cannot_be_read_is_told(filled: Program, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"record\nB\xe4ll\n")
    for name, what in (("none.csv", "cannot be read"), ("latin.csv", "latin.csv, line 2: this is no text in UTF-8.")):
        done = filled.run("history", "import", tmp_path / name)
        assert (done.returncode, done.stdout) == (2, "")
        assert what in done.stderr


# --- delete


def test_a_session_is_deleted_after_a_question(filled: Program) -> None:
    for answer in ("n\n", "\n"):
        kept = filled.run("history", "delete", "2", said=answer)
        assert (kept.returncode, kept.stdout.splitlines()[-1]) == (0, "Delete? [y/N]: Nothing was deleted.")
    assert filled.run("history", "delete", "2").returncode == 130
    assert numbers(filled) == ["3", "2", "1"]
    done = filled.run("history", "delete", "2", said="y\n")
    assert "This deletes session 2 for good." in done.stdout
    assert done.stdout.endswith("Deleted: 1 session.\n")
    assert numbers(filled) == ["3", "1"]


def test_sessions_before_a_day_are_deleted_without_a_question_where_that_is_said(filled: Program) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    done = filled.run("history", "delete", "--before", yesterday, "--yes")
    assert done.stdout == "Deleted: 1 session.\n"
    assert numbers(filled) == ["3", "2"]
    assert filled.run("history", "delete", "--before", yesterday).stdout == "Deleted: 0 sessions.\n"


def test_everything_is_deleted_also_what_was_put_aside(filled: Program) -> None:
    damaged = filled.data / "history-damaged-2026-01-01-000000.db"
    damaged.write_bytes(b"ball_roll")
    done = filled.run("history", "delete", "--all", said="y\n")
    assert "3 sessions and the damaged histories that were kept (files: 1)" in done.stdout
    assert not damaged.exists()
    left = b"".join(file.read_bytes() for file in filled.data.iterdir())
    for word in (b"ball_roll", b"quick_3", b"blister"):
        assert word not in left
    assert filled.run("history").stdout == "No session yet. Begin with: voice-coach start\n"


@pytest.mark.parametrize("arguments", [[], ["1", "--all"], ["--all", "--before", "2026-01-01"], ["0"], ["x"]])
def test_one_way_of_choosing_is_needed(filled: Program, arguments: list[str]) -> None:
    assert filled.run("history", "delete", *arguments, "--yes").returncode == 2
    assert numbers(filled) == ["3", "2", "1"]


def test_a_session_that_there_is_not_is_told_before_anything_is_deleted(filled: Program) -> None:
    done = filled.run("history", "delete", "1", "7", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no session number 7. Nothing was deleted. Try: voice-coach history\n"
    assert numbers(filled) == ["3", "2", "1"]


def test_nothing_can_be_deleted_where_nothing_is(tmp_path: Path) -> None:
    program = Program(tmp_path / "none")
    assert program.run("history", "delete", "--all").stdout == "No session yet. Begin with: voice-coach start\n"
    assert not (tmp_path / "none").exists()


def test_a_session_that_goes_on_is_not_deleted(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.answer_first_questions()
    session = program.start("start", "quick_3", "--text")
    try:
        assert session.stdout is not None
        session.stdout.readline()
        done = program.run("history", "delete", "--all", "--yes")
        assert (done.returncode, done.stdout) == (7, "")
        assert done.stderr.startswith("A session is going on. Nothing was deleted.")
    finally:
        session.terminate()
        session.communicate(timeout=30)


# --- a damaged history


@pytest.fixture
def damaged(filled: Program) -> Program:
    (filled.data / "history.db").write_bytes(b"no database" * 1000)
    return filled


@pytest.mark.parametrize(
    "arguments",
    ["history", "history show", "history show 1", "history export", "progress", "history delete 1 --yes"],
)
def test_what_becomes_of_a_damaged_history_is_told(damaged: Program, arguments: str) -> None:
    done = damaged.run(*arguments.split())
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.endswith(
        "It is left as it is; the next session puts it aside, keeps it, and begins a new one. Try: voice-coach start\n"
    )


def test_an_import_puts_a_damaged_history_aside(damaged: Program, lived: Program, tmp_path: Path) -> None:
    done = damaged.run("history", "import", tmp_path / "out.json")
    assert (done.returncode, done.stdout) == (0, "Imported: 3 sessions.\n")
    (aside,) = damaged.data.glob("history-damaged-*.db")
    assert done.stderr == f"The history was damaged. It is kept as {aside}, and a new one begins.\n"
    assert damaged.run("history").stdout == lived.run("history").stdout


def test_a_damaged_history_is_deleted_with_everything(damaged: Program) -> None:
    done = damaged.run("history", "delete", "--all", "--yes")
    assert (done.returncode, done.stdout) == (0, "Deleted: 0 sessions.\n")
    assert list(damaged.data.glob("history-damaged-*")) == []
    assert damaged.run("history").returncode == 0


@pytest.mark.parametrize("between", ["\t", "\N{NO-BREAK SPACE}"])
def test_a_tool_is_written_down_with_one_space_between_its_words(
    program: Program, tmp_path: Path, between: str
) -> None:
    done = program.run("start", "desk", "--fast", "--tool", f"tennis{between}ball", "--without", f"foam{between}roller")
    assert (done.returncode, done.stderr) == (0, "")
    program.run("history", "export", tmp_path / "feet.json")
    (session,) = json.loads((tmp_path / "feet.json").read_text(encoding="utf-8"))["sessions"]
    assert session["wishes"]["tools"] == ["tennis ball"]
    assert session["wishes"]["without"] == ["foam roller"]
