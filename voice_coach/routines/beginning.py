"""What a session began with: enough to plan the same one again, whatever has changed in the meantime."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from voice_coach.routines.knowledge import load_tips
from voice_coach.routines.person import Person  # noqa: TC001 - msgspec reads the types of the fields
from voice_coach.routines.planning import plan_session
from voice_coach.routines.schema import Routine  # noqa: TC001 - as above
from voice_coach.routines.wishes import Wishes  # noqa: TC001 - as above
from voice_coach.session.before import Before  # noqa: TC001 - as above
from voice_coach.session.manner import USUAL_MANNER, Manner

if TYPE_CHECKING:
    from voice_coach.routines.schema import Catalogue
    from voice_coach.session.plan import Plan


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is planned from, besides what is in the package.

    Attributes:
        path: of the file that the routine is from; None for one of the package.
        number: of the session, for the tips; 0 for one without tips.
        words_per_second: of the voice; None where lines take no time.
        manner: how the voice speaks at first.
    """

    path: str | None
    routine: Routine
    wishes: Wishes
    person: Person
    before: Before
    number: int
    words_per_second: float | None
    manner: Manner = USUAL_MANNER

    def plan(self, catalogue: Catalogue) -> Plan:
        """Plan the session; the same every time.

        Raises:
            WishError: no work is left of the routine.
        """
        plan = plan_session(catalogue, self.routine, self.wishes, self.person, self.before).plan
        return replace(plan, tips=load_tips(), number=self.number) if self.number else plan

    def as_text(self) -> str:
        """Give it as a JSON object."""
        today = [(cap, side, seconds) for (cap, side), seconds in self.before.seconds_today.items()]
        whole = msgspec.structs.replace(self, before=msgspec.structs.replace(self.before, seconds_today={}))
        return msgspec.json.encode(_Written(whole, today)).decode()


class _Written(msgspec.Struct, frozen=True):
    """A beginning without what JSON has no keys for, and that."""

    beginning: Beginning
    seconds_today: list[tuple[str, str, float]]


def beginning_from(text: str) -> Beginning:
    """Give the beginning of which `text` was made.

    Raises:
        ValueError: of none.
    """
    written = msgspec.json.decode(text, type=_Written)
    today = {(cap, side): seconds for cap, side, seconds in written.seconds_today}
    before = msgspec.structs.replace(written.beginning.before, seconds_today=today)
    return msgspec.structs.replace(written.beginning, before=before)
