"""A history as a file holds it: everything that is in it, and what each field may be."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from voice_coach.history.rows import as_text
from voice_coach.session.actions import NotedKind  # noqa: TC001 - msgspec reads it

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
_Rung = Annotated[int, msgspec.Meta(ge=0, le=100)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
Wishes = dict[str, str | int | float | bool | list[str] | None]
Rungs = dict[str, Annotated[int, msgspec.Meta(ge=-100, le=100)]]
_Side = Literal["left", "right", "both", "one"]


class _Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in a file is all that may be in it."""


class DoseRow(_Plain, frozen=True):
    """One side of a step."""

    ended_at: _Moment
    step: _Name
    side: _Side
    planned: _Seconds
    worked: _Seconds
    rung: _Rung
    done: bool
    began_rung: _Rung | None = None


class RatingRow(_Plain, frozen=True):
    """How strong it was."""

    rated_at: _Moment
    step: _Name
    family: _Name
    side: _Side
    rung: _Rung
    rating: Annotated[int, msgspec.Meta(ge=0, le=10)]
    asked: Literal["halfway", "after harder", "again", "end", "pain"]


class NoteRow(_Plain, frozen=True):
    """A body word, or a sign on the skin."""

    noted_at: _Moment
    kind: NotedKind
    locked: bool
    step: _Name | None = None
    side: _Side | None = None
    family: _Name | None = None
    region: _Name | None = None


class NextDayRow(_Plain, frozen=True):
    """How the feet were on the day after session number `about`."""

    answered_at: _Moment
    about: _Number
    answer: Literal["worse", "same", "better"]


class SessionRow(_Plain, frozen=True):
    """A session, with everything in it."""

    number: _Number
    routine: _Name
    began_at: _Moment
    ended_at: _Moment | None = None
    seen_at: _Moment | None = None
    reason: Literal["finished", "finished_early", "interrupted", "body", "limit"] | None = None
    seconds: _Seconds | None = None
    worked: _Seconds | None = None
    moved_clock: bool = False
    version: _Name = ""
    wishes: Wishes = {}
    rungs: Rungs = {}
    dose_factor: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    doses: tuple[DoseRow, ...] = ()
    ratings: tuple[RatingRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    next_days: tuple[NextDayRow, ...] = ()

    @property
    def identity(self) -> tuple[str, str, bool]:
        """What a session is known by."""
        return as_text(self.began_at), self.routine, self.moved_clock


class Document(_Plain, frozen=True):
    """A whole file."""

    format: Literal["voice-coach history"] = "voice-coach history"
    version: Literal[1] = 1
    sessions: tuple[SessionRow, ...] = ()
