"""Prints the history, a list of sessions or one of them in full; writes it into a file, reads one in, and deletes."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import click

from voice_coach.errors import BusyHistoryError, HistoryFileError, UnknownRoutineError, UsageError
from voice_coach.files import read_bounded, write_whole
from voice_coach.folders import history_file
from voice_coach.history.rescue import damage_left_alone, damaged_ones, put_aside_if_damaged, reading
from voice_coach.history.store import History, utc_now
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.session.wording import minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voice_coach.history.records import PastDose, PastNote, PastRating, PastRecord, PastSession
    from voice_coach.routines.schema import Catalogue

_NO_SESSION = "No session yet. Begin with: voice-coach start"
_OUTCOMES = {
    "finished": "to the end",
    "finished_early": "ended early",
    "interrupted": "interrupted",
    "body": "ended after a body word",
    "limit": "ended at the session limit",
}
_BROKEN_OFF = "broken off"
_GOES_ON = "going on"
_MINUTE = 60
_ALL = 2**53
_FIRST_DAY = datetime(1970, 1, 2)  # noqa: DTZ001 - a day of the calendar here
"""No session is earlier, and clocks of other places need not know of a time before it."""
_MOST_BYTES = 200_000_000
"""Of a file to import; ten years take about 5 MB."""


def print_history(most: int, since: datetime | None = None, routine: str | None = None) -> None:
    """Print sessions, the newest first.

    Args:
        most: how many; 0 for all.
        since: only those that began on this day, where the user is, or later.
        routine: only those of this routine, by its id or name.

    Raises:
        HistoryError: the history cannot be read.
        UnknownRoutineError: there is no such routine.
    """
    catalogue = load_catalogue()
    path = history_file()
    since = None if since is None else max(since, _FIRST_DAY)
    if not path.exists():
        click.echo(_NO_SESSION)
        return
    with reading(path) as history:
        id_ = None if routine is None else _routine_id(routine, history, catalogue)
        sessions = history.sessions(min(most, _ALL) or None, since=since, routine=id_)
        going_on = {session.id for session in sessions if session.ended_at is None and history.goes_on(session.id)}
    if not sessions:
        click.echo(_NO_SESSION if since is None and routine is None else "No such session.")
        return
    click.echo("\n".join(_line(session, catalogue, goes_on=session.id in going_on) for session in sessions))


def print_session(number: int | None) -> None:
    """Print one session in full.

    Args:
        number: as the list gives it; None for the latest.

    Raises:
        HistoryError: the history cannot be read.
        UsageError: there is no such session.
    """
    path = history_file()
    record, goes_on = None, False
    if path.exists():
        with reading(path) as history:
            latest = history.sessions(1)
            if number is None and latest:
                number = latest[0].id
            record = None if number is None else history.session(number)
            goes_on = record is not None and record.ended_at is None and history.goes_on(record.id)
    if record is None:
        what = "There is no session yet." if number is None else f"There is no session number {number}."
        raise UsageError(what, "Nothing to show.", "voice-coach history" if number else "voice-coach start")
    for line in _in_full(record, load_catalogue(), goes_on=goes_on):
        click.echo(line)


def export_history(path: Path | None, kind: str | None) -> None:
    """Write the whole history into a file, or onto the standard output.

    Args:
        path: of the file; what is there is replaced.
        kind: csv or json; None to go by the ending of the file, and for the standard output, JSON.

    Raises:
        HistoryError: the history cannot be read.
        HistoryFileError: the file cannot be written.
    """
    from voice_coach.history import exchange, exporting, table  # noqa: PLC0415 - the list of sessions does without
    from voice_coach.history.document import Document  # noqa: PLC0415 - as above

    chosen = _format(path, kind)
    document = Document()
    if history_file().exists():
        with reading(history_file()) as history:
            document = exporting.read_document(history.database)
    text = table.as_csv(document) if chosen == "csv" else exchange.as_json(document)
    if path is None:
        # the lines of CSV have ends of their own, which no system may change
        click.echo(text.encode(), nl=False)
        return
    try:
        write_whole(path, text)
    except OSError as error:
        raise HistoryFileError(
            f"{path} cannot be written ({error.strerror}).", "Nothing was exported.", "name a file in another folder"
        ) from error
    click.echo(f"Written: {path} ({_sessions(len(document.sessions))})")


def import_history(path: Path, kind: str | None) -> None:
    """Add the sessions in an exported file.

    Args:
        path: of the file.
        kind: csv or json; None to go by its ending.

    Raises:
        HistoryError: the history cannot be written.
        HistoryFileError: the file cannot be read, or has a mistake.
    """
    from voice_coach.history import exchange, importing  # noqa: PLC0415 - as above

    chosen, now = _format(path, kind), utc_now()
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise HistoryFileError(
            f"{path} cannot be read ({error.strerror}).", "Nothing was imported.", f"ls -l {path}"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise HistoryFileError(
            f"{path}, line {line}: this is no text in UTF-8.", "Nothing was imported.", "save the file as UTF-8"
        ) from error
    document = exchange.as_document(text, chosen, str(path), now)
    put_aside_if_damaged(history_file(), lambda line: click.echo(line, err=True))
    with closing(History(history_file())) as history:
        done = importing.import_document(history.database, document, history.goes_on, now)
    known = f"; {done.known} were there already" if done.known else ""
    click.echo(f"Imported: {_sessions(done.added)}{known}.")
    if done.renumbered:
        click.echo(f"They are older than some that were there; {_sessions(done.renumbered)} got a new number.")


def delete_history(numbers: tuple[int, ...], *, everything: bool, before: datetime | None, asks: bool) -> None:
    """Delete sessions for good.

    Args:
        numbers: which ones, where it is neither of the following.
        everything: all of them, and the damaged histories that were put aside.
        before: those that began before this day, where the user is.
        asks: ask first.

    Raises:
        HistoryError: the history cannot be written, or a session that is meant is going on.
        UsageError: there is no session of such a number.
    """
    from voice_coach.history import erasing  # noqa: PLC0415 - as above

    path = history_file()
    if everything:
        put_aside_if_damaged(path, lambda line: click.echo(line, err=True))
    damaged = damaged_ones(path) if everything else []
    if not path.exists() and not damaged:
        click.echo(_NO_SESSION)
        return
    with damage_left_alone(), closing(History(path)) as history:
        if before is not None:
            chosen = erasing.sessions_before(history.database, max(before, _FIRST_DAY))
        else:
            chosen = erasing.existing(history.database, None if everything else numbers)
        _check_deletable(numbers, chosen, history)
        if asks and (chosen or damaged) and not _is_sure(chosen, damaged):
            click.echo("Nothing was deleted.")
            return
        erasing.erase(history.database, chosen)
    for file in damaged:
        file.unlink(missing_ok=True)
    click.echo(f"Deleted: {_sessions(len(chosen))}.")


def _check_deletable(numbers: tuple[int, ...], chosen: Sequence[int], history: History) -> None:
    missing = sorted(set(numbers) - set(chosen))
    if missing:
        raise UsageError(f"There is no session number {missing[0]}.", "Nothing was deleted.", "voice-coach history")
    if any(history.goes_on(number) for number in chosen):
        raise BusyHistoryError("A session is going on.", "Nothing was deleted.", "end the session, then delete again")


def _is_sure(chosen: Sequence[int], damaged: Sequence[Path]) -> bool:
    """Ask; whoever has no terminal and says nothing is not sure."""
    what = _sessions(len(chosen)) if len(chosen) != 1 else f"session {chosen[0]}"
    if damaged:
        what = f"{what} and the damaged histories that were kept (files: {len(damaged)})"
    click.echo(f"This deletes {what} for good. What hurt, and what was done today, will not be known any more.")
    try:
        return click.confirm("Delete?", default=False)
    except click.Abort:
        click.echo("\nNothing was deleted.")
        raise


def _format(path: Path | None, kind: str | None) -> Literal["csv", "json"]:
    """Give the format of a file: as it was said, or by its ending."""
    ending = "json" if path is None else path.suffix.lower().removeprefix(".")
    chosen = kind or ending
    if chosen == "csv":
        return "csv"
    if chosen == "json":
        return "json"
    raise UsageError(
        f"{path} ends neither in .csv nor in .json.", "Nothing was done.", "--format json, or --format csv"
    )


def _sessions(number: int) -> str:
    return f"{number} session{'' if number == 1 else 's'}"


def _routine_id(name: str, history: History, catalogue: Catalogue) -> str:
    """Give the id of a routine, which may be there no more.

    Raises:
        UnknownRoutineError: no session was of it, and there is none of this name.
    """
    if history.sessions(1, routine=name):
        return name
    try:
        return find_routine(catalogue, name).id
    except UnknownRoutineError as error:
        raise UnknownRoutineError(error.what, "No session is shown.", "voice-coach history") from error


def _line(session: PastSession, catalogue: Catalogue, *, goes_on: bool) -> str:
    done = f"{minutes(session.worked)} of work" if session.worked else "no work"
    steps = f" ({', '.join(session.steps)})" if session.steps else ""
    noted = f"; noted: {', '.join(session.notes)}" if session.notes else ""
    outcome = _outcome(session, goes_on=goes_on)
    moved = "; on a moved clock" if session.moved_clock else ""
    began, name = _day(session.began_at), _name(session, catalogue)
    return f"{session.id:>4}  {began}  {name}: {outcome}, {done}{steps}{noted}{moved}"


def _in_full(record: PastRecord, catalogue: Catalogue, *, goes_on: bool) -> Iterator[str]:
    yield f"Session {record.id}, {_day(record.began_at)}: {_name(record, catalogue)}"
    length = "" if record.seconds is None else f", {_clock(record.seconds)} in all"
    yield f"{_outcome(record, goes_on=goes_on).capitalize()}{length}, {_clock(record.worked)} of work."
    if record.moved_clock:
        yield "On a moved clock: nobody did this."
    if record.rungs:
        changes = ", ".join(f"{family} {change:+d}" for family, change in sorted(record.rungs.items()))
        yield f"It began with other rungs than usual: {changes}."
    if record.dose_factor != 1:
        yield f"It had {record.dose_factor:.0%} of the usual doses."
    if record.answered is not None:
        yield f"After session {record.answered.about}, the next day was: {record.answered.answer}."
    yield from (_dose_line(dose, catalogue) for dose in record.doses)
    yield from (_rating_line(rating, catalogue) for rating in record.ratings)
    yield from (_note_line(note, catalogue) for note in record.notes)


def _dose_line(dose: PastDose, catalogue: Catalogue) -> str:
    went = "" if dose.began_rung in (None, dose.rung) else f" (from {dose.began_rung})"
    done = "" if dose.done else ", left out" if dose.worked == 0 else ", not to its end"
    where = _place(dose.step, dose.side, catalogue)
    return f"  {where}: {_clock(dose.worked)} of {_clock(dose.planned)}, rung {dose.rung}{went}{done}"


def _rating_line(rating: PastRating, catalogue: Catalogue) -> str:
    return f"  {_place(rating.step, rating.side, catalogue)}: rated {rating.rating} of 10 on rung {rating.rung}"


def _note_line(note: PastNote, catalogue: Catalogue) -> str:
    where = "" if note.step is None else f": {_place(note.step, note.side, catalogue)}"
    locked = ", left alone from then on" if note.locked else ""
    return f"  noted {note.kind}{where}{locked}"


def _outcome(session: PastSession | PastRecord, *, goes_on: bool) -> str:
    if session.reason is None:
        return _GOES_ON if goes_on else _BROKEN_OFF
    return _OUTCOMES.get(session.reason, session.reason)


def _name(session: PastSession | PastRecord, catalogue: Catalogue) -> str:
    routine = catalogue.routines.get(session.routine)
    return session.routine if routine is None else routine.name


def _place(step: str, side: str | None, catalogue: Catalogue) -> str:
    known = catalogue.steps.get(step)
    name = step if known is None else known.name
    return f"{name}, {side}" if side in ("left", "right") else name


def _day(moment: datetime) -> str:
    here = datetime.fromtimestamp(moment.timestamp())  # noqa: DTZ006 - as this machine has it, in a third of the time
    return here.isoformat(" ", "minutes")


def _clock(seconds: float) -> str:
    whole, rest = divmod(round(seconds), _MINUTE)
    return f"{whole}:{rest:02d}"
