"""Everything that the big view shows at one moment, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from voice_coach.session.session import View


@runtime_checkable
class HasLevel(Protocol):
    """Ears that tell how loud it is."""

    @property
    def level(self) -> float | None:
        """Loudness of the latest sound in dBFS: 0 is full scale, -96 silence; None when unknown."""


class Hearing(Enum):
    """What the ears do."""

    OFF = "type a command"
    OPENING = "opening the microphone"
    ON = "listening"
    ASLEEP = "asleep: say start listening"
    TEXT = "text only: t for voice"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the conversation."""

    text: str
    by: Literal["coach", "trouble"] = "coach"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the user has said or typed last."""

    text: str
    understood: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see.

    Attributes:
        view: the session as it stands.
        routine: name of the routine.
        total: planned seconds of the whole session.
        step: id of the step, for its drawing.
        lines: what was said last, the newest at the end.
        heard: what the user said a moment ago.
        answers: the answers that count now, where a question is open.
        level: loudness of the microphone in dBFS; None where nothing measures it.
        typed: what is being typed.
        details: the drawing is wanted large.
    """

    view: View
    routine: str
    total: float
    step: str | None = None
    lines: tuple[Line, ...] = ()
    hearing: Hearing = Hearing.OFF
    heard: Heard | None = None
    answers: tuple[str, ...] = ()
    level: float | None = None
    typed: str = ""
    details: bool = False
