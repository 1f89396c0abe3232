"""How the coach speaks is remembered: what was asked for last."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from voice_coach import manner
from voice_coach.errors import SettingsError
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.manner import Manner
from voice_coach.settings import change_settings, read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.settings_table import Value


def wait_for_writers() -> None:
    for thread in threading.enumerate():
        if thread.name == "settings":
            thread.join(5)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))


def test_what_was_asked_for_last_is_remembered_also_where_a_disk_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    write = change_settings
    waits = [0.3, 0.0, 0.0]

    def slowly(changes: dict[str, Value | None]) -> None:
        time.sleep(waits.pop(0))
        write(changes)

    monkeypatch.setattr(manner, "change_settings", slowly)
    remember = manner.rememberer(Inbox())
    for decibels in (3.0, 6.0, 0.0):
        remember(Manner(170, decibels))
    wait_for_writers()
    assert read_settings().audio.loudness == 0.0


def test_settings_that_cannot_be_written_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_changes: object) -> None:
        raise SettingsError("It cannot be written.", "Nothing was written.", "ls -ld")

    monkeypatch.setattr(manner, "change_settings", fail)
    inbox = Inbox()
    manner.rememberer(inbox)(Manner(150, 0.0))
    told = inbox.get(timeout=5)
    assert isinstance(told, Trouble)
    assert str(told.error) == "It cannot be written. The change holds for this session only. Try: ls -ld"
