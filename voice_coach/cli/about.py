"""Prints where everything comes from, and what is not known."""

from __future__ import annotations

from voice_coach.cli.paper import Paper
from voice_coach.routines.knowledge import load_about, load_sources


def print_about() -> None:
    """Print who speaks in the routines, who has not signed them off, what research shows, and all sources."""
    paper = Paper()
    for number, section in enumerate(load_about()):
        (paper.heading if number else paper.title)(section.heading)
        for paragraph in section.text:
            paper.line(paragraph)
        paper.line(f"({section.source})")
    paper.heading("Sources")
    for tag in load_sources():
        paper.source(tag)
