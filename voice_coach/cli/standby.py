"""Waits for a session to be wanted, by voice."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from voice_coach.assembly.options import Options
from voice_coach.assembly.session import run_session
from voice_coach.assembly.voice import check_devices
from voice_coach.audio.quiet import libraries_silenced
from voice_coach.ears import MicrophoneEars
from voice_coach.errors import CoachError, HistoryError, MicrophoneError
from voice_coach.folders import history_file
from voice_coach.history.store import History
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.runner import EarsReady, EndWanted, Inbox, Mended, Said, Trouble
from voice_coach.screen.sentences import unheard_sentence
from voice_coach.settings import read_settings
from voice_coach.sound import DeviceSound
from voice_coach.speech.dozing import DozingListener
from voice_coach.speech.listening_rules import ALL_DAY
from voice_coach.speech.models import SpeechModel, find_model
from voice_coach.standby import Wanted, stand_by, usual_routine
from voice_coach.understood import routine_names, standby_phrasebook

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.commands.grammar import Command
    from voice_coach.commands.phrasebook import Phrasebook

_LATEST = 20


class _ByVoice:
    """Listens for what standby understands."""

    def __init__(self, options: Options, phrases: Phrasebook) -> None:
        self._options = options
        self._phrases = phrases

    def wait(self) -> Command | None:
        inbox = Inbox()
        with ExitStack() as stack:
            stack.enter_context(libraries_silenced())
            settings = read_settings({"microphone": self._options.microphone, "speaker": self._options.speaker})
            sound = DeviceSound(settings.audio, load_catalogue().lines, inbox)
            stack.callback(sound.close)
            sound.start()
            microphone = sound.new_microphone()
            model = SpeechModel(find_model(self._options.model))
            grammar = self._phrases.grammar()
            listener = DozingListener(model, grammar, ALL_DAY)
            ears = MicrophoneEars(microphone, listener, self._phrases, inbox)
            stack.callback(ears.close)
            sound.listen(microphone, EarsReady(ears, model.unheard(grammar.phrases)))
            return _next_command(inbox, ears)


def _next_command(inbox: Inbox, ears: MicrophoneEars) -> Command | None:
    while not isinstance(message := inbox.get(), EndWanted):
        if isinstance(message, Said) and message.command is not None:
            click.echo(f"> {message.text}")
            return message.command
        if isinstance(message, Trouble) and ears.failed:
            meaning = "Standby hears nothing any more, and is over."
            raise MicrophoneError(message.error.what, meaning, "voice-coach standby")
        if isinstance(message, Trouble):
            click.echo(str(message.error), err=True)
        elif isinstance(message, Mended):
            click.echo(message.sentence, err=True)
        elif isinstance(message, EarsReady):
            click.echo(
                'Standing by. Say "start a session", "I have five minutes", "my arch is cramping"; Ctrl-C ends it.'
            )
            if message.unheard:
                click.echo(f"{unheard_sentence(message.unheard)} Another one may: voice-coach model list")
    return None


def run_standby(model: Path | None, microphone: str | None, speaker: str | None, *, plain: bool) -> None:
    """Wait for sessions to be wanted, and run them, until "leave standby" or Ctrl-C.

    Raises:
        CoachError: the model or a device that was named cannot be used, or listening fails.
    """
    options = Options("quick_3", model=model, microphone=microphone, speaker=speaker, plain=plain)
    check_devices(options)
    options = replace(options, devices_must_be_there=False)  # from now on there may be a cramp
    listening = _ByVoice(options, standby_phrasebook())

    def begin(wanted: Wanted) -> None:
        asked = replace(options, routine=wanted.routine or None, minutes=wanted.minutes, first_words=wanted.first_words)
        try:
            run_session(asked)
        except CoachError as error:
            click.echo(str(error), err=True)  # whoever waits for a voice is not left alone

    try:
        stand_by(listening, begin, _usual_routine)
    except KeyboardInterrupt:
        click.echo("Standby is over.")


def _usual_routine() -> str:
    """Give the routine of last time; nothing where there is none: then the settings name it, as for every session."""
    return usual_routine(_past_routines(), routine_names(), "")


def _past_routines() -> list[str]:
    """Give the ids of the latest routines, the newest first; without a history there are none."""
    path = history_file()
    if not path.exists():
        return []
    try:
        history = History(path)
        try:
            return [session.routine for session in history.sessions(_LATEST) if not session.moved_clock]
        finally:
            history.close()
    except HistoryError:
        return []
