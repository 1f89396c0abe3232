"""Prints what would be heard in recordings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from voice_coach.commands.grammar import Grammar
from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.ears import Recognition, hear_recording
from voice_coach.errors import PhrasesError
from voice_coach.files import quoted, read_bounded
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.screen.sentences import unheard_sentence
from voice_coach.session.phases import ALWAYS_HEARD, WORK_COMMANDS
from voice_coach.session.questions import ANSWERS
from voice_coach.speech.models import SpeechModel, find_model

if TYPE_CHECKING:
    from pathlib import Path

_DIGITS = 3


def print_heard(
    files: tuple[Path, ...],
    *,
    as_json: bool,
    grammar_name: str,
    phrases: Path | None,
    model_folder: Path | None,
) -> None:
    """Print the commands in each of the recordings.

    Raises:
        CoachError: the model, the phrases or a recording cannot be read.
    """
    model = SpeechModel(find_model(model_folder))
    grammar = chosen_grammar(load_phrasebook(), grammar_name) if phrases is None else read_phrases(phrases)
    warn_of_unheard(model, grammar)
    doubled_within = load_catalogue().limits.equal_commands_within
    for path in files:
        recognition = hear_recording(path, model, grammar, doubled_within)
        click.echo(_as_json(path, recognition) if as_json else _as_text(path, recognition))


def chosen_grammar(phrasebook: Phrasebook, name: str) -> Grammar:
    """Give the grammar of the work, of the answers to all questions, or of everything."""
    active = {"work": WORK_COMMANDS, "answers": ANSWERS | ALWAYS_HEARD, "all": None}[name]
    return phrasebook.grammar(active)


def read_phrases(path: Path) -> Grammar:
    """Read a file with a phrase a line.

    Raises:
        PhrasesError: the file cannot be read, or holds no phrase.
    """
    try:
        lines = read_bounded(path).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "they are no text"
        raise PhrasesError(
            f"The phrases in {path} cannot be read ({reason}).", "Nothing was heard.", f"ls -l {path}"
        ) from error
    grammar = Grammar.of_phrases(lines)
    if not grammar.meanings:
        raise PhrasesError(f"There is no phrase in {path}.", "Nothing was heard.", f"edit {quoted(path)}")
    return grammar


def warn_of_unheard(model: SpeechModel, grammar: Grammar) -> None:
    """Say, on the standard error, which phrases the model cannot hear."""
    unheard = model.unheard(grammar.phrases)
    if unheard:
        click.echo(unheard_sentence(unheard), err=True)


def _as_json(path: Path, recognition: Recognition) -> str:
    commands = [
        {
            "command": utterance.command.id,
            "text": utterance.text,
            "at": round(utterance.at, _DIGITS),
            "committed_at": round(utterance.committed_at, _DIGITS),
        }
        for utterance in recognition.commands
        if utterance.command is not None
    ]
    row = {"file": str(path), "duration": round(recognition.duration, _DIGITS), "commands": commands}
    return json.dumps(row)


def _as_text(path: Path, recognition: Recognition) -> str:
    heard = [
        f"{utterance.command.id} ({utterance.text!r}, ended {utterance.at:.2f} s, acted {utterance.committed_at:.2f} s)"
        for utterance in recognition.commands
        if utterance.command is not None
    ]
    return f"{path}: {', '.join(heard) or 'no command'}"
