"""Loads a speech model in a process of its own first: where a file of it is damaged, Vosk takes the process with it.

`python -m voice_coach.speech.trial FOLDER` ends with 0 where the model can be loaded and hears. A model in the user's
folder is tried once, and again when any of its files has changed; the one in the package came with its hashes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import voice_coach
from voice_coach.errors import ModelError
from voice_coach.files import is_file, read_bounded, write_whole
from voice_coach.speech.models import SpeechModel, models_folder

TRIED_FILE = ".tried"
_LONGEST_SECONDS = 120.0
_SILENCE = bytes(32_000)


def survives(folder: Path, *, again: bool = False) -> bool:
    """Tell whether the model in `folder` can be loaded without harm.

    Args:
        folder: of the model.
        again: try it, whatever is known.

    Raises:
        ModelError: it cannot be tried, which says nothing about it.
    """
    own = folder.parent == models_folder()
    print_ = _print_of(folder)
    if own and not again and print_ in _tried():
        return True
    good = _is_loaded(folder)
    if own and good:
        with suppress(OSError):
            write_whole(models_folder() / TRIED_FILE, "".join(f"{line}\n" for line in [*_tried()[-20:], print_]))
    return good


def _is_loaded(folder: Path) -> bool:
    package = str(Path(voice_coach.__file__).parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(  # noqa: S603 - runs nothing but this package
            [sys.executable, "-m", "voice_coach.speech.trial", str(folder.resolve())],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            timeout=_LONGEST_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise ModelError(
            f"The speech model in {folder} cannot be tried in a process of its own ({error.strerror or error}).",
            "The coach cannot understand spoken commands; typed ones work.",
            "voice-coach model check",
        ) from error
    except (ValueError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _print_of(folder: Path) -> str:
    """Give what changes whenever a file of the model does."""
    files = sorted(path for path in folder.rglob("*") if is_file(path))
    known = [f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join([str(folder), *known]).encode("utf-8", "surrogateescape")).hexdigest()


def _tried() -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        return read_bounded(models_folder() / TRIED_FILE).decode().split()
    return []


def main(folder: Path) -> None:
    """Load the model and let it hear a second of silence."""
    try:
        recogniser = SpeechModel(folder, tried=True).recogniser({"stop": 1})
    except ModelError:
        sys.exit(1)
    recogniser.AcceptWaveform(_SILENCE)
    recogniser.FinalResult()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
