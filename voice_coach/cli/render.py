"""Writes a routine as a sound file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voice_coach.assembly.knowing import known_person
from voice_coach.assembly.parts import WORDS_PER_SECOND
from voice_coach.errors import SoundFileError
from voice_coach.folders import history_file
from voice_coach.history.rescue import read_past
from voice_coach.manner import manner_of
from voice_coach.rendering.encoding import check_suffix, encode, not_written
from voice_coach.rendering.recording import record
from voice_coach.routines.adaptation import LOOK_BACK
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.own import routine_called
from voice_coach.routines.planning import plan_session
from voice_coach.screen.sentences import clock
from voice_coach.session.manner import USUAL_WORDS_PER_MINUTE
from voice_coach.settings import read_settings
from voice_coach.speech.rehearsal import Rehearsal
from voice_coach.speech.voice import PyttsxVoice

if TYPE_CHECKING:
    from voice_coach.routines.wishes import Wishes


def render_routine(name: str, path: Path, wishes: Wishes) -> None:
    """Write the routine called `name` into the sound file `path`, and tell its length and chapters.

    What the profile bars is left out of it; a swollen leg bars all of it, also where only the history knows of it.

    Raises:
        UnknownRoutineError: there is no such routine.
        RoutineFileError: the file that is meant has mistakes.
        WishError: nothing is left of it for this person.
        SoundFileError: the file cannot be written.
        VoiceError: there is no text-to-speech.
    """
    check_suffix(path)
    catalogue = load_catalogue()
    routine = routine_called(name, catalogue).routine
    past = read_past(history_file(), LOOK_BACK)
    person = known_person(catalogue, past, lambda line: click.echo(line, err=True), asks=False, may_move=False)
    plan = plan_session(catalogue, routine, wishes, person).plan
    settings = read_settings({}).audio
    speed = WORDS_PER_SECOND * settings.speech_rate / USUAL_WORDS_PER_MINUTE
    voice = PyttsxVoice()
    try:
        with _folder_beside(path) as folder:
            wav = Path(folder) / "recording.wav"
            try:
                contents = record(plan, Rehearsal(voice, manner=manner_of(settings)), wav, speed)
            except SoundFileError as error:  # which names the file that is only on its way
                raise not_written(path, error.__cause__ or error) from error
            encode(wav, path, contents)
    finally:
        voice.close()
    click.echo(f"{path}: {clock(contents.seconds)}")
    for chapter in contents.chapters:
        click.echo(f"  {clock(chapter.at)}  {chapter.title}")


def _folder_beside(path: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder on the same disk as `path`, so that a finished file can be moved there at once.

    Raises:
        SoundFileError: there is no such folder, or nothing can be written there.
    """
    try:
        return tempfile.TemporaryDirectory(prefix=".voice-coach-", dir=path.parent)
    except OSError as error:
        raise SoundFileError(
            f"Nothing can be written into the folder {path.parent} ({error.strerror}).",
            "There is no recording.",
            "name a file in another folder",
        ) from error
