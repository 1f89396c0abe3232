"""Keeps what a person has told about themselves: one JSON file in the data folder, on this machine only.

    {
      "version": 1,
      "answers": {"wound": {"answer": "no", "on": "2026-03-01"}},
      "tools": ["tennis ball", "towel"],
      "place": "floor"
    }

The file changes as a whole or not at all. One that is damaged is kept under another name, never overwritten.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the types of its structs
from typing import TYPE_CHECKING, Literal

import msgspec

from voice_coach.errors import ProfileError
from voice_coach.files import quoted, read_bounded, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Reply = Literal["no", "yes", "left", "right", "both"]

SWOLLEN_LEG = "swollen_leg"
"""The flag that a hot or swollen leg sets, until the user clears it."""


class Answer(msgspec.Struct, frozen=True):
    """An answer to one of the first questions, or a flag, and the day on which it was given."""

    answer: Reply
    on: date


class Profile(msgspec.Struct, frozen=True):
    """What a person has told.

    Attributes:
        answers: by the id of the question or flag.
        tools: the tools at hand; None where nobody has said.
        place: where they usually are; None where nobody has said.
    """

    version: Literal[1] = 1
    answers: dict[str, Answer] = {}
    tools: tuple[str, ...] | None = None
    place: Literal["chair", "floor", "bed"] | None = None

    def with_answer(self, question: str, answer: Reply, on: date) -> Profile:
        """Give the profile with one answer changed."""
        return msgspec.structs.replace(self, answers={**self.answers, question: Answer(answer, on)})

    def without_answers(self, *questions: str) -> Profile:
        """Give the profile without some answers; without any where none is named."""
        kept = {id_: answer for id_, answer in self.answers.items() if questions and id_ not in questions}
        return msgspec.structs.replace(self, answers=kept)


class BrokenProfileError(ProfileError):
    """The file is damaged, or no profile."""


def load_profile(path: Path) -> Profile:
    """Read the profile; an empty one where there is no file.

    Raises:
        BrokenProfileError: the file is no profile.
        ProfileError: the file cannot be read.
    """
    try:
        return msgspec.json.decode(read_bounded(path), type=Profile)
    except (FileNotFoundError, NotADirectoryError):
        return Profile()
    except OSError as error:
        raise ProfileError(
            f"The profile in {path} cannot be read ({error.strerror}).",
            "What you told before is not known.",
            f"ls -l {path}",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenProfileError(
            f"The profile in {path} is damaged.", "What you told before is not known.", "voice-coach profile"
        ) from error


def save_profile(path: Path, profile: Profile) -> None:
    """Write the profile, as a whole or not at all.

    Raises:
        ProfileError: it cannot be written; what was there before is there still.
    """
    text = msgspec.json.format(msgspec.json.encode(profile), indent=2).decode() + "\n"
    try:
        write_whole(path, text)
    except OSError as error:
        raise ProfileError(
            f"The profile cannot be written into {path} ({error.strerror}).",
            "What you told now is not kept; it counts for this session.",
            f"ls -ld {quoted(path.parent)}",
        ) from error


def open_profile(path: Path, tell: Callable[[str], None], *, may_move: bool = True) -> Profile:
    """Read the profile for a session; faults are told in a line, and nothing is known then.

    Args:
        path: of the file.
        tell: is told what is wrong.
        may_move: a damaged file is put aside, under another name.
    """
    try:
        return load_profile(path)
    except BrokenProfileError as error:
        aside = put_aside(path) if may_move else None
        tell(str(error) if aside is None else f"The profile was damaged. It is kept as {aside}; nothing of it counts.")
    except ProfileError as error:
        tell(str(error))
    return Profile()


def was_lost(path: Path, profile: Profile) -> bool:
    """Tell whether there was a profile at `path` of which `profile` knows nothing: it is damaged, or not readable."""
    try:
        return profile == Profile() and (path.exists() or any(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}")))
    except OSError:
        return True


def put_aside(path: Path) -> Path | None:
    """Give a damaged profile another name, and give that; None where it cannot be moved."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError:
        return None
    return aside
