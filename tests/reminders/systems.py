"""A system that only writes down what it should do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voice_coach.reminders.system import Ran

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass
class FakeSystem:
    """Keeps files in a dictionary, and answers programs as it is told.

    Attributes:
        programs: those there are; None is all of them.
        refuses: beginnings of commands that fail, with what they say.
    """

    programs: frozenset[str] | None = None
    refuses: dict[tuple[str, ...], str] = field(default_factory=dict)
    kept: dict[Path, bytes] = field(default_factory=dict)
    ran: list[list[str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def has(self, program: str) -> bool:
        return self.programs is None or program in self.programs

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
        self.ran.append(list(command))
        self.environment = dict(environment or {})
        for beginning, says in self.refuses.items():
            if tuple(command[: len(beginning)]) == beginning:
                return Ran(1, says)
        return Ran(0, "")

    def write(self, path: Path, data: bytes) -> None:
        self.kept[path] = data

    def read(self, path: Path) -> bytes:
        return self.kept[path]

    def remove(self, path: Path) -> None:
        self.kept.pop(path, None)

    def files(self, folder: Path, pattern: str) -> list[Path]:
        return sorted(path for path in self.kept if path.parent == folder and path.match(pattern))
