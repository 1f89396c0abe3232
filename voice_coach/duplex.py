"""What counts while the coach speaks.

Everything does (full duplex): the coach's voice is taken out of what the microphone hears. Where too much of it is
left, that is said in a line, and the session goes on in half duplex, in which only a few commands count over the coach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.audio.canceller import LATEST_ECHO
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.audio.reference import Reference
from voice_coach.errors import SpeakerError
from voice_coach.runner import Inbox, Trouble
from voice_coach.speech.selfhearing import GuardedListener

if TYPE_CHECKING:
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.settings import Duplex
    from voice_coach.speech.models import SpeechModel

_MEANING = "While the coach speaks, only stop, body words and a few more count; all do as soon as it is silent."


def listen_beside(
    speaker: DeviceSpeaker, duplex: Duplex, *, model: SpeechModel, phrasebook: Phrasebook, inbox: Inbox
) -> GuardedListener:
    """Give a listener beside a loudspeaker.

    Args:
        speaker: what the coach speaks through; what it plays goes to the listener from now on.
        duplex: what the user has chosen.
        model: the speech model.
        phrasebook: gives the phrases.
        inbox: gets the line that says why there is no full duplex.
    """
    reference = Reference(speaker.rate)
    speaker.on_played = reference.played
    return GuardedListener(
        model,
        phrasebook.grammar(),
        speaker,
        reference,
        phrasebook.over_the_coach,
        full=duplex == "auto",
        canceller=KalmanCanceller(),
        on_half_duplex=lambda delay, taken_out: inbox.put(Trouble(no_full_duplex(delay, taken_out))),
    )


def no_full_duplex(delay: float, taken_out: float | None) -> SpeakerError:
    """Tell why full duplex is not possible.

    Args:
        delay: seconds by which the echo is late.
        taken_out: dB of the echo that the canceller takes out; None: it comes too late for that.
    """
    if taken_out is None:
        what = f"The microphone hears the coach {delay:.2f} s late; the echo canceller can do {LATEST_ECHO:.2f} s."
    else:
        what = f"The echo canceller takes only {taken_out:.0f} dB of the coach out of what the microphone hears."
    remedy = "a loudspeaker and a microphone of the same device (voice-coach devices), headphones, or --duplex half"
    return SpeakerError(what, _MEANING, remedy)
