"""What can happen to a session. The runner makes these from keys, microphone, script and loudspeaker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command


@dataclass(frozen=True, slots=True)
class Heard:
    """The user said, or typed, a phrase that means `command`."""

    command: Command
    text: str = ""
    """The phrase, as it was heard: one that the coach is saying itself does not count."""
    typed: bool = False
    """Typed commands count also while the coach speaks a line that holds a command word."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The user said, or typed, something that is no active phrase."""

    typed: bool = False


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The last sample of a line has left the loudspeaker."""

    token: int
    """The `Say.token` of that line."""


@dataclass(frozen=True, slots=True)
class VoiceSwitched:
    """The user wants to read and type instead of hearing and speaking, or the other way round."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The user wants the program to end now (Ctrl-C, a closed terminal)."""


@dataclass(frozen=True, slots=True)
class Slept:
    """The machine was asleep, or the program was stopped; the session's clock has not counted that time."""

    seconds: float


Event = Heard | NotUnderstood | SpeechEnded | VoiceSwitched | Interrupted | Slept


class IllegalEventError(RuntimeError):
    """The event cannot happen in this state. It has changed nothing."""
