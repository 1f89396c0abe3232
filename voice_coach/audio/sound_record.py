"""Keeps what the microphone hears in a WAV file, for those who ask for it: nothing else ever writes sound to a disk."""

from __future__ import annotations

import contextlib
import queue
import threading
import wave
from typing import TYPE_CHECKING

from voice_coach.audio.interfaces import LISTENING_RATE
from voice_coach.errors import SoundFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voice_coach.audio.interfaces import Microphone

_BLOCKS_AT_ONCE = 50
"""Blocks of 10 ms that are written at a time: a kill costs half a second of the record."""


class SoundRecord:
    """A WAV file (16 kHz, mono, int16) that grows on a thread of its own; it is whole after a kill.

    Args:
        path: of the file; one that is there is written over.
        failed: is told once when nothing more can be written.

    Raises:
        SoundFileError: the file cannot be written.
    """

    def __init__(self, path: Path, failed: Callable[[SoundFileError], None]) -> None:
        self._path = path
        self._failed = failed
        try:
            self._file = path.open("wb")
        except (OSError, ValueError) as error:
            raise self._error(error) from error
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - closed by `close`
        self._wave.setparams((1, 2, LISTENING_RATE, 0, "NONE", ""))
        self._fails = False
        self._blocks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sound record", daemon=True)
        self._thread.start()

    def hear(self, block: bytes) -> None:
        """Take a block of sound and return at once; once writing has failed, nothing is kept."""
        if not self._fails:
            self._blocks.put(block)

    def close(self) -> None:
        """Write what is left, and close the file. Safe to call twice."""
        self._blocks.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._write_until_closed()
            self._wave.close()
            self._file.close()
        except OSError as error:
            self._fails = True
            self._give_up()
            self._failed(self._error(error))

    def _give_up(self) -> None:
        for part in (self._wave, self._file):
            with contextlib.suppress(OSError):  # what could not be written cannot be written now either
                part.close()

    def _write_until_closed(self) -> None:
        waiting: list[bytes] = []
        while (block := self._blocks.get()) is not None:
            waiting.append(block)
            if len(waiting) >= _BLOCKS_AT_ONCE:
                self._write(waiting)
                waiting = []
        self._write(waiting)

    def _write(self, blocks: list[bytes]) -> None:
        self._wave.writeframes(b"".join(blocks))
        self._file.flush()

    def _error(self, error: Exception) -> SoundFileError:
        return SoundFileError(
            f"What the microphone hears cannot be written into {self._path} ({getattr(error, 'strerror', error)}).",
            "It is not kept; the session goes on.",
            "another file after --record, on a disk with room",
        )


class RecordedMicrophone:
    """A microphone whose sound is kept as well.

    Args:
        microphone: hears.
        record: keeps it; it is closed by whoever made it.
    """

    def __init__(self, microphone: Microphone, record: SoundRecord) -> None:
        self._microphone = microphone
        self._record = record

    def start(self, on_block: Callable[[bytes], None]) -> None:
        """Send the blocks to the record and to `on_block`."""

        def heard(block: bytes) -> None:
            self._record.hear(block)
            on_block(block)

        self._microphone.start(heard)

    def close(self) -> None:
        self._microphone.close()
