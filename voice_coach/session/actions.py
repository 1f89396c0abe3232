"""What a session wants done. The runner carries these out, in order, and may write them down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from voice_coach.session.phases import Phase

ChimeName = Literal["accepted", "not_understood", "stroke", "hold", "release", "finished"]


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text` now, instead of whatever is being said; answer with `SpeechEnded(token)`."""

    token: int
    text: str
    beat: float | None = None
    """Seconds from the beginning of one word to the next, for counting; None for running speech."""


@dataclass(frozen=True, slots=True)
class Hush:
    """Be silent at once. The line being said gets no `SpeechEnded`."""


@dataclass(frozen=True, slots=True)
class Chime:
    """Play a short sound."""

    name: ChimeName


@dataclass(frozen=True, slots=True)
class StepBegan:
    """One side of a step begins with its setup."""

    step: str
    name: str
    side: str
    number: int
    of: int
    rung: int
    planned: float
    """Dose of this side, in seconds."""


@dataclass(frozen=True, slots=True)
class DoseEnded:
    """One side of a step is over."""

    step: str
    side: str
    planned: float
    """Seconds this side should have got when it ended."""
    worked: float
    """Seconds of the dose clock, repeated parts included."""
    rung: int
    done: bool
    """False where the side was left out, begun again or given up: not logged as done."""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The phase, a dial or the set of active commands has changed."""

    phase: Phase
    step: str | None
    side: str | None
    rung: int | None
    planned: float | None
    """Dose of this side, in seconds."""
    worked: float | None
    """Seconds of it that are done."""
    stroke: float
    """Seconds per stroke."""
    active: frozenset[str]
    """Ids of the commands that count now."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over; nothing more will come."""

    reason: Literal["finished", "finished_early", "interrupted", "body", "limit"]
    seconds: float
    """Length of the whole session."""
    worked: float
    """Seconds of all doses."""
    steps: int
    """Steps of which at least one side was done."""


Action = Say | Hush | Chime | StepBegan | DoseEnded | StateChanged | Ended
