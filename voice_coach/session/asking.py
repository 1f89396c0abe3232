"""What the questions of the user are answered with: how long, what comes after, which foot, what can I say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.session.dials import step_at_hand
from voice_coach.session.phases import Phase
from voice_coach.session.remaining import seconds_here, seconds_in_all
from voice_coach.session.route import following, over_with
from voice_coach.session.sides import UNKNOWN_SIDE
from voice_coach.session.speaking import Utterance
from voice_coach.session.state import State, answer, is_rating_open
from voice_coach.session.wording import about

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command

_LIKELY = {
    **dict.fromkeys((Phase.GREETING, Phase.SETUP, Phase.SWITCH), "likely_in_place"),
    **dict.fromkeys((Phase.COUNT_IN, Phase.GO, Phase.WORK), "likely_working"),
    Phase.PAUSED: "likely_paused",
    Phase.STOPPED: "what_to_say_stopped",
}
"""Names of the lines with what people want most in a phase."""


def how_long(state: State, _command: Command) -> None:
    """Tell what is left here and in all, never to the second where it is long."""
    here, everything = seconds_here(state, state.now), seconds_in_all(state, state.now)
    if here < 1:
        answer(state, "how_long_in_all", all=about(everything))
    elif everything - here < 1:
        answer(state, "how_long_here", here=about(here))
    else:
        answer(state, "how_long", here=about(here), all=about(everything))


def name_after(state: State) -> str | None:
    """Give the name of the step that comes after this one; None after the last."""
    step = state.ahead.position.step if state.side is None else state.position.step + 1
    return state.steps[step].step.name if step < len(state.steps) else None


def whats_after(state: State, _command: Command) -> None:
    """Tell what comes after this side."""
    name = name_after(state)
    other_foot = state.side is not None and following(state, over_with(state)).step == state.position.step
    if other_foot:
        if name is None:
            answer(state, "after_change_feet_last")
        else:
            answer(state, "after_change_feet", name=name)
    elif name is None:
        answer(state, "after_last")
    else:
        answer(state, "after_step", name=name)


def which_foot(state: State, _command: Command) -> None:
    """Tell which foot is being worked on."""
    side = "both" if state.side is None or state.side.together else state.side.name
    if side == "both":
        answer(state, "which_foot_both")
    else:
        answer(state, "which_foot", side="sore" if side == UNKNOWN_SIDE else side)


def what_can_i_say(state: State, _command: Command) -> None:
    """Tell the commands that help most in this state; the time for an answer begins when that has been said."""
    if state.phase is Phase.QUESTION:
        state.asked_at, state.timer, state.asked_again = None, None, False
    if state.phase is Phase.STOPPED:
        answer(state, "what_to_say_stopped")
    elif is_rating_open(state):
        answer(state, "what_to_say_rating")
    elif state.phase is Phase.PAUSED:
        answer(state, "what_to_say_paused")
    elif state.phase is Phase.QUESTION and state.question is not None:
        answer(state, f"what_to_say_{state.question.name.replace(' ', '_')}")
    elif state.phase is Phase.GREETING:
        answer(state, "what_to_say_greeting")
    else:
        answer(state, "what_to_say_working")


def most_likely(state: State) -> str | None:
    """Give the name of the line with the few things that somebody is likely to want now; None where there are none."""
    if state.phase is Phase.QUESTION and state.question is not None:
        return f"what_to_say_{state.question.name.replace(' ', '_')}"
    if state.asleep:
        return "asleep_already"
    if is_rating_open(state):
        return "what_to_say_rating"
    return _LIKELY.get(state.phase)


def why(state: State, _command: Command) -> None:
    """Tell what the step is good for; the work goes on meanwhile."""
    _explain(state, step_at_hand(state).why)


def details(state: State, _command: Command) -> None:
    """Tell how the step is done; the work goes on meanwhile."""
    _explain(state, step_at_hand(state).details)


def _explain(state: State, text: str) -> None:
    """Speak sentence by sentence: a cue comes first, and the rest afterwards."""
    sentences = [f"{part.rstrip('.')}." for part in " ".join(text.split()).split(". ")]
    lines = [Utterance(sentence, keep=True, yields=True) for sentence in sentences]
    state.speaking.drop_yielding()
    state.actions += state.speaking.instead(lines[0], state.now)
    for line in lines[1:]:
        state.actions += state.speaking.add(line, state.now)
    state.last_line = Utterance(" ".join(sentences), keep=True)
