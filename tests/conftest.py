"""Settings of all tests.

Property tests try the same examples in every run, so that a red build is red for everybody. More of them:
VOICE_COACH_EXAMPLES=20000 python -m pytest tests/test_property_sessions.py
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EXAMPLES = os.environ.get("VOICE_COACH_EXAMPLES")

settings.register_profile(
    "same examples every time",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=100,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile(
    "many other examples",
    settings.get_profile("same examples every time"),
    derandomize=False,
)
settings.load_profile("many other examples" if _EXAMPLES else "same examples every time")

_BEGUN_FIRST = (
    "test_session_on_devices.py",
    "test_session_beside_a_loudspeaker.py",
    "test_routines_beside_a_loudspeaker.py",
    "faults/test_broken_parts.py",
    "test_train_command_model.py",
    "test_package.py",
    "fuzz/test_models.py",
    "test_neural_speech.py",
    "faults/test_long_runs.py",
    "faults/test_kills.py",
    "cli/test_profile.py",
    "routines/test_adaptation.py",
    "cli/test_start.py",
    "speech/test_selfhearing.py",
    "speech/test_dozing.py",
    "session/test_resuming.py",
    "cli/test_resuming.py",
    "doctor/test_dead_devices.py",
    "history/test_kills.py",
)
"""The files that take longest: shared out as whole files, one that begins last would keep everybody waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the longest files to the front."""
    places = {(Path(__file__).parent / name).resolve(strict=True): place for place, name in enumerate(_BEGUN_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Make folders unreadable, for a superuser, too: they are there, and what is in them may not be looked at."""
    forbidden: list[Path] = []

    def refusing(real: Callable[[Path], object], *, itself: bool) -> Callable[[Path], object]:
        def call(path: Path) -> object:
            if any(folder in path.parents or (itself and folder == path) for folder in forbidden):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path)

        return call

    def forbid(folder: Path) -> None:
        folder.chmod(0)
        forbidden.append(folder)

    monkeypatch.setattr(Path, "is_file", refusing(Path.is_file, itself=False))
    monkeypatch.setattr(Path, "is_dir", refusing(Path.is_dir, itself=False))
    monkeypatch.setattr(Path, "iterdir", refusing(Path.iterdir, itself=True))
    yield forbid
    for folder in forbidden:
        folder.chmod(0o755)
