"""Where the program keeps what belongs to the user."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from voice_coach.errors import FolderError
from voice_coach.files import expanded

DATA_VARIABLE = "VOICE_COACH_DATA"
"""Environment variable that names the folder for history and models, instead of the platform's own place."""

_APP = "voice-coach"


def data_folder() -> Path:
    """Give the folder for history and models; it need not exist.

    Raises:
        FolderError: there is no home folder for it.
    """
    if chosen := os.environ.get(DATA_VARIABLE):
        return expanded(chosen).absolute()
    return _platforms_own("user_data_path")


def history_file() -> Path:
    """Give the file of the history; it need not exist."""
    return data_folder() / "history.db"


def profile_file() -> Path:
    """Give the file of what the user has told about themselves; it need not exist."""
    return data_folder() / "profile.json"


def routines_folder() -> Path:
    """Give the folder of the user's own routines; it need not exist."""
    return data_folder() / "routines"


def cache_folder() -> Path:
    """Give the folder for what can be made again at any time; it need not exist."""
    return data_folder() / "cache" if os.environ.get(DATA_VARIABLE) else _platforms_own("user_cache_path")


def settings_file() -> Path:
    """Give the file of the settings; it need not exist.

    It is in the platform's folder for settings. One that is in the data folder already, where earlier versions had it,
    stays there.
    """
    in_data = data_folder() / "settings.toml"
    if os.environ.get(DATA_VARIABLE) or in_data.exists():
        return in_data
    return _platforms_own("user_config_path") / "settings.toml"


def home_folder() -> Path:
    """Give the user's home folder.

    Raises:
        FolderError: there is none.
    """
    try:
        return Path.home()
    except RuntimeError as error:
        raise _no_home() from error


def _platforms_own(kind: Literal["user_data_path", "user_cache_path", "user_config_path"]) -> Path:
    import platformdirs  # noqa: PLC0415 - not needed for --help

    try:
        place: Path = getattr(platformdirs, kind)(_APP, appauthor=False)
    except RuntimeError as error:
        raise _no_home() from error
    return place


def _no_home() -> FolderError:
    return FolderError(
        "This user has no home folder.",
        "There is no place for the history, the profile and the settings; nothing was started.",
        f'export {DATA_VARIABLE}="$PWD/voice-coach"',
    )
