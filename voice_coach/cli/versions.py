"""Tells the versions of the program and of what it hears and speaks with."""

from __future__ import annotations

import ctypes
import platform
import re
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from voice_coach import __version__
from voice_coach.errors import CoachError

_ESPEAK = ("libespeak-ng.so.1", "libespeak-ng.so")


def version_lines() -> list[str]:
    """Give the versions, a line each, without loading any of it."""
    return [
        f"voice-coach {__version__}",
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
        f"hears with: Vosk {_package('vosk')}",
        f"speech model: {_model()}",
        f"speaks with: {_voice()}, through pyttsx3 {_package('pyttsx3')}",
    ]


def _package(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _model() -> str:
    from voice_coach.speech.models import find_model, packaged_model  # noqa: PLC0415 - only for --version

    try:
        folder = find_model()
    except CoachError as error:
        return error.what
    return "the one in the package" if folder == packaged_model() else f"{folder.name} ({folder})"


def _voice() -> str:
    if sys.platform == "darwin":
        return "the voice of macOS"
    if sys.platform == "win32":
        return "the voice of Windows"
    library = _espeak()
    if library is None:
        return "no voice (espeak-ng is missing)"
    library.espeak_Info.restype = ctypes.c_char_p
    text = (library.espeak_Info(None) or b"").decode(errors="replace")
    found = re.match(r"[\w.]+", text)
    return f"espeak-ng {found[0] if found else ''}".rstrip()


def _espeak() -> ctypes.CDLL | None:
    """Give espeak-ng as the voice finds it: the system's, else the one that comes as a Python package."""
    for name in _ESPEAK:
        with suppress(OSError):
            return ctypes.CDLL(name)
    with suppress(OSError, metadata.PackageNotFoundError):
        folder = metadata.distribution("espeakng-loader").locate_file("espeakng_loader")
        libraries = sorted(Path(str(folder)).glob("libespeak-ng.so*"))
        return ctypes.CDLL(str(libraries[0])) if libraries else None
    return None
