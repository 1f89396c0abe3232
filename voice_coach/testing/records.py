"""Everything that happened in a session, to look at afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from voice_coach.session.actions import Action, Chime, DoseEnded, Ended, Say, StateChanged, StepBegan

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.runner import EarsReady, Mended

_A = TypeVar("_A", bound=Action)


@dataclass(frozen=True, slots=True)
class Happened:
    """The session did something."""

    at: float
    action: Action


@dataclass(frozen=True, slots=True)
class UserSaid:
    """The user said something; `command` is None where it means nothing."""

    at: float
    text: str
    command: Command | None


@dataclass(slots=True)
class SessionRecord:
    """Everything that happened in a session, in its order. It is a watcher: a runner can write it."""

    events: list[Happened | UserSaid] = field(default_factory=list)
    troubles: list[CoachError] = field(default_factory=list)
    mended_parts: list[Mended] = field(default_factory=list)

    def acted(self, now: float, action: Action) -> None:
        self.events.append(Happened(now, action))

    def heard(self, now: float, text: str, command: Command | None) -> None:
        self.events.append(UserSaid(now, text, command))

    def listening(self, now: float, ready: EarsReady) -> None:
        """Note nothing."""

    def troubled(self, _now: float, error: CoachError) -> None:
        self.troubles.append(error)

    def mended(self, _now: float, news: Mended) -> None:
        self.mended_parts.append(news)

    def actions(self, kind: type[_A]) -> list[_A]:
        """Give the actions of one kind."""
        return [event.action for event in self.events if isinstance(event, Happened) and isinstance(event.action, kind)]

    def timed(self, kind: type[_A]) -> list[tuple[float, _A]]:
        """Give the actions of one kind, each after its time."""
        return [
            (event.at, event.action)
            for event in self.events
            if isinstance(event, Happened) and isinstance(event.action, kind)
        ]

    @property
    def lines(self) -> list[str]:
        """What the coach began to say."""
        return [say.text for say in self.actions(Say)]

    @property
    def chimes(self) -> list[tuple[float, str]]:
        return [(at, chime.name) for at, chime in self.timed(Chime)]

    @property
    def doses(self) -> list[DoseEnded]:
        return self.actions(DoseEnded)

    @property
    def states(self) -> list[tuple[float, StateChanged]]:
        return self.timed(StateChanged)

    @property
    def steps(self) -> list[tuple[float, StepBegan]]:
        return self.timed(StepBegan)

    @property
    def ended(self) -> Ended | None:
        """How it ended; None where it has not."""
        ends = self.actions(Ended)
        return ends[0] if ends else None

    def lines_between(self, begin: float, end: float) -> list[str]:
        """Give the lines that began from `begin` on and before `end`."""
        return [say.text for at, say in self.timed(Say) if begin <= at < end]

    def state_at(self, time: float) -> StateChanged:
        """Give the state at `time`, after everything that happened then."""
        before = [state for at, state in self.states if at <= time]
        if not before:
            raise LookupError(f"nothing had happened by second {time}")
        return before[-1]
