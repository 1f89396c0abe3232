"""Puts a session together from its parts: what the options ask for, as far as this machine has it."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from voice_coach.audio.quiet import libraries_silenced
from voice_coach.clocks import Clock, FastClock, RealClock
from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.errors import AudioError, HistoryError, ModelError, VoiceError
from voice_coach.folders import history_file
from voice_coach.mouths import SilentMouth, SpeakingMouth
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.runner import EarsReady, EndWanted, Inbox, Mouth, Runner, Sources, Timed, Trouble, Watcher
from voice_coach.screen.keyboard import Keyboard, has_single_keys, single_keys
from voice_coach.screen.plain_view import PlainView
from voice_coach.screen.script_view import ScriptView
from voice_coach.session.plan import UNKNOWN_SIDE, plan_routine
from voice_coach.session.session import Session
from voice_coach.typed_input import Script, is_terminal, read_script, standard_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from voice_coach.audio.interfaces import Speaker
    from voice_coach.ears import MicrophoneEars, RecordingEars
    from voice_coach.speech.models import SpeechModel
    from voice_coach.speech.voice import PyttsxVoice

_OPENING_SECONDS = 10.0
WORDS_PER_SECOND = 3.2
"""How fast the voice speaks, to know beforehand how long a line takes; measured on the lines of the catalogue."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asks for; each field is an option of `voice-coach start`."""

    routine: str
    text: bool = False
    fast: bool = False
    as_json: bool = False
    script: Path | None = None
    mic_wav: Path | None = None
    speaker_wav: Path | None = None
    model: Path | None = None
    side: str | None = None

    @property
    def on_devices(self) -> bool:
        """Sound comes from, or goes to, a device, unless a file takes its place."""
        return not (self.text or self.fast)


class _Closes(Protocol):
    def close(self) -> None: ...


@dataclass(slots=True)
class _Parts:
    """The parts of a session, in the making."""

    options: Options
    stack: ExitStack
    phrasebook: Phrasebook
    inbox: Inbox = field(default_factory=Inbox)
    timed: list[Timed] = field(default_factory=list)
    sources: list[Sources] = field(default_factory=list)
    watchers: list[Watcher] = field(default_factory=list)
    ears: list[MicrophoneEars | RecordingEars] = field(default_factory=list)

    def closing(self, part: _Closes) -> None:
        """See to it that `part` is closed when the session is over."""
        self.stack.callback(part.close)


def run_session(options: Options) -> None:
    """Run a session from its greeting to its summary.

    Raises:
        CoachError: something that the user asked for by name is missing or broken; nothing was started.
    """
    catalogue = load_catalogue()
    routine = find_routine(catalogue, options.routine)
    script = () if options.script is None else read_script(options.script)
    with ExitStack() as stack:
        parts = _Parts(options, stack, load_phrasebook())
        stack.enter_context(_signals_end_politely(parts.inbox))
        if options.on_devices:
            stack.enter_context(libraries_silenced())
        mouth = _open_mouth(parts)
        silent = isinstance(mouth, SilentMouth)
        plan = plan_routine(catalogue, routine, options.side or UNKNOWN_SIDE)
        session = Session(plan, parts.phrasebook.grammar(), None if silent else WORDS_PER_SECOND)
        mouth.prepare(session.upcoming())
        _open_ears(parts, listening_pays=not silent)
        _open_history(parts, routine.id)
        clock: Clock = FastClock() if options.fast else RealClock()
        _add_script(parts, Script(script, parts.inbox))
        _open_view(parts, session, clock)
        Runner(
            session=session,
            phrasebook=parts.phrasebook,
            clock=clock,
            inbox=parts.inbox,
            mouth=mouth,
            ears=list(parts.ears),
            timed=parts.timed,
            watchers=parts.watchers,
            sources=parts.sources,
        ).run()


