"""The voice, and the loudspeaker or the file that it goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice_coach.errors import AudioError, VoiceError
from voice_coach.manner import manner_of, rememberer
from voice_coach.mouths import SilentMouth, SpeakingMouth, forget
from voice_coach.runner import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.assembly.options import Options
    from voice_coach.assembly.parts import Parts
    from voice_coach.audio.devices import Device
    from voice_coach.audio.interfaces import Speaker
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.runner import Mouth
    from voice_coach.speech.voice import PyttsxVoice


def check_devices(options: Options) -> None:
    """Look for the devices that were named on the command line.

    Raises:
        AudioError: one of them is not there.
    """
    is_named = options.microphone is not None or options.speaker is not None
    if options.on_devices and options.devices_must_be_there and is_named:
        from voice_coach.audio.devices import find_device  # noqa: PLC0415 - only with a sound card

        if options.speaker is not None:
            find_device("loudspeaker", options.speaker)
        if options.microphone is not None:
            find_device("microphone", options.microphone)


def open_mouth(parts: Parts) -> Mouth:
    """Open voice and loudspeaker; where one is missing, say so in a line and go on in text."""
    options = parts.options
    remember = forget if options.fast else rememberer(parts.inbox)
    if options.speaker_wav is None and not options.on_devices:
        return SilentMouth(parts.inbox, remember)
    try:
        voice = _open_voice(parts)
        speaker = _open_speaker(parts, voice)
    except (AudioError, VoiceError) as error:
        if options.speaker_wav is not None:
            raise
        parts.tell(f"{error.what} Going on in text. Try: {error.remedy}")
        return SilentMouth(parts.inbox, remember)
    from voice_coach.speech.rehearsal import Rehearsal  # noqa: PLC0415 - only to speak

    rehearsal = Rehearsal(voice, manner=manner_of(parts.settings))
    mouth = SpeakingMouth(rehearsal, speaker, parts.inbox, remember)
    parts.closing(mouth)
    return mouth


def _open_voice(parts: Parts) -> PyttsxVoice:
    from voice_coach.speech.voice import PyttsxVoice  # noqa: PLC0415 - needs numpy, and only to speak

    voice = PyttsxVoice()
    parts.closing(voice)
    voice.start()
    return voice


def _open_speaker(parts: Parts, voice: PyttsxVoice) -> Speaker:
    path = parts.options.speaker_wav
    if path is None:
        parts.speaker, parts.speaker_device = _open_device_speaker(parts, voice.rate)
        return parts.speaker
    from voice_coach.audio.wav_files import WavSpeaker  # noqa: PLC0415 - needs numpy

    speaker = WavSpeaker(path, voice.rate, lambda error: parts.inbox.put(Trouble(error)))
    parts.timed.append(_WavClock(speaker.advance, lambda: speaker.ends_at))
    return speaker


def _open_device_speaker(parts: Parts, rate: int) -> tuple[DeviceSpeaker, Device | None]:
    """Open the chosen loudspeaker; where it is not there, say so and open the system's choice."""
    from voice_coach.audio.devices import find_device, open_speaker  # noqa: PLC0415 - only with a sound card

    device = None
    try:
        device = None if parts.settings.speaker is None else find_device("loudspeaker", parts.settings.speaker)
    except AudioError as error:
        parts.tell(f"{error.what} Another one is used until it is there. Try: {error.remedy}")
    return open_speaker(rate, device), device


@dataclass(frozen=True, slots=True)
class _WavClock:
    """Keeps a sound file in step with the session."""

    write_until: Callable[[float], None]
    ends_at: Callable[[], float | None]

    @property
    def due(self) -> float | None:
        return self.ends_at()

    def advance(self, now: float) -> None:
        self.write_until(now)
