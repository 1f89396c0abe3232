"""The keeper notices what is lost, says so once, and tries again until it is back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from voice_coach.audio.keeper import BACK_OFF, LOOK_EVERY, REST, Ill, Keeper
from voice_coach.errors import AudioError, MicrophoneError

if TYPE_CHECKING:
    from voice_coach.audio.pulse import ServerView, ServerWatch

GONE = MicrophoneError("It has gone.", "Type.", "plug it in")
SILENT = MicrophoneError("It is silent.", "Type.", "unmute it")
VIEW = cast("ServerView", object())


@dataclass
class FakePart:
    """A device that a test takes away and brings back."""

    there: bool = True
    ill: Ill | None = None
    is_busy: bool = False
    is_open: bool = False
    is_proven: bool = True
    opened: int = 0
    news: list[str] = field(default_factory=list)

    def open(self, view: ServerView | None) -> None:
        del view
        self.opened += 1
        if not self.there:
            raise GONE
        self.is_open = True

    def shut(self) -> None:
        self.is_open = False

    def examine(self, view: ServerView | None) -> Ill | None:
        del view
        return self.ill

    def lost(self, error: AudioError) -> None:
        self.news.append(error.what)

    def back(self) -> None:
        self.news.append("back")

    def unplug(self) -> None:
        self.there, self.ill = False, Ill(GONE)

    def plug_in(self) -> None:
        self.there, self.ill = True, None


@dataclass
class FakeWatch:
    view: ServerView | None = None

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass


class Kept:
    """A keeper on a clock of its own, with a microphone and a loudspeaker."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.watch = FakeWatch()
        self.afresh: list[tuple[float, list[bool]]] = []
        self.microphone, self.loudspeaker = FakePart(), FakePart()
        self.keeper = Keeper(cast("ServerWatch", self.watch), self._begin_afresh, lambda: self.time)

    def _begin_afresh(self) -> None:
        self.afresh.append((self.time, [self.microphone.is_open, self.loudspeaker.is_open]))

    def keep_both(self) -> None:
        assert self.keeper.keep(self.loudspeaker)
        assert self.keeper.keep(self.microphone)

    def wait(self, seconds: float) -> None:
        """Let the keeper look as often as it does in so many seconds."""
        for _ in range(round(seconds / LOOK_EVERY)):
            self.time += LOOK_EVERY
            self.keeper.look()


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_works_is_left_alone(kept: Kept) -> None:
    kept.keep_both()
    kept.wait(600)
    assert (kept.microphone.opened, kept.loudspeaker.opened) == (1, 1)
    assert kept.microphone.news == kept.loudspeaker.news == []
    assert kept.afresh == []


def test_a_loss_is_told_once_and_the_return_too(kept: Kept) -> None:
    kept.keep_both()
    kept.wait(10)
    kept.microphone.unplug()
    kept.wait(30)
    kept.microphone.plug_in()
    kept.wait(2 * BACK_OFF[-1])
    assert kept.microphone.news == ["It has gone.", "back"]
    assert kept.loudspeaker.news == []


