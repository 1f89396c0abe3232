"""A private sound server with a virtual loudspeaker and a virtual microphone.

PulseAudio runs in a folder of its own, beside whatever sound server the machine has. What is played to the
loudspeaker can be recorded; what is played into the microphone is what a program hears.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import wave
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from tests.audio import echo_room
from tests.audio.echo_room import RATE as ROOM_RATE
from tests.audio.echo_room import VOICE_DBFS, EchoRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

PROGRAMS = ("pulseaudio", "parec", "paplay", "pactl")
RECORDING_RATE = 44_100
_PIECE_SECONDS = 0.01
_LOUD = 100
_START_SECONDS = 10.0
_NOISE_SECONDS = 600
_NOISE_RATE = 8_000


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

    Args:
        room: lets the microphone hear the loudspeaker; without it, each is on its own.

    Attributes:
        environment: variables under which a program uses the rig's devices.
    """

    def __init__(self, room: EchoRoom | None = None) -> None:
        self._room = room
        self._room_process: subprocess.Popen[str] | None = None
        # the socket's path may have 107 characters at most, so not below a test's own folder
        self._folder = Path(tempfile.mkdtemp(prefix="rig-"))
        self._server: subprocess.Popen[bytes] | None = None
        self._clients: list[subprocess.Popen[bytes]] = []
        self._modules: dict[str, str] = {}
        self._noise_client: subprocess.Popen[bytes] | None = None
        self.environment = {
            "PULSE_SERVER": f"unix:{self._folder / 'native'}",
            "PULSE_RUNTIME_PATH": str(self._folder),
            "PULSE_STATE_PATH": str(self._folder),
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "PULSE_SINK": "speaker",
            "PULSE_SOURCE": self._ear,
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
            *(self._null_devices() if self._room is None else self._pipe_devices()),
        )
        # numbered as they are loaded
        self._modules = {"speaker": "1", "mic": "2"}
        loads = [argument for module in modules for argument in ("-L", module)]
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-target=stderr"]
        self._server = subprocess.Popen(
            ["pulseaudio", *options, *loads], env=self.whole_environment(), stderr=subprocess.DEVNULL
        )
        self._wait_for_server()
        # A null sink without a client in a hurry renders in blocks of two seconds, and so does its monitor.
        if self._room is not None:
            self._enter_room(self._room)
        for device in (self._ear, "speaker.monitor"):
            self._hurry(device)
        if self._room is None:
            self._make_noise()

    def stop_server(self) -> None:
        """Kill the server as a crash would, and every client of the rig."""
        processes: list[subprocess.Popen[bytes] | subprocess.Popen[str]] = [*self._clients]
        processes += [process for process in (self._room_process, self._server) if process is not None]
        for process in processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        self._clients, self._server, self._room_process = [], None, None
        (self._folder / "native").unlink(missing_ok=True)

    def unplug(self, name: str) -> None:
        """Take the loudspeaker ("speaker") or the microphone ("mic") away."""
        if name == "mic" and self._noise_client is not None:
            self._noise_client.kill()
        self.pactl("unload-module", self._modules.pop(name))

    def plug_in(self, name: str) -> None:
        """Bring it back, or add another one."""
        self._modules[name] = self.pactl("load-module", "module-null-sink", *_null_sink(name).split()).strip()
        self._hurry(f"{name}.monitor")
        if name == "mic":
            self._make_noise()

    def pactl(self, *arguments: str) -> str:
        """Ask the server, or tell it something."""
        command = ["pactl", *arguments]
        return subprocess.run(
            command, env=self.whole_environment(), check=True, capture_output=True, text=True, timeout=10
        ).stdout

    def mute(self) -> None:
        """Let the microphone give nothing but zeros."""
        self.pactl("set-source-mute", self._ear, "1")

    def unmute(self) -> None:
        """Let the microphone hear again."""
        self.pactl("set-source-mute", self._ear, "0")

    def devices_of(self, process: int) -> dict[str, str]:
        """Give the names of the devices that a process uses, by "sink-input" and "source-output"."""
        used = {}
        for stream, device in (("sink-input", "sink"), ("source-output", "source")):
            names = {row["index"]: row["name"] for row in self._rows(f"{device}s")}
            for row in self._rows(f"{stream}s"):
                if row["properties"].get("application.process.id") == str(process):
                    used[stream] = names[row[device]]
        return used

    def freeze(self) -> None:
        """Let the server answer nobody any more, without dying."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    @contextlib.contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record the loudspeaker as long as the `with` block lasts."""
        with self._recorded("speaker.monitor") as recording:
            yield recording

    @contextlib.contextmanager
    def listening(self) -> Iterator[Recording]:
        """Record what the microphone hears as long as the `with` block lasts."""
        with self._recorded(self._ear) as recording:
            yield recording

    def say(self, sound: Path, dbfs: float = VOICE_DBFS) -> float:
        """Let somebody speak in the room, at this level; give the `time.monotonic()` at which they begin."""
        process = self._room_process
        assert process is not None, "nobody can speak where there is no room"
        assert process.stdin is not None
        process.stdin.write(json.dumps({"say": str(sound), "dbfs": dbfs}) + "\n")
        process.stdin.flush()
        return self._room_answer("began")

    def _room_answer(self, what: str) -> float:
        assert self._room_process is not None
        assert self._room_process.stdout is not None
        return float(json.loads(self._room_process.stdout.readline())[what])

    def play_into_microphone(self, sound: Path) -> subprocess.Popen[bytes]:
        """Begin to play a sound file into the microphone; wait for the process to hear it end."""
        return self._start_client("paplay", "--latency-msec=20", "--device=mic", str(sound))

    @contextlib.contextmanager
    def _recorded(self, device: str) -> Iterator[Recording]:
        recording = Recording()
        client = self._start_client(
            "parec",
            "--latency-msec=10",
            f"--device={device}",
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

    @property
    def _ear(self) -> str:
        return "mic.monitor" if self._room is None else "mic"

    def _null_devices(self) -> list[str]:
        return [f"module-null-sink {_null_sink(name)}" for name in ("speaker", "mic")]

    def _pipe_devices(self) -> list[str]:
        form = f"format=s16le rate={ROOM_RATE} channels=1"
        return [
            f"module-pipe-sink sink_name=speaker file={self._folder / 'played'} use_system_clock_for_timing=yes {form}",
            f"module-pipe-source source_name=mic file={self._folder / 'heard'} {form}",
        ]

    def _enter_room(self, room: EchoRoom) -> None:
        command = [sys.executable, echo_room.__file__, str(self._folder / "played"), str(self._folder / "heard")]
        self._room_process = subprocess.Popen(
            [*command, json.dumps(asdict(room))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._room_answer("ready")

    def _rows(self, what: str) -> list[dict[str, Any]]:
        return list(json.loads(self.pactl("--format=json", "list", what)))

    def _hurry(self, device: str) -> None:
        self._start_client("parec", "--latency-msec=10", f"--device={device}", stdout=subprocess.DEVNULL)

    def _make_noise(self) -> None:
        """Let the microphone hear the quietest of rooms: one that gives only zeros is a dead one."""
        self._noise_client = self._start_client("paplay", "--device=mic", str(self._noise()))

    def _noise(self) -> Path:
        path = self._folder / "room.wav"
        if not path.exists():
            samples = np.random.default_rng(1).integers(-3, 4, size=_NOISE_SECONDS * _NOISE_RATE)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, _NOISE_RATE, 0, "NONE", ""))
                file.writeframes(samples.astype("<i2").tobytes())
        return path

    def _start_client(self, *command: str, stdout: int | None = None) -> subprocess.Popen[bytes]:
        client = subprocess.Popen(command, env=self.whole_environment(), stdout=stdout, stderr=subprocess.DEVNULL)
        self._clients.append(client)
        return client

    def whole_environment(self) -> dict[str, str]:
        """Give the environment of a program that uses the rig's devices."""
        return os.environ | self.environment

    def _wait_for_server(self) -> None:
        def answers() -> bool:
            devices = subprocess.run(
                ["pactl", "list", "short", "sources"],
                env=self.whole_environment(),
                capture_output=True,
                check=False,
            )
            return b"mic" in devices.stdout

        _wait_until(answers, "the sound server did not start")


def _null_sink(name: str) -> str:
    return f"sink_name={name} rate=44100 channels=2"


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
