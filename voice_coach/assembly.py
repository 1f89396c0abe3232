"""Puts a session together from its parts: what the options ask for, as far as this machine has it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import structs

from voice_coach.audio.quiet import libraries_silenced
from voice_coach.clocks import Clock, FastClock, RealClock
from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.errors import AudioError, HistoryError, ModelError, UsageError, VoiceError
from voice_coach.folders import history_file, profile_file
from voice_coach.manner import manner_of, rememberer
from voice_coach.mouths import SilentMouth, SpeakingMouth
from voice_coach.nobody import Nobody
from voice_coach.profile.keeper import SWOLLEN_LEG, ProfileKeeper, date_here
from voice_coach.profile.person import person_of
from voice_coach.profile.store import open_profile
from voice_coach.routines.adaptation import LOOK_BACK, swollen_on
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.own import Found, routine_called
from voice_coach.routines.wishes import Person, Wishes
from voice_coach.runner import (
    BeginsAgain,
    EarsReady,
    EndWanted,
    Inbox,
    Journal,
    Mouth,
    Runner,
    Sources,
    Timed,
    Trouble,
    Watcher,
)
from voice_coach.saving import RoutineSaver
from voice_coach.screen.keyboard import Keyboard, keys_of
from voice_coach.screen.look import can_redraw, is_large_enough, look_of
from voice_coach.screen.plain_view import PlainView
from voice_coach.screen.script_view import ScriptView
from voice_coach.screen.terminal import Terminal
from voice_coach.session.events import TakenUp
from voice_coach.session.manner import USUAL_WORDS_PER_MINUTE
from voice_coach.session.phases import RUNNING
from voice_coach.settings import USUAL_ROUTINE, AudioSettings, ScreenSettings, Settings, read_settings
from voice_coach.typed_input import Script, ScriptLine, is_terminal, later, read_script, standard_input
from voice_coach.undertaking import Undertaking, begun, new_beginning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path
    from types import FrameType

    from voice_coach.audio.devices import Device
    from voice_coach.audio.interfaces import Microphone, Speaker
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.audio.sound_record import SoundRecord
    from voice_coach.ears import MicrophoneEars, RecordingEars
    from voice_coach.history.recorder import Recorder
    from voice_coach.history.records import PastRecord
    from voice_coach.history.store import History
    from voice_coach.restoring import Restored
    from voice_coach.routines.schema import Catalogue, SpokenLine
    from voice_coach.screen.big_view import BigView
    from voice_coach.session.session import Session, View
    from voice_coach.sound import DeviceSound
    from voice_coach.speech.models import SpeechModel
    from voice_coach.speech.recogniser_thread import Recogniser
    from voice_coach.speech.voice import PyttsxVoice

_OPENING_SECONDS = 10.0
WORDS_PER_SECOND = 3.2
"""How fast the voice speaks, to know beforehand how long a line takes; measured on the lines of the catalogue."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asks for; each field is an option of `voice-coach start`."""

    routine: str | None = None
    """None is the one that the settings name, in the minutes that they name."""
    text: bool = False
    fast: bool = False
    as_json: bool = False
    script: Path | None = None
    mic_wav: Path | None = None
    speaker_wav: Path | None = None
    record: Path | None = None
    model: Path | None = None
    side: str | None = None
    plain: bool = False
    first_words: str | None = None
    """Told to the session right at its beginning, as if it had been typed."""
    minutes: int | None = None
    tools: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    place: str | None = None
    microphone: str | None = None
    speaker: str | None = None
    resume: bool | None = None
    """Go on with a session that was broken off, or do not; None: ask, where somebody can answer."""
    duplex: str | None = None

    @property
    def wishes(self) -> Wishes:
        """What the user wishes of the routine."""
        return Wishes(self.minutes, self.tools or None, self.without, self.side, self.only, self.place)

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
    settings: AudioSettings = field(default_factory=AudioSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    lines: Mapping[str, SpokenLine] = field(default_factory=dict)
    """What the coach says, by name."""
    speaker: DeviceSpeaker | None = None
    speaker_device: Device | None = None
    """Where `speaker` plays; None is the system's choice."""
    record: SoundRecord | None = None
    """Keeps what the microphone hears, where the user wants that."""
    sound: DeviceSound | None = None
    """Looks after the devices; None where there are none, or not yet."""
    told: list[str] = field(default_factory=list)
    """What was told before there was a view."""
    history: History | None = None
    past: list[PastRecord] = field(default_factory=list)
    """Sessions of the last time."""
    session: Session | None = None
    """The session that goes on now."""
    clock: Clock = field(default_factory=RealClock)
    of_one_session: list[Watcher] = field(default_factory=list)
    """Watchers that end with the session."""

    def tell(self, line: str) -> None:
        """Tell the user something, now and on a screen that is opened later."""
        self.told.append(line)
        _tell(line)

    def view(self) -> View:
        """Give what there is to see now.

        Raises:
            LookupError: no session has been chosen yet.
        """
        if self.session is None:
            raise LookupError("there is no session yet")
        return self.session.view(self.clock.now())

    def halted(self) -> bool:
        """Tell whether the session stands still."""
        return self.session is not None and self.session.phase not in RUNNING

    def closing(self, part: _Closes) -> None:
        """See to it that `part` is closed when the session is over."""
        self.stack.callback(part.close)


def run_session(options: Options) -> None:
    """Run a session from its greeting to its summary.

    Raises:
        CoachError: something that the user asked for by name is missing or broken; nothing was started.
    """
    settings = read_settings({"microphone": options.microphone, "speaker": options.speaker, "duplex": options.duplex})
    options = with_settings(options, settings)
    catalogue = load_catalogue()
    found = routine_called(options.routine or USUAL_ROUTINE, catalogue)
    script = () if options.script is None else read_script(options.script)
    if options.first_words is not None:
        script = (ScriptLine(0.0, options.first_words), *script)
    with ExitStack() as stack:
        parts = _Parts(options, stack, load_phrasebook())
        stack.enter_context(_signals_end_politely(parts.inbox))
        _take_settings(parts, settings)
        parts.lines = catalogue.lines
        parts.history, parts.past = _open_history(parts)
        person = _person(parts, catalogue, swollen_on(parts.past, datetime.now().astimezone()))
        beginning = new_beginning(found, options.wishes, person, parts.past, catalogue, tips=not options.fast)
        earlier = _earlier(parts, catalogue, found)
        if earlier is None:
            beginning.plan(catalogue)  # where no work is left, that is told before anything is opened
        if options.on_devices:
            stack.enter_context(libraries_silenced())
            _check_devices(options)
        mouth = _open_mouth(parts)
        silent = isinstance(mouth, SilentMouth)
        speed = None if silent else _words_per_second(parts.settings)
        manner = manner_of(parts.settings)
        beginning = structs.replace(beginning, words_per_second=speed, manner=manner)
        grammar = parts.phrasebook.grammar()
        if earlier is None:
            first = begun(beginning, catalogue, grammar)
        else:
            first = Undertaking(earlier.session, earlier.beginning, earlier)
        mouth.prepare(first.session.upcoming())
        _open_record(parts, mouth)
        _open_ears(parts, listening_pays=not silent)
        journal = _attend(parts, first, catalogue)
        _add_script(parts, Script(later(script, first.at), parts.inbox))
        _keep_profile(parts)
        _answer_for_nobody(parts, first.session, parts.clock)
        _open_view(parts, first)
        Runner(
            session=first.session,
            phrasebook=parts.phrasebook,
            clock=parts.clock,
            inbox=parts.inbox,
            mouth=mouth,
            ears=list(parts.ears),
            timed=parts.timed,
            watchers=parts.watchers,
            sources=parts.sources,
            journal=journal,
            taken_up=None if earlier is None else TakenUp(options.resume is None, speed, manner),
            instead=lambda runner: _begin_instead(runner, parts, begun(beginning, catalogue, grammar), catalogue),
        ).run()


def _earlier(parts: _Parts, catalogue: Catalogue, found: Found) -> Restored | None:
    """Give the session that was broken off, where it is to be gone on with, or to be asked whether.

    Nobody is asked who relieves a cramp, and nobody who cannot answer: a script, or a recording.
    """
    from voice_coach.restoring import find_earlier  # noqa: PLC0415 - needs SQLite

    options = parts.options
    answers = not (options.fast or options.script or options.mic_wav or options.first_words)
    in_a_cramp = catalogue.steps[found.routine.steps[0].step].family == "cramp"
    if parts.history is None or (options.resume is None and (not answers or in_a_cramp)):
        return None
    return find_earlier(
        parts.history,
        catalogue,
        parts.phrasebook.grammar(),
        parts.tell,
        wanted=options.resume,
        moved_clock=options.fast,
    )


def _attend(parts: _Parts, undertaking: Undertaking, catalogue: Catalogue) -> Journal | None:
    """Let a session be the one that is shown and written down, and give its journal."""
    fast = parts.options.fast
    parts.session = undertaking.session
    parts.clock = FastClock(undertaking.at) if fast else RealClock(start=undertaking.at)
    _keep_routine(parts, undertaking.found, catalogue)
    if parts.history is None:
        return None
    return _record(parts, parts.history, undertaking, undertaking.about(parts.past, catalogue))


def _begin_instead(runner: Runner, parts: _Parts, new: Undertaking, catalogue: Catalogue) -> None:
    """Begin a new session in place of the one that nobody wants to go on with."""
    gone: list[object] = list(parts.of_one_session)
    parts.of_one_session.clear()
    parts.watchers = [part for part in parts.watchers if part not in gone]
    parts.timed = [part for part in parts.timed if part not in gone]
    runner.journal = _attend(parts, new, catalogue)
    runner.session, runner.clock, runner.taken_up = new.session, parts.clock, None
    runner.timed, runner.watchers = parts.timed, parts.watchers
    for watcher in parts.watchers:
        if isinstance(watcher, BeginsAgain):
            watcher.begin_again(new.beginning.routine.name)


def _person(parts: _Parts, catalogue: Catalogue, swollen: date | None) -> Person:
    """Give what is known about the user; where the clock is moved, nobody is there to be asked.

    A swollen leg that the history knows of counts as told, unless the profile says something later about it: the
    profile may have been lost.
    """
    fast = parts.options.fast
    profile = open_profile(profile_file(), parts.tell, may_move=not fast)
    told = profile.answers.get(SWOLLEN_LEG)
    if swollen is not None and (told is None or told.on < swollen):
        profile = profile.with_answer(SWOLLEN_LEG, "yes", swollen)
    return person_of(profile, catalogue, date_here(), asks=not fast)


def _keep_profile(parts: _Parts) -> None:
    """Write down what the user tells, unless the clock is moved: then nobody has told it."""
    if not parts.options.fast:
        parts.watchers.append(ProfileKeeper(profile_file(), parts.inbox))


def _keep_routine(parts: _Parts, found: Found, catalogue: Catalogue) -> None:
    """Write the user's own routine when they say so, and tell where once the screen is theirs again."""
    saver = RoutineSaver(found, catalogue, parts.inbox, moved_clock=parts.options.fast)
    parts.watchers.append(saver)
    parts.of_one_session.append(saver)
    parts.stack.callback(_tell_where, saver)


def _tell_where(saver: RoutineSaver) -> None:
    if saver.saved_in is not None:
        _tell(f"Saved in {saver.saved_in}")


def _answer_for_nobody(parts: _Parts, session: Session, clock: Clock) -> None:
    """Let a demonstration run to its end: on a moved clock, with nothing said beforehand, questions get answers."""
    options = parts.options
    if options.fast and options.script is None and options.mic_wav is None:
        parts.timed.append(Nobody(session, clock, parts.sources, parts.inbox))


@contextmanager
def _signals_end_politely(inbox: Inbox) -> Iterator[None]:
    """Let Ctrl-C, and the system's request to end, end the session with its summary; a second one ends at once."""
    asked = False

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number in (signal.SIGINT, signal.SIGTERM):
            raise KeyboardInterrupt  # a terminal that closes may say so twice
        asked = True
        inbox.put(EndWanted())

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)  # the terminal was closed; `nohup` wants it ignored
    before = [(number, signal.signal(number, ask)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def with_settings(options: Options, settings: Settings) -> Options:
    """Give the options with what the user has chosen for good, where they say nothing."""
    if options.routine is None:
        minutes = options.minutes or settings.session.minutes
        options = replace(options, routine=settings.session.routine, minutes=minutes)
    return replace(options, plain=options.plain or settings.screen.plain)


def _take_settings(parts: _Parts, settings: Settings) -> None:
    """Take what the user has chosen; a bad setting is told, and the usual one taken."""
    for problem in settings.problems:
        parts.tell(str(problem))
    parts.settings, parts.screen = settings.audio, settings.screen


def _words_per_second(settings: AudioSettings) -> float:
    return WORDS_PER_SECOND * settings.speech_rate / USUAL_WORDS_PER_MINUTE


def _check_devices(options: Options) -> None:
    """Look for the devices that were named on the command line.

    Raises:
        AudioError: one of them is not there.
    """
    if options.on_devices and (options.microphone is not None or options.speaker is not None):
        from voice_coach.sound import DeviceSound  # noqa: PLC0415 - needs numpy

        DeviceSound(AudioSettings(microphone=options.microphone, speaker=options.speaker), {}, Inbox()).check()


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
        parts.tell(f"{error.what} Going on in text. Try: {error.remedy}")
        return SilentMouth(parts.inbox)
    from voice_coach.speech.rehearsal import Rehearsal  # noqa: PLC0415 - only to speak

    rehearsal = Rehearsal(voice, manner=manner_of(parts.settings))
    mouth = SpeakingMouth(rehearsal, speaker, parts.inbox, rememberer(parts.inbox))
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
        parts.speaker, parts.speaker_device = _open_device_speaker(parts, voice.rate)
        return parts.speaker
    from voice_coach.audio.wav_files import WavSpeaker  # noqa: PLC0415 - needs numpy

    speaker = WavSpeaker(path, voice.rate)
    parts.timed.append(_WavClock(speaker.advance, lambda: speaker.ends_at))
    return speaker


def _open_device_speaker(parts: _Parts, rate: int) -> tuple[DeviceSpeaker, Device | None]:
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


def _open_ears(parts: _Parts, *, listening_pays: bool) -> None:
    """Open what hears. A missing microphone or model is told in a line; commands can be typed."""
    options = parts.options
    listens = options.mic_wav is None and options.on_devices and listening_pays
    if options.mic_wav is not None:
        _open_recording(parts, options.mic_wav)
    if listens:
        if options.model is not None:
            _load_model(options.model)
        parts.sources.append(_AlwaysOpen())
    if listens or parts.speaker is not None:
        opening = threading.Thread(target=_keep_devices, args=(parts, listens), name="opening devices", daemon=True)
        parts.timed.append(_OnceBegun(opening.start))
        parts.stack.callback(_close_devices, opening, parts)


def _open_record(parts: _Parts, mouth: Mouth) -> None:
    """Begin to keep what the microphone hears, where that is asked for, and say so aloud.

    Raises:
        UsageError: no microphone is listened to.
        SoundFileError: the file cannot be written.
    """
    path = parts.options.record
    if path is None:
        return
    if not parts.options.on_devices or parts.options.mic_wav is not None or isinstance(mouth, SilentMouth):
        raise UsageError("There is no microphone to record.", "Nothing was started.", "voice-coach start --record FILE")
    from voice_coach.audio.sound_record import SoundRecord  # noqa: PLC0415 - only where it is asked for

    parts.record = SoundRecord(path, lambda error: parts.inbox.put(Trouble(error)))
    parts.closing(parts.record)
    parts.tell(f"What the microphone hears is kept in {path}.")
    mouth.announce(parts.lines["recording"].say)


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


class _AlwaysOpen:
    open = True


def _open_recording(parts: _Parts, path: Path) -> None:
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


def _keep_devices(parts: _Parts, listens: bool) -> None:
    """Look after the devices, and open the microphone, while the coach greets already: its first word must not wait."""
    from voice_coach.sound import DeviceSound  # noqa: PLC0415 - needs numpy

    parts.sound = DeviceSound(parts.settings, parts.lines, parts.inbox)
    if parts.speaker is not None:
        parts.sound.keep_speaker(parts.speaker, parts.speaker_device)
    parts.sound.start()
    if listens:
        _open_microphone(parts, parts.sound)


def _open_microphone(parts: _Parts, sound: DeviceSound) -> None:
    from voice_coach.ears import MicrophoneEars  # noqa: PLC0415 - as above
    from voice_coach.speech.models import packaged_model  # noqa: PLC0415 - only to listen

    try:
        model = _load_model(parts.options.model)
    except ModelError as error:
        parts.inbox.put(Trouble(error))
        return
    microphone = sound.new_microphone()
    listener = _listener(parts, model)
    heard = microphone if parts.record is None else _recorded(microphone, parts.record)
    ears = MicrophoneEars(heard, listener, parts.phrasebook, parts.inbox)
    unheard = model.unheard(parts.phrasebook.grammar().phrases)
    sound.listen(microphone, EarsReady(ears, unheard, in_the_box=model.folder == packaged_model()))


def _recorded(microphone: Microphone, record: SoundRecord) -> Microphone:
    from voice_coach.audio.sound_record import RecordedMicrophone  # noqa: PLC0415 - as in `_open_record`

    return RecordedMicrophone(microphone, record)


def _listener(parts: _Parts, model: SpeechModel) -> Recogniser:
    """Give what recognises; beside a loudspeaker it must not take the coach for the user."""
    if parts.speaker is None:
        from voice_coach.speech.dozing import DozingListener  # noqa: PLC0415 - only to listen

        return DozingListener(model, parts.phrasebook.grammar())
    from voice_coach.duplex import listen_beside, loudspeaker_name  # noqa: PLC0415 - as above

    name = loudspeaker_name(parts.speaker_device)
    return listen_beside(
        parts.speaker, name, parts.settings.duplex, model=model, phrasebook=parts.phrasebook, inbox=parts.inbox
    )


def _close_devices(opening: threading.Thread, parts: _Parts) -> None:
    """Close the devices, and ears that were still being opened when the session was over."""
    if opening.ident is not None:  # else the session was over before it had begun
        opening.join(_OPENING_SECONDS)
    while not parts.inbox.empty():
        message = parts.inbox.get()
        if isinstance(message, EarsReady):
            message.ears.close()
    if parts.sound is not None:
        parts.sound.close()


def _open_history(parts: _Parts) -> tuple[History | None, list[PastRecord]]:
    """Open the history, and give the sessions of the last time; on a moved clock nobody has done any."""
    from voice_coach.history.rescue import open_history  # noqa: PLC0415 - needs SQLite

    history, past = open_history(history_file(), LOOK_BACK, parts.tell)
    if history is not None:
        parts.closing(history)
    return history, [] if parts.options.fast else past


def _record(parts: _Parts, history: History, undertaking: Undertaking, about: int | None) -> Recorder | None:
    """Write the session down as it happens; where that fails, say so and go on without."""
    from voice_coach.history.recorder import Recorder, going_on  # noqa: PLC0415 - needs SQLite

    earlier = undertaking.earlier
    try:
        number = undertaking.begin_in(history, moved_clock=parts.options.fast)
    except HistoryError as error:
        parts.tell(str(error))
        return None
    recorder = Recorder(
        history,
        history_file(),
        number,
        parts.inbox,
        look=undertaking.session.snapshot,
        about=about,
        goes_on=() if earlier is None else going_on(history, earlier),
    )
    parts.closing(recorder)
    parts.watchers.append(recorder)
    parts.of_one_session.append(recorder)
    if not parts.options.fast:
        parts.timed.append(recorder)
    return recorder


def _add_script(parts: _Parts, script: Script) -> None:
    parts.timed.append(script)
    parts.sources.append(script)


def _open_view(parts: _Parts, undertaking: Undertaking) -> None:
    """Open what the user sees and types into."""
    options = parts.options
    if options.as_json:
        _show(parts, undertaking, ScriptView(sys.stdout, sys.stderr))
        _open_standard_input(parts)
        return
    live = is_terminal(sys.stdout) and can_redraw() and not (options.fast or options.plain)
    view: PlainView | BigView | None = _open_screen(parts, undertaking) if live else None
    if view is None:
        view = PlainView(sys.stdout, sys.stderr, parts.view, live=live, drawings=not options.plain)
    _show(parts, undertaking, view)
    parts.timed.append(view)
    parts.stack.callback(view.close)
    if live and is_terminal(sys.stdin):
        _open_keyboard(parts, view)
    else:
        _open_standard_input(parts)


def _show(parts: _Parts, undertaking: Undertaking, view: Watcher) -> None:
    """Let a view watch, from the side on that is under way already."""
    parts.watchers.append(view)
    earlier = undertaking.earlier
    if earlier is not None and earlier.shown is not None:
        view.acted(earlier.at, earlier.shown)


def _open_screen(parts: _Parts, undertaking: Undertaking) -> BigView | None:
    """Open the view from two metres, where the terminal has room for it and someone types into it."""
    if not is_terminal(sys.stdin) or not is_large_enough(*os.get_terminal_size(sys.stdout.fileno())):
        return None
    from voice_coach.screen.big_view import BigView, is_old_console  # noqa: PLC0415 - only a terminal needs Rich

    if is_old_console():
        return None
    return BigView(
        sys.stdout,
        sys.stderr,
        parts.view,
        undertaking.beginning.routine.name,
        look_of(sys.stdout, parts.screen),
        listens=any(isinstance(source, _AlwaysOpen) for source in parts.sources),
        told=parts.told,
    )


def _open_keyboard(parts: _Parts, view: PlainView | BigView) -> None:
    terminal = Terminal(sys.stdin, sys.stdout, parts.inbox, parts.halted, full_screen=not isinstance(view, PlainView))
    terminal.on_return = view.redraw
    parts.stack.enter_context(terminal)
    parts.timed.append(terminal)
    keyboard = Keyboard(keys_of(sys.stdin), parts.inbox, view.type)
    parts.closing(keyboard)
    parts.sources.append(keyboard)


def _open_standard_input(parts: _Parts) -> None:
    reader = standard_input(parts.inbox, fast=parts.options.fast)
    if reader is not None:
        parts.sources.append(reader)
        parts.timed.append(reader)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
