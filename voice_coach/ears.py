"""The coach's ears: a microphone, or a recording in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.errors import CoachError, MicrophoneError, SoundFileError
from voice_coach.runner import Inbox, Said, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voice_coach.audio.interfaces import Microphone
    from voice_coach.audio.wav_files import WavMicrophone
    from voice_coach.commands.grammar import Grammar
    from voice_coach.commands.phrasebook import Phrasebook
    from voice_coach.speech.listener import Listener, Utterance
    from voice_coach.speech.models import SpeechModel
    from voice_coach.speech.recogniser_thread import Recogniser


class MicrophoneEars:
    """Hears through a microphone; a thread of its own recognises.

    Args:
        microphone: is started here.
        listener: recognises.
        phrasebook: gives the phrases of the commands to listen for.
        inbox: gets what was said, and trouble with the recogniser.
        failed_line: what the coach says where the recogniser has failed: whoever uses no hands looks at no screen.
        behind_line: what it says where the recogniser cannot keep up.

    Raises:
        MicrophoneError: the microphone cannot be opened.
    """

    def __init__(
        self,
        microphone: Microphone,
        listener: Recogniser,
        phrasebook: Phrasebook,
        inbox: Inbox,
        *,
        failed_line: str = "",
        behind_line: str = "",
    ) -> None:
        from voice_coach.speech.recogniser_thread import RecogniserThread  # noqa: PLC0415 - only with a microphone

        self._microphone = microphone
        self._phrasebook = phrasebook
        self._inbox = inbox
        self._failed_line, self._behind_line = failed_line, behind_line
        self.failed = False
        """The recogniser has failed: nothing is heard any more."""
        self._was_behind = False
        self._thread = RecogniserThread(listener, self._said, lambda _partial: None, self._fail, self._fall_behind)
        try:
            microphone.start(self._thread.hear)
        except MicrophoneError:
            self._thread.close()
            raise

    @property
    def open(self) -> bool:
        return True

    @property
    def level(self) -> float | None:
        """See `HasLevel`."""
        return self._thread.level_dbfs

    def listen_for(self, active: frozenset[str]) -> None:
        self._thread.use_grammar(self._phrasebook.grammar(active))

    def close(self) -> None:
        self._microphone.close()
        self._thread.close()

    def _said(self, utterance: Utterance) -> None:
        report(utterance, self._inbox)

    def _fail(self, error: Exception) -> None:
        self.failed = True
        self._inbox.put(Trouble(listening_failed(error), self._failed_line))

    def _fall_behind(self, seconds: float) -> None:
        """Tell it the first time only: a machine that is too slow stays so."""
        if not self._was_behind:
            self._was_behind = True
            self._inbox.put(Trouble(listening_too_slow(seconds), self._behind_line))


class RecordingEars:
    """Hears a recording, in step with the session's clock: its first sample sounds at session time 0.

    Args:
        recording: what is heard.
        listener: recognises.
        phrasebook: gives the phrases of the commands to listen for.
        inbox: gets what was said, and trouble with recording or recogniser.
    """

    def __init__(self, recording: WavMicrophone, listener: Listener, phrasebook: Phrasebook, inbox: Inbox) -> None:
        self._recording = recording
        self._listener = listener
        self._phrasebook = phrasebook
        self._inbox = inbox
        self._blocks: Iterator[bytes] = recording.blocks()
        self._fed = 0
        self.open = True

    @property
    def due(self) -> float | None:
        return (self._fed + 1) * BLOCK_SECONDS if self.open else None

    def advance(self, now: float) -> None:
        """Hear every block that has sounded by `now`."""
        while self.open and (self._fed + 1) * BLOCK_SECONDS <= now + BLOCK_SECONDS / 100:
            block = self._next_block()
            self._fed += 1
            self.open = block is not None
            for utterance in self._heard(block):
                report(utterance, self._inbox)

    def _next_block(self) -> bytes | None:
        """Give the next block; None after the last one, and where the rest of the recording is damaged."""
        try:
            return next(self._blocks, None)
        except SoundFileError as error:
            self._inbox.put(Trouble(error))
            return None

    def _heard(self, block: bytes | None) -> list[Utterance]:
        """Give what was said in a block, or, after the last one, at the end; a recogniser that fails ends it."""
        try:
            return self._listener.flush() if block is None else self._listener.feed(block)
        except Exception as error:  # noqa: BLE001 - Vosk raises nothing more precise
            self.open = False
            self._inbox.put(Trouble(listening_failed(error)))
            return []

    def listen_for(self, active: frozenset[str]) -> None:
        self._listener.use_grammar(self._phrasebook.grammar(active))

    def close(self) -> None:
        self.open = False
        self._recording.close()


def listening_failed(error: Exception) -> MicrophoneError:
    """Give what is told where the recogniser has failed."""
    return MicrophoneError(
        f"Listening has failed: {error}.", "The session goes on; commands can be typed.", "voice-coach start"
    )


def listening_too_slow(seconds: float) -> MicrophoneError:
    """Give what is told where the recogniser has left out `seconds` of sound."""
    return MicrophoneError(
        f"This machine is too slow, or too busy, for the recogniser: {seconds:.0f} seconds went unheard.",
        "The session goes on, and listens; commands may be missed, and can be typed.",
        "voice-coach doctor",
    )


def report(utterance: Utterance, inbox: Inbox) -> None:
    """Put what was said into the inbox; sounds without a word of the grammar are no message."""
    if utterance.command is not None or utterance.text:
        inbox.put(Said(utterance.text, utterance.command))


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a session would have heard in a recording.

    Attributes:
        duration: length of the recording in seconds.
        commands: utterances that are commands, in their order.
    """

    duration: float
    commands: tuple[Utterance, ...]


def hear_recording(path: Path, model: SpeechModel, grammar: Grammar, doubled_within: float) -> Recognition:
    """Hear a recording through the same code as a microphone's sound.

    Args:
        path: WAV, FLAC or what else libsndfile reads.
        model: recognises.
        grammar: the active phrases.
        doubled_within: seconds in which two equal commands count as one, as in a session.

    Raises:
        SoundFileError: the recording cannot be read.
        MicrophoneError: the recogniser fails.
    """
    from voice_coach.audio.wav_files import WavMicrophone  # noqa: PLC0415 - needs numpy and soundfile
    from voice_coach.speech.dozing import DozingListener  # noqa: PLC0415 - only to listen

    recording = WavMicrophone(path)
    listener = DozingListener(model, grammar)
    commands: list[Utterance] = []
    try:
        utterances = [utterance for block in recording.blocks() for utterance in listener.feed(block)]
        utterances += listener.flush()
    except CoachError:
        raise
    except Exception as error:  # Vosk raises nothing more precise
        raise listening_failed(error) from error
    finally:
        recording.close()
    for utterance in utterances:
        if utterance.command is not None and not _is_doubled(utterance, commands, doubled_within):
            commands.append(utterance)
    return Recognition(recording.seconds, tuple(commands))


def _is_doubled(utterance: Utterance, before: list[Utterance], within: float) -> bool:
    if not before or before[-1].command != utterance.command:
        return False
    return utterance.committed_at - before[-1].committed_at < within
