"""What is written down of a session that was killed leads back to where it stood, however the kill came between."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from tests.history.living import EVENTFUL, live
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.history.store import History
from voice_coach.restoring import restored
from voice_coach.routines.beginning import beginning_from
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.journal import replay
from voice_coach.session.phases import Phase
from voice_coach.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = load_catalogue()
GRAMMAR = load_phrasebook().grammar()


def test_an_event_that_was_written_without_where_it_led_is_no_obstacle(tmp_path: Path) -> None:
    """Time alone may have moved the session on since the event before it, and that was written down."""
    path = tmp_path / "history.db"
    live(path, "quick_3", [*EVENTFUL[:4], (130, "pause")], at=datetime.now(UTC))
    with closing(History(path)) as history:
        unfinished = history.unfinished()
    assert unfinished is not None
    beginning = beginning_from(unfinished.beginning)
    lived = Session(beginning.plan(CATALOGUE), GRAMMAR, beginning.words_per_second, beginning.manner)
    moved_on = 0
    for number, entry in enumerate(unfinished.journal):
        before = lived.phase
        if before is not Phase.NEW:
            lived.tick(entry.at)
            moved_on += lived.phase is not before
        stood = lived.snapshot()
        replay(lived, [entry])
        if before is Phase.NEW or lived.phase in (Phase.SUMMARY, Phase.ENDED):
            continue
        written = msgspec.structs.replace(
            unfinished, journal=unfinished.journal[: number + 1], snapshot=stood, at=entry.at
        )
        assert restored(written, CATALOGUE, GRAMMAR, unfinished.seen_at) is not None, (number, entry)
    assert moved_on > 0
