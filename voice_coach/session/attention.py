"""How the coach listens and speaks: asleep or awake, louder or quieter, and "cancel"."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from voice_coach.session.actions import Attend, SpeakDifferently
from voice_coach.session.answering import not_answered
from voice_coach.session.dials import undo
from voice_coach.session.phases import Phase
from voice_coach.session.questions import ask_in_short
from voice_coach.session.state import answer, hush

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.session.actions import SpeakHow
    from voice_coach.session.state import State

CANCEL_WITHIN = 5.0
"""Seconds in which "cancel" takes back the last change of a dial."""


def speak_differently(state: State, command: Command) -> None:
    """Speak louder, quieter, faster or slower from now on; the receipt is the first line that does."""
    how = cast("SpeakHow", command.id)
    state.actions.append(SpeakDifferently(how))
    _say(state, f"speaking_{how}")


def stop_listening(state: State, _command: Command) -> None:
    """Hear nothing but stop, body words and the command to listen again; the session goes on."""
    if state.asleep:
        _say(state, "asleep_already")
        return
    state.asleep = True
    state.actions.append(Attend(awake=False))
    _say(state, "asleep")


def start_listening(state: State, _command: Command) -> None:
    """Hear everything again."""
    if not state.asleep:
        _say(state, "awake_already")
        return
    wake(state)
    _say(state, "awake")


def wake(state: State) -> None:
    """Listen again, where the coach is asleep."""
    if state.asleep:
        state.asleep = False
        state.actions.append(Attend(awake=True))


def _say(state: State, line: str) -> None:
    """Answer, and ask again what this has interrupted."""
    asking = state.phase is Phase.QUESTION and not state.speaking.silent
    answer(state, line)
    if asking and state.question is not None:
        ask_in_short(state, state.question)


def cancel(state: State, command: Command) -> None:
    """Take back a question that may stay open, or the change of a dial that was just made."""
    last = state.dials.undo
    question = state.question
    just_changed = last is not None and state.now - last.at <= CANCEL_WITHIN
    if state.phase is Phase.QUESTION and question is not None and not just_changed:
        _take_back_question(state, safety=question.again is not None or question.name == "pain")
    elif state.ratings.open is not None:
        state.ratings.open = None
        answer(state, "taken_back")
    elif state.skip_confirmed:
        state.skip_confirmed = False
        answer(state, "taken_back")
    elif just_changed:
        undo(state, command)
    else:
        answer(state, "nothing_to_cancel")


def _take_back_question(state: State, *, safety: bool) -> None:
    if not safety:
        hush(state)
        not_answered(state)
    elif state.question is not None:
        ask_in_short(state, state.question)
