"""Where the program keeps what belongs to the user."""

from __future__ import annotations

import os
from pathlib import Path

DATA_VARIABLE = "VOICE_COACH_DATA"
"""Environment variable that names the folder for history and models, instead of the platform's own place."""


def data_folder() -> Path:
    """Give the folder for history and models; it need not exist."""
    if chosen := os.environ.get(DATA_VARIABLE):
        return Path(chosen)
    import platformdirs  # noqa: PLC0415 - not needed for --help

    return platformdirs.user_data_path("voice-coach", appauthor=False)


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
    if chosen := os.environ.get(DATA_VARIABLE):
        return Path(chosen) / "cache"
    import platformdirs  # noqa: PLC0415 - not needed for --help

    return platformdirs.user_cache_path("voice-coach", appauthor=False)


def settings_file() -> Path:
    """Give the file of the settings; it need not exist.

    It is in the platform's folder for settings. One that is in the data folder already, where earlier versions had it,
    stays there.
    """
    in_data = data_folder() / "settings.toml"
    if os.environ.get(DATA_VARIABLE) or in_data.exists():
        return in_data
    import platformdirs  # noqa: PLC0415 - not needed for --help

    return platformdirs.user_config_path("voice-coach", appauthor=False) / "settings.toml"
