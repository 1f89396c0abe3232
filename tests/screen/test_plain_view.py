"""The plain view in a terminal: two threads write into it, and it may go away."""

from __future__ import annotations

import errno
import io
import threading
from typing import TYPE_CHECKING

import pytest

from voice_coach.errors import SpeakerError
from voice_coach.screen.plain_view import PlainView
from voice_coach.session.actions import Say
from voice_coach.testing import MovedSession

if TYPE_CHECKING:
    from voice_coach.session.session import View


class GoneTerminal(io.StringIO):
    """A terminal that somebody has closed."""

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, f"Input/output error at {text!r}")


def test_typing_does_not_look_at_the_session_from_the_keyboards_thread() -> None:
    """The session belongs to the main thread, and changes while a key is pressed."""
    session, lookers = MovedSession("quick_3"), set()

    def look() -> View:
        lookers.add(threading.current_thread())
        return session.session.view(session.now)

    out = io.StringIO()
    view = PlainView(out, io.StringIO(), look, live=True)
    view.advance(session.now)
    keyboard = threading.Thread(target=view.type, args=("harder",))
    keyboard.start()
    keyboard.join()
    assert lookers == {threading.current_thread()}
    assert out.getvalue().endswith("> harder")


def test_a_terminal_that_has_gone_stops_nothing() -> None:
    session = MovedSession("quick_3")
    view = PlainView(GoneTerminal(), GoneTerminal(), lambda: session.session.view(session.now), live=True)
    view.advance(session.now)
    view.acted(session.now, Say(1, "Welcome."))
    view.heard(session.now, "harder", None)
    view.type("no")
    view.troubled(session.now, SpeakerError("The loudspeaker has gone.", "Read.", "voice-coach devices"))
    view.close()


@pytest.mark.parametrize(
    ("columns", "status"), [(80, "0:40 left foot | get in place | rung 1 > stop"), (20, "0:40 left fo > stop")]
)
def test_the_last_line_is_never_wider_than_the_terminal(
    columns: int, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_coach.screen.plain_view._columns", lambda _out: columns)
    session, out = MovedSession("quick_3"), io.StringIO()
    session.type("no")
    view = PlainView(out, io.StringIO(), lambda: session.session.view(session.now), live=True)
    view.advance(session.now)
    view.type("stop")
    assert out.getvalue().rpartition("\x1b[K")[2] == status
    view.type("stop" * 50)
    assert len(out.getvalue().rpartition("\x1b[K")[2]) == columns - 1
