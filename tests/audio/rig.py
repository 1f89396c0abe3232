"""A private sound server with a virtual loudspeaker and a virtual microphone.

PulseAudio runs in a folder of its own, beside whatever sound server the machine has. What is played to the
loudspeaker can be recorded; what is played into the microphone is what a program hears.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

PROGRAMS = ("pulseaudio", "parec", "paplay", "pactl")
RECORDING_RATE = 44_100
_PIECE_SECONDS = 0.01
_LOUD = 100
_START_SECONDS = 10.0


class Piece(NamedTuple):
    """10 ms of a recording.

    Attributes:
        arrived_at: `time.monotonic()` when it was read, a few milliseconds after it was played.
        samples: int16, mono, `RECORDING_RATE`.
    """

    arrived_at: float
    samples: NDArray[np.int16]


@dataclass
class Recording:
    """What the loudspeaker plays, while it goes on."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def samples(self) -> NDArray[np.int16]:
        """Everything so far: int16, mono, `RECORDING_RATE`."""
        return np.concatenate([np.zeros(0, np.int16), *(piece.samples for piece in list(self.pieces))])

    def first_sound_at(self) -> float:
        """Give the `time.monotonic()` of the first sound, to the sample; infinity if there was none."""
        return min((times[0] for times in self._sounds()), default=float("inf"))

    def last_sound_at(self) -> float:
        """Give the `time.monotonic()` of the last sound, to the sample; minus infinity if there was none."""
        return max((times[1] for times in self._sounds()), default=float("-inf"))

    def _sounds(self) -> Iterator[tuple[float, float]]:
        for piece in list(self.pieces):
            loud = np.flatnonzero(np.abs(piece.samples.astype(int)) > _LOUD)
            if len(loud):
                begins = piece.arrived_at - len(piece.samples) / RECORDING_RATE
                yield begins + loud[0] / RECORDING_RATE, begins + (loud[-1] + 1) / RECORDING_RATE


def missing_programs() -> list[str]:
    """Give the programs a `SoundRig` needs and this machine lacks."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class SoundRig:
    """See the module. Use it as a context manager; it kills everything it started.

    Attributes:
        environment: variables under which a program uses the rig's devices.
    """

    def __init__(self) -> None:
        # the socket's path may have 107 characters at most, so not below a test's own folder
        self._folder = Path(tempfile.mkdtemp(prefix="rig-"))
        self._server: subprocess.Popen[bytes] | None = None
        self._clients: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "PULSE_SERVER": f"unix:{self._folder / 'native'}",
            "PULSE_RUNTIME_PATH": str(self._folder),
            "PULSE_STATE_PATH": str(self._folder),
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "PULSE_SINK": "speaker",
            "PULSE_SOURCE": "mic.monitor",
        }

    def __enter__(self) -> Self:
        try:
            self.start_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_server()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start_server(self) -> None:
        """Start the server and wait until its devices run."""
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={self._folder / 'native'}",
            "module-null-sink sink_name=speaker rate=44100 channels=2",
            "module-null-sink sink_name=mic rate=44100 channels=2",
        )
        loads = [argument for module in modules for argument in ("-L", module)]
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-target=stderr"]
        self._server = subprocess.Popen(
            ["pulseaudio", *options, *loads], env=self._whole_environment(), stderr=subprocess.DEVNULL
        )
        self._wait_for_server()
        # A null sink without a client in a hurry renders in blocks of two seconds, and so does its monitor.
        for device in ("mic.monitor", "speaker.monitor"):
            self._start_client("parec", "--latency-msec=10", f"--device={device}", stdout=subprocess.DEVNULL)

    def stop_server(self) -> None:
        """Kill the server as a crash would, and every client of the rig."""
        processes = [*self._clients, *([self._server] if self._server else [])]
        for process in processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self._clients, self._server = [], None
        (self._folder / "native").unlink(missing_ok=True)

    @contextlib.contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record the loudspeaker as long as the `with` block lasts."""
        recording = Recording()
        client = self._start_client(
            "parec",
            "--latency-msec=10",
            "--device=speaker.monitor",
            f"--rate={RECORDING_RATE}",
            "--channels=1",
            "--format=s16le",
            "--raw",
            stdout=subprocess.PIPE,
        )
        reader = threading.Thread(target=_read_pieces, args=(client, recording), daemon=True)
        reader.start()
        try:
            _wait_until(lambda: bool(recording.pieces), "the recording did not begin")
            yield recording
        finally:
            client.kill()
            client.wait()
            reader.join()

    def play_into_microphone(self, sound: Path) -> subprocess.Popen[bytes]:
        """Begin to play a sound file into the microphone; wait for the process to hear it end."""
        return self._start_client("paplay", "--latency-msec=20", "--device=mic", str(sound))

    def _start_client(self, *command: str, stdout: int | None = None) -> subprocess.Popen[bytes]:
        client = subprocess.Popen(command, env=self._whole_environment(), stdout=stdout, stderr=subprocess.DEVNULL)
        self._clients.append(client)
        return client

    def _whole_environment(self) -> dict[str, str]:
        return os.environ | self.environment

    def _wait_for_server(self) -> None:
        def answers() -> bool:
            devices = subprocess.run(
                ["pactl", "list", "short", "sinks"],
                env=self._whole_environment(),
                capture_output=True,
                check=False,
            )
            return b"mic" in devices.stdout

        _wait_until(answers, "the sound server did not start")


def _read_pieces(client: subprocess.Popen[bytes], recording: Recording) -> None:
    assert client.stdout is not None
    size = 2 * round(RECORDING_RATE * _PIECE_SECONDS)
    while len(data := client.stdout.read(size)) == size:
        recording.pieces.append(Piece(time.monotonic(), np.frombuffer(data, "<i2")))


def _wait_until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(0.02)
