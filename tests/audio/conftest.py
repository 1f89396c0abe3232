from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.audio.rig import SoundRig, missing_programs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sound_rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundRig]:
    """Give a private sound server whose devices this process uses as well."""
    if missing := missing_programs():
        pytest.skip(f"the virtual sound devices need {', '.join(missing)}")
    try:
        import sounddevice  # noqa: PLC0415 - PortAudio may be missing
    except OSError as error:
        pytest.skip(str(error))
    with SoundRig() as rig:
        for name, value in rig.environment.items():
            monkeypatch.setenv(name, value)
        # the list of devices is as old as the library's start
        sounddevice._terminate()
        sounddevice._initialize()
        yield rig
