"""Benches on real-time devices: virtual ones of a sound server of their own (Linux, PulseAudio).

The ends of words are found in what the microphone hears, the beginnings and ends of the coach's lines in what the
loudspeaker plays, to the sample; a piece of 10 ms arrives a few milliseconds after it was played.
"""

from __future__ import annotations

import json
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from figures import Figure, median_and_ninth
from processor import megabytes, own_megabytes, processor_seconds

from tests.audio.rig import Recording, SoundRig
from tests.cli.program import ROOT, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VOICE = "rms"
"""The synthetic speaker of the commands (flite); the coach speaks with espeak-ng."""
LOUD = 300
_SHORTEST_BEAT = 0.5
"""Seconds; every beat of the content is a multiple of it."""
_FEWEST = 3
"""Cues from which on a beat or a drift can be told."""
_PATIENCE = 12.0


@dataclass
class Talker:
    """A program that prints a JSON object a line, with the moment at which each arrived."""

    process: subprocess.Popen[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    _incoming: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            if line.startswith("{"):
                self._incoming.put({**json.loads(line), "arrived_at": time.monotonic()})

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = _PATIENCE) -> dict[str, Any] | None:
        """Give the next row that is wanted; None where it does not come in time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                row = self._incoming.get(timeout=left)
            except queue.Empty:
                return None
            self.rows.append(row)
            if wanted(row):
                return row
        return None

    def wait_for_command(self, command: str) -> dict[str, Any] | None:
        return self.wait_for(lambda row: row["kind"] == "heard" and row["command"] == command, 5.0)

    def wait_for_state(self, state: str, seconds: float = 30.0) -> dict[str, Any] | None:
        return self.wait_for(lambda row: row["kind"] == "state" and row["state"] == state, seconds)


@contextmanager
def talking(rig: SoundRig, folder: Path, *command: str) -> Iterator[Talker]:
    environment = rig.whole_environment() | {"VOICE_COACH_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Talker(process)
    finally:
        process.kill()
        process.communicate()


def _word(folder: Path, word: str) -> Path:
    path = folder / f"{word.replace(' ', '_')}.wav"
    if not path.exists():
        subprocess.run(["flite", "-voice", VOICE, "-t", word, "-o", str(path)], check=True)
    return path


def say(rig: SoundRig, folder: Path, word: str, heard: Recording) -> float:
    """Speak a word into the microphone, and give the moment at which it had ended there."""
    before = len(heard.pieces)
    rig.play_into_microphone(_word(folder, word)).wait()
    time.sleep(0.1)
    return Recording(heard.pieces[before:]).last_sound_at()


def first_word() -> list[Figure]:
    """From the start of the program to the first sound of its first word, warm.

    Wall time is that of this machine as busy as it is; the processor time before the first word is the program's own.
    """
    seconds, own = [], []
    with SoundRig() as rig, tempfile.TemporaryDirectory() as name:
        Program(Path(name) / "data").answer_first_questions()
        for _ in range(6):
            with rig.recording() as played:
                began = time.monotonic()
                with talking(rig, Path(name), "-m", "voice_coach", "start", "quick_3", "--json") as coach:
                    coach.wait_for(lambda row: row["kind"] == "say")
                    own.append(processor_seconds(coach.process.pid))
                    time.sleep(1.5)
                seconds.append(played.first_sound_at() - began)
            time.sleep(0.5)
    return [
        *median_and_ninth("start -> first sound of the first word", seconds[1:], (1.0, None)),
        Figure("processor time until then, all processes", statistics.median(own[1:]), "s", count=len(own) - 1),
    ]


def cues(minutes: float = 3.0) -> list[Figure]:
    """Timing of lines and sounds in a session on devices, and what it takes of the processor meanwhile."""
    with SoundRig() as rig, tempfile.TemporaryDirectory() as name, rig.recording() as played:
        folder = Path(name)
        Program(folder / "data").answer_first_questions()
        script = folder / "said.txt"
        script.write_text("7 no\n", encoding="utf-8")
        arguments = ("-m", "voice_coach", "start", "full_15", "--json", "--script", str(script))
        with talking(rig, folder, *arguments) as coach:
            coach.wait_for_state("work", 60.0)
            before, began = processor_seconds(coach.process.pid), time.monotonic()
            coach.wait_for(lambda row: row["kind"] == "end", minutes * 60)
            share = (processor_seconds(coach.process.pid) - before) / (time.monotonic() - began)
            memory = megabytes(coach.process.pid)
            rows = coach.rows
    latencies = [(row, at - row["arrived_at"]) for row in rows if (at := _onset(played, row)) is not None]
    lines = [seconds for row, seconds in latencies if row["kind"] == "say"]
    strokes = _stroke_errors(rows, {row["arrived_at"]: row["arrived_at"] + late for row, late in latencies})
    figures = [
        *median_and_ninth("action -> first sample of a line", lines, (0.060, None)),
        *median_and_ninth(
            "a stroke cue beside its plan, at the loudspeaker", [abs(e) for _, e in strokes], (0.020, None)
        ),
        Figure("the worst stroke cue", max((abs(e) for _, e in strokes), default=0.0), "s", 0.020, count=len(strokes)),
        Figure("drift of the sounds beside the session's clock", _drift(latencies), "ms/minute"),
        Figure("processor while coaching", 100 * share, "% of a core"),
        Figure("memory while coaching", memory, "MB", most=160.0),
    ]
    return [figure for figure in figures if figure.count]


def _onset(played: Recording, row: dict[str, Any]) -> float | None:
    """Give the moment of the first sound after a row, where there was silence before it."""
    if row["kind"] not in ("say", "chime"):
        return None
    at = row["arrived_at"]
    near = [piece for piece in list(played.pieces) if at - 0.12 < piece.arrived_at < at + 0.30]
    if any(np.max(np.abs(piece.samples.astype(int))) > LOUD for piece in near if piece.arrived_at < at + 0.01):
        return None
    first = Recording([piece for piece in near if piece.arrived_at >= at + 0.01]).first_sound_at()
    return first if first != float("inf") else None


def _stroke_errors(rows: list[dict[str, Any]], onsets: dict[float, float]) -> list[tuple[float, float]]:
    """Give (moment, error) of every stroke cue: how far its sound is from the beat of its side.

    Args:
        rows: everything that happened.
        onsets: when a row arrived -> when its sound began.
    """
    errors: list[tuple[float, float]] = []
    run: list[tuple[float, float]] = []
    for row in rows:
        if row["kind"] == "state":
            errors += _beside_the_beat(run)
            run = []
        elif row["kind"] == "chime" and row["name"] == "stroke" and row["arrived_at"] in onsets:
            run.append((row["t"], onsets[row["arrived_at"]]))
    return errors + _beside_the_beat(run)


def _beside_the_beat(run: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Give (moment, error) of the cues of one stretch of work, given as (session time, moment of the sound).

    Beats are half seconds apart, or a multiple of that; the usual delay is no error.
    """
    if len(run) < _FEWEST:
        return []
    beats = [run[0][0] + round((t - run[0][0]) / _SHORTEST_BEAT) * _SHORTEST_BEAT for t, _ in run]
    delay = statistics.median(at - beat for beat, (_, at) in zip(beats, run, strict=True))
    return [(at, at - beat - delay) for beat, (_, at) in zip(beats, run, strict=True)]


