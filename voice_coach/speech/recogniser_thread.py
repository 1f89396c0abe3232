"""A thread between the microphone and whoever acts on what was said."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.speech.dozing import DozingListener
from voice_coach.speech.selfhearing import GuardedListener

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.commands.grammar import Grammar
    from voice_coach.speech.listener import Utterance
    from voice_coach.speech.selfhearing import Meanwhile


DOZING_BLOCKS = 8
"""How many blocks a listener that dozes gets at a time: to wake a thread costs more than to look at a block."""

MOST_BEHIND = 3.0
"""Seconds that a recogniser may be behind the sound. A "harder" that is acted upon later than that may meet another
step, and where the processor stays too slow the sound that waits would grow for as long as the session lasts."""


class Recogniser(Protocol):
    """Turns sound into utterances: a `Listener`, or one that stands before it."""

    @property
    def partial(self) -> str: ...

    @property
    def level_dbfs(self) -> float: ...

    def use_grammar(self, grammar: Grammar) -> None: ...

    def feed(self, block: bytes) -> list[Utterance]: ...

    def flush(self) -> list[Utterance]: ...


class _Heard(NamedTuple):
    """A block, and what the coach did while it was heard; None where nothing is sought of the coach, or at a gap."""

    block: bytes
    meanwhile: Meanwhile | None


class RecogniserThread:
    """Feeds a listener with blocks as they come, off the microphone's own thread.

    All callbacks come from this thread; they may call `use_grammar` and `hear`, not `close`.

    Args:
        listener: belongs to this thread from now on.
        on_utterance: called with each utterance.
        on_partial: called with what is being said now, whenever that changes; "" when nothing is any more.
        on_failure: called with the exception that ended the thread, a fault of the program or of Vosk.
        on_behind: called with how many seconds of sound were left out because the recogniser was more than
            `MOST_BEHIND` behind.
    """

    def __init__(
        self,
        listener: Recogniser,
        on_utterance: Callable[[Utterance], None],
        on_partial: Callable[[str], None],
        on_failure: Callable[[Exception], None],
        on_behind: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._listener = listener
        self._on_utterance = on_utterance
        self._on_partial = on_partial
        self._on_failure = on_failure
        self._on_behind = on_behind
        self._partial = ""
        self._collected: list[_Heard] = []
        self._dozing = False
        self._fault: Exception | None = None
        # Each is written by one thread only: the microphone's, and this one.
        self._given = self._taken = 0
        self._closing = threading.Event()
        self._queue: queue.SimpleQueue[list[_Heard] | Grammar | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recogniser", daemon=True)
        self._thread.start()

    @property
    def level_dbfs(self) -> float:
        """Level of the last block that was looked at, in dB; full scale is 0, silence -96."""
        return self._listener.level_dbfs

    def hear(self, block: bytes) -> None:
        """Take the next block of 10 ms (320 bytes) and return at once: a microphone's `on_block`.

        At an empty block, what was being said is forgotten. After a failure nothing is heard any more.
        """
        if self._closing.is_set() or self._fault is not None:
            return
        try:
            meanwhile = self._meanwhile(block)
        except Exception as error:  # noqa: BLE001 - raised here it would end the device's stream, and nobody would see it
            self._fault = error
            self._queue.put(None)
            return
        self._collected.append(_Heard(block, meanwhile))
        if not self._dozing or len(self._collected) >= DOZING_BLOCKS:
            self._given += len(self._collected)
            self._queue.put(self._collected)
            self._collected = []

    def _meanwhile(self, block: bytes) -> Meanwhile | None:
        """Ask now what the coach does: when the recogniser comes to the block, the coach may be silent again."""
        return self._listener.meanwhile() if block and isinstance(self._listener, GuardedListener) else None

    def use_grammar(self, grammar: Grammar) -> None:
        """Change the active phrases, see `Listener.use_grammar`; returns at once."""
        self._queue.put(grammar)

    def close(self) -> None:
        """End the thread and wait for it; blocks not yet heard are dropped. Safe to call twice."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - nobody sees what a thread raises; it is handed on
            fault: Exception | None = error
        else:
            fault = None if self._closing.is_set() else self._fault
        if fault is not None:
            self._closing.set()
            self._on_failure(fault)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None and not self._closing.is_set():
            if isinstance(item, list):
                self._taken += len(item)
                for heard in item:
                    self._feed(heard)
                self._dozing = isinstance(self._listener, DozingListener | GuardedListener) and self._listener.dozing
            else:
                self._listener.use_grammar(item)
            behind = (self._given - self._taken) * BLOCK_SECONDS
            if behind > MOST_BEHIND and not self._closing.is_set():
                self._leave_out_what_waits()

    def _leave_out_what_waits(self) -> None:
        """Go on with the sound of now; what was being said is forgotten, and phrases asked for meanwhile count."""
        left_out: list[_Heard] = []
        for _ in range(self._queue.qsize()):
            item = self._queue.get()
            if item is None:
                self._queue.put(None)
                break
            if isinstance(item, list):
                left_out += item
            else:
                self._listener.use_grammar(item)
        self._taken += len(left_out)
        self._feed(_Heard(b"", None))
        if isinstance(self._listener, GuardedListener):
            self._listener.leave_out(heard.meanwhile for heard in left_out if heard.meanwhile is not None)
        self._on_behind(len(left_out) * BLOCK_SECONDS)

    def _feed(self, heard: _Heard) -> None:
        if not heard.block:
            self._listener.flush()
            return
        for utterance in self._utterances(heard):
            self._on_utterance(utterance)
        if self._listener.partial != self._partial:
            self._partial = self._listener.partial
            self._on_partial(self._partial)

    def _utterances(self, heard: _Heard) -> list[Utterance]:
        if isinstance(self._listener, GuardedListener):
            return self._listener.feed(heard.block, heard.meanwhile)
        return self._listener.feed(heard.block)
