"""The manner of speaking that the settings ask for, and how a change of it is remembered."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from voice_coach.errors import SettingsError
from voice_coach.runner import Inbox, Trouble
from voice_coach.session.manner import Manner
from voice_coach.settings import change_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.settings import AudioSettings


def manner_of(settings: AudioSettings) -> Manner:
    """Give the manner of speaking that the settings ask for."""
    return Manner(settings.speech_rate, settings.loudness)


def rememberer(inbox: Inbox) -> Callable[[Manner], None]:
    """Give something that writes the manner of speaking into the settings, without making anybody wait.

    Of several manners that come while one is written, only the last is.
    """
    waiting: queue.SimpleQueue[Manner] = queue.SimpleQueue()
    writing = threading.Lock()

    def remember(manner: Manner) -> None:
        waiting.put(manner)
        threading.Thread(target=write, name="settings").start()

    def write() -> None:
        with writing:
            manner = None
            while not waiting.empty():
                manner = waiting.get()
            if manner is None:
                return
            try:
                change_settings({"loudness": manner.decibels, "speech_rate": manner.words_per_minute})
            except SettingsError as error:
                session_only = "The change holds for this session only."
                inbox.put(Trouble(SettingsError(error.what, session_only, error.remedy)))

    return remember
