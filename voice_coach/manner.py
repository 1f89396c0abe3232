"""How much louder, quieter, faster and slower the coach speaks when it is asked to, and how that is remembered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from voice_coach.errors import SettingsError
from voice_coach.runner import Inbox, Trouble
from voice_coach.settings import LOUDNESS_DECIBELS, WORDS_PER_MINUTE, change_settings
from voice_coach.speech.voice import Manner

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.session.actions import SpeakHow
    from voice_coach.settings import AudioSettings

LOUDER_DECIBELS = 3.0
"""One step of "louder" and "quieter": clearly another loudness, and half as much again to get used to."""

FASTER = 1.12
"""One step of "talk faster", as a factor; "talk slower" is its inverse."""


def changed(manner: Manner, how: SpeakHow) -> Manner:
    """Give the manner that follows on `manner`; the same one where it is as far as it goes already."""
    decibels, speed = manner.decibels, float(manner.words_per_minute)
    if how == "louder":
        decibels += LOUDER_DECIBELS
    elif how == "quieter":
        decibels -= LOUDER_DECIBELS
    elif how == "talk_faster":
        speed *= FASTER
    else:
        speed /= FASTER
    return Manner(round(_within(speed, WORDS_PER_MINUTE)), _within(decibels, LOUDNESS_DECIBELS))


def _within(value: float, limits: tuple[int, int]) -> float:
    least, most = limits
    return min(float(most), max(float(least), value))


def manner_of(settings: AudioSettings) -> Manner:
    """Give the manner of speaking that the settings ask for."""
    return Manner(settings.speech_rate, settings.loudness)


def rememberer(inbox: Inbox) -> Callable[[Manner], None]:
    """Give something that writes the manner of speaking into the settings, without making anybody wait."""

    def remember(manner: Manner) -> None:
        threading.Thread(target=write, args=(manner,), name="settings").start()

    def write(manner: Manner) -> None:
        try:
            change_settings({"loudness": manner.decibels, "speech_rate": manner.words_per_minute})
        except SettingsError as error:
            inbox.put(Trouble(error))

    return remember
