"""Calls into PortAudio that never come back hold nobody up."""

from __future__ import annotations

import threading
import time

import pytest

from voice_coach.audio import port_audio
from voice_coach.audio.port_audio import NoAnswerError, answer_within, begin_stream, end_stream, start_afresh
from voice_coach.errors import AudioError


class Stream:
    """Hangs in the call that is named, until it is let go."""

    def __init__(self, hangs_in: str = "") -> None:
        self.hangs_in = hangs_in
        self.let_go = threading.Event()
        self.calls: list[str] = []

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name == self.hangs_in:
            self.let_go.wait()

    def start(self) -> None:
        self._call("start")

    def abort(self, *, ignore_errors: bool) -> None:
        assert ignore_errors
        self._call("abort")

    def close(self, *, ignore_errors: bool) -> None:
        assert ignore_errors
        self._call("close")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPEN_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(port_audio, name, 0.1)
    monkeypatch.setattr(port_audio, "_LEFT_BEHIND", [])


def has_port_audio() -> bool:
    try:
        import sounddevice  # noqa: F401, PLC0415 - PortAudio may be missing
    except OSError:
        return False
    return True


def wait_for(stream: Stream, *calls: str) -> None:
    deadline = time.monotonic() + 5
    while stream.calls != list(calls):
        assert time.monotonic() < deadline, stream.calls
        time.sleep(0.01)


def test_an_answer_in_time_is_given_and_an_error_raised() -> None:
    assert answer_within(5.0, lambda: 7, print) == 7
    with pytest.raises(ZeroDivisionError):
        answer_within(5.0, lambda: 1 // 0, print)


def test_a_stream_that_hangs_while_it_is_opened_is_left_and_ended_when_it_comes_in_the_end() -> None:
    stream = Stream("start")
    with pytest.raises(NoAnswerError):
        begin_stream(lambda: stream)
    assert stream.calls == ["start"]
    stream.let_go.set()
    wait_for(stream, "start", "abort", "close")


@pytest.mark.parametrize("hangs_in", ["abort", "close"])
def test_a_stream_that_hangs_while_it_is_closed_is_left(hangs_in: str) -> None:
    stream = Stream(hangs_in)
    began = time.monotonic()
    end_stream(stream)
    assert time.monotonic() - began < 2
    stream.let_go.set()
    wait_for(stream, "abort", "close")


def test_portaudio_does_not_begin_afresh_while_a_call_is_out() -> None:
    if not has_port_audio():
        pytest.skip("PortAudio is missing")
    stream = Stream("abort")
    end_stream(stream)
    with pytest.raises(AudioError, match="does not answer"):
        start_afresh()
    stream.let_go.set()
    wait_for(stream, "abort", "close")
    deadline = time.monotonic() + 5
    while any(thread.is_alive() for thread in port_audio._LEFT_BEHIND):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    start_afresh()
