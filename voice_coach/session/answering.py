"""What becomes of the answers to the coach's questions, and of silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from voice_coach.session import body, cramp, hurt, opening, pain, resuming
from voice_coach.session.flow import halt, proceed
from voice_coach.session.phases import NUMBERS, Phase
from voice_coach.session.questions import is_out_of_time
from voice_coach.session.route import name_side
from voice_coach.session.state import State, hush

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command


def answered(state: State, command: Command) -> None:
    """Act on the answer to the question that was asked."""
    question = state.question
    hush(state)
    if question is None:
        return
    state.question = None
    yes = command.id == "yes"
    if question.name == "pain":
        pain.pain_rated(state, NUMBERS.index(command.id))
    elif question.name == "feeling":
        body.feeling_answered(state, yes=yes)
    elif question.name == "let go":
        cramp.let_go_answered(state, yes=yes)
    elif question.name == "which foot":
        name_side(state, command.id)
        proceed(state)
    elif question.name == "resume":
        resuming.answered(state, no=command.id == "no")
    elif question.name == "opening":
        opening.opening_answered(state, yes=yes)
    elif question.name == "next day":
        opening.next_day_answered(state, cast('Literal["worse", "same", "better"]', command.id))
    else:
        reply = cast('Literal["no", "yes", "left", "right", "both"]', command.id)
        opening.first_answered(state, question, reply)
    if state.phase in (Phase.QUESTION, Phase.GREETING):
        state.heard_at.pop(command, None)  # the same word again answers another question


def wait(state: State) -> None:
    """Wait for the answer, and go on without one when its time is over."""
    if is_out_of_time(state):
        not_answered(state)


def not_answered(state: State) -> None:
    """Go on after a question that nobody answered; a safety question that nobody answers pauses the session."""
    question = state.question
    if question is None:
        return
    if question.name == "pain":
        state.question = None
        hurt.give_up(state)
    elif question.again is not None:
        halt(state, "no_reply", stop=state.back_to_halt is Phase.STOPPED)
    else:
        if question.name == "next day":
            opening.next_day_not_answered(state)
        state.question = None
        proceed(state)
