"""What a session on devices hears with, where the speech model is not what it should be."""

from __future__ import annotations

import errno
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from voice_coach import sound
from voice_coach.assembly import hearing
from voice_coach.assembly.hearing import open_ears
from voice_coach.assembly.options import Options
from voice_coach.assembly.parts import Parts
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import ModelError
from voice_coach.folders import DATA_VARIABLE
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.runner import EarsReady, Trouble
from voice_coach.speech import models
from voice_coach.speech.models import MODEL_VARIABLE, models_folder
from voice_coach.testing.fakes import FakeMicrophone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voice_coach.runner import Message


class FakeSound:
    """A machine whose microphone is there at once."""

    def __init__(self, _settings: object, _lines: object, inbox: object) -> None:
        self._inbox = inbox

    def start(self) -> None:
        pass

    def new_microphone(self) -> FakeMicrophone:
        return FakeMicrophone()

    def listen(self, _microphone: FakeMicrophone, ready: EarsReady) -> None:
        self._inbox.put(ready)  # type: ignore[attr-defined]

    def close(self) -> None:
        pass


@pytest.fixture
def heard_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Message]]:
    """Begin a session's listening at the first call; each call gives the next thing that the session is told."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    monkeypatch.setattr(sound, "DeviceSound", FakeSound)
    begun: list[Parts] = []
    with ExitStack() as stack:

        def next_message() -> Message:
            if not begun:
                parts = Parts(Options(), stack, load_phrasebook(), lines=load_catalogue().lines)
                open_ears(parts, listening_pays=True)
                parts.timed[0].advance(0.0)
                begun.append(parts)
            message = begun[0].inbox.get(timeout=10.0)
            if isinstance(message, EarsReady):
                stack.callback(message.ears.close)
            return message

        yield next_message


def broken_model(name: str) -> Path:
    folder = models_folder() / name
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "model.conf").write_text("")
    (models_folder() / "chosen").write_text(f"{name}\n")
    return folder


def test_where_the_chosen_model_is_broken_the_one_in_the_box_listens_and_that_is_told(
    heard_of: Callable[[], Message],
) -> None:
    broken_model("broken")
    told, ready = heard_of(), heard_of()
    assert isinstance(told, Trouble)
    assert "am/final.mdl is missing" in told.error.what
    assert told.error.remedy == 'voice-coach model use "in the box"'
    assert isinstance(ready, EarsReady)
    assert ready.in_the_box


def test_where_a_setting_names_a_broken_model_the_remedy_is_to_forget_it(
    heard_of: Callable[[], Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, str(tmp_path / "nothing"))
    told, ready = heard_of(), heard_of()
    assert isinstance(told, Trouble)
    assert told.error.remedy == f"unset {MODEL_VARIABLE}"
    assert isinstance(ready, EarsReady)


def test_where_no_model_can_be_used_the_coach_says_that_it_hears_nothing(
    heard_of: Callable[[], Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "__file__", str(tmp_path / "package" / "models.py"))
    broken_model("broken")
    told = heard_of()
    assert isinstance(told, Trouble)
    assert isinstance(told.error, ModelError)
    assert told.spoken == load_catalogue().lines["microphone_lost"].say


def test_a_folder_that_may_not_be_read_beside_the_models_keeps_nobody_from_being_heard(
    heard_of: Callable[[], Message], unreadable: Callable[[Path], None]
) -> None:
    (models_folder() / "private").mkdir(parents=True)
    unreadable(models_folder() / "private")
    assert isinstance(heard_of(), EarsReady)


def test_what_keeps_the_coach_from_hearing_is_said_whatever_it_is(
    heard_of: Callable[[], Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(sound, "DeviceSound", fail)
    told = heard_of()
    assert isinstance(told, Trouble)
    assert "Too many open files" in told.error.what
    assert told.spoken == load_catalogue().lines["microphone_lost"].say


def test_devices_that_are_found_after_nobody_waited_any_more_are_closed_and_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looking, over, closed = threading.Event(), threading.Event(), threading.Event()
    calls: list[str] = []

    class SlowSound(FakeSound):
        """A machine on which it takes longer to look for devices than anybody waits."""

        def __init__(self, settings: object, lines: object, inbox: object) -> None:
            super().__init__(settings, lines, inbox)
            looking.set()
            over.wait(10.0)

        def start(self) -> None:
            calls.append("start")

        def close(self) -> None:
            calls.append("close")
            closed.set()

    monkeypatch.setattr(sound, "DeviceSound", SlowSound)
    monkeypatch.setattr(hearing, "OPENING_SECONDS", 0.0)
    with ExitStack() as stack:
        parts = Parts(Options(), stack, load_phrasebook(), lines=load_catalogue().lines)
        open_ears(parts, listening_pays=True)
        parts.timed[0].advance(0.0)
        assert looking.wait(10.0)
    assert calls == []
    over.set()
    assert closed.wait(10.0)
    assert calls == ["close"]
