"""Runs the program as a user does: a process of its own, with a folder of its own for what it keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voice_coach.profile.store import Profile, save_profile
from voice_coach.routines.catalogue import load_catalogue

if TYPE_CHECKING:
    from voice_coach.profile.store import Reply

ROOT = Path(__file__).parents[2]
NOBODY = ""
"""A standard input that ends at once."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program, with its folder for history and models."""

    data: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "VOICE_COACH_DATA": str(self.data), "PYTHONPATH": str(ROOT), "TZ": "UTC"}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "voice_coach", *map(str, arguments)]

    def answer_first_questions(self, answer: Reply = "no", on: date | None = None) -> None:
        """Answer every first question, so that a session in real time begins with its greeting."""
        profile = Profile()
        for question in load_catalogue().first_questions:
            profile = profile.with_answer(question, answer, on or datetime.now(UTC).date())
        save_profile(self.data / "profile.json", profile)

    def run(self, *arguments: str | Path, said: str | None = NOBODY) -> subprocess.CompletedProcess[str]:
        """Run to the end, with the lines `said` piped in."""
        return subprocess.run(
            self.command(*arguments),
            check=False,
            input=said,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=60,
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start, with pipes for everything."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )


def rows(output: str) -> list[dict[str, Any]]:
    """Give the objects of a script view."""
    return [json.loads(line) for line in output.splitlines()]
