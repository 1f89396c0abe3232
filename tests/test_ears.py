"""The ears of a session: what is told where hearing goes wrong."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.ears import MicrophoneEars, RecordingEars
from voice_coach.errors import SoundFileError
from voice_coach.runner import Inbox, Said, Trouble
from voice_coach.speech.listener import Utterance
from voice_coach.speech.recogniser_thread import MOST_BEHIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voice_coach.audio.interfaces import Microphone
    from voice_coach.audio.wav_files import WavMicrophone
    from voice_coach.commands.grammar import Grammar
    from voice_coach.speech.listener import Listener
    from voice_coach.speech.recogniser_thread import Recogniser


class HandMicrophone:
    """Gives what a test gives it."""

    give: Callable[[bytes], None]

    def start(self, on_block: Callable[[bytes], None]) -> None:
        self.give = on_block

    def close(self) -> None:
        pass


class StuckRecogniser:
    """Gets stuck in every first block of a burst until it is let go."""

    partial = ""
    level_dbfs = -96.0

    def __init__(self) -> None:
        self.stuck, self.let_go = threading.Event(), threading.Event()

    def use_grammar(self, grammar: Grammar) -> None:
        pass

    def feed(self, block: bytes) -> list[Utterance]:
        if block == b"fail":
            raise RuntimeError("out of memory")
        self.stuck.set()
        self.let_go.wait(5)
        return []

    def flush(self) -> list[Utterance]:
        return []


def new_ears(inbox: Inbox) -> tuple[MicrophoneEars, HandMicrophone, StuckRecogniser]:
    microphone, recogniser = HandMicrophone(), StuckRecogniser()
    ears = MicrophoneEars(
        cast("Microphone", microphone),
        cast("Recogniser", recogniser),
        load_phrasebook(),
        inbox,
        failed_line="I cannot hear you.",
        behind_line="I may miss something.",
    )
    return ears, microphone, recogniser


class DamagedRecording:
    """Gives three blocks, and fails at the fourth."""

    def blocks(self) -> Iterator[bytes]:
        yield from (bytes(320) for _ in range(3))
        raise SoundFileError("The recording is damaged.", "It ends here.", "another one")

    def close(self) -> None:
        pass


class CountingListener:
    """Counts the blocks, and says something at the end of the sound."""

    fed = 0

    def feed(self, block: bytes) -> list[Utterance]:
        self.fed += len(block) // 320
        return []

    def flush(self) -> list[Utterance]:
        return [Utterance("next", load_phrasebook().grammar().match("next"), 0.0, 0.03, early=False)]


def test_a_recording_that_is_damaged_is_heard_as_far_as_it_is_whole_and_told_once() -> None:
    inbox, listener = Inbox(), CountingListener()
    recording = cast("WavMicrophone", DamagedRecording())
    ears = RecordingEars(recording, cast("Listener", listener), load_phrasebook(), inbox)
    ears.advance(1.0)
    ears.advance(2.0)
    assert not ears.open
    assert listener.fed == 3
    told, said = inbox.get(timeout=5), inbox.get(timeout=5)
    assert isinstance(told, Trouble)
    assert told.error.what == "The recording is damaged."
    assert isinstance(said, Said)
    assert inbox.empty()


def fall_behind(microphone: HandMicrophone, recogniser: StuckRecogniser) -> None:
    recogniser.stuck.clear()
    recogniser.let_go.clear()
    microphone.give(bytes(320))
    assert recogniser.stuck.wait(5)
    for _ in range(round(2 * MOST_BEHIND / BLOCK_SECONDS)):
        microphone.give(bytes(320))
    recogniser.let_go.set()


def test_a_machine_that_is_too_slow_is_told_aloud_and_on_the_screen_once() -> None:
    inbox = Inbox()
    ears, microphone, recogniser = new_ears(inbox)
    fall_behind(microphone, recogniser)
    told = inbox.get(timeout=5)
    assert isinstance(told, Trouble)
    assert told.spoken == "I may miss something."
    assert "6 seconds went unheard" in str(told.error)
    fall_behind(microphone, recogniser)
    ears.close()
    assert inbox.empty()


def test_a_recogniser_that_fails_is_told_aloud_too() -> None:
    """Whoever uses no hands looks at no screen."""
    inbox = Inbox()
    ears, microphone, _ = new_ears(inbox)
    microphone.give(b"fail")
    told = inbox.get(timeout=5)
    ears.close()
    assert isinstance(told, Trouble)
    assert told.spoken == "I cannot hear you."
    assert "out of memory" in str(told.error)
