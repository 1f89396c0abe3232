"""What the coach asks: the questions, and how it waits for their answers.

A safety question that gets no answer is asked once more in short, and then the session pauses; no work begins before
it is answered. The other questions are left unanswered after a while. What becomes of the answers is decided in
`answering.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.parts import Question
from voice_coach.session.phases import NUMBERS, Phase, Trigger
from voice_coach.session.state import State, move, speak, utterance

if TYPE_CHECKING:
    from voice_coach.routines.schema import FirstQuestion

ASK_AGAIN_AFTER = 8.0
"""Seconds without a reply to a safety question until it is asked in short."""
NO_REPLY_AFTER = 20.0
"""Seconds without a reply to a safety question until the session pauses."""
PAIN_WAIT = 10.0
"""Seconds for an answer to the pain question; silence counts as the worst answer."""
SHORT_WAIT = 8.0
"""Seconds for an answer to a question that may be left open."""

YES_OR_NO = frozenset({"yes", "no"})
LEGS = frozenset({"left", "right", "both"})
THEN = frozenset({"worse", "same", "better"})
ANSWERS = frozenset({*YES_OR_NO, *LEGS, *THEN, "sharp", *NUMBERS})
"""Every command that answers a question in one place or another."""

OPENING = Question("opening", "opening_question", YES_OR_NO, NO_REPLY_AFTER, "opening_question_again", ASK_AGAIN_AFTER)
FEELING = Question("feeling", "feeling_question", YES_OR_NO, NO_REPLY_AFTER, "feeling_question_again", ASK_AGAIN_AFTER)
LET_GO = Question("let go", "let_go_question", YES_OR_NO, NO_REPLY_AFTER, "let_go_question_again", ASK_AGAIN_AFTER)
WHICH_LEG = Question("which leg", "which_leg", LEGS, NO_REPLY_AFTER, "which_leg", ASK_AGAIN_AFTER)
PAIN = Question("pain", "pain", frozenset({"sharp", *NUMBERS}), PAIN_WAIT)
NEXT_DAY = Question("next day", "next_day_question", THEN, SHORT_WAIT)
WHICH_FOOT = Question("which foot", "which_foot_was_it", frozenset({"left", "right"}), SHORT_WAIT)


def first_question(question: FirstQuestion) -> Question:
    """Give the question of the first run that is written in `first_questions.yaml`."""
    return Question(
        "first",
        "first_question",
        YES_OR_NO,
        NO_REPLY_AFTER,
        "first_question_again",
        ASK_AGAIN_AFTER,
        {"ask": question.ask},
        question.id,
    )


def ask(state: State, question: Question) -> None:
    """Ask, and wait for an answer."""
    state.question = question
    state.asked_at = None
    state.asked_again = False
    if any(other.name == question.name for other in state.unanswered):
        state.ask_at = None
    move(state, Trigger.ASK)
    speak(state, utterance(state, question.line, **question.slots))


def ask_in_short(state: State, question: Question) -> None:
    """Say again what is being asked."""
    speak(state, utterance(state, question.short or question.line, **question.slots))


def is_asked(state: State, name: str) -> bool:
    """Tell whether the coach waits for the answer to the question called `name`."""
    return state.phase is Phase.QUESTION and state.question is not None and state.question.name == name


def must_be_answered(state: State, question: Question) -> None:
    """Let no work begin before `question` is answered."""
    answered(state, question)
    state.unanswered.append(question)


def answered(state: State, question: Question) -> None:
    """Let work begin without an answer to `question`."""
    state.unanswered = [other for other in state.unanswered if other.name != question.name]


def is_anything_unasked(state: State) -> bool:
    """Tell whether first questions are ahead: what they may bar is not known yet."""
    return any(part in state.plan.catalogue.questions for part in state.opening)


def question_ahead(state: State) -> Question | None:
    """Give the question that must be answered before the session goes on from here; None where there is none."""
    relieving = _relief_is_at_hand(state)
    return next((one for one in reversed(state.unanswered) if not (relieving and one.name == LET_GO.name)), None)


def _relief_is_at_hand(state: State) -> bool:
    """Tell whether a cramp is being relieved, or is about to be once more: that needs no question."""
    if state.side is not None:
        return state.side.step.family == "cramp"
    ahead = state.ahead.position.step
    return state.cramp is not None and ahead < len(state.steps) and state.steps[ahead].step.family == "cramp"


def is_out_of_time(state: State) -> bool:
    """Tell whether the time for an answer is over; on the way there, a safety question is asked in short."""
    question = state.question
    if question is None:
        return False
    if state.asked_at is None:
        if state.speaking.silent:
            state.asked_at = state.now
            state.timer = state.now + (question.wait if question.again is None else question.again)
        return False
    if state.timer is None or state.now < state.timer:
        return False
    if question.again is None or state.asked_again:
        return True
    state.asked_again = True
    state.timer = state.asked_at + question.wait
    ask_in_short(state, question)
    return False
