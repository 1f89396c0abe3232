"""What a session was told, and when: enough to bring a new one exactly to where it stood.

What was said is not kept, only what it meant; and only where it counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from voice_coach.session.events import CutOff, Event, Heard, NotUnderstood, Slept, SpeechEnded, TakenUp, VoiceSwitched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_coach.session.actions import Action
    from voice_coach.session.session import Session

BEGUN = "begun"
_KINDS: dict[str, type[Event]] = {
    "heard": Heard,
    "not understood": NotUnderstood,
    "speech ended": SpeechEnded,
    "voice switched": VoiceSwitched,
    "slept": Slept,
    "cut off": CutOff,
    "taken up": TakenUp,
}
_NAMES = {type_: name for name, type_ in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a session was told.

    Attributes:
        at: second of the session.
        event: what it was; None for its beginning.
    """

    at: float
    event: Event | None

    @property
    def kind(self) -> str:
        return BEGUN if self.event is None else _NAMES[type(self.event)]

    def as_text(self) -> str:
        """Give the event as a JSON object."""
        event = self.event
        if isinstance(event, Heard):
            event = Heard(event.command, typed=True)  # it counted: nobody need find out once more whether it does
        return "{}" if event is None else msgspec.json.encode(event).decode()


def from_text(at: float, kind: str, text: str) -> Entry:
    """Give the entry of which `kind` and `text` were made.

    Raises:
        ValueError: of none.
    """
    if kind == BEGUN:
        return Entry(at, None)
    if kind not in _KINDS:
        raise ValueError(f"a session is never told {kind!r}")
    return Entry(at, msgspec.json.decode(text, type=_KINDS[kind]))


def replay(session: Session, entries: Sequence[Entry]) -> list[Action]:
    """Tell a new session what another one was told, and give what it did.

    Raises:
        IllegalEventError: this is not the journal of such a session.
    """
    actions: list[Action] = []
    for entry in entries:
        done = session.begin(entry.at) if entry.event is None else session.receive(entry.event, entry.at)
        actions += done
    return actions
