"""Prints the routines."""

from __future__ import annotations

import click

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.plan import plan_routine
from voice_coach.session.wording import minutes


def print_routines() -> None:
    """Print every routine with its length, when it is for, and what it needs."""
    catalogue = load_catalogue()
    for routine in catalogue.routines.values():
        length = minutes(plan_routine(catalogue, routine).seconds)
        click.echo(f"{routine.id:20} {routine.name} ({length}): {routine.when}. Needs: {routine.kit}.")
