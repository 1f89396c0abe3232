"""The states of a session and every way from one to another, as one table.

Rule: whatever decides which phase may follow which lives in this file. The session asks `after(phase, trigger)`;
a pair that is not in the table raises and changes nothing.

How a session flows: `GREETING` (with a `QUESTION` before or after it), then for each side of each step `SETUP` (or
`SWITCH`, for the second side), `COUNT_IN`, `GO` (the first cue is spoken, the dose clock still waits) and `WORK`. At
the end comes the `SUMMARY`, and then the session has `ENDED`. `PAUSED`, `STOPPED` and `QUESTION` interrupt, and go
back through `COUNT_IN`.
"""

from __future__ import annotations

from enum import StrEnum

from voice_coach.session.events import IllegalEventError


class Phase(StrEnum):
    """Where a session is. The values appear in the script view and in the history."""

    NEW = "new"
    GREETING = "greeting"
    SETUP = "setup"
    SWITCH = "switch"
    COUNT_IN = "count_in"
    GO = "go"
    WORK = "work"
    QUESTION = "question"
    PAUSED = "paused"
    STOPPED = "stopped"
    SUMMARY = "summary"
    ENDED = "ended"


class Trigger(StrEnum):
    """Why a session goes from one phase to the next."""

    BEGIN = "begin"
    GREET = "greet"
    ASK = "ask"
    BEGIN_STEP = "begin step"
    CHANGE_SIDE = "change side"
    COUNT = "count"
    SPEAK_CUE = "speak cue"
    START_CLOCK = "start clock"
    PAUSE = "pause"
    STOP = "stop"
    SUM_UP = "sum up"
    SET_ASIDE = "set aside"
    END = "end"


_RUNNING = (Phase.GREETING, Phase.SETUP, Phase.SWITCH, Phase.COUNT_IN, Phase.GO, Phase.WORK)
_HALTED = (Phase.QUESTION, Phase.PAUSED, Phase.STOPPED)
RUNNING = frozenset(_RUNNING)
"""Phases in which the session goes on by itself."""

TRANSITIONS: dict[Trigger, dict[Phase, Phase]] = {
    Trigger.BEGIN: {Phase.NEW: Phase.GREETING},
    Trigger.GREET: dict.fromkeys((*_RUNNING, *_HALTED), Phase.GREETING),
    Trigger.ASK: dict.fromkeys((*_RUNNING, *_HALTED), Phase.QUESTION),
    Trigger.BEGIN_STEP: dict.fromkeys((*_RUNNING, *_HALTED), Phase.SETUP),
    Trigger.CHANGE_SIDE: dict.fromkeys((*_RUNNING, *_HALTED), Phase.SWITCH),
    Trigger.COUNT: dict.fromkeys(
        (Phase.SETUP, Phase.SWITCH, Phase.COUNT_IN, Phase.GO, Phase.WORK, *_HALTED), Phase.COUNT_IN
    ),
    Trigger.SPEAK_CUE: dict.fromkeys((Phase.SETUP, Phase.SWITCH, Phase.COUNT_IN), Phase.GO),
    Trigger.START_CLOCK: dict.fromkeys((Phase.COUNT_IN, Phase.GO), Phase.WORK),
    Trigger.PAUSE: dict.fromkeys((*_RUNNING, *_HALTED), Phase.PAUSED),
    Trigger.STOP: dict.fromkeys((*_RUNNING, *_HALTED), Phase.STOPPED),
    Trigger.SUM_UP: dict.fromkeys((*_RUNNING, *_HALTED), Phase.SUMMARY),
    Trigger.SET_ASIDE: {Phase.QUESTION: Phase.ENDED},
    Trigger.END: {Phase.SUMMARY: Phase.ENDED},
}

BODY = frozenset(
    ("pain", "sharp", "injury", "cramp", "numb", "blister", "infected", "bruise", "dizzy", "swollen", "bone")
)
"""The words that silence the coach and stop the clock."""
ALWAYS_HEARD = BODY | {"stop", "finish", "callus"}
"""Commands that count in every state in which a session goes on or stands still."""
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Commands that tell how strong it is, from 0 to 10."""
RATING_COMMANDS = frozenset((*NUMBERS, "what_can_i_say"))
"""Commands that leave the question how strong it is as it is, or answer it."""
_PLAN = frozenset({"have_minutes", "only_have", "no_tool", "place", "only_side"})
_DIALS = frozenset({"harder", "easier", "longer", "shorter", "faster", "slower", "more_time", "undo", "save_that"})
_ATTENTION = frozenset({"stop_listening", "start_listening", "cancel"})
_MANNER = frozenset({"louder", "quieter", "talk_faster", "talk_slower"}) | _ATTENTION
_ASK = frozenset({"how_long", "whats_after", "which_foot", "what_can_i_say", "why", "details"})
_WORKING = _PLAN | _DIALS | _MANNER | _ASK
AWAKE = frozenset({"start_listening", "stop_listening", "stop"}) | BODY
"""Commands that count by voice while the coach is asleep. "Stop listening" once more is not to be heard as "stop"."""
_FLOW = frozenset({"start", "next", "skip", "back", "repeat", "pause", "resume"})

COMMANDS: dict[Phase, frozenset[str]] = {
    Phase.NEW: frozenset(),
    Phase.GREETING: ALWAYS_HEARD
    | {"start", "next", "skip", "pause", "resume", "repeat", "easier", "what_can_i_say"}
    | _PLAN
    | _MANNER
    | {"undo"},
    Phase.SETUP: ALWAYS_HEARD | _FLOW | _WORKING,
    Phase.SWITCH: ALWAYS_HEARD | _FLOW | _WORKING,
    Phase.COUNT_IN: ALWAYS_HEARD | _FLOW | _WORKING,
    Phase.GO: ALWAYS_HEARD | _FLOW | _WORKING,
    Phase.WORK: ALWAYS_HEARD | _FLOW | _WORKING,
    Phase.QUESTION: ALWAYS_HEARD | {"repeat", "easier", "what_can_i_say", "have_minutes", "undo"} | _MANNER,
    Phase.PAUSED: ALWAYS_HEARD | _FLOW | _WORKING,
    Phase.STOPPED: ALWAYS_HEARD | {"resume", "easier", "repeat", "what_can_i_say"} | _MANNER,
    Phase.SUMMARY: ALWAYS_HEARD,
    Phase.ENDED: frozenset(),
}
"""The commands that count in each phase; a question adds its answers."""

REFUSED: dict[Phase, frozenset[str]] = {
    Phase.QUESTION: frozenset({"pause", "resume"}),
    Phase.STOPPED: frozenset({"pause"}),
}
"""Commands without a meaning in a phase that people say there all the same: they are listened for, to be answered
instead of being taken for something else."""

WORK_COMMANDS = COMMANDS[Phase.WORK]
"""What counts in the middle of the work: the grammar that a session listens with most of the time."""


def after(phase: Phase, trigger: Trigger) -> Phase:
    """Give the phase that follows `phase` by `trigger`.

    Raises:
        IllegalEventError: the table has no such way.
    """
    try:
        return TRANSITIONS[trigger][phase]
    except KeyError:
        raise IllegalEventError(f"a session that is {phase.value} cannot {trigger.value}") from None
