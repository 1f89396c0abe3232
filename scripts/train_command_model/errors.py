"""What a person has to put right."""

from __future__ import annotations


class UnusableError(Exception):
    """What was given cannot be worked with; the message says what it is and what helps."""
