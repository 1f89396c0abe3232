"""What a session begins with: what it is, and the tools it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voice_coach.routines.telling import listed
from voice_coach.session.rungs import current_rung
from voice_coach.session.speaking import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice_coach.session.state import State

TOOLS = "{tools}"
"""Stands in a greeting for the tools that the session takes."""
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?]) ")


def greeting(state: State) -> Utterance:
    """Give the greeting, with the tools of what is planned now; without them where it takes none."""
    routine = state.plan.routine
    text = routine.greeting if state.plan.minutes is not None else f"{routine.length} {routine.greeting}".strip()
    tools = list(dict.fromkeys(_tools(state)))
    if tools:
        return Utterance(text.replace(TOOLS, listed(tools)))
    sentences = _BETWEEN_SENTENCES.split(text)
    return Utterance(" ".join(sentence for sentence in sentences if TOOLS not in sentence))


def _tools(state: State) -> Iterator[str]:
    """Give the tool of every step on the rung where it begins, as it is spoken."""
    known = state.plan.catalogue.substitutions.tools
    for planned in state.steps:
        tool = current_rung(state, planned.step).tool or next(iter(planned.step.tools), "")
        if tool in known:
            yield known[tool].spoken
