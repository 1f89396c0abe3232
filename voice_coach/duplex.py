"""What counts while the coach speaks.

With a loudspeaker only a few commands do (half duplex), because the microphone hears the coach. With headphones, or
with an echo canceller, all do (full duplex). Where full duplex turns out not to be possible, that is said in a line,
and the session goes on in half duplex.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from voice_coach.audio.canceller import LATEST_ECHO, find_canceller
from voice_coach.audio.devices import list_devices
from voice_coach.audio.reference import Reference
from voice_coach.errors import AudioError, SpeakerError
from voice_coach.runner import Inbox, Trouble
from voice_coach.speech.selfhearing import GuardedListener

if TYPE_CHECKING:
    from voice_coach.audio.canceller import Canceller
    from voice_coach.audio.devices import Device
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.settings import Duplex
    from voice_coach.speech.models import SpeechModel

_HEADPHONES = re.compile(r"head-?(phone|set)|ear-?(phone|bud)|airpods|\bbuds", re.IGNORECASE)
_MEANING = "While the coach speaks, only stop, body words and a few more count; all do as soon as it is silent."


def are_headphones(name: str) -> bool:
    """Tell whether a loudspeaker's name is one of headphones."""
    return _HEADPHONES.search(name) is not None


def loudspeaker_name(device: Device | None) -> str:
    """Give all that is known of the name of the loudspeaker that is used; None is the system's choice."""
    if device is None:
        chosen = os.environ.get("PULSE_SINK")
        try:
            devices = list_devices("loudspeaker")
        except AudioError:
            return ""
        device = next((d for d in devices if d.name == chosen or (chosen is None and d.is_default)), None)
    return "" if device is None else f"{device.name} {device.description}"


def listen_beside(
    speaker: DeviceSpeaker, name: str, duplex: Duplex, *, model: SpeechModel, phrasebook: Phrasebook, inbox: Inbox
) -> GuardedListener:
    """Give a listener beside a loudspeaker.

    Args:
        speaker: what the coach speaks through; what it plays goes to the listener from now on.
        name: of the loudspeaker.
        duplex: what the user has chosen.
        model: the speech model.
        phrasebook: gives the phrases.
        inbox: gets the line that says why there is no full duplex.
    """
    headphones = are_headphones(name)
    canceller = None if duplex == "half" or headphones else find_canceller()
    full = duplex == "full" or (duplex == "auto" and (headphones or canceller is not None))
    reference = Reference(speaker.rate)
    speaker.on_played = reference.played
    return GuardedListener(
        model,
        phrasebook.grammar(),
        speaker,
        reference,
        phrasebook.over_the_coach,
        full=full,
        canceller=canceller,
        on_half_duplex=lambda delay: inbox.put(Trouble(no_full_duplex(delay, canceller, headphones=headphones))),
    )


def no_full_duplex(delay: float | None, canceller: Canceller | None, *, headphones: bool = False) -> AudioError:
    """Tell why full duplex is not possible.

    Args:
        delay: seconds by which the echo is late; None: the canceller has failed.
        canceller: takes the coach out of what is heard; None where there is none.
        headphones: no canceller was looked for.
    """
    if delay is None:
        remedy = 'pip install --force-reinstall "voice-coach[echo]", or --duplex half'
        return SpeakerError("The echo canceller has failed.", _MEANING, remedy)
    if headphones:
        what = "The microphone hears the coach, although its loudspeaker is called headphones."
        return SpeakerError(what, _MEANING, "--duplex half")
    if canceller is None:
        what = "The microphone hears the coach, and the echo canceller is not installed."
        return SpeakerError(what, _MEANING, 'pip install "voice-coach[echo]", or --duplex half')
    what = f"The microphone hears the coach {delay:.2f} s late; the echo canceller can do {LATEST_ECHO:.2f} s."
    return SpeakerError(what, _MEANING, "another loudspeaker (voice-coach devices), or --duplex half")
