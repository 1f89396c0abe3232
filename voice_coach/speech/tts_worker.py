"""The child process in which pyttsx3 turns text into sound.

pyttsx3 and the C library under it may crash, exit or hang; here they take no session with them. `python -m
voice_coach.speech.tts_worker [FOLDER]` reads one JSON object a line, `{"text": ..., "rate": words a minute, "voice": an
id or null}`, and answers each with one frame: `MAGIC`, the sample rate in Hz (0: the payload is an error message in
UTF-8), the payload's length in bytes, both as unsigned 32-bit little-endian numbers, and the payload: mono, int16,
little-endian.

pyttsx3 writes files. On Linux they are in memory only; elsewhere they go into FOLDER, which is removed when the input
ends: so it does when the session was killed.

Facts about pyttsx3 2.99 that the code below answers:

- The first `runAndWait` does not wait, so one utterance is thrown away at the start.
- On Linux rate and voice go to a queue of their own that the next `runAndWait` may drop: `Synchronize` first.
- What `getProperty` gives is stale: what was set last is remembered here.
- Two utterances into one file, or `say` after `save_to_file`, overwrite each other: one new file each.
- On Windows and macOS the second utterance is cut off unless the proxy is marked busy before it is queued.
- It prints on standard output, which is why the frames leave through a copy of that descriptor.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import struct
import sys
import threading
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC = b"VCTS"
HEADER = struct.Struct("<4sII")

_LINUX_LIBRARIES = ("libespeak-ng.so.1", "libespeak.so.1")
_UTTERANCE_SECONDS = 8.0


class WorkerError(Exception):
    """The line could not be rendered; the message says why."""


class _Engine(Protocol):
    proxy: Any

    def connect(self, topic: str, cb: Callable[..., None]) -> object: ...
    def setProperty(self, name: str, value: object) -> None: ...  # noqa: N802 - pyttsx3's name
    def save_to_file(self, text: str, filename: str) -> None: ...
    def runAndWait(self) -> None: ...  # noqa: N802 - pyttsx3's name


class Renderer:
    """Renders one text after the other.

    Args:
        folder: where temporary files go; None on Linux, where there are none.

    Raises:
        WorkerError: there is no text-to-speech engine.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._count = 0
        self._current: dict[str, object] = {}
        self._errors: list[str] = []
        self._finished = threading.Event()
        self._engine = self._start_engine()
        with contextlib.suppress(WorkerError):  # the first utterance is the one that may be lost
            self.render("a", {})

    def render(self, text: str, properties: dict[str, object]) -> tuple[int, bytes]:
        """Give the sample rate (Hz) and the samples (mono, int16, little-endian) of `text`.

        Raises:
            WorkerError: a property was refused, or no sound came.
        """
        self._errors.clear()
        self._finished.clear()
        self._apply(properties)
        if sys.platform in ("darwin", "win32"):
            self._engine.proxy.setBusy(True)
        with self._new_file() as path:
            self._engine.save_to_file(text, str(path))
            self._engine.runAndWait()
            # files raise no events on Windows, but are complete when the loop ends
            if sys.platform != "win32" and not self._finished.wait(_UTTERANCE_SECONDS):
                raise WorkerError("the engine did not finish")
            if self._errors:
                raise WorkerError("; ".join(self._errors))
            return _read_aiff(path) if path.suffix == ".aiff" else _read_wav(path)

    @contextlib.contextmanager
    def _new_file(self) -> Iterator[Path]:
        """Give the name of a file that is gone afterwards, on Linux also when this process is killed."""
        if sys.platform == "linux":
            memory = os.memfd_create("line")
            try:
                yield Path(f"/proc/self/fd/{memory}")
            finally:
                os.close(memory)
            return
        if self._folder is None:
            raise WorkerError("there is no folder for temporary files")
        self._count += 1
        path = self._folder / f"{self._count}{'.aiff' if sys.platform == 'darwin' else '.wav'}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _start_engine(self) -> _Engine:
        if sys.platform == "linux":
            _find_espeak()
        try:
            import pyttsx3  # noqa: PLC0415 - needs the library found above

            engine: _Engine = pyttsx3.init()
        except (ImportError, OSError, RuntimeError, ValueError, KeyError, AttributeError) as error:
            raise WorkerError(f"no text-to-speech engine: {error}") from error
        engine.connect("finished-utterance", self._on_finished)
        engine.connect("error", self._on_error)
        return engine

    def _apply(self, properties: dict[str, object]) -> None:
        changed = {k: v for k, v in properties.items() if v is not None and self._current.get(k) != v}
        for name, value in changed.items():
            if sys.platform == "linux":
                self._engine.proxy._driver.setProperty(name, value)  # noqa: SLF001 - the queue would drop it
            else:
                self._engine.setProperty(name, value)
        if changed and sys.platform == "linux":
            from pyttsx3.drivers import _espeak  # noqa: PLC0415 - exists only with the engine

            _espeak.Synchronize()
        self._current.update(changed)

    def _on_finished(self, name: str | None, completed: bool) -> None:  # noqa: ARG002 - pyttsx3's call
        if completed:
            self._finished.set()

    def _on_error(self, name: str | None, exception: Exception) -> None:  # noqa: ARG002 - pyttsx3's call
        self._errors.append(str(exception))


def main(folder: Path | None) -> None:
    """Answer requests from standard input until it ends, and leave no folder behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the session, which says goodbye first
    if hasattr(signal, "SIGTSTP"):
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # so is Ctrl-Z: the session says that it pauses, and stops itself
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        _answer_all(answers, folder)
    except BrokenPipeError:  # the session was killed: nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _answer_all(answers: BinaryIO, folder: Path | None) -> None:
    try:
        renderer = Renderer(folder)
    except WorkerError as error:
        _answer(answers, 0, str(error).encode())
        return
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            rate, samples = renderer.render(request["text"], {"voice": request["voice"], "rate": request["rate"]})
        except (WorkerError, ValueError, OSError, wave.Error) as error:
            rate, samples = 0, str(error).encode()
        _answer(answers, rate, samples)


def _answer(stream: BinaryIO, rate: int, payload: bytes) -> None:
    stream.write(HEADER.pack(MAGIC, rate, len(payload)))
    stream.write(payload)
    stream.flush()


def _find_espeak() -> None:
    """Load espeak-ng: the system's, else the one that comes as a Python package."""
    for name in _LINUX_LIBRARIES:
        with contextlib.suppress(OSError):
            ctypes.CDLL(name)
            return
    with contextlib.suppress(ImportError, OSError):
        import espeakng_loader  # noqa: PLC0415 - has no wheel for every machine

        os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
        # pyttsx3 asks for the library by name, and gets the one already loaded under that name
        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)


def _read_wav(path: Path) -> tuple[int, bytes]:
    with wave.open(str(path), "rb") as file:
        return file.getframerate(), file.readframes(file.getnframes())


def _read_aiff(path: Path) -> tuple[int, bytes]:
    import soundfile  # noqa: PLC0415 - only macOS writes AIFF

    samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    return int(rate), samples[:, 0].astype("<i2").tobytes()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
