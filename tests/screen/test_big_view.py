"""The big view while a session runs: what it paints, how much, and what it leaves behind."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from voice_coach.commands.grammar import Command
from voice_coach.errors import MicrophoneError, SpeakerError
from voice_coach.runner import EarsReady, Mended
from voice_coach.screen.big_view import BigView, Painter
from voice_coach.screen.look import FULL
from voice_coach.session.actions import Attend, Ended
from voice_coach.testing import Happened, MovedSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.text import Text

SIZE = (80, 24)
HIDE = "\x1b[?25l"
EARS_WORK = Mended("The microphone works.", ears=True)


class Ears:
    """Ears that tell how loud it is."""

    level = -30.0
    open = True

    def listen_for(self, active: frozenset[str]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class DeafEars:
    def listen_for(self, active: frozenset[str]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass
class Shown:
    """A session with a big view, on a terminal that is a string."""

    session: MovedSession = field(default_factory=lambda: MovedSession("quick_3"))
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)
    size: tuple[int, int] = SIZE
    seen: int = 0

    def __post_init__(self) -> None:
        self.view = BigView(
            self.out,
            self.err,
            lambda: self.session.session.view(self.session.now),
            "Quick three minutes",
            FULL,
            listens=True,
            size=lambda: self.size,
        )
        self.pass_on()

    def pass_on(self) -> None:
        """Let the view see what has happened, and paint."""
        events = self.session.record.events
        for event in events[self.seen :]:
            if isinstance(event, Happened):
                self.view.acted(event.at, event.action)
            else:
                self.view.heard(event.at, event.text, event.command)
        self.seen = len(events)
        self.view.advance(self.session.now)

    def go_to(self, time: float) -> None:
        self.session.move_to(time)
        self.pass_on()

    def type(self, text: str) -> None:
        self.session.type(text)
        self.pass_on()

    def painted(self, doing: Callable[[], Any]) -> str:
        """Give what is painted while `doing`."""
        before = len(self.out.getvalue())
        doing()
        return self.out.getvalue()[before:]


def working() -> Shown:
    """Give a session in the middle of its first step."""
    shown = Shown()
    shown.type("no")
    shown.go_to(30.0)
    return shown


def rows_painted(text: str) -> int:
    """Count the rows that were painted: each begins with a jump to its beginning and ends with a clearing."""
    return text.count("\x1b[0K")


def test_the_first_look_paints_every_row() -> None:
    shown = Shown()
    assert rows_painted(shown.out.getvalue()) >= SIZE[1]
    assert "Any new sore, blister or numb spot?" in shown.out.getvalue()


def test_nothing_is_painted_where_nothing_has_changed() -> None:
    shown = working()
    assert shown.painted(lambda: shown.view.advance(shown.session.now)) == ""


def test_a_second_that_passes_paints_only_what_it_changes() -> None:
    shown = working()
    painted = shown.painted(lambda: shown.go_to(shown.session.now + 1.0))
    assert 0 < rows_painted(painted) < SIZE[1] - 8
    assert len(painted) < 3000


def test_the_countdown_is_due_when_it_shows_another_second() -> None:
    shown = working()
    left = shown.session.session.view(shown.session.now).left
    assert left is not None
    assert shown.view.due is not None
    assert 0 < shown.view.due - shown.session.now <= 1.0
    shown.go_to(shown.view.due)
    assert shown.view.due == pytest.approx(shown.session.now + 1.0, abs=0.01)


def test_a_level_that_changes_paints_one_row() -> None:
    shown = working()
    ears = Ears()
    shown.view.listening(shown.session.now, EarsReady(ears, []))
    shown.view.advance(shown.session.now)
    ears.level = -3.0
    shown.session.now += 0.26
    painted = shown.painted(lambda: shown.view.advance(shown.session.now))
    assert rows_painted(painted) == 1
    assert "▮" * 10 in painted


def test_ears_without_a_level_cost_no_look() -> None:
    shown = working()
    shown.view.listening(shown.session.now, EarsReady(DeafEars(), []))
    shown.view.advance(shown.session.now)
    assert shown.view.due is not None
    assert shown.view.due - shown.session.now > 0.3


def test_a_terminal_of_another_size_is_painted_anew_at_once() -> None:
    shown = working()
    shown.size = (120, 40)
    painted = shown.painted(lambda: shown.view.advance(shown.session.now))
    assert rows_painted(painted) == 40


def test_typing_paints_the_last_row_only() -> None:
    shown = working()
    painted = shown.painted(lambda: shown.view.type("hard"))
    assert rows_painted(painted) == 1
    assert "hard" in painted


def test_what_was_heard_is_shown_for_a_while() -> None:
    shown = working()
    assert "heard: longer" in shown.painted(lambda: shown.type("longer"))
    begun = shown.session.now
    shown.go_to(begun + 3.9)
    status = shown.painted(lambda: shown.go_to(begun + 4.1))
    assert "type a command" in status or "opening" in status
    assert "heard" not in status


def test_details_draw_the_position_large_for_a_while() -> None:
    shown = working()
    shown.view.heard(shown.session.now, "details", Command("details"))
    large = shown.painted(lambda: shown.view.advance(shown.session.now))
    assert rows_painted(large) > 10
    back = shown.painted(lambda: shown.view.advance(shown.session.now + 15.1))
    assert rows_painted(back) > 10


@pytest.mark.parametrize(("awake", "words"), [(False, "asleep"), (True, "listening")])
def test_sleeping_ears_are_shown(*, awake: bool, words: str) -> None:
    shown = working()
    shown.view.listening(shown.session.now, EarsReady(DeafEars(), []))
    shown.view.acted(shown.session.now, Attend(awake=not awake))
    shown.view.advance(shown.session.now)
    shown.view.acted(shown.session.now, Attend(awake=awake))
    assert words in shown.painted(lambda: shown.view.advance(shown.session.now))


def test_a_lost_microphone_is_no_longer_said_to_listen_until_it_is_back() -> None:
    shown = working()
    now = shown.session.now
    shown.view.listening(now, EarsReady(DeafEars(), []))
    shown.view.advance(now)
    shown.view.troubled(now, MicrophoneError("The microphone has gone.", "Type.", "voice-coach devices"))
    assert "○ type a command" in shown.painted(lambda: shown.view.advance(now))
    shown.view.mended(now, EARS_WORK)
    assert "● listening" in shown.painted(lambda: shown.view.advance(now))


def test_a_microphone_that_is_back_after_two_troubles_is_said_to_listen() -> None:
    shown = working()
    now = shown.session.now
    shown.view.listening(now, EarsReady(DeafEars(), []))
    for trouble in ("The microphone has gone.", "There is no microphone."):
        shown.view.troubled(now, MicrophoneError(trouble, "Type.", "voice-coach devices"))
    shown.view.advance(now)
    shown.view.mended(now, EARS_WORK)
    assert "● listening" in shown.painted(lambda: shown.view.advance(now))


def test_a_loudspeaker_that_is_back_gives_no_lost_microphone_its_ears_back() -> None:
    shown = working()
    now = shown.session.now
    shown.view.listening(now, EarsReady(DeafEars(), []))
    shown.view.troubled(now, MicrophoneError("The microphone has gone.", "Type.", "voice-coach devices"))
    shown.view.mended(now, Mended("The loudspeaker works."))
    assert "○ type a command" in shown.painted(lambda: shown.view.advance(now))


def test_ears_that_were_told_to_sleep_while_they_were_away_sleep_when_they_are_back() -> None:
    shown = working()
    now = shown.session.now
    shown.view.listening(now, EarsReady(DeafEars(), []))
    shown.view.troubled(now, MicrophoneError("The microphone has gone.", "Type.", "voice-coach devices"))
    shown.view.acted(now, Attend(awake=False))
    shown.view.mended(now, EARS_WORK)
    assert "asleep" in shown.painted(lambda: shown.view.advance(now))


def test_the_advice_to_take_a_better_model_comes_once() -> None:
    shown = working()
    now = shown.session.now
    shown.view.listening(now, EarsReady(DeafEars(), [], in_the_box=True))
    shown.view.heard(now, "blah", None)
    assert "voice-coach model get" in shown.painted(lambda: shown.view.advance(now))
    for _ in range(10):
        shown.view.heard(now, "blah", None)
    assert shown.painted(lambda: shown.view.advance(now)).count("model get") == 0


def test_no_colour_is_painted_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = working()
    shown.view.troubled(shown.session.now, SpeakerError("Gone.", "Read.", "nothing"))
    shown.view.advance(shown.session.now)
    text = shown.out.getvalue()
    assert "\x1b[1m" in text
    for colour in range(30, 38):
        assert f";{colour}m" not in text
        assert f"[{colour}m" not in text


def test_what_was_done_stays_on_the_terminal_when_the_screen_is_gone() -> None:
    shown = working()
    shown.go_to(70.0)
    shown.view.troubled(70.0, SpeakerError("The loudspeaker has gone.", "Read.", "voice-coach devices"))
    shown.view.acted(70.0, Ended("finished_early", 70.0, 40.0, 1))
    assert shown.view.due is None
    left = shown.painted(shown.view.close)
    assert left.splitlines()[:2] == ["Quick three minutes", "  Ball roll, heel to toes, left foot: 0:40 of 0:40"]
    assert "The loudspeaker has gone." in shown.err.getvalue()


def test_what_a_body_word_ended_leaves_what_to_do_on_the_terminal() -> None:
    shown = working()
    shown.type("my calf is swollen")
    shown.go_to(shown.session.now + 1)
    left = shown.painted(shown.view.close)
    assert "A hot, swollen, sore calf needs a doctor today." in left
    assert left.splitlines()[-1] == "The session is over."


def test_a_view_that_was_away_is_painted_anew() -> None:
    shown = working()
    shown.view.redraw()
    assert rows_painted(shown.painted(lambda: shown.view.advance(shown.session.now))) == SIZE[1]


class GoneTerminal(io.StringIO):
    gone = False

    def write(self, text: str) -> int:
        if self.gone:
            raise OSError(5, "Input/output error")
        return super().write(text)


def test_a_terminal_that_has_gone_stops_nothing() -> None:
    terminal = GoneTerminal()
    shown = Shown(out=terminal)
    terminal.gone = True
    shown.type("no")
    shown.go_to(40.0)
    shown.view.close()


def test_a_painter_paints_no_single_row_before_the_first_picture() -> None:
    out = io.StringIO()
    rows: list[Text] = []
    painter = Painter(out)
    painter.paint(rows)
    from rich.text import Text as RichText  # noqa: PLC0415 - a row

    painter.paint_row(3, RichText("too early"))
    assert out.getvalue() == ""


def test_what_is_typed_before_the_first_picture_stands_in_it() -> None:
    """Keys may wait in the terminal while the program starts."""
    out, session = io.StringIO(), MovedSession("quick_3")
    look = session.session.view
    view = BigView(out, io.StringIO(), lambda: look(session.now), "Quick three minutes", FULL, size=lambda: SIZE)
    view.type("harder")
    view.advance(session.now)
    assert "harder" in out.getvalue()
