"""Measure what a session takes of the processor and of the memory while it listens and nobody speaks.

The session runs on virtual devices of a sound server of its own (Linux, PulseAudio), in a room with as much noise as
asked; nobody answers, so that it has paused and the coach is silent. What the sound server takes is not counted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.audio.echo_room import EchoRoom
from tests.audio.rig import SoundRig

BEGINNING_SECONDS = 45.0
"""By then nobody has answered the first question twice, and the session has paused: the coach is silent."""


def main() -> None:
    """Run a session and print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to measure")
    parser.add_argument("--noise", type=float, default=-60.0, help="level of the room's noise, in dB")
    parser.add_argument("--standby", action="store_true", help="measure standby instead of a session")
    arguments = parser.parse_args()
    what = ["standby", "--plain"] if arguments.standby else ["start", "quick_3", "--json"]
    room = EchoRoom(attenuation_db=float("-inf"), noise_dbfs=arguments.noise)
    with SoundRig(room) as rig, tempfile.TemporaryDirectory() as data:
        process = subprocess.Popen(
            [sys.executable, "-m", "voice_coach", *what],
            env=rig.whole_environment() | {"VOICE_COACH_DATA": data},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(BEGINNING_SECONDS)
            before, began = processor_seconds(process.pid), time.monotonic()
            time.sleep(arguments.seconds)
            share = (processor_seconds(process.pid) - before) / (time.monotonic() - began)
            print(f"processor: {100 * share:.1f} % of one core, memory: {megabytes(process.pid):.0f} MB")
        finally:
            process.kill()
            process.wait()


def family(process: int) -> list[int]:
    """Give a process and all that it has started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return [process, *(member for child in children for member in family(int(child)))]


def processor_seconds(process: int) -> float:
    """Give what a process and its children have taken so far."""
    ticks = 0
    for member in family(process):
        fields = Path(f"/proc/{member}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(process: int) -> float:
    """Give the memory of a process and its children, what they share counted once."""
    return _summed(process, "Pss:")


def own_megabytes(process: int) -> float:
    """Give the memory that a process and its children have taken for themselves.

    Their share of libraries is left out: it grows whenever another program that has the same ones in use ends.
    """
    return _summed(process, "Pss_Anon:")


def _summed(process: int, name: str) -> float:
    kilobytes = 0
    for member in family(process):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith(name):
                kilobytes += int(line.split()[1])
    return kilobytes / 1000


if __name__ == "__main__":
    main()
