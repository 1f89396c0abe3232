"""Typed and piped lines: each session gets its own, and no line is read by one that is over."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from voice_coach.runner import Inbox, Typed
from voice_coach.typed_input import LineReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, int]]:
    """Give the end that is read and the end that is written."""
    read, write = os.pipe()
    with os.fdopen(read, encoding="utf-8") as stream:
        yield stream, write
    os.close(write)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot tell whether a pipe holds anything")
def test_what_is_typed_after_a_session_goes_to_the_next_one(pipe: tuple[TextIO, int]) -> None:
    """Standby runs one session after the other, on one keyboard."""
    stream, write = pipe
    first, second = Inbox(), Inbox()
    over = LineReader(stream, first)
    os.write(write, b"next\n")
    assert first.get(timeout=5) == Typed("next")
    over.close()
    reader = LineReader(stream, second)
    os.write(write, b"stop\n")
    assert second.get(timeout=5) == Typed("stop")
    assert first.empty()
    reader.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot tell whether a pipe holds anything")
def test_a_reader_that_is_closed_leaves_no_thread_behind(pipe: tuple[TextIO, int]) -> None:
    reader = LineReader(pipe[0], Inbox())
    reader.close()
    reader.close()
    assert "typed lines" not in [thread.name for thread in threading.enumerate()]


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("no\nnext", encoding="utf-8")
    inbox = Inbox()
    with path.open(encoding="utf-8") as stream:
        reader = LineReader(stream, inbox)
        assert [inbox.get(timeout=5), inbox.get(timeout=5)] == [Typed("no"), Typed("next")]
        deadline = time.monotonic() + 5
        while reader.open:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        reader.close()
