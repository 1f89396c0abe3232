"""What hears: the microphone or a recording, the speech model, and who looks after the devices."""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import Empty
from typing import TYPE_CHECKING

from voice_coach.assembly.parts import OPENING_SECONDS, Parts
from voice_coach.errors import CoachError, ModelError, SettingsError, UsageError
from voice_coach.mouths import SilentMouth
from voice_coach.runner import (
    EarsReady,
    Mouth,
    Trouble,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voice_coach.audio.interfaces import Microphone
    from voice_coach.audio.sound_record import SoundRecord
    from voice_coach.sound import DeviceSound
    from voice_coach.speech.models import SpeechModel
    from voice_coach.speech.recogniser_thread import Recogniser


def open_ears(parts: Parts, *, listening_pays: bool) -> None:
    """Open what hears. A missing microphone or model is told in a line; commands can be typed."""
    options = parts.options
    listens = options.mic_wav is None and options.on_devices and listening_pays
    if options.mic_wav is not None:
        _open_recording(parts, options.mic_wav)
    if listens:
        if options.model is not None:
            _load_model(options.model)
        parts.sources.append(AlwaysOpen())
    if listens or parts.speaker is not None:
        opening = threading.Thread(target=_keep_devices, args=(parts, listens), name="opening devices", daemon=True)
        parts.timed.append(_OnceBegun(opening.start))
        parts.stack.callback(_close_devices, opening, parts)


def open_record(parts: Parts, mouth: Mouth) -> None:
    """Begin to keep what the microphone hears, where that is asked for, and say so aloud.

    Raises:
        UsageError: no microphone is listened to.
        SoundFileError: the file cannot be written.
    """
    path = parts.options.record
    if path is None:
        return
    if parts.options.on_devices and parts.options.mic_wav is None and isinstance(mouth, SilentMouth):
        raise UsageError(
            "Nothing is listened to in a session without voice and loudspeaker: there is nothing to record.",
            "Nothing was started.",
            "voice-coach doctor",
        )
    if not parts.options.on_devices or parts.options.mic_wav is not None:
        raise UsageError("There is no microphone to record.", "Nothing was started.", "voice-coach start --record FILE")
    from voice_coach.audio.sound_record import SoundRecord  # noqa: PLC0415 - only where it is asked for

    parts.record = SoundRecord(path, lambda error: parts.inbox.put(Trouble(error)))
    parts.closing(parts.record)
    parts.tell(f"What the microphone hears is kept in {path}.")
    mouth.announce(parts.lines["recording"].say, lasts=True)


class _OnceBegun:
    """Does something once, when the first word of the session is on its way: it must not wait for anything."""

    def __init__(self, do: Callable[[], None]) -> None:
        self._do = do
        self._done = False

    @property
    def due(self) -> float | None:
        return None if self._done else 0.0

    def advance(self, _now: float) -> None:
        if not self._done:
            self._done = True
            self._do()


class AlwaysOpen:
    open = True


def _open_recording(parts: Parts, path: Path) -> None:
    from voice_coach.audio.wav_files import WavMicrophone  # noqa: PLC0415 - needs numpy and soundfile
    from voice_coach.ears import RecordingEars  # noqa: PLC0415 - as above
    from voice_coach.speech.dozing import DozingListener  # noqa: PLC0415 - only to listen

    recording = WavMicrophone(path)
    listener = DozingListener(_load_model(parts.options.model), parts.phrasebook.grammar())
    ears = RecordingEars(recording, listener, parts.phrasebook, parts.inbox)
    parts.closing(ears)
    parts.ears.append(ears)
    parts.timed.append(ears)
    parts.sources.append(ears)


def _load_model(folder: Path | None) -> SpeechModel:
    from voice_coach.speech.models import SpeechModel, find_model  # noqa: PLC0415 - only to listen

    return SpeechModel(find_model(folder))


def _keep_devices(parts: Parts, listens: bool) -> None:
    """Look after the devices, and open the microphone, while the coach greets already: its first word must not wait."""
    from voice_coach.ears import listening_failed  # noqa: PLC0415 - needs numpy
    from voice_coach.sound import MICROPHONE_LOST  # noqa: PLC0415 - as above

    line = parts.lines[MICROPHONE_LOST].say if listens else ""
    try:
        _open_devices(parts, listens)
    except CoachError as error:
        parts.inbox.put(Trouble(error, line))
    except OSError as error:
        parts.inbox.put(Trouble(listening_failed(error), line))
    finally:
        if parts.over:  # whoever ended the session did not wait for this
            _close_all(parts)


def _open_devices(parts: Parts, listens: bool) -> None:
    from voice_coach.sound import DeviceSound  # noqa: PLC0415 - needs numpy

    parts.sound = DeviceSound(parts.settings, parts.lines, parts.inbox)
    if parts.over:
        return
    if parts.speaker is not None:
        parts.sound.keep_speaker(parts.speaker, parts.speaker_device)
    parts.sound.start()
    if listens:
        _open_microphone(parts, parts.sound)


def _load_model_or_spare(parts: Parts) -> SpeechModel:
    """Load the model; where one that was chosen once is broken, tell so, and load the one in the package.

    Raises:
        ModelError: none can be used, or the one that was named for this session cannot.
    """
    from voice_coach.speech.models import command_to_take_back, packaged_model  # noqa: PLC0415 - only to listen

    try:
        return _load_model(parts.options.model)
    except ModelError as error:
        packaged = packaged_model()
        if parts.options.model is not None or packaged is None:
            raise
        model = _load_model(packaged)
        instead = "The coach listens with the model in the box instead."
        parts.inbox.put(Trouble(SettingsError(error.what, instead, command_to_take_back())))
        return model


def _open_microphone(parts: Parts, sound: DeviceSound) -> None:
    from voice_coach.ears import MicrophoneEars  # noqa: PLC0415 - as above
    from voice_coach.sound import LISTENING_BEHIND, MICROPHONE_LOST  # noqa: PLC0415 - as above
    from voice_coach.speech.models import packaged_model  # noqa: PLC0415 - only to listen

    model = _load_model_or_spare(parts)
    microphone = sound.new_microphone()
    listener = _listener(parts, model)
    heard = microphone if parts.record is None else _recorded(microphone, parts.record)
    ears = MicrophoneEars(
        heard,
        listener,
        parts.phrasebook,
        parts.inbox,
        failed_line=parts.lines[MICROPHONE_LOST].say,
        behind_line=parts.lines[LISTENING_BEHIND].say,
    )
    unheard = model.unheard(parts.phrasebook.grammar().phrases)
    sound.listen(microphone, EarsReady(ears, unheard, in_the_box=model.folder == packaged_model()))


def _recorded(microphone: Microphone, record: SoundRecord) -> Microphone:
    from voice_coach.audio.sound_record import RecordedMicrophone  # noqa: PLC0415 - as in `open_record`

    return RecordedMicrophone(microphone, record)


def _listener(parts: Parts, model: SpeechModel) -> Recogniser:
    """Give what recognises; beside a loudspeaker it must not take the coach for the user."""
    if parts.speaker is None:
        from voice_coach.speech.dozing import DozingListener  # noqa: PLC0415 - only to listen

        return DozingListener(model, parts.phrasebook.grammar())
    from voice_coach.duplex import listen_beside  # noqa: PLC0415 - as above

    return listen_beside(
        parts.speaker, parts.settings.duplex, model=model, phrasebook=parts.phrasebook, inbox=parts.inbox
    )


def _close_devices(opening: threading.Thread, parts: Parts) -> None:
    """Close the devices, and ears that were still being opened when the session was over."""
    if opening.ident is not None:  # else the session was over before it had begun
        opening.join(OPENING_SECONDS)
    parts.over = True  # before anything is closed: what is opened too late to be seen here, its opener closes
    _close_all(parts)


def _close_all(parts: Parts) -> None:
    """Close the devices, then ears that nobody hears with yet: none are put there once the devices are closed."""
    if parts.sound is not None:
        parts.sound.close()
    with suppress(Empty):
        while True:
            message = parts.inbox.get_nowait()
            if isinstance(message, EarsReady):
                message.ears.close()
