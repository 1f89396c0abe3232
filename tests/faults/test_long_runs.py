"""Many sessions in one process, as in standby: memory, open files and threads stay as they are."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import pytest

from voice_coach.assembly.options import Options
from voice_coach.assembly.session import run_session
from voice_coach.audio.clip import Clip
from voice_coach.folders import DATA_VARIABLE

HOURS = float(os.environ.get("VOICE_COACH_HOURS", "2"))
"""Of sessions on a moved clock; more of them: VOICE_COACH_HOURS=24."""
SESSIONS_AN_HOUR = 4
WARM_UP = 4
MOST_GROWTH = 2_000_000
"""Bytes; the history in memory, caches of SQLite and the like."""
MOST_GROWTH_WITH_A_VOICE = 12_000_000
"""With threads that render, the C library keeps 8 MB for one of them, or gives them back, as it happens; sound that is
kept is counted by itself."""
MOST_SOUND = 500_000
"""Bytes of clips that outlive their session; the lines of one are up to 3 MB."""


def resources() -> tuple[int, int, int]:
    """Give the bytes of memory, the open files and the threads of this process."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # what was freed counts as free
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def kept_sound() -> int:
    """Give the bytes of all clips that there are."""
    gc.collect()
    return sum(thing.samples.nbytes for thing in gc.get_objects() if type(thing) is Clip)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
@pytest.mark.timeout(0 if HOURS > 2 else 120)
@pytest.mark.parametrize("voice", [False, True], ids=["in text", "with a voice"])
def test_hours_of_sessions_take_no_more_of_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: bool
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    sessions = max(6, round(HOURS * SESSIONS_AN_HOUR)) if not voice else max(6, round(HOURS / 2))
    options = Options("full_15", fast=True, speaker_wav=tmp_path / "said.wav" if voice else None)
    for _ in range(WARM_UP):
        _live(options)
    before, measured = resources(), []
    for _ in range(sessions):
        _live(options)
        measured.append(resources())
    assert kept_sound() < MOST_SOUND
    first, second = measured[: sessions // 2], measured[sessions // 2 :]
    growth = min(second)[0] - min(first)[0]
    most = MOST_GROWTH_WITH_A_VOICE if voice else MOST_GROWTH
    assert growth < most, f"what a session takes for itself differs; {growth} bytes are left behind"
    assert {(files, threads) for _, files, threads in measured} == {before[1:]}


def _live(options: Options) -> None:
    with redirect_stdout(StringIO()):
        run_session(options)
