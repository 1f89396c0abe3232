"""The devices of one session, opened and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from voice_coach.audio.keeper import Keeper
from voice_coach.runner import EarsReady, Inbox
from voice_coach.settings import AudioSettings
from voice_coach.sound import DeviceSound

if TYPE_CHECKING:
    from voice_coach.audio.kept import KeptMicrophone
    from voice_coach.audio.pulse import ServerView, ServerWatch
    from voice_coach.runner import Ears


class NoWatch:
    view: ServerView | None = None

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass


class HandMicrophone:
    is_open = is_proven = is_busy = False

    def open(self, view: ServerView | None) -> None:
        del view
        self.is_open = True

    def shut(self) -> None:
        self.is_open = False


class HandEars:
    open = True

    def close(self) -> None:
        self.open = False


@pytest.mark.parametrize("over", [True, False])
def test_ears_that_are_ready_when_the_session_is_over_are_closed_and_so_is_their_microphone(over: bool) -> None:
    inbox = Inbox()
    sound = DeviceSound(AudioSettings(), {}, inbox, Keeper(cast("ServerWatch", NoWatch())))
    microphone, ears = HandMicrophone(), HandEars()
    if over:
        sound.close()
    sound.listen(cast("KeptMicrophone", microphone), EarsReady(cast("Ears", ears), []))
    assert microphone.is_open == ears.open == (not over)
    assert inbox.empty() == over
    sound.close()
    assert not microphone.is_open
