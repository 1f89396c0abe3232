"""What a session, and standby, take of processor and memory while nobody speaks, and while the coach does."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure
from on_devices import talking
from processor import megabytes, processor_seconds

from tests.audio.echo_room import EchoRoom
from tests.audio.rig import SoundRig
from tests.cli.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from on_devices import Talker

_MEASURED_SECONDS = 25.0
"""So long the processor's time is taken."""
_SILENT_AFTER = 10.0
"""Seconds after which the coach has said all that it says when a session pauses or standby begins."""


def processor() -> list[Figure]:
    """What listening takes while nobody speaks: in a session that waits for "resume", and in standby.

    A session's is measured in a quiet room and in noise, and while the coach speaks and hears itself, too.
    """
    figures: list[Figure] = []
    for what, noise, begin in (
        ("a session listens", -60.0, _begin_to_listen),
        ("a session listens in noise of -45 dB", -45.0, _begin_to_listen),
        ("standby", -60.0, _begin_to_stand_by),
    ):
        room = EchoRoom(attenuation_db=float("-inf"), noise_dbfs=noise)
        figures += _share_of_processor(what, room, begin, 5.0)
    return figures + _share_of_processor("the coach speaks", EchoRoom(noise_dbfs=-60.0), _begin_to_speak, None)


def _share_of_processor(
    what: str, room: EchoRoom, begin: Callable[[SoundRig, Path], AbstractContextManager[Talker]], bar: float | None
) -> list[Figure]:
    with SoundRig(room) as rig, tempfile.TemporaryDirectory() as name, begin(rig, Path(name)) as coach:
        before, began = processor_seconds(coach.process.pid), time.monotonic()
        time.sleep(_MEASURED_SECONDS)
        share = (processor_seconds(coach.process.pid) - before) / (time.monotonic() - began)
        memory = megabytes(coach.process.pid)
    return [
        Figure(f"processor while {what}", 100 * share, "% of a core", most=bar),
        Figure(f"memory while {what}", memory, "MB", most=160.0),
    ]


@contextmanager
def _begin_to_listen(rig: SoundRig, folder: Path) -> Iterator[Talker]:
    """Give a session that nobody has answered: it has paused, and is silent. Speaking takes twice as much."""
    with talking(rig, folder, "-m", "voice_coach", "start", "quick_3", "--json") as coach:
        coach.wait_for_state("paused", 90.0)
        time.sleep(_SILENT_AFTER)
        yield coach


@contextmanager
def _begin_to_stand_by(rig: SoundRig, folder: Path) -> Iterator[Talker]:
    with talking(rig, folder, "-m", "voice_coach", "standby", "--plain") as coach:
        time.sleep(2 * _SILENT_AFTER)
        yield coach


@contextmanager
def _begin_to_speak(rig: SoundRig, folder: Path) -> Iterator[Talker]:
    """Give a session in which a step begins: setup, count-in and cues, one after the other."""
    Program(folder / "data").answer_first_questions()
    with talking(rig, folder, "-m", "voice_coach", "start", "full_15", "--json") as coach:
        coach.wait_for_state("setup", 60.0)
        yield coach
