"""Writes calendars, and installs, lists and removes timers of the system."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voice_coach.errors import ReminderError
from voice_coach.reminders.calendar import calendar_of
from voice_coach.reminders.notification import notify
from voice_coach.reminders.rhythm import find_rhythm, reminders_of
from voice_coach.reminders.system import RealSystem
from voice_coach.reminders.timers import timers_of
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.plan import plan_routine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_coach.reminders.timers import Timers


def write_calendar(path: Path, chosen: dict[str, Sequence[str]], until: dt.date | None) -> None:
    """Write a calendar file with the reminders that were chosen.

    Raises:
        ReminderError: a time cannot be understood, the last day comes too early, or the file cannot be written.
    """
    reminders = reminders_of(chosen)
    catalogue = load_catalogue()
    routines = {reminder.rhythm.routine for reminder in reminders}
    seconds = {id_: plan_routine(catalogue, catalogue.routines[id_]).seconds for id_ in routines}
    text = calendar_of(reminders, seconds, dt.datetime.now().astimezone(), until)
    RealSystem().write(path, text.encode())
    for reminder in reminders:
        click.echo(f"{path}: {reminder.summary}")


def install_timers(chosen: dict[str, Sequence[str]], *, standby: bool) -> None:
    """Let the system show a notification, or start standby, at the times that were chosen.

    Raises:
        ReminderError: a time cannot be understood, or the system takes no timers.
    """
    reminders = reminders_of(chosen)
    timers = _timers()
    for reminder in reminders:
        what = ["standby"] if standby else ["remind", "now", reminder.rhythm.id]
        timers.install(reminder, [_python(), "-m", "voice_coach", *what])
        click.echo(f"Installed: {reminder.summary}")
    click.echo("voice-coach remind remove takes them away.")


def print_timers() -> None:
    """List the timers that are installed.

    Raises:
        ReminderError: they cannot be read.
    """
    installed = _timers().installed()
    if not installed:
        click.echo("No timer is installed.")
    for timer in installed:
        click.echo(f"{timer.name:12} {timer.summary}")


def remove_timers(names: Sequence[str]) -> None:
    """Remove the timers called `names`, or all of them.

    Raises:
        ReminderError: there is no timer of that name, or it cannot be removed.
    """
    timers = _timers()
    there = [timer.name for timer in timers.installed()]
    wanted = [name.replace("-", "_") for name in names] or there
    for name in wanted:
        if name not in there:
            raise ReminderError(
                f"No timer called {name!r} is installed.", "Nothing was removed.", "voice-coach remind list"
            )
    for name in wanted:
        timers.remove(name)
        click.echo(f"Removed: {name}")
    if not wanted:
        click.echo("No timer is installed.")


def show_reminder(name: str) -> None:
    """Show the notification of a part of the rhythm.

    Raises:
        ReminderError: there is no such part, or this machine shows no notifications.
    """
    rhythm = find_rhythm(name)
    notify(rhythm.title, f"{rhythm.text} voice-coach start {rhythm.routine}", RealSystem())


def _timers() -> Timers:
    return timers_of(RealSystem())


def _python() -> str:
    """Give the Python that runs this program; on Windows the one that opens no window."""
    python = Path(sys.executable)
    quiet = python.with_name("pythonw.exe")
    return str(quiet if sys.platform == "win32" and quiet.exists() else python)
