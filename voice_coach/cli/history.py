"""Prints the history."""

from __future__ import annotations

import click

from voice_coach.folders import history_file
from voice_coach.history.store import History, PastSession
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.wording import minutes


def print_history(most: int) -> None:
    """Print the latest sessions, the newest first.

    Raises:
        HistoryError: the history cannot be read.
    """
    path = history_file()
    if not path.exists():
        click.echo("No session yet. Begin with: voice-coach start")
        return
    history = History(path)
    try:
        sessions = history.sessions(most)
    finally:
        history.close()
    if not sessions:
        click.echo("No session yet. Begin with: voice-coach start")
    names = {id_: routine.name for id_, routine in load_catalogue().routines.items()}
    for session in sessions:
        click.echo(_line(session, names.get(session.routine, session.routine)))


def _line(session: PastSession, name: str) -> str:
    began = session.began_at.astimezone().strftime("%Y-%m-%d %H:%M")
    outcome = {
        None: "broken off",
        "finished": "to the end",
        "finished_early": "ended early",
        "interrupted": "interrupted",
        "body": "ended after a body word",
        "limit": "ended at the session limit",
    }.get(session.reason, session.reason or "")
    done = f"{minutes(session.worked)} of work" if session.worked else "no work"
    steps = f" ({', '.join(session.steps)})" if session.steps else ""
    return f"{began}  {name}: {outcome}, {done}{steps}"
