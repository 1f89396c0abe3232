"""What a PulseAudio server, or PipeWire in its place, says about its devices and about our streams.

PortAudio shows one device for all that such a server has. The server itself knows them by name, and it tells what
PortAudio cannot: that it has moved a stream to another device, without a word, because the first one has gone.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pulsectl import Pulse

_CONNECT_SECONDS = 2.0
_LOOK_EVERY = 1.0
_FRESH_SECONDS = 3.0
_DUMMIES = frozenset({"auto_null"})
"""Sinks that servers make up where there is no loudspeaker."""


@dataclass(frozen=True, slots=True)
class ServerDevice:
    """A source or a sink.

    Attributes:
        name: what the server calls it.
        description: what a desktop's mixer shows.
        channels: how many; the server converts rates and channels, so that nobody need know its rate.
        is_real: sound comes from a microphone, or can be heard: neither the monitor of a loudspeaker nor a dummy.
        is_muted: the mixer has silenced it.
    """

    name: str
    description: str
    channels: int
    is_real: bool
    is_muted: bool


@dataclass(frozen=True, slots=True)
class ServerView:
    """What the server has, at one moment.

    Attributes:
        server: its name and version.
        microphone: name of the source that this program hears; None where it hears none.
        loudspeaker: name of the sink that this program speaks through; None where it has none.
        default_microphone: name of the source that it gives whoever names none.
        default_loudspeaker: the same for sinks.
        seen_at: `time.monotonic()` of the moment.
    """

    server: str
    microphones: tuple[ServerDevice, ...]
    loudspeakers: tuple[ServerDevice, ...]
    microphone: str | None
    loudspeaker: str | None
    default_microphone: str
    default_loudspeaker: str
    seen_at: float


class ServerWatch:
    """Looks at the server every second, in a thread of its own: a server that hangs, hangs nobody else.

    Args:
        look_every: seconds.
    """

    def __init__(self, look_every: float = _LOOK_EVERY) -> None:
        self._look_every = look_every
        self._view: ServerView | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound server", daemon=True)

    @property
    def view(self) -> ServerView | None:
        """What was seen last; None where there is no server, or where it has not answered for three seconds."""
        view = self._view
        return view if view is not None and time.monotonic() - view.seen_at < _FRESH_SECONDS else None

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Look no more. Safe to call twice, and before `start`."""
        self._closing.set()

    def _run(self) -> None:
        # not at once: the first word of the coach must not wait while this loads its library
        while not self._closing.wait(self._look_every):
            with _connection() as pulse:
                while pulse is not None and (view := _look(pulse)) is not None:
                    self._view = view
                    if self._closing.wait(self._look_every):
                        return
            self._view = None


def ask_server() -> ServerView | None:
    """Give what the server has now; None where there is no server."""
    with _connection() as pulse:
        return None if pulse is None else _look(pulse)


@contextlib.contextmanager
def _connection() -> Iterator[Pulse | None]:
    if sys.platform != "linux":
        yield None
        return
    try:
        import pulsectl  # noqa: PLC0415 - takes long, and its C library may be missing
    except (ImportError, OSError):
        yield None
        return
    pulse = pulsectl.Pulse("voice-coach", connect=False)
    try:
        pulse.connect(timeout=_CONNECT_SECONDS)
    except _errors():
        pulse.close()
        yield None
        return
    try:
        yield pulse
    finally:
        pulse.close()


def _errors() -> tuple[type[Exception], ...]:
    """Give what pulsectl raises: its own errors, and a C function's refusal where the server has died meanwhile."""
    import pulsectl  # noqa: PLC0415 - as above
    from pulsectl._pulsectl import LibPulse  # noqa: PLC0415 - as above

    return pulsectl.PulseError, pulsectl.PulseDisconnected, LibPulse.CallError


def _look(pulse: Pulse) -> ServerView | None:
    try:
        about = pulse.server_info()
        sources, sinks = pulse.source_list(), pulse.sink_list()
        source_outputs, sink_inputs = pulse.source_output_list(), pulse.sink_input_list()
    except _errors():
        return None
    return ServerView(
        server=_server_name(about.server_name, about.server_version),
        microphones=tuple(_device(s, is_real=s.proplist.get("device.class") != "monitor") for s in sources),
        loudspeakers=tuple(_device(s, is_real=s.name not in _DUMMIES) for s in sinks),
        microphone=_own(((o.proplist, o.source) for o in source_outputs), {s.index: s.name for s in sources}),
        loudspeaker=_own(((i.proplist, i.sink) for i in sink_inputs), {s.index: s.name for s in sinks}),
        default_microphone=about.default_source_name or "",
        default_loudspeaker=about.default_sink_name or "",
        seen_at=time.monotonic(),
    )


def _server_name(name: str, version: str) -> str:
    if name.lower().startswith("pulseaudio (on pipewire"):
        return name[len("pulseaudio (on ") :].rstrip(")")
    return f"PulseAudio {version}" if name == "pulseaudio" else name


def _device(device: Any, *, is_real: bool) -> ServerDevice:
    return ServerDevice(
        name=device.name,
        description=device.description or device.name,
        channels=device.channel_count,
        is_real=is_real,
        is_muted=bool(device.mute),
    )


def _own(streams: Iterable[tuple[dict[str, str], int]], names: dict[int, str]) -> str | None:
    process = str(os.getpid())
    for properties, device in streams:
        if properties.get("application.process.id") == process:
            return names.get(device)
    return None
