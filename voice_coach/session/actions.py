"""What a session wants done. The runner carries these out, in order, and may write them down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from voice_coach.session.manner import SpeakHow
    from voice_coach.session.phases import Phase

ChimeName = Literal["accepted", "not_understood", "listening", "stroke", "hold", "release", "finished"]


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text` now, instead of whatever is being said; answer with `SpeechEnded(token)`."""

    token: int
    text: str
    beat: float | None = None
    """Seconds from the beginning of one word to the next, for counting; None for running speech."""
    safety: bool = False
    """It is heard out: whoever speaks over it makes it quieter, not silent."""


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
    resumable: bool = True
    """False where a body word ended it: it must not be gone on with."""


@dataclass(frozen=True, slots=True)
class Rated:
    """The user has rated how strong it is, from 0 to 10."""

    step: str
    family: str
    side: str
    rung: int
    """The rung that was rated, before any consequence."""
    rating: int
    asked: Literal["halfway", "after harder", "again", "end", "pain"]


NotedKind = Literal[
    "pain",
    "sharp",
    "injury",
    "cramp",
    "numb",
    "blister",
    "infection",
    "bruise",
    "dizzy",
    "swollen",
    "bone",
    "callus",
]


@dataclass(frozen=True, slots=True)
class Noted:
    """Something for the history that is to be remembered: a body word and what came of it, a sign on the skin."""

    kind: NotedKind
    step: str | None
    side: str | None
    family: str | None = None
    region: str | None = None
    locked: bool = False
    """The region is out for the rest of the session."""


@dataclass(frozen=True, slots=True)
class ProfileAnswered:
    """One of the first questions was answered."""

    question: str
    """Its id in first_questions.yaml."""
    answer: Literal["no", "yes", "left", "right", "both"]


@dataclass(frozen=True, slots=True)
class NextDayAnswered:
    """How the feet were on the day after the last session."""

    answer: Literal["worse", "same", "better"]


@dataclass(frozen=True, slots=True)
class SaveWanted:
    """The user wants this routine to begin like this from now on."""

    routine: str
    steps: tuple[SavedStep, ...]
    left_out: tuple[int, ...] = ()
    """Numbers of the steps that are to be left out."""
    stroke: float | None = None
    """Seconds per stroke; None where it is what the routine has already."""


@dataclass(frozen=True, slots=True)
class SavedStep:
    """A step as the dials stand; a value is None where it is what the routine has already."""

    number: int
    """Place in the routine, counted from 0."""
    step: str
    seconds: float | None = None
    repetitions: int | None = None
    hold: float | None = None
    gap: float | None = None
    rung: int | None = None


@dataclass(frozen=True, slots=True)
class SpeakDifferently:
    """The coach is to speak louder, quieter, faster or slower from the next line on."""

    how: SpeakHow
    words_per_minute: int
    decibels: float
    """Above the usual loudness."""


@dataclass(frozen=True, slots=True)
class Voiced:
    """The coach is to speak and to listen from now on, or to do neither: then lines are read, and commands typed."""

    on: bool


@dataclass(frozen=True, slots=True)
class Attend:
    """Listening is to sleep (everything but "start listening", stop and body words) or to wake up."""

    awake: bool


@dataclass(frozen=True, slots=True)
class SetAside:
    """The user does not want to go on with a session that was cut off: it is over, without a summary."""


Action = (
    Say
    | Hush
    | Chime
    | StepBegan
    | DoseEnded
    | StateChanged
    | Rated
    | Noted
    | ProfileAnswered
    | NextDayAnswered
    | SaveWanted
    | SpeakDifferently
    | Voiced
    | Attend
    | SetAside
    | Ended
)
