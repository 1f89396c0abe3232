from __future__ import annotations

import queue
import threading
import tracemalloc
from typing import TYPE_CHECKING, cast

import pytest

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.commands.grammar import Grammar
from voice_coach.speech.listener import Utterance
from voice_coach.speech.recogniser_thread import MOST_BEHIND, RecogniserThread
from voice_coach.speech.selfhearing import GuardedListener, Meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice_coach.speech.listener import Listener

UTTERANCE = Utterance("next", None, 0.1, 0.2, early=True)


class FakeListener:
    """Hears "next" in block b"next", fails at b"fail", and notes its thread and grammars."""

    def __init__(self) -> None:
        self.partial = ""
        self.grammars: list[Grammar] = []
        self.threads: set[str] = set()

    def use_grammar(self, grammar: Grammar) -> None:
        self.grammars.append(grammar)

    def feed(self, block: bytes) -> list[Utterance]:
        self.threads.add(threading.current_thread().name)
        if block == b"fail":
            raise RuntimeError("it failed")
        self.partial = block.decode().strip()
        return [UTTERANCE] if block == b"next" else []

    def flush(self) -> list[Utterance]:
        self.partial = ""
        return [UTTERANCE]


class Reports:
    def __init__(self) -> None:
        self.queue: queue.Queue[object] = queue.Queue()

    def next(self) -> object:
        return self.queue.get(timeout=5)


@pytest.fixture
def listener() -> FakeListener:
    return FakeListener()


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def thread(listener: FakeListener, reports: Reports) -> Iterator[RecogniserThread]:
    put = reports.queue.put
    thread = RecogniserThread(cast("Listener", listener), put, put, put)
    yield thread
    thread.close()


def test_reports_utterances_and_changes_of_what_is_being_said(thread: RecogniserThread, reports: Reports) -> None:
    for block in (b"ne", b"ne", b"next", b" "):
        thread.hear(block)
    assert [reports.next() for _ in range(4)] == ["ne", UTTERANCE, "next", ""]


def test_listens_in_one_thread_of_its_own(thread: RecogniserThread, listener: FakeListener, reports: Reports) -> None:
    thread.hear(b"ne")
    reports.next()
    assert listener.threads == {"recogniser"}


def test_changes_the_grammar_in_its_turn(thread: RecogniserThread, listener: FakeListener, reports: Reports) -> None:
    grammar = Grammar({})
    thread.use_grammar(grammar)
    thread.hear(b"ne")
    reports.next()
    assert listener.grammars == [grammar]


def test_a_failure_is_reported_and_ends_it(thread: RecogniserThread, reports: Reports) -> None:
    thread.hear(b"fail")
    assert str(reports.next()) == "it failed"
    thread.close()


def test_closing_drops_what_was_not_heard_yet_and_may_be_repeated(thread: RecogniserThread, reports: Reports) -> None:
    thread.close()
    thread.hear(b"next")
    thread.close()
    assert reports.queue.empty()


def test_at_a_gap_in_the_sound_what_was_being_said_is_forgotten(thread: RecogniserThread, reports: Reports) -> None:
    thread.hear(b"ne")
    thread.hear(b"")
    thread.hear(b"x")
    assert [reports.next() for _ in range(2)] == ["ne", "x"]
    assert reports.queue.empty()


def test_blocks_that_come_after_a_failure_are_not_kept(listener: FakeListener, reports: Reports) -> None:
    """The microphone goes on for the rest of the session."""
    thread = RecogniserThread(cast("Listener", listener), reports.queue.put, lambda _partial: None, reports.queue.put)
    thread.hear(b"fail")
    assert isinstance(reports.next(), RuntimeError)
    tracemalloc.start()
    for _ in range(60 * 100):
        thread.hear(bytes(bytearray(320)))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    thread.close()
    assert kept < 100 * 320


class ListenerWithoutReference(GuardedListener):
    """Fails as it is asked what the coach does."""

    def __init__(self) -> None:
        """Do nothing."""

    def meanwhile(self) -> Meanwhile:
        raise RuntimeError("no reference")


def test_a_failure_on_the_microphones_thread_is_reported_and_does_not_end_its_stream(reports: Reports) -> None:
    put = reports.queue.put
    thread = RecogniserThread(ListenerWithoutReference(), put, put, put)
    thread.hear(bytes(320))
    thread.hear(bytes(320))
    assert str(reports.next()) == "no reference"
    thread.close()
    assert reports.queue.empty()


class SlowListener(FakeListener):
    """Is stuck in block b"slow" until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck, self.let_go = threading.Event(), threading.Event()
        self.fed: list[bytes] = []

    def feed(self, block: bytes) -> list[Utterance]:
        self.fed.append(block)
        if block == b"slow":
            self.stuck.set()
            self.let_go.wait(5)
        return super().feed(block)


@pytest.fixture
def slow(reports: Reports) -> Iterator[tuple[RecogniserThread, SlowListener]]:
    """A thread that is stuck in its first block."""
    listener = SlowListener()
    put = reports.queue.put
    thread = RecogniserThread(cast("Listener", listener), lambda _utterance: None, put, put, put)
    thread.hear(b"slow")
    assert listener.stuck.wait(5)
    yield thread, listener
    listener.let_go.set()
    thread.close()


def hear_too_much(thread: RecogniserThread) -> None:
    for _ in range(round(2 * MOST_BEHIND / BLOCK_SECONDS)):
        thread.hear(b"next")


def test_a_recogniser_that_is_late_but_not_too_late_hears_everything(
    slow: tuple[RecogniserThread, SlowListener], reports: Reports
) -> None:
    thread, listener = slow
    late = round(MOST_BEHIND / BLOCK_SECONDS) - 1
    for _ in range(late):
        thread.hear(b"next")
    thread.hear(b"now")
    listener.let_go.set()
    assert [reports.next() for _ in range(3)] == ["slow", "next", "now"]
    assert listener.fed.count(b"next") == late


def test_a_recogniser_too_far_behind_leaves_out_what_waits_and_goes_on_with_now(
    slow: tuple[RecogniserThread, SlowListener], reports: Reports
) -> None:
    thread, listener = slow
    hear_too_much(thread)
    listener.let_go.set()
    assert [reports.next() for _ in range(2)] == ["slow", pytest.approx(2 * MOST_BEHIND)]
    thread.hear(b"now")
    assert reports.next() == "now"
    assert listener.fed == [b"slow", b"now"]


def test_phrases_asked_for_while_it_was_behind_are_listened_for(
    slow: tuple[RecogniserThread, SlowListener], reports: Reports
) -> None:
    thread, listener = slow
    grammar = Grammar({})
    thread.use_grammar(grammar)
    hear_too_much(thread)
    thread.use_grammar(grammar)
    listener.let_go.set()
    while not isinstance(reports.next(), float):
        pass
    assert listener.grammars == [grammar, grammar]


def test_one_that_is_behind_can_be_closed_and_tells_nothing_any_more(
    slow: tuple[RecogniserThread, SlowListener], reports: Reports
) -> None:
    thread, listener = slow
    hear_too_much(thread)
    threading.Timer(0.1, listener.let_go.set).start()
    thread.close()
    assert listener.fed == [b"slow"]
    assert [reports.next(), reports.queue.empty()] == ["slow", True]
