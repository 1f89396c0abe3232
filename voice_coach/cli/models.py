"""Prints and changes the speech models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voice_coach.audio.interfaces import LISTENING_RATE
from voice_coach.errors import ModelError
from voice_coach.files import are_one
from voice_coach.settings import read_settings
from voice_coach.speech import model_store
from voice_coach.speech.models import (
    IN_THE_BOX,
    MODEL_VARIABLE,
    SpeechModel,
    command_to_take_back,
    find_model,
    named_model,
    packaged_model,
    rate_of,
)
from voice_coach.speech.trial import survives
from voice_coach.understood import every_phrase

if TYPE_CHECKING:
    from pathlib import Path

_MEGABYTE = 1_000_000


def print_models() -> None:
    """Print the models on this machine, and those that can be fetched."""
    installed = model_store.installed_models()
    for model in installed:
        click.echo(f"{'*' if model.used else ' '} {model.name}  ({model.folder}{'' if model.whole else ', not whole'})")
    there = {model.folder.name for model in installed if model.whole}
    for name, known in model_store.known_models().items():
        if known.folder not in there:
            size = f"{known.bytes / _MEGABYTE:.0f} MB, {known.language}, {known.licence}"
            click.echo(f"  {name}  ({size}; fetch it with: voice-coach model get {name})")


def get_model(name: str) -> None:
    """Fetch a model and use it.

    Raises:
        ModelError: it cannot be had.
    """
    size = model_store.known_models()[name].bytes if name in model_store.known_models() else 0
    with click.progressbar(length=size, label=f"Fetching {name}") as bar:
        folder = model_store.get(name, model_store.WebSource(), lambda there, _all: bar.update(there - bar.pos))
    _tell_chosen(folder)


def use_model(name: str) -> None:
    """Use a model from now on.

    Raises:
        ModelError: there is none of this name.
    """
    _tell_chosen(model_store.use(name))


def _tell_chosen(folder: Path) -> None:
    """Tell that the model in `folder` is chosen, and what wins over that."""
    named = named_model()
    if named is None or are_one(named, folder):
        click.echo(f"Sessions listen with {_called(folder)} from now on.")
        return
    where = MODEL_VARIABLE if read_settings().sources["model"] == "environment" else "the setting model"
    click.echo(
        f"You chose {_called(folder)}, but {where} wins: sessions listen with {named}. Try: {command_to_take_back()}"
    )


def _called(folder: Path) -> str:
    return f"the model {IN_THE_BOX}" if folder == packaged_model() else folder.name


def remove_model(name: str) -> None:
    """Remove a model.

    Raises:
        ModelError: there is none of this name.
    """
    folder = model_store.remove(name)
    click.echo(f"{folder.name} is gone.")


def check_model(name: str | None) -> None:
    """Print which phrases a model cannot hear; the one in use where none is named.

    Raises:
        ModelError: it cannot be used.
    """
    folder = find_model(None) if name is None else model_store.find(name)
    if not survives(folder, again=True):
        raise ModelError(
            f"The speech model in {folder} is damaged.",
            "The coach cannot understand spoken commands with it; typed ones work.",
            "voice-coach model list",
        )
    model = SpeechModel(folder, tried=True)
    meanings = every_phrase()
    unheard = model.unheard(meanings)
    click.echo(f"{folder.name} hears {len(meanings) - len(unheard)} of {len(meanings)} phrases.")
    if rate_of(folder) < LISTENING_RATE:
        click.echo(
            f"  It is made for {rate_of(folder):g} samples a second, as telephones have, and hears nothing above: "
            f"one for {LISTENING_RATE} tells words better apart."
        )
    for phrase in unheard:
        click.echo(f"  cannot hear: {phrase} ({meanings[phrase].id})")
