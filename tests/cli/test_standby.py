"""`voice-coach standby` goes on waiting, whatever becomes of a session or of a device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.models import model_folder
from voice_coach.assembly.voice import check_devices
from voice_coach.cli import standby
from voice_coach.commands.grammar import Command
from voice_coach.errors import AudioError, MicrophoneError, WishError
from voice_coach.runner import EndWanted
from voice_coach.sound import DeviceSound
from voice_coach.speech.dozing import DozingListener
from voice_coach.standby import standby_phrases
from voice_coach.testing import FakeMicrophone

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.assembly.options import Options
    from voice_coach.ears import MicrophoneEars
    from voice_coach.runner import EarsReady, Inbox


class Says:
    """Says one thing after the other."""

    said: tuple[Command, ...] = ()

    def __init__(self, *_: object) -> None:
        self._left = list(self.said)

    def wait(self) -> Command | None:
        return self._left.pop(0) if self._left else None


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))
    return tmp_path


def test_a_session_that_cannot_begin_is_told_and_standby_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[str | None] = []

    def run(options: Options) -> None:
        begun.append(options.routine)
        if options.routine == "full_15":
            raise WishError("Nothing is left of it.", "There is no session.", "voice-coach profile")

    monkeypatch.setattr(Says, "said", (Command("begin_routine", "full_15"), Command("cramp")))
    monkeypatch.setattr(standby, "_ByVoice", Says)
    monkeypatch.setattr(standby, "run_session", run)
    standby.run_standby(None, None, None, plain=False)
    assert begun == ["full_15", "arch_cramp_now"]
    assert "Nothing is left of it. There is no session. Try: voice-coach profile" in capsys.readouterr().err


def test_a_device_that_was_named_and_is_not_there_ends_it_at_the_beginning() -> None:
    with pytest.raises(AudioError, match="no such thing"):
        standby.run_standby(model_folder(), "no such thing", None, plain=False)


def test_a_chosen_device_that_is_away_between_two_sessions_does_not_end_it(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "settings.toml").write_text('[audio]\nmicrophone = "no such thing"\n', encoding="utf-8")
    opened: list[EarsReady] = []
    monkeypatch.setattr(DeviceSound, "listen", lambda _self, _microphone, ready: opened.append(ready))
    monkeypatch.setattr(DeviceSound, "start", lambda _self: None)
    monkeypatch.setattr(standby, "_next_command", lambda _inbox, _ears: None)
    standby.run_standby(model_folder(), None, None, plain=False)
    assert len(opened) == 1


def test_a_recogniser_that_fails_ends_it_in_place_of_leaving_it_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    microphone = FakeMicrophone()
    monkeypatch.setattr(DeviceSound, "start", lambda _self: None)
    monkeypatch.setattr(DeviceSound, "new_microphone", lambda _self: microphone)
    monkeypatch.setattr(DeviceSound, "listen", lambda _self, _microphone, _ready: microphone.feed(bytes(320)))
    monkeypatch.setattr(DozingListener, "feed", lambda _self, _block: 1 / 0)
    with pytest.raises(MicrophoneError, match="division by zero"):
        standby.run_standby(model_folder(), None, None, plain=False)


def test_a_device_that_was_there_at_the_beginning_and_is_away_later_keeps_no_session_from_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody with a cramp gets another microphone rather than none."""
    begun: list[Options] = []
    monkeypatch.setattr(standby, "check_devices", lambda _options: None)
    monkeypatch.setattr(Says, "said", (Command("cramp"),))
    monkeypatch.setattr(standby, "_ByVoice", Says)
    monkeypatch.setattr(standby, "run_session", begun.append)
    standby.run_standby(None, "unplugged since", None, plain=False)
    (options,) = begun
    assert options.microphone == "unplugged since"
    check_devices(options)


def test_phrases_that_the_model_cannot_hear_are_named_when_standby_begins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[EarsReady] = []
    wait = standby._next_command

    def wait_when_ready(inbox: Inbox, ears: MicrophoneEars) -> Command | None:
        inbox.put(opened[0])
        inbox.put(EndWanted())
        return wait(inbox, ears)

    monkeypatch.setattr(standby, "standby_phrasebook", lambda: standby_phrases({"mine": "Zyzzyva feet"}))
    monkeypatch.setattr(DeviceSound, "start", lambda _self: None)
    monkeypatch.setattr(DeviceSound, "listen", lambda _self, _microphone, ready: opened.append(ready))
    monkeypatch.setattr(standby, "_next_command", wait_when_ready)
    standby.run_standby(model_folder(), None, None, plain=False)
    assert "This speech model cannot hear: start zyzzyva feet." in capsys.readouterr().out
