"""Measure the program beside its bars: scripts/bench/run [NAME...] [--json FILE].

Without names everything is measured but the long runs. Those that say "devices" need PulseAudio's programs, flite and
a quiet machine; `hearing` needs a folder of recordings (--recordings).
"""

from __future__ import annotations

import argparse
import compileall
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import listening
import on_devices
import spoken_commands
import without_devices
from figures import Figure, table, write_json

import voice_coach

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent


def _benches(minutes: float, trials: int) -> dict[str, Callable[[], list[Figure]]]:
    return {
        "core": without_devices.core,
        "start": without_devices.start,
        "history": without_devices.history,
        "size": without_devices.size,
        "kills": without_devices.kills,
        "first_word": on_devices.first_word,
        "commands": lambda: spoken_commands.commands(trials),
        "stops": lambda: spoken_commands.stops(trials),
        "cues": lambda: on_devices.cues(minutes),
        "processor": listening.processor,
        "long_run": lambda: on_devices.long_run(minutes),
    }


_ONLY_BY_NAME = frozenset({"long_run"})


def main() -> None:
    """Measure, print the table, and fail where a bar is missed and that was asked for."""
    names = [*_benches(0.0, 0), "hearing"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--minutes", type=float, default=3.0, help="of the session for cues and long_run")
    parser.add_argument("--trials", type=int, default=8, help="of each word for commands and stops")
    parser.add_argument("--recordings", type=Path, metavar="FOLDER", help="for hearing: see its --help")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures into a file")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a bar is missed")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there is {', '.join(names)}")
    # pip compiles what it installs; in a folder of sources that is left to their use, and may be switched off.
    compileall.compile_dir(Path(voice_coach.__file__).parent, quiet=1)
    benches = _benches(arguments.minutes, arguments.trials)
    chosen = arguments.names or [name for name in benches if name not in _ONLY_BY_NAME]
    results: dict[str, Sequence[Figure]] = {}
    for name in chosen:
        if name == "hearing":
            _hearing(parser, arguments.recordings)
            continue
        results[name] = benches[name]()
        print(table(name, results[name]), flush=True)
    if arguments.json is not None:
        write_json(arguments.json, results)
    missed = any(figure.held is False for figures in results.values() for figure in figures)
    sys.exit(1 if missed and arguments.strict else 0)


def _hearing(parser: argparse.ArgumentParser, recordings: Path | None) -> None:
    if recordings is None:
        parser.error("hearing needs --recordings FOLDER")
    subprocess.run([sys.executable, str(HERE / "hearing.py"), str(recordings), "--others", "stock"], check=True)


if __name__ == "__main__":
    main()
