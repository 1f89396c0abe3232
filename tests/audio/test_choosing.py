"""Which device is opened: by part of its name, or the system's choice, and never a loudspeaker's own sound."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from voice_coach.audio import devices
from voice_coach.audio import kept as kept_module
from voice_coach.audio.devices import Device, choose, find_device, list_devices
from voice_coach.audio.kept import Back, Instead, KeptMicrophone, Lost, News
from voice_coach.audio.pulse import ServerDevice, ServerView
from voice_coach.audio.signs import Ailment
from voice_coach.errors import MicrophoneError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice_coach.audio.devices import Kind


def device(name: str, description: str = "", *, real: bool = True, of_server: bool = True) -> Device:
    return Device(
        "microphone", name, description or name, "PulseAudio 16.1", None, 1, is_real=real, of_server=of_server
    )


YETI = device("alsa_input.usb-Blue_Yeti", "Yeti Stereo Microphone")
BUILT_IN = device("alsa_input.pci-0000", "Built-in Audio")
MONITOR = device("alsa_output.pci-0000.monitor", "Monitor of Built-in Audio", real=False)
DIRECT = device("HDA Intel: ALC257 Analog (hw:0,0), ALSA", of_server=False)
ALL = [YETI, BUILT_IN, MONITOR, DIRECT]


class TestChoosing:
    @pytest.mark.parametrize("part", ["yeti", "YETI STEREO", "blue_yeti", "alsa_input.usb-Blue_Yeti"])
    def test_part_of_the_name_or_the_description_is_enough(self, part: str) -> None:
        assert choose(part, ALL, "microphone") is YETI

    def test_a_monitor_of_the_loudspeaker_comes_last(self) -> None:
        assert choose("built-in", ALL, "microphone") is BUILT_IN
        assert choose("monitor", ALL, "microphone") is MONITOR

    def test_the_exact_name_wins_over_longer_ones(self) -> None:
        short, long = device("mic"), device("mic 2")
        assert choose("mic", [long, short], "microphone") is short

    def test_the_sound_server_comes_before_its_hardware(self) -> None:
        both = [device("ALC257 Analog"), DIRECT]
        assert choose("alc257", both, "microphone") is both[0]

    def test_more_than_one_is_told_with_their_names(self) -> None:
        with pytest.raises(MicrophoneError, match=r"More than one .*alsa_input.pci-0000, alsa_input.usb-Blue_Yeti"):
            choose("alsa_input", ALL, "microphone")

    def test_none_is_told_with_the_command_that_lists_them(self) -> None:
        with pytest.raises(MicrophoneError, match=r'no microphone with "headset".*voice-coach devices'):
            choose("headset", ALL, "microphone")


def view(*microphones: tuple[str, bool], own: str | None = None, default: str = "") -> ServerView:
    """Give what a server says that has these microphones, as (name, whether it is a real one)."""
    return ServerView(
        server="PulseAudio 16.1",
        microphones=tuple(ServerDevice(name, name, 1, real, is_muted=False) for name, real in microphones),
        loudspeakers=(),
        microphone=own,
        loudspeaker=None,
        default_microphone=default,
        default_loudspeaker="",
        seen_at=time.monotonic() + 10,
    )


@pytest.fixture(autouse=True)
def _no_choice_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULSE_SOURCE", "PULSE_SINK", "PIPEWIRE_NODE"):
        monkeypatch.delenv(name, raising=False)


def server_with_a_yeti() -> ServerView:
    yeti = ServerDevice("yeti", "Yeti", 1, is_real=True, is_muted=False)
    return ServerView("PulseAudio 16.1", (yeti,), (), None, None, "yeti", "", time.monotonic())


@contextmanager
def no_port_audio(_kind: object) -> Iterator[None]:
    raise MicrophoneError("The sound library PortAudio is missing.", "The coach cannot hear you.", "install it")
    yield


def test_devices_of_a_server_are_found_without_port_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are spoken to directly."""
    monkeypatch.setattr(devices, "port_audio", no_port_audio)
    (found,) = list_devices("microphone", server_with_a_yeti())
    assert found.name == "yeti"


def test_without_a_server_a_missing_port_audio_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "port_audio", no_port_audio)
    monkeypatch.setattr(devices, "ask_server", lambda: None)
    with pytest.raises(MicrophoneError, match="PortAudio"):
        list_devices("microphone")


