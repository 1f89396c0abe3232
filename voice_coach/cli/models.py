"""Prints and changes the speech models."""

from __future__ import annotations

import click

from voice_coach.errors import ModelError
from voice_coach.speech import model_store
from voice_coach.speech.models import SpeechModel, find_model
from voice_coach.speech.trial import survives
from voice_coach.understood import every_phrase

_MEGABYTE = 1_000_000


def print_models() -> None:
    """Print the models on this machine, and those that can be fetched."""
    installed = model_store.installed_models()
    for model in installed:
        click.echo(f"{'*' if model.used else ' '} {model.name}  ({model.folder})")
    there = {model.folder.name for model in installed}
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
    click.echo(f"Sessions listen with {folder.name} from now on.")


def use_model(name: str) -> None:
    """Use a model from now on.

    Raises:
        ModelError: there is none of this name.
    """
    folder = model_store.use(name)
    click.echo(f"Sessions listen with {folder.name} from now on.")


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
    for phrase in unheard:
        click.echo(f"  cannot hear: {phrase} ({meanings[phrase].id})")