def _drift(latencies: list[tuple[dict[str, Any], float]]) -> float:
    """Give how much later cues are heard from minute to minute, beside the session's clock, in milliseconds."""
    chimes = [(row, late) for row, late in latencies if row["kind"] == "chime"]
    moments = [(row["t"], row["arrived_at"] + late - row["t"]) for row, late in chimes]
    if len(moments) < _FEWEST:
        return 0.0
    slope, _ = np.polyfit([t for t, _ in moments], [offset for _, offset in moments], 1)
    return float(slope) * 60 * 1000


def long_run(minutes: float) -> list[Figure]:
    """Sessions of fifteen minutes on devices, until the time is over: memory, open files and threads must not grow."""
    growth: list[tuple[float, ...]] = []
    most: tuple[float, ...] = (0.0, 0.0, 0.0)
    with SoundRig() as rig, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Program(folder / "data").answer_first_questions()
        script = folder / "said.txt"
        script.write_text("7 no\n", encoding="utf-8")
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            first, last = _one_session(rig, folder, script, end)
            growth.append(tuple(after - before for before, after in zip(first, last, strict=True)))
            most = tuple(map(max, most, last))
    kinds = ("memory of its own", "open files", "threads")
    limits = (8.0, 2.0, 2.0)
    units = ("MB", "", "")
    return [
        Figure(f"{what} in a session: {word}", value, unit, bar, count=len(growth))
        for number, (what, unit, limit) in enumerate(zip(kinds, units, limits, strict=True))
        for word, value, bar in (
            ("the most", most[number], None),
            ("the most that was added", max(one[number] for one in growth), limit),
        )
    ]


def _one_session(
    rig: SoundRig, folder: Path, script: Path, end: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Run a session to its end, or until `end`; give its resources when the work began and as they were last."""
    arguments = ("-m", "voice_coach", "start", "full_15", "--no-resume", "--json", "--script", str(script))
    with talking(rig, folder, *arguments) as coach:
        coach.wait_for_state("work", 60.0)
        first = last = _resources(coach.process.pid)
        while (left := end - time.monotonic()) > 0 and coach.process.poll() is None:
            if coach.wait_for(lambda row: row["kind"] == "end", min(20.0, left)) is not None:
                break
            last = _resources(coach.process.pid)
    return first, last


def _resources(process: int) -> tuple[float, float, float]:
    folder = Path(f"/proc/{process}")
    files = len(list((folder / "fd").iterdir()))
    threads = len(list((folder / "task").iterdir()))
    return own_megabytes(process), float(files), float(threads)
