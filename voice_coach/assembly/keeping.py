"""What is kept of a session: the history, the profile, the user's own routine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.assembly.parts import Parts, tell
from voice_coach.errors import HistoryError
from voice_coach.folders import history_file, profile_file
from voice_coach.profile.keeper import ProfileKeeper
from voice_coach.routines.adaptation import LOOK_BACK
from voice_coach.saving import RoutineSaver

if TYPE_CHECKING:
    from voice_coach.assembly.undertaking import Undertaking
    from voice_coach.history.recorder import Recorder
    from voice_coach.history.rescue import Past
    from voice_coach.history.store import History
    from voice_coach.routines.own import Found
    from voice_coach.routines.schema import Catalogue


def keep_profile(parts: Parts) -> None:
    """Write down what the user tells, unless the clock is moved: then nobody has told it."""
    if not parts.options.fast:
        parts.watchers.append(ProfileKeeper(profile_file(), parts.inbox))


def keep_routine(parts: Parts, found: Found, catalogue: Catalogue) -> None:
    """Write the user's own routine when they say so, and tell where once the screen is theirs again."""
    saver = RoutineSaver(found, catalogue, parts.inbox, moved_clock=parts.options.fast)
    parts.watchers.append(saver)
    parts.of_one_session.append(saver)
    parts.stack.callback(_tell_where, saver)


def _tell_where(saver: RoutineSaver) -> None:
    if saver.saved_in is not None:
        tell(f"Saved in {saver.saved_in}")


def opened_history(parts: Parts) -> tuple[History | None, Past]:
    """Open the history, and give the sessions of the last time; on a moved clock nobody has done any."""
    from voice_coach.history.rescue import Past, open_history  # noqa: PLC0415 - needs SQLite

    history, past = open_history(history_file(), LOOK_BACK, parts.tell)
    if history is not None:
        parts.closing(history)
    return history, Past([]) if parts.options.fast else past


def keep_history(parts: Parts, history: History, undertaking: Undertaking, about: int | None) -> Recorder | None:
    """Write the session down as it happens; where that fails, say so and go on without."""
    from voice_coach.history.recorder import Recorder, going_on  # noqa: PLC0415 - needs SQLite

    earlier = undertaking.earlier
    try:
        number = undertaking.begin_in(history, moved_clock=parts.options.fast)
    except HistoryError as error:
        parts.tell(str(error))
        return None
    recorder = Recorder(
        history,
        history_file(),
        number,
        parts.inbox,
        look=undertaking.session.snapshot,
        about=about,
        goes_on=() if earlier is None else going_on(history, earlier),
    )
    parts.closing(recorder)
    parts.of_one_session.append(recorder)
    if not parts.options.fast:
        parts.timed.append(recorder)
    return recorder
