"""Sentences that more than one view prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voice_coach.session.phases import NUMBERS, Phase

if TYPE_CHECKING:
    from voice_coach.session.session import View

_MINUTE = 60
_FEW = 8
BETTER_MODEL = "(a larger speech model hears better: voice-coach model get small-en-us)"
"""Told once in a session, when the small model in the package has not understood something."""
TYPED = "They can be typed."
"""Added to `unheard_sentence` in a session."""

PHASE_WORDS = {
    Phase.NEW: "",
    Phase.GREETING: "welcome",
    Phase.SETUP: "get in place",
    Phase.SWITCH: "change feet",
    Phase.COUNT_IN: "get set",
    Phase.GO: "begin",
    Phase.WORK: "work",
    Phase.QUESTION: "your answer",
    Phase.PAUSED: "PAUSED: resume or finish",
    Phase.STOPPED: "STOPPED: resume or finish",
    Phase.SUMMARY: "done",
    Phase.ENDED: "",
}

_ANSWER_WORDS = ("yes", "no", "left", "right", "both", "worse", "same", "better")


def unheard_sentence(phrases: list[str]) -> str:
    """Name phrases that the speech model cannot hear: the shortest of them, and how many more there are."""
    shortest = sorted(phrases, key=lambda phrase: (phrase.count(" "), len(phrase)))[:_FEW]
    more = f" and {len(phrases) - _FEW} more" if len(phrases) > _FEW else ""
    return f"This speech model cannot hear: {', '.join(shortest)}{more}."


def clock(seconds: float) -> str:
    """Give a time as minutes and seconds, as in `1:05`."""
    minutes, rest = divmod(int(seconds + 1e-6), _MINUTE)
    return f"{minutes}:{rest:02d}"


def side_words(side: str | None) -> str:
    """Name the foot of a side; nothing for both feet."""
    if side in (None, "both"):
        return ""
    return "sore foot" if side == "one" else f"{side} foot"


def next_second(now: float, view: View) -> float:
    """Give the moment at which the countdown shows another second."""
    if view.left is None or view.phase not in (Phase.WORK, Phase.COUNT_IN):
        return now + 1.0
    into = view.left - math.floor(view.left)
    return now + (into if into > 0.01 else 1.0)  # noqa: PLR2004 - a hundredth of a second is now


def spoken_answers(active: frozenset[str], *, asked: bool) -> tuple[str, ...]:
    """Name the answers to a question, numbers as a range.

    Args:
        active: ids of the commands that count now.
        asked: nothing else goes on; in the middle of the work only numbers are answers.
    """
    numbers = [str(number) for number, id_ in enumerate(NUMBERS) if id_ in active]
    words = [word for word in _ANSWER_WORDS if asked and word in active]
    if numbers and "sharp" in active and asked:
        words.append("sharp")
    return (*words, f"{numbers[0]} to {numbers[-1]}") if numbers else tuple(words)