class TestSystemsChoice:
    def test_a_real_default_is_left_to_the_system(self) -> None:
        assert find_device("microphone", None, view(("mic", True), ("out.monitor", False), default="mic")) is None

    def test_a_default_that_is_a_monitor_is_not_taken(self) -> None:
        seen = view(("out.monitor", False), ("mic", True), default="out.monitor")
        found = find_device("microphone", None, seen)
        assert found is not None
        assert found.name == "mic"

    def test_nothing_but_monitors_is_no_microphone(self) -> None:
        with pytest.raises(MicrophoneError, match="There is no microphone"):
            find_device("microphone", None, view(("out.monitor", False), default="out.monitor"))

    def test_the_environment_may_choose_anything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PULSE_SOURCE", "out.monitor")
        assert find_device("microphone", None, view(("out.monitor", False), default="out.monitor")) is None


@dataclass
class FakeStream:
    """A device that is open."""

    zeros_seconds: float = 2.5
    is_proven: bool = True
    is_closed: bool = False
    sick: Ailment | None = None

    def ailment(self) -> Ailment | None:
        return self.sick

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Server:
    """A sound server with microphones that come and go."""

    microphones: dict[str, bool] = field(default_factory=dict)
    own: str | None = None
    default: str = ""
    opened: list[str | None] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    stream: FakeStream = field(default_factory=FakeStream)

    @property
    def view(self) -> ServerView:
        return view(*self.microphones.items(), own=self.own, default=self.default)

    def open_input(self, _on_block: object, device: Device | None) -> FakeStream:
        self.stream = FakeStream()
        self.opened.append(None if device is None else device.name)
        self.own = self.default if device is None else device.name
        return self.stream


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server({"yeti": True, "built-in": True, "out.monitor": False}, default="built-in")

    def found(kind: Kind, part: str | None, _view: Any = None) -> Device | None:
        return find_device(kind, part, server.view)

    monkeypatch.setattr(kept_module, "open_input", server.open_input)
    monkeypatch.setattr(kept_module, "find_device", found)
    monkeypatch.setattr("voice_coach.audio.devices._of_port_audio", lambda *_: [])
    return server


def opened(server: Server, chosen: str | None = None) -> KeptMicrophone:
    microphone = KeptMicrophone(chosen, server.news.append)
    microphone.start(lambda _block: None)
    microphone.open(None)
    return microphone


