"""Kills the program at random instants, from its first moment to its last, and looks at what is left.

Most programs are born with everything loaded, see `mother.py`; some are started cold, as a user starts them, so that
loading is cut off too. What a program has printed was written into the history before: so every side, rating and note
in the output must be there after the kill.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cli.program import ROOT, Program
from tests.history.living import EVENTFUL
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.history.store import History
from voice_coach.routines.beginning import beginning_from
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.journal import replay
from voice_coach.session.phases import Phase
from voice_coach.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voice_coach.history.records import PastRecord, Unfinished

KNOWN_FILES = frozenset({"history.db", "history.db-wal", "history.db-shm", "history.lock", "profile.json", "cache"})
HURRIED = ((1, "no"), (2, "ready"), (3, "next"), (4, "ready"), (6, "harder"), (7, "ouch"), (8, "two"), (9, "resume"))
"""What is said in a session in real time, so that sides end within seconds."""
GO_ON_WITH_EVERY = 5
"""Of so many sessions that can be gone on with, one is."""
_BURIED_WITHIN = 60.0
_TIDY_WITHIN = 5.0
"""Seconds after which a child that speaks must have noticed that its session was killed."""
_LISTED = {"dose": ("step", "side", "rung", "done"), "rated": ("step", "side", "rating"), "noted": ("what", "side")}
"""Kind of a row -> the fields that must be found again."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a program is started before it is killed.

    Attributes:
        arguments: of the command line, without the script.
        said: the script.
        warm: it is born with everything loaded.
        span: seconds within which it is killed; on a moved clock, how long a whole session took before the kills.
    """

    name: str
    arguments: tuple[str, ...]
    said: tuple[tuple[float, str], ...]
    warm: bool
    span: float


REAL = Way("real clock", ("start", "quick_3", "--text", "--json"), HURRIED, warm=True, span=12.0)


FAST = ("start", "full_15", "--fast", "--json")
LOADED = Way("moved clock", FAST, EVENTFUL, warm=True, span=0.0)
COLD = Way("moved clock, cold start", FAST, EVENTFUL, warm=False, span=0.0)
SPEAKING = Way("moved clock, with a voice", (*FAST, "--speaker-wav", "said.wav"), EVENTFUL, warm=True, span=0.0)


@dataclass(slots=True)
class Findings:
    """What the kills have left.

    Attributes:
        kills: how often a program was killed, by the way it was started.
        killed_before: those that were killed before their session was in the history.
        resumable: sessions that can be gone on with.
        gone_on_with: of these, sessions that were gone on with to their end.
        over: sessions that had come to their end, or to their summary, so that there is nothing to go on with.
        rows: sides, ratings and notes that were printed before a kill, all found again.
        faults: what was not as it should be.
    """

    kills: dict[str, int] = field(default_factory=dict)
    killed_before: int = 0
    resumable: int = 0
    gone_on_with: int = 0
    over: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)


class Killer:
    """Kills programs in a folder of its own.

    Args:
        folder: everything goes here; one for data and one for temporary files.
        seed: of the instants.
    """

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.findings = Findings()
        self._folder = folder
        self._drawn = random.Random(seed)  # noqa: S311 - to repeat, no secret
        self._born = 0
        self._cold: list[subprocess.Popen[bytes]] = []

    def kill_one_by_one(self, kills: int) -> None:
        """Kill programs on a moved clock, each in the history that the ones before have left."""
        with _mother() as mother:
            loaded, cold, speaking = (self._timed(way, mother) for way in (LOADED, COLD, SPEAKING))
            ways = [*([loaded] * 8), cold, speaking]
            data = self._new_data("moved")
            for number in range(kills):
                way = ways[number % len(ways)]
                before = _sessions(data)
                process, out = self._start(way, data, mother)
                time.sleep(self._drawn.uniform(0.0, way.span))
                self._kill(process, way)
                self._look(way, data, out, before)

    def kill_together(self, kills: int, at_once: int) -> None:
        """Kill programs on the real clock, so many at once, each with a history of its own."""
        with _mother() as mother:
            for first in range(0, kills, at_once):
                born = []
                for number in range(first, min(kills, first + at_once)):
                    data = self._new_data(f"real-{number}")
                    process, out = self._start(REAL, data, mother)
                    born.append((time.monotonic() + self._drawn.uniform(0.0, REAL.span), process, data, out))
                for at, process, data, out in sorted(born, key=lambda one: one[0]):
                    time.sleep(max(0.0, at - time.monotonic()))
                    self._kill(process, REAL)
                    self._look(REAL, data, out, 0)

    def _timed(self, way: Way, mother: subprocess.Popen[str]) -> Way:
        """Let a session come to its end, and give the way with the time that it took."""
        data = self._new_data(f"whole-{way.name}")
        self._bury(self._start(way, data, mother)[0])  # it makes the history
        began = time.monotonic()
        self._bury(self._start(way, data, mother)[0])
        return replace(way, span=time.monotonic() - began)

    def _new_data(self, name: str) -> Path:
        data = self._folder / name
        (data / "temporary").mkdir(parents=True)
        Program(data / "data").answer_first_questions()
        return data

    def _start(self, way: Way, data: Path, mother: subprocess.Popen[str]) -> tuple[int, Path]:
        """Start a program, and give its number and the file of what it prints."""
        self._born += 1
        out, script = self._folder / f"{self._born}.jsonl", self._folder / "script.txt"
        script.write_text("".join(f"{at} {text}\n" for at, text in way.said), encoding="utf-8")
        arguments = [*way.arguments, "--script", str(script)]
        arguments = [str(self._folder / "said.wav") if argument == "said.wav" else argument for argument in arguments]
        own = {"TMPDIR": str(data / "temporary"), "VOICE_COACH_DATA": str(data / "data")}
        if way.warm:
            assert mother.stdin is not None
            assert mother.stdout is not None
            mother.stdin.write(json.dumps({"arguments": arguments, "environment": own, "out": str(out)}) + "\n")
            mother.stdin.flush()
            return int(mother.stdout.readline()), out
        with out.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "voice_coach", *arguments],
                env={**Program(data).environment, **own},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self._cold.append(process)
        return process.pid, out

    def _kill(self, process: int, way: Way) -> None:
        name = way.name
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:  # it came to its end just before
            name = f"{name}, over already"
        self.findings.kills[name] = self.findings.kills.get(name, 0) + 1
        self._bury(process)

    def _bury(self, process: int) -> None:
        while self._cold:
            self._cold.pop().wait()
        _wait_until(lambda: not Path(f"/proc/{process}").exists())

    def _look(self, way: Way, data: Path, out: Path, before: int) -> None:
        try:
            self._check(data, out, before)
        except (AssertionError, sqlite3.Error, ValueError) as fault:
            self.findings.faults.append(f"{way.name}, program {self._born} in {data}: {fault!r}")
        else:
            out.unlink(missing_ok=True)

    def _check(self, data: Path, out: Path, before: int) -> None:
        rows = _printed(out)
        path = data / "data" / "history.db"
        _check_files(data)
        if not path.exists():
            assert not rows, "rows were printed, but there is no history"
            self.findings.killed_before += 1
            return
        _check_database(path)
        _check_folder(data / "data")
        with closing(History(path)) as history:
            sessions = history.sessions(None)
            assert before <= len(sessions) <= before + 1, f"{before} sessions became {len(sessions)}"
            if len(sessions) == before:
                assert not rows, "rows were printed, but the session is not in the history"
                self.findings.killed_before += 1
                return
            record = history.session(sessions[0].id)
            unfinished = history.unfinished(moved_clock=sessions[0].moved_clock)
        assert record is not None
        self._check_rows(rows, record)
        if record.ended_at is not None:
            assert unfinished is None, "a session that is over can be gone on with"
            self.findings.over += 1
        elif rows:
            assert unfinished is not None, "the session cannot be gone on with"
            assert unfinished.id == record.id
            if _is_as_good_as_over(unfinished):
                self.findings.over += 1
                return
            self.findings.resumable += 1
            if self.findings.resumable % GO_ON_WITH_EVERY == 0:
                self._go_on(data, record)
        else:
            self.findings.killed_before += 1

    def _go_on(self, data: Path, killed: PastRecord) -> None:
        """Go on with a session that was killed, to its end."""
        moved = ("--fast",) if killed.moved_clock else ("--text",)
        done = Program(data / "data").run("start", killed.routine, "--resume", *moved, "--json", said="finish\n")
        assert (done.returncode, done.stderr) == (0, ""), f"it cannot be gone on with: {done}"
        with closing(History(data / "data" / "history.db")) as history:
            record = history.session(killed.id)
            assert record is not None
            assert record.ended_at is not None, "it was gone on with, and has no end"
            assert record.doses[: len(killed.doses) - 1] == killed.doses[:-1], (
                "what was done before is not there any more"
            )
        self.findings.gone_on_with += 1

    def _check_rows(self, rows: list[dict[str, Any]], record: PastRecord) -> None:
        """See that what was printed is in the history."""
        written: dict[str, list[tuple[Any, ...]]] = {
            "dose": [(dose.step, dose.side, dose.rung, dose.done) for dose in record.doses],
            "rated": [(rating.step, rating.side, rating.rating) for rating in record.ratings],
            "noted": [(note.kind, note.side) for note in record.notes],
        }
        for kind, fields in _LISTED.items():
            printed = [tuple(row[name] for name in fields) for row in rows if row["kind"] == kind]
            found = written[kind][: len(printed)]
            assert found == printed, f"{kind}: printed {printed}, found {found}"
            self.findings.rows += len(printed)


def _is_as_good_as_over(unfinished: Unfinished) -> bool:
    """Tell whether all that was left of a session is the summary: nobody goes on with that."""
    beginning = beginning_from(unfinished.beginning)
    plan = beginning.plan(load_catalogue())
    session = Session(plan, load_phrasebook().grammar(), beginning.words_per_second, beginning.manner)
    replay(session, unfinished.journal)
    session.tick(max([unfinished.at, *(entry.at for entry in unfinished.journal)]))
    return session.phase is Phase.SUMMARY


@contextmanager
def _mother() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.mother"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as mother:
        assert mother.stdin is not None
        assert mother.stdout is not None
        assert mother.stdout.readline() == "ready\n"
        yield mother
        mother.stdin.close()


def _printed(out: Path) -> list[dict[str, Any]]:
    """Give the rows that were printed as a whole; the last one may be cut off."""
    lines = out.read_text(encoding="utf-8").splitlines(keepends=True) if out.exists() else []
    strange = [line for line in lines if not line.startswith("{")]
    assert not strange, f"the program said {strange}"
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _check_files(data: Path) -> None:
    """See that nothing temporary is left; a child that speaks may take a moment to notice that it is alone."""
    temporary = data / "temporary"
    _wait_until(lambda: not list(temporary.iterdir()), _TIDY_WITHIN)
    left = [file.name for file in temporary.iterdir()]
    assert not left, f"temporary files are left: {left}"


def _check_folder(data: Path) -> None:
    """See that nothing unknown lies beside the history, once it was opened: SQLite rolls a first write back then."""
    unknown = {file.name for file in data.iterdir()} - KNOWN_FILES
    assert not unknown, f"files are left beside the history: {unknown}"
    kept = {file.suffix for file in (data / "cache").iterdir()} if (data / "cache").exists() else set()
    assert kept <= {".msgpack"}, f"in the cache lie files of other kinds: {kept}"


def _check_database(path: Path) -> None:
    History(path).close()  # the kill may have come before there was any table
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        ends = "SELECT count(*) FROM sessions WHERE (ended_at IS NULL) <> (reason IS NULL)"
        assert database.execute(ends).fetchone() == (0,)


def _sessions(data: Path) -> int:
    path = data / "data" / "history.db"
    if not path.exists():
        return 0
    with closing(History(path)) as history:
        return len(history.sessions(None))


def _wait_until(condition: Callable[[], bool], seconds: float = _BURIED_WITHIN) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
