"""Writes what a person tells in a session into the profile, as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.errors import ProfileError
from voice_coach.here import date_here
from voice_coach.profile.store import SWOLLEN_LEG, BrokenProfileError, Profile, load_profile, put_aside, save_profile
from voice_coach.runner import EarsReady, Inbox, Mended, Trouble
from voice_coach.session.actions import Action, Noted, ProfileAnswered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from voice_coach.commands.grammar import Command
    from voice_coach.errors import CoachError
    from voice_coach.profile.store import Reply


class ProfileKeeper:
    """Watches a session. When the profile cannot be kept, it says so once; the next answer is tried all the same.

    Args:
        path: of the profile.
        inbox: gets the trouble.
        today: gives the date.
    """

    def __init__(self, path: Path, inbox: Inbox, today: Callable[[], date] = date_here) -> None:
        self._path = path
        self._inbox = inbox
        self._today = today
        self._told = False

    def acted(self, _now: float, action: Action) -> None:
        if isinstance(action, ProfileAnswered):
            self._keep(action.question, action.answer)
        elif isinstance(action, Noted) and action.kind == "swollen":
            self._keep(SWOLLEN_LEG, "yes")

    def _keep(self, question: str, answer: Reply) -> None:
        try:
            save_profile(self._path, self._profile().with_answer(question, answer, self._today()))
        except ProfileError as error:
            self._tell(error)

    def _profile(self) -> Profile:
        """Read the profile; one that was damaged in the meantime is put aside.

        Raises:
            ProfileError: it cannot be read, or not be put aside.
        """
        try:
            return load_profile(self._path)
        except BrokenProfileError as error:
            if put_aside(self._path) is None:
                raise
            self._tell(error)
            return Profile()

    def _tell(self, error: ProfileError) -> None:
        if not self._told:
            self._told = True
            self._inbox.put(Trouble(error))

    def heard(self, now: float, text: str, command: Command | None) -> None:
        """Nothing that is said is written down."""

    def listening(self, now: float, ready: EarsReady) -> None:
        """Nothing of it is written down."""

    def troubled(self, now: float, error: CoachError) -> None:
        """Nothing of it is written down."""

    def mended(self, now: float, news: Mended) -> None:
        """Nothing of it is written down."""