def test_both_losses_are_told_before_either_device_is_closed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sound server that hangs, closing one may take for ever."""
    told_at_closing: list[tuple[list[str], list[str]]] = []
    monkeypatch.setattr(
        kept.microphone,
        "shut",
        lambda: told_at_closing.append(([*kept.microphone.news], [*kept.loudspeaker.news])),
    )
    kept.keep_both()
    kept.wait(10)
    kept.microphone.unplug()
    kept.wait(LOOK_EVERY)
    kept.loudspeaker.unplug()
    kept.wait(LOOK_EVERY)
    assert told_at_closing[0] == (["It has gone."], ["It has gone."])


def test_a_lost_device_is_tried_less_and_less_often(kept: Kept) -> None:
    kept.watch.view = VIEW
    kept.keep_both()
    kept.wait(10)
    kept.microphone.unplug()
    kept.wait(sum(BACK_OFF) + 10 * BACK_OFF[-1])
    assert len(BACK_OFF) + 8 <= kept.microphone.opened <= len(BACK_OFF) + 12


def test_a_device_that_was_there_for_a_while_is_tried_again_at_once(kept: Kept) -> None:
    kept.keep_both()
    for _ in range(3):
        kept.wait(20)
        kept.microphone.ill = Ill(GONE)
        kept.wait(LOOK_EVERY)
        kept.microphone.ill = None
        kept.wait(LOOK_EVERY)
        assert kept.microphone.is_open


def test_a_device_that_gives_nothing_is_not_said_to_be_back(kept: Kept) -> None:
    kept.keep_both()
    kept.microphone.unplug()
    kept.wait(1)
    kept.microphone.is_proven = False
    kept.microphone.plug_in()
    kept.wait(20)
    assert kept.microphone.news == ["It has gone."]
    kept.microphone.is_proven = True
    kept.wait(1)
    assert kept.microphone.news == ["It has gone.", "back"]


def test_a_microphone_that_may_be_muted_stays_open_and_is_opened_again_seldom(kept: Kept) -> None:
    kept.keep_both()
    kept.microphone.ill = Ill(SILENT, gone=False)
    kept.wait(REST - 1)
    assert kept.microphone.opened == 1
    kept.wait(3 * REST)
    assert 3 <= kept.microphone.opened <= 4
    kept.microphone.ill = None
    kept.wait(1)
    assert kept.microphone.news == ["It is silent.", "back"]


def test_a_better_device_is_taken_without_a_word(kept: Kept) -> None:
    kept.keep_both()
    kept.microphone.ill = Ill(None)
    kept.wait(LOOK_EVERY)
    kept.microphone.ill = None
    kept.wait(10)
    assert kept.microphone.opened == 2
    assert kept.microphone.news == []


class TestBeginningAfresh:
    """PortAudio sees new devices only after it has begun afresh, with no stream open."""

    def test_no_device_is_open_meanwhile(self, kept: Kept) -> None:
        kept.keep_both()
        kept.wait(60)
        kept.microphone.unplug()
        kept.wait(10)
        assert kept.afresh
        assert all(opened == [False, False] for _, opened in kept.afresh)
        assert kept.loudspeaker.is_open

    def test_a_loudspeaker_that_speaks_is_not_interrupted(self, kept: Kept) -> None:
        kept.keep_both()
        kept.loudspeaker.is_busy = True
        kept.microphone.unplug()
        kept.wait(60)
        assert kept.afresh == []
        kept.loudspeaker.is_busy = False
        kept.wait(2 * BACK_OFF[-1])
        assert len(kept.afresh) == 1

    def test_a_loudspeaker_that_works_is_let_go_seldom(self, kept: Kept) -> None:
        kept.keep_both()
        kept.microphone.unplug()
        kept.wait(4 * REST)
        times = [at for at, _ in kept.afresh]
        assert 3 <= len(times) <= 5
        assert all(later - earlier >= REST for earlier, later in itertools.pairwise(times))

    def test_with_a_sound_server_it_is_of_no_use(self, kept: Kept) -> None:
        kept.watch.view = VIEW
        kept.keep_both()
        kept.microphone.unplug()
        kept.wait(4 * REST)
        assert kept.afresh == []

    def test_where_everything_is_lost_it_is_done_at_every_attempt(self, kept: Kept) -> None:
        kept.keep_both()
        kept.wait(10)
        kept.microphone.unplug()
        kept.loudspeaker.unplug()
        kept.wait(20)
        assert len(kept.afresh) > len(BACK_OFF)
        kept.microphone.plug_in()
        kept.loudspeaker.plug_in()
        kept.wait(2 * BACK_OFF[-1])
        assert kept.microphone.news == kept.loudspeaker.news == ["It has gone.", "back"]


def test_a_microphone_that_is_missing_at_the_beginning_is_told_and_comes_later(kept: Kept) -> None:
    kept.microphone.there = False
    assert not kept.keeper.keep(kept.microphone)
    kept.wait(5)
    kept.microphone.there = True
    kept.wait(2 * BACK_OFF[-1])
    assert kept.microphone.news == ["It has gone.", "back"]


def test_closing_closes_what_is_open(kept: Kept) -> None:
    kept.keep_both()
    kept.keeper.start()
    kept.keeper.close()
    kept.keeper.close()
    assert not kept.microphone.is_open
    assert not kept.loudspeaker.is_open


def test_after_closing_nothing_is_opened_and_what_is_open_is_closed(kept: Kept) -> None:
    """A speech model may be loaded, and a microphone asked for, when the session is over already."""
    kept.keeper.close()
    kept.loudspeaker.is_open = True
    assert not kept.keeper.keep(kept.loudspeaker)
    assert not kept.keeper.keep(kept.microphone)
    assert kept.microphone.opened == 0
    assert not kept.loudspeaker.is_open


def test_a_device_that_opens_while_the_keeper_is_closed_is_closed_too(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = kept.microphone.open

    def open_slowly(view: ServerView | None) -> None:
        kept.keeper.close()
        opens(view)

    monkeypatch.setattr(kept.microphone, "open", open_slowly)
    assert not kept.keeper.keep(kept.microphone)
    assert not kept.microphone.is_open
