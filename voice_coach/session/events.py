"""What can happen to a session. The runner makes these from keys, microphone, script and loudspeaker."""

from __future__ import annotations

from dataclasses import dataclass

from voice_coach.commands.grammar import Command  # noqa: TC001 - the journal reads the types of the fields
from voice_coach.session.manner import USUAL_MANNER, Manner


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


@dataclass(frozen=True, slots=True)
class CutOff:
    """The program has died. The session stands still from the moment at which it was last heard of."""

    unknown: float
    """Seconds after that in which the user may have gone on working: they count towards the caps."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """The program runs again, and the session that was cut off is to go on."""

    asks: bool
    """Ask whether to go on; else the user has said so already."""
    words_per_second: float | None
    """Of the voice from now on; None where lines take no time."""
    manner: Manner = USUAL_MANNER
    """How the voice speaks from now on."""


Event = Heard | NotUnderstood | SpeechEnded | VoiceSwitched | Interrupted | Slept | CutOff | TakenUp


class IllegalEventError(RuntimeError):
    """The event cannot happen in this state. It has changed nothing."""
