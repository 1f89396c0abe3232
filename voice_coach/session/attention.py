"""How the coach listens and speaks: asleep or awake, louder or quieter, with a voice or without, and "cancel"."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from voice_coach.session.actions import Attend, Chime, Hush, SpeakDifferently, Voiced
from voice_coach.session.answering import not_answered
from voice_coach.session.asking import most_likely
from voice_coach.session.dials import undo
from voice_coach.session.manner import changed
from voice_coach.session.phases import Phase
from voice_coach.session.questions import ask_in_short
from voice_coach.session.state import answer, hush

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.session.actions import ChimeName
    from voice_coach.session.manner import SpeakHow
    from voice_coach.session.state import State

CANCEL_WITHIN = 5.0
"""Seconds in which "cancel" takes back the last change of a dial."""

HELP_AFTER = 2
"""Sentences in a row that are not understood until the coach says what can be said."""
IN_A_ROW_WITHIN = 20.0
"""Seconds between two such sentences in which they are in a row: whoever wants something says it again soon."""
HELP_AGAIN_AFTER = 30.0
"""Seconds until the coach says it again to a voice: a television is not understood either, and goes on talking."""


def sound(state: State, name: ChimeName) -> None:
    """Play a short sound: after the silence that was just brought about, which would eat it, and before the words."""
    hushes = [number for number, action in enumerate(state.actions) if isinstance(action, Hush)]
    state.actions.insert(hushes[-1] + 1 if hushes else 0, Chime(name))


def not_understood(state: State, *, typed: bool) -> None:
    """Let a sound tell that something was not understood; after two in a row, say what is most likely meant.

    What is heard while the coach speaks is not counted: it may be the coach.
    """
    if state.asleep and not typed:
        return
    missed = state.missed
    if typed or not state.speaking.echoes(state.now):
        missed.in_a_row = missed.in_a_row + 1 if state.now - missed.at <= IN_A_ROW_WITHIN else 1
        missed.at = state.now
    line = most_likely(state)
    may_help = typed or state.now - missed.helped_at >= HELP_AGAIN_AFTER
    if missed.in_a_row >= HELP_AFTER and line is not None and may_help:
        missed.in_a_row, missed.helped_at = 0, state.now
        _say(state, line)
    sound(state, "not_understood")


def speak_differently(state: State, command: Command) -> None:
    """Speak louder, quieter, faster or slower from now on; the receipt is the first line that does."""
    how = cast("SpeakHow", command.id)
    before, state.manner = state.manner, changed(state.manner, how)
    if state.manner == before:
        _say(state, f"as_far_as_{how}")
        return
    if state.speaking.words_per_second is not None:
        state.speaking.words_per_second *= state.manner.words_per_minute / before.words_per_minute
    state.actions.append(SpeakDifferently(how, state.manner.words_per_minute, state.manner.decibels))
    _say(state, f"speaking_{how}")


def switch_voice(state: State) -> None:
    """Speak and listen no more, or do so again; without a voice, say so."""
    if state.speaking.words_per_second is None:
        line = "no_voice"
    else:
        state.speaking.muted = not state.speaking.muted
        state.actions.append(Voiced(on=not state.speaking.muted))
        line = "voice_off" if state.speaking.muted else "voice_on"
    if state.phase is not Phase.SUMMARY:
        _say(state, line)


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
