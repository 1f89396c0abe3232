"""What an examination finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from voice_coach.errors import CoachError

Verdict = Literal["good", "poor", "broken", "not checked"]

Figures = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of an examination.

    Attributes:
        part: what was examined.
        verdict: poor is what works badly, broken what does not work.
        says: what was found, as a sentence.
        remedy: the command that helps; empty where nothing needs help.
        exit_status: of the program, where the part is broken.
        figures: what was measured, with the unit in the name.
    """

    part: str
    verdict: Verdict
    says: str
    remedy: str = ""
    exit_status: int = 0
    figures: Figures = field(default_factory=dict)


def good(part: str, says: str, figures: Figures | None = None) -> Finding:
    """Give a finding that needs no remedy."""
    return Finding(part, "good", says, figures=figures or {})


def broken(part: str, error: CoachError) -> Finding:
    """Give the finding that an error stands for."""
    return Finding(part, "broken", f"{error.what} {error.meaning}", error.remedy, error.exit_status)


def exit_status(findings: list[Finding]) -> int:
    """Give the exit status of the whole examination: 0, or that of the first broken part."""
    return next((finding.exit_status for finding in findings if finding.verdict == "broken"), 0)