@contextmanager
def _signals_end_politely(inbox: Inbox) -> Iterator[None]:
    """Let Ctrl-C, and the system's request to end, end the session with its summary; a second one ends at once."""
    asked = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        inbox.put(EndWanted())

    before = [(number, signal.signal(number, ask)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _open_mouth(parts: _Parts) -> Mouth:
    """Open voice and loudspeaker; where one is missing, say so in a line and go on in text."""
    options = parts.options
    if options.speaker_wav is None and not options.on_devices:
        return SilentMouth(parts.inbox)
    try:
        voice = _open_voice(parts)
        speaker = _open_speaker(parts, voice)
    except (AudioError, VoiceError) as error:
        if options.speaker_wav is not None:
            raise
        _tell(f"{error.what} Going on in text. Try: {error.remedy}")
        return SilentMouth(parts.inbox)
    from voice_coach.speech.rehearsal import Rehearsal  # noqa: PLC0415 - only to speak

    mouth = SpeakingMouth(Rehearsal(voice), speaker, parts.inbox)
    parts.closing(mouth)
    return mouth


def _open_voice(parts: _Parts) -> PyttsxVoice:
    from voice_coach.speech.voice import PyttsxVoice  # noqa: PLC0415 - needs numpy, and only to speak

    voice = PyttsxVoice()
    parts.closing(voice)
    voice.start()
    return voice


def _open_speaker(parts: _Parts, voice: PyttsxVoice) -> Speaker:
    path = parts.options.speaker_wav
    if path is None:
        from voice_coach.audio.devices import open_speaker  # noqa: PLC0415 - only with a sound card

        return open_speaker(voice.rate)
    from voice_coach.audio.wav_files import WavSpeaker  # noqa: PLC0415 - needs numpy

    speaker = WavSpeaker(path, voice.rate)
    parts.timed.append(_WavClock(speaker.advance, lambda: speaker.ends_at))
    return speaker


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


def _open_ears(parts: _Parts, *, listening_pays: bool) -> None:
    """Open what hears. A missing microphone or model is told in a line; commands can be typed."""
    options = parts.options
    if options.mic_wav is not None:
        _open_recording(parts, options.mic_wav)
    elif options.on_devices and listening_pays:
        if options.model is not None:
            _load_model(options.model)
        opening = threading.Thread(target=_open_microphone, args=(parts,), name="opening ears", daemon=True)
        opening.start()
        parts.stack.callback(_close_late_ears, opening, parts.inbox)
        parts.sources.append(_AlwaysOpen())


class _AlwaysOpen:
    open = True


def _open_recording(parts: _Parts, path: Path) -> None:
    from voice_coach.audio.wav_files import WavMicrophone  # noqa: PLC0415 - needs numpy and soundfile
    from voice_coach.ears import RecordingEars  # noqa: PLC0415 - as above
    from voice_coach.speech.listener import Listener  # noqa: PLC0415 - only to listen

    recording = WavMicrophone(path)
    listener = Listener(_load_model(parts.options.model), parts.phrasebook.grammar())
    ears = RecordingEars(recording, listener, parts.phrasebook, parts.inbox)
    parts.closing(ears)
    parts.ears.append(ears)
    parts.timed.append(ears)
    parts.sources.append(ears)


def _load_model(folder: Path | None) -> SpeechModel:
    from voice_coach.speech.models import SpeechModel, find_model  # noqa: PLC0415 - only to listen

    return SpeechModel(find_model(folder))


def _open_microphone(parts: _Parts) -> None:
    """Load the model and open the microphone while the coach greets already: the first word must not wait."""
    from voice_coach.audio.devices import open_microphone  # noqa: PLC0415 - only with a sound card
    from voice_coach.ears import MicrophoneEars  # noqa: PLC0415 - as above
    from voice_coach.speech.listener import Listener  # noqa: PLC0415 - only to listen
    from voice_coach.speech.models import packaged_model  # noqa: PLC0415 - only to listen

    try:
        microphone = open_microphone()
        model = _load_model(parts.options.model)
        listener = Listener(model, parts.phrasebook.grammar())
        ears = MicrophoneEars(microphone, listener, parts.phrasebook, parts.inbox)
    except (AudioError, ModelError) as error:
        parts.inbox.put(Trouble(error))
        return
    unheard = model.unheard(parts.phrasebook.grammar().phrases)
    parts.inbox.put(EarsReady(ears, unheard, in_the_box=model.folder == packaged_model()))


def _close_late_ears(opening: threading.Thread, inbox: Inbox) -> None:
    """Wait for ears that are still being opened when the session is over, and close them unheard."""
    opening.join(_OPENING_SECONDS)
    while not inbox.empty():
        message = inbox.get()
        if isinstance(message, EarsReady):
            message.ears.close()


def _open_history(parts: _Parts, routine: str) -> None:
    from voice_coach.history.recorder import open_recorder  # noqa: PLC0415 - only with a session

    try:
        recorder = open_recorder(history_file(), routine, parts.inbox, moved_clock=parts.options.fast)
    except HistoryError as error:
        _tell(str(error))
        return
    parts.closing(recorder)
    parts.watchers.append(recorder)


def _add_script(parts: _Parts, script: Script) -> None:
    parts.timed.append(script)
    parts.sources.append(script)


def _open_view(parts: _Parts, session: Session, clock: Clock) -> None:
    """Open what the user sees and types into."""
    options = parts.options
    if options.as_json:
        parts.watchers.append(ScriptView(sys.stdout, sys.stderr))
        _open_standard_input(parts)
        return
    live = is_terminal(sys.stdout) and not options.fast
    view = PlainView(sys.stdout, sys.stderr, lambda: session.view(clock.now()), live=live)
    parts.watchers.append(view)
    parts.timed.append(view)
    parts.stack.callback(view.close)
    if live and is_terminal(sys.stdin) and has_single_keys():
        parts.stack.enter_context(single_keys(sys.stdin))
        keyboard = Keyboard(sys.stdin, parts.inbox, view.type)
        parts.closing(keyboard)
        parts.sources.append(keyboard)
    else:
        _open_standard_input(parts)


def _open_standard_input(parts: _Parts) -> None:
    reader = standard_input(parts.inbox, fast=parts.options.fast)
    if reader is not None:
        parts.sources.append(reader)
        parts.timed.append(reader)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
