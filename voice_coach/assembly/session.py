"""Puts a session together from its parts: what the options ask for, as far as this machine has it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from msgspec import structs

from voice_coach.assembly.hearing import open_ears, open_record
from voice_coach.assembly.keeping import keep_history, keep_profile, keep_routine, opened_history
from voice_coach.assembly.knowing import known_person
from voice_coach.assembly.options import Options, check_files, with_settings
from voice_coach.assembly.parts import Parts, words_per_second
from voice_coach.assembly.signals import signals_end_politely
from voice_coach.assembly.undertaking import Undertaking, begun, new_beginning
from voice_coach.assembly.voice import check_devices, open_mouth
from voice_coach.assembly.watching import add_script, answer_for_nobody, open_view
from voice_coach.audio.quiet import libraries_silenced
from voice_coach.clocks import FastClock, RealClock
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import RoutineFileError, UnknownRoutineError
from voice_coach.manner import manner_of
from voice_coach.memory import keep_memory_together
from voice_coach.mouths import SilentMouth
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.own import Found, routine_called
from voice_coach.runner import (
    BeginsAgain,
    Journal,
    Runner,
)
from voice_coach.session.events import TakenUp
from voice_coach.settings import USUAL_ROUTINE, Settings, bad_routine, read_settings
from voice_coach.typed_input import Script, ScriptLine, later, read_script

if TYPE_CHECKING:
    from voice_coach.restoring import Restored
    from voice_coach.routines.person import Person
    from voice_coach.routines.schema import Catalogue


def run_session(options: Options) -> None:
    """Run a session from its greeting to its summary.

    Raises:
        CoachError: something that the user asked for by name is missing or broken; nothing was started.
    """
    settings = read_settings({"microphone": options.microphone, "speaker": options.speaker, "duplex": options.duplex})
    catalogue = load_catalogue()
    found, settings = _chosen_routine(options, settings, catalogue)
    options = with_settings(options, settings)
    check_files(options)
    script = () if options.script is None else read_script(options.script)
    if options.first_words is not None:
        script = (ScriptLine(0.0, options.first_words), *script)
    with ExitStack() as stack:
        parts = Parts(options, stack, load_phrasebook())
        stack.enter_context(signals_end_politely(parts.inbox))
        _take_settings(parts, settings)
        parts.lines = catalogue.lines
        parts.history, past = opened_history(parts)
        parts.past = past.records
        asks = not options.fast  # on a moved clock nobody is there
        person = known_person(catalogue, past, parts.tell, asks=asks, may_move=asks)
        beginning = new_beginning(found, options.wishes, person, parts.past, catalogue, tips=not options.fast)
        earlier = _earlier(parts, catalogue, found, person)
        if earlier is None:
            beginning.plan(catalogue)  # where no work is left, that is told before anything is opened
        if options.on_devices:
            keep_memory_together()
            stack.enter_context(libraries_silenced())
            check_devices(options)
        mouth = open_mouth(parts)
        silent = isinstance(mouth, SilentMouth)
        speed = None if silent else words_per_second(parts.settings)
        manner = manner_of(parts.settings)
        beginning = structs.replace(beginning, words_per_second=speed, manner=manner)
        grammar = parts.phrasebook.grammar()
        if earlier is None:
            first = begun(beginning, catalogue, grammar)
        else:
            first = Undertaking(earlier.session, earlier.beginning, earlier)
        mouth.prepare(first.session.upcoming())
        open_record(parts, mouth)
        open_ears(parts, listening_pays=not silent)
        journal = _attend(parts, first, catalogue)
        add_script(parts, Script(later(script, first.at), parts.inbox))
        keep_profile(parts)
        answer_for_nobody(parts, first.session, parts.clock)
        open_view(parts, first)
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


def _chosen_routine(options: Options, settings: Settings, catalogue: Catalogue) -> tuple[Found, Settings]:
    """Give the routine, and the settings; where the routine that they name will not do, the usual one, and why.

    Raises:
        RoutineFileError: the file that the user names, or that is the usual one, has mistakes.
        UnknownRoutineError: there is no routine that is called as the user says.
    """
    try:
        return routine_called(options.routine or settings.session.routine, catalogue), settings
    except (RoutineFileError, UnknownRoutineError) as error:
        if options.routine is not None or "routine" not in settings.sources:
            raise
        problem = bad_routine(error.what, settings)
    return routine_called(USUAL_ROUTINE, catalogue), structs.replace(settings, problems=(*settings.problems, problem))


def _earlier(parts: Parts, catalogue: Catalogue, found: Found, person: Person) -> Restored | None:
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
        known=person.answers,
        wanted=options.resume,
        moved_clock=options.fast,
    )


def _attend(parts: Parts, undertaking: Undertaking, catalogue: Catalogue) -> Journal | None:
    """Let a session be the one that is shown and written down, and give its journal."""
    fast = parts.options.fast
    parts.session = undertaking.session
    parts.clock = FastClock(undertaking.at) if fast else RealClock(start=undertaking.at)
    keep_routine(parts, undertaking.found, catalogue)
    if parts.history is None:
        return None
    return keep_history(parts, parts.history, undertaking, undertaking.about(parts.past, catalogue))


def _begin_instead(runner: Runner, parts: Parts, new: Undertaking, catalogue: Catalogue) -> None:
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


def _take_settings(parts: Parts, settings: Settings) -> None:
    """Take what the user has chosen; a bad setting is told, and the usual one taken."""
    for problem in settings.problems:
        parts.tell(str(problem))
    parts.settings, parts.screen = settings.audio, settings.screen
