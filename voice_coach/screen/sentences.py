"""Sentences that more than one view prints."""

from __future__ import annotations

_FEW = 8
BETTER_MODEL = "(a larger speech model hears better: voice-coach model get small-en-us)"
"""Told once in a session, when the small model in the package has not understood something."""


def unheard_sentence(phrases: list[str]) -> str:
    """Name phrases that the speech model cannot hear: the shortest of them, and how many more there are."""
    shortest = sorted(phrases, key=lambda phrase: (phrase.count(" "), len(phrase)))[:_FEW]
    more = f" and {len(phrases) - _FEW} more" if len(phrases) > _FEW else ""
    return f"This speech model cannot hear: {', '.join(shortest)}{more}. They can be typed."