class TestKeptMicrophone:
    def test_one_that_stays_where_it_is_is_well(self, server: Server) -> None:
        microphone = opened(server)
        assert microphone.examine(server.view) is None
        assert microphone.examine(server.view) is None
        assert server.news == []

    def test_one_that_the_server_moved_to_a_monitor_is_lost(self, server: Server) -> None:
        microphone = opened(server)
        microphone.examine(server.view)
        del server.microphones["built-in"]
        server.own = "out.monitor"
        ill = microphone.examine(server.view)
        assert ill is not None
        assert ill.gone
        assert ill.error is not None
        assert "what the loudspeaker plays" in ill.error.what

    def test_one_that_began_on_a_monitor_is_lost_too(self, server: Server) -> None:
        server.default = "out.monitor"
        microphone = opened(server)
        assert microphone.examine(server.view) is not None

    def test_a_monitor_that_was_asked_for_is_a_microphone(self, server: Server) -> None:
        microphone = opened(server, "out.monitor")
        assert server.opened == ["out.monitor"]
        assert microphone.examine(server.view) is None

    def test_one_that_the_server_moved_to_another_microphone_goes_on(self, server: Server) -> None:
        microphone = opened(server)
        microphone.examine(server.view)
        server.own = "yeti"
        assert microphone.examine(server.view) is None

    def test_where_the_chosen_one_is_missing_another_is_used_and_that_is_told_once(self, server: Server) -> None:
        del server.microphones["yeti"]
        microphone = opened(server, "yeti")
        microphone.shut()
        microphone.open(None)
        assert server.opened == [None, None]
        (news,) = server.news
        assert isinstance(news, Instead)
        assert "yeti" in news.error.what

    def test_where_another_one_hears_nobody_is_told_that_the_ears_are_lost(self, server: Server) -> None:
        del server.microphones["yeti"]
        opened(server, "yeti")
        (news,) = server.news
        assert isinstance(news, Instead)
        assert not isinstance(news.error, MicrophoneError)

    def test_where_the_server_moves_it_from_the_chosen_one_that_is_told(self, server: Server) -> None:
        microphone = opened(server, "yeti")
        microphone.examine(server.view)
        del server.microphones["yeti"]
        server.own = "built-in"
        assert microphone.examine(server.view) is None
        (news,) = server.news
        assert isinstance(news, Instead)
        server.microphones["yeti"] = True
        assert microphone.examine(server.view) is not None

    def test_the_chosen_one_is_taken_when_it_is_back(self, server: Server) -> None:
        del server.microphones["yeti"]
        microphone = opened(server, "yeti")
        assert microphone.examine(server.view) is None
        server.microphones["yeti"] = True
        ill = microphone.examine(server.view)
        assert ill is not None
        assert (ill.error, ill.gone) == (None, True)
        microphone.shut()
        microphone.open(server.view)
        assert server.opened == [None, "yeti"]
        assert server.news[1:] == [Back("yeti")]
        assert microphone.examine(server.view) is None

    def test_one_that_was_lost_and_is_back_is_told_once_when_it_works(self, server: Server) -> None:
        microphone = opened(server, "yeti")
        microphone.lost(MicrophoneError("It has gone.", "Type.", "plug it in"))
        microphone.shut()
        del server.microphones["yeti"]
        microphone.open(server.view)
        server.microphones["yeti"] = True
        microphone.shut()
        microphone.open(server.view)
        microphone.back()  # its keeper says so when sound comes from it
        assert [news for news in server.news if isinstance(news, Back)] == [Back("yeti")]

    def test_where_there_is_no_other_one_nobody_is_told_that_another_one_is_used(self, server: Server) -> None:
        server.microphones = {"out.monitor": False}
        with pytest.raises(MicrophoneError, match="There is no microphone"):
            opened(server, "yeti")
        assert server.news == []

    def test_a_chosen_one_that_is_there_and_cannot_be_opened_is_not_said_to_work(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del server.microphones["yeti"]
        microphone = opened(server, "yeti")
        server.microphones["yeti"] = True

        def refuse(_on_block: object, _device: Device | None) -> FakeStream:
            raise MicrophoneError("It is busy.", "Type.", "close the other program")

        monkeypatch.setattr(kept_module, "open_input", refuse)
        microphone.shut()
        with pytest.raises(MicrophoneError, match="busy"):
            microphone.open(server.view)
        assert not any(isinstance(news, Back) for news in server.news)

    def test_a_server_that_does_not_heed_the_choice_is_not_asked_for_ever(self, server: Server) -> None:
        microphone = opened(server, "yeti")
        server.own = "built-in"
        assert microphone.examine(server.view) is None
        assert microphone.examine(server.view) is None

    def test_one_that_ended_is_lost(self, server: Server) -> None:
        microphone = opened(server)
        server.stream.sick = Ailment.STOPPED
        ill = microphone.examine(None)
        assert ill is not None
        assert ill.gone

    def test_one_that_gives_zeros_stays_open(self, server: Server) -> None:
        microphone = opened(server)
        server.stream.sick = Ailment.ONLY_ZEROS
        ill = microphone.examine(None)
        assert ill is not None
        assert not ill.gone
        assert ill.error is not None
        assert "muted" in ill.error.what

    def test_what_was_learnt_about_its_silences_outlives_the_device(self, server: Server) -> None:
        microphone = opened(server)
        server.stream.zeros_seconds = 10.0
        microphone.shut()
        microphone.open(None)
        assert server.stream.zeros_seconds == 10.0

    def test_a_gap_is_marked_by_an_empty_block(self, server: Server) -> None:
        blocks: list[bytes] = []
        microphone = KeptMicrophone(None, server.news.append)
        microphone.start(blocks.append)
        microphone.open(None)
        assert blocks == [b""]

    def test_news_are_told_as_they_are(self, server: Server) -> None:
        microphone = opened(server)
        error = MicrophoneError("It has gone.", "Type.", "plug it in")
        microphone.lost(error)
        microphone.back()
        assert server.news == [Lost(error), Back("")]
