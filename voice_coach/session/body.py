"""What the body words do: the stop signs of the content's "safety and honesty".

They are heard in every state, silence the coach and stop the clock before anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.actions import Noted
from voice_coach.session.areas import EVERYTHING, SOLE
from voice_coach.session.cramp import cramp_felt
from voice_coach.session.flow import halt, stand_still, sum_up
from voice_coach.session.hurt import (
    bar_rises,
    go_back,
    leave_question,
    leave_spot,
    lock_what_hurts,
    note,
    spots_at_hand,
)
from voice_coach.session.pain import pain_felt, sharp_pain_felt
from voice_coach.session.phases import Phase
from voice_coach.session.questions import FEELING, answered, is_asked, must_be_answered
from voice_coach.session.state import CHECK, State, answer, speak, utterance

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.commands.grammar import Command
    from voice_coach.session.actions import NotedKind

NUMB_WAIT = 60.0
"""Seconds until the coach asks whether the feeling is there again."""
_NUMBING = "diabetes"
"""Id of the first question that tells of feet without feeling."""


def body_word(state: State, command: Command) -> None:
    """React to a body word."""
    stand_still(state, urgent=True)
    if state.phase is Phase.SUMMARY:
        _after_the_end(state, command)
        return
    if command.id == "sharp" and is_asked(state, "pain"):
        state.sharp = True
        leave_spot(state, "sharp", "pain_locked")
        return
    if state.phase in (Phase.PAUSED, Phase.STOPPED):
        state.back_to_halt = state.phase
    hurts = is_asked(state, "pain")
    if is_asked(state, "opening"):
        state.opening.remove(CHECK)  # this is an answer to it
    leave_question(state)
    state.hurt = spots_at_hand(state)
    bar_rises(state)
    if command.id == "swollen":
        _swollen(state, injured=hurts or state.sharp)
    else:
        _REACTIONS[command.id](state, command)


def callus(state: State, _command: Command) -> None:
    """Note it, and say how to go round it; nothing stops."""
    state.hurt = spots_at_hand(state)
    note(state, "callus")
    answer(state, "callus")


def _after_the_end(state: State, command: Command) -> None:
    """Say what helps; there is no work left to stop."""
    state.hurt = spots_at_hand(state)
    if command.id == "swollen":
        state.actions.append(Noted("swollen", None, "both"))
    else:
        note(state, _KINDS[command.id], locked=command.id in _LOCKING)
    for line in _LAST_WORDS[command.id]:
        speak(state, utterance(state, "cramp_calf" if command.value == "calf" else line))
    if command.id in _ENDING or state.end_reason != "finished":
        state.end_reason = "body"


def _ending(state: State, command: Command) -> None:
    _end(state, _KINDS[command.id])


def _end(state: State, line: NotedKind) -> None:
    note(state, line)
    speak(state, utterance(state, line))
    sum_up(state, "body")


def _swollen(state: State, *, injured: bool) -> None:
    """End; which leg it is, nobody has said: both are out until the user says more."""
    step = None if state.side is None else state.side.step.id
    state.actions.append(Noted("swollen", step, "both"))
    if injured:
        note(state, "injury")
        speak(state, utterance(state, "injury"))
    # a calf that is hot or throbbing is another matter than the injury, and whatever was sharp before hides neither
    speak(state, utterance(state, "swollen"))
    sum_up(state, "body")


def _numb(state: State, _command: Command) -> None:
    """Lock the area, and ask in a minute whether the feeling is there again."""
    note(state, "numb", locked=True)
    lock_what_hurts(state)
    if state.answers.get(_NUMBING, "no") != "no":
        speak(state, utterance(state, "numb"))
        _see_a_doctor(state)
        return
    must_be_answered(state, FEELING)
    state.ask_at = state.now + NUMB_WAIT
    halt(state, "numb", stop=state.back_to_halt is Phase.STOPPED)


def feeling_answered(state: State, *, yes: bool) -> None:
    """Go on without the numb area, or end where the feeling has not come back."""
    if yes:
        answered(state, FEELING)
        go_back(state)
    else:
        _see_a_doctor(state)


def _see_a_doctor(state: State) -> None:
    speak(state, utterance(state, "numb_doctor"))
    sum_up(state, "body")


def _blister(state: State, _command: Command) -> None:
    """Lock all pressure on that sole; ankle and calf go on."""
    for dials in (state.dials.barred, state.dials.pained):
        dials.add("stretch")  # the firmest rung of the arch stretch strokes the sole
    if "blister_shoes" not in state.closing:
        state.closing.append("blister_shoes")
    leave_spot(state, "blister", "blister", SOLE)


def _infected(state: State, _command: Command) -> None:
    leave_spot(state, "infection", "infected", EVERYTHING)


def _bruise(state: State, _command: Command) -> None:
    leave_spot(state, "bruise", "bruise")


def _bone(state: State, _command: Command) -> None:
    leave_spot(state, "bone", "bone")


_REACTIONS: dict[str, Callable[[State, Command], None]] = {
    "pain": pain_felt,
    "sharp": sharp_pain_felt,
    "cramp": cramp_felt,
    "numb": _numb,
    "blister": _blister,
    "infected": _infected,
    "bruise": _bruise,
    "bone": _bone,
    "injury": _ending,
    "dizzy": _ending,
}
_KINDS: dict[str, NotedKind] = {
    "pain": "pain",
    "sharp": "sharp",
    "injury": "injury",
    "cramp": "cramp",
    "numb": "numb",
    "blister": "blister",
    "infected": "infection",
    "bruise": "bruise",
    "dizzy": "dizzy",
    "bone": "bone",
}
_ENDING = frozenset({"injury", "swollen", "dizzy"})
_LOCKING = frozenset({"pain", "sharp", "numb", "blister", "infected", "bruise", "bone"})
_LAST_WORDS: dict[str, tuple[str, ...]] = {
    "pain": ("pain_over",),
    "sharp": ("pain_over",),
    "cramp": ("cramp_arch",),
    "numb": ("numb", "numb_doctor"),
    "blister": ("blister", "blister_shoes"),
    "infected": ("infected",),
    "bruise": ("bruise",),
    "bone": ("bone",),
    "injury": ("injury",),
    "swollen": ("swollen",),
    "dizzy": ("dizzy",),
}
"""What is said to a body word when the session is over already."""
