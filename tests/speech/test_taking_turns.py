"""What the listener beside a loudspeaker goes on with when a turn is over, with everything around it played by hand."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pytest

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech import selfhearing
from voice_coach.speech.listener import Utterance
from voice_coach.speech.listening_rules import ListeningRules
from voice_coach.speech.recogniser_thread import MOST_BEHIND, RecogniserThread
from voice_coach.speech.selfhearing import Ear, GuardedListener, Meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from voice_coach.commands.grammar import Grammar
    from voice_coach.speech.talk import Talk

BOOK = load_phrasebook()
BLOCK = bytes(320)


class HandListener:
    """Hears nothing, and seems to hear whatever `partial` says."""

    latest: ClassVar[HandListener]
    partial: ClassVar[str] = ""
    says: ClassVar[list[Utterance]] = []
    level_dbfs = -60.0
    dozing = False

    def __init__(
        self, _model: object, grammar: Grammar, rules: ListeningRules | None = None, *, talk: Talk | None, begun: float
    ) -> None:
        self.grammar, self.rules = grammar, rules
        self.talk, self.begun = talk, begun
        self.fed: list[bytes] = []
        self.waits_for_pause = False
        HandListener.latest = self

    def use_grammar(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def wait_for_pause(self) -> None:
        self.waits_for_pause = True

    def feed(self, block: bytes) -> list[Utterance]:
        self.fed.append(block)
        return list(self.says)


class HandEcho:
    """An echo of 0.2 s, and a voice where the test says so."""

    is_voice: ClassVar[bool] = False
    delay = 0.2
    is_echo = True
    begun = 10
    noise = 0.001
    taken_out = None

    def feed(self, heard: object, played: object, clean: object = None) -> None:
        """Learn nothing."""

    def forget_voice(self) -> None:
        """Remember nothing."""

    def measure_anew(self) -> None:
        """Measure nothing."""


class HandSpeech:
    """What the coach says, and what the loudspeaker plays of it."""

    def __init__(self) -> None:
        self.sounds = False
        self.late_for = 0.0
        self.progress: tuple[str, float] | None = None

    def give_way(self, *, pause: bool = True) -> None:
        self.sounds = not pause

    def go_on(self) -> None:
        self.sounds = self.progress is not None

    def take(self) -> NDArray[np.float32]:
        return np.full(160, 0.1 if self.sounds else 0.0, np.float32)


class HandCanceller:
    """Takes everything out."""

    def process(self, heard: bytes, played: object) -> bytes:
        del played
        return bytes(len(heard))

    def rest(self, blocks: int) -> None:
        """Do nothing."""


@pytest.fixture
def speech(monkeypatch: pytest.MonkeyPatch) -> HandSpeech:
    """Give the coach's speech, with everything around a listener played by hand."""
    monkeypatch.setattr(selfhearing, "DozingListener", HandListener)
    monkeypatch.setattr(selfhearing, "VoiceOverEcho", HandEcho)
    return HandSpeech()


def wait(listener: GuardedListener, seconds: float) -> HandListener:
    """Let time go by, and give what listens then."""
    for _ in range(round(100 * seconds)):
        listener.feed(BLOCK)
    return HandListener.latest


@pytest.fixture
def listener(speech: HandSpeech) -> GuardedListener:
    return GuardedListener(cast("Any", None), BOOK.grammar(), speech, cast("Any", speech), BOOK.over_the_coach)


def test_whoever_still_talks_when_the_turn_is_over_is_heard_as_in_silence(
    listener: GuardedListener, speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line was over meanwhile: nothing of the coach is left that asks for care."""
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
    wait(listener, 1.0)
    ears = [listener.ear]
    monkeypatch.setattr(HandEcho, "is_voice", True)
    assert wait(listener, 0.2).rules is not None
    ears.append(listener.ear)
    speech.progress, speech.sounds = None, False
    monkeypatch.setattr(HandListener, "partial", "next")
    assert wait(listener, 4.0).rules is None
    assert [*ears, listener.ear] == [Ear.CLOSED, Ear.VOICE, Ear.OPEN]
    assert HandListener.latest.grammar.meanings == BOOK.grammar().meanings


def test_a_voice_that_began_under_the_coach_must_be_clearer_and_the_next_one_need_not(
    listener: GuardedListener, speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of a word whose beginning was not heard may be like another word."""
    usual = ListeningRules()
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
    wait(listener, 1.0)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    beside = wait(listener, 0.2).rules
    assert beside is not None
    assert beside.confidence > usual.confidence
    assert beside.margin > usual.margin
    assert usual.weight > beside.weight == 1
    assert beside.talk > usual.talk
    alone = wait(listener, 0.8).rules
    assert alone is not None
    assert alone.confidence == usual.confidence
    assert alone.margin == beside.margin
    assert alone.urgent_margin == usual.urgent_margin
    monkeypatch.setattr(HandEcho, "is_voice", False)
    wait(listener, 2.0)
    speech.progress, speech.sounds = None, False
    assert wait(listener, 1.0).rules is None
    assert listener.ear is Ear.OPEN


def test_talk_before_a_line_of_the_coach_is_talk_after_it_and_nothing_beside_it_is(
    listener: GuardedListener, speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = wait(listener, 3.0)
    assert before.talk is not None
    before.talk.note(1.0, 3.0)
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
    wait(listener, 2.0)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    assert wait(listener, 0.2).talk is None
    monkeypatch.setattr(HandEcho, "is_voice", False)
    wait(listener, 2.0)
    speech.progress, speech.sounds = None, False
    after = wait(listener, 1.0)
    assert after.talk is before.talk
    assert after.begun == pytest.approx(8.2 - len(after.fed) / 100)


def test_where_a_canceller_takes_the_coach_out_less_confidence_is_asked_for(
    speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rules_beside(canceller: HandCanceller | None) -> ListeningRules:
        listener = GuardedListener(
            cast("Any", None), BOOK.grammar(), speech, cast("Any", speech), BOOK.over_the_coach, canceller=canceller
        )
        monkeypatch.setattr(HandEcho, "is_voice", False)
        speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
        for _ in range(100):
            listener.feed(BLOCK)
        monkeypatch.setattr(HandEcho, "is_voice", True)
        listener.feed(BLOCK)
        assert HandListener.latest.rules is not None
        return HandListener.latest.rules

    alone, beside = rules_beside(None), rules_beside(HandCanceller())
    assert beside.confidence < alone.confidence
    assert beside.least < alone.least
    assert beside.margin == alone.margin


@pytest.mark.parametrize(("blocks", "counts"), [(7, False), (8, True), (12, True)])
def test_a_command_with_less_than_eight_hundredths_of_a_second_of_voice_is_the_coachs_own(
    blocks: int, counts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve hundredths, added up, were once less than 0.12."""
    monkeypatch.setattr(selfhearing, "DozingListener", HandListener)
    monkeypatch.setattr(selfhearing, "VoiceOverEcho", HandEcho)
    monkeypatch.setattr(HandEcho, "begun", blocks)
    speech = HandSpeech()
    listener = GuardedListener(cast("Any", None), BOOK.grammar(), speech, cast("Any", speech), BOOK.over_the_coach)
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
    for _ in range(100):
        listener.feed(BLOCK)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    listener.feed(BLOCK)
    monkeypatch.setattr(HandEcho, "is_voice", False)
    monkeypatch.setattr(HandListener, "says", [Utterance("next", BOOK.grammar().match("next"), 1.0, 1.1, early=True)])
    assert bool(listener.feed(BLOCK)) == counts


def test_a_command_is_not_heard_again_when_the_coach_answers_at_once(
    listener: GuardedListener, speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of "right" was a voice over the answer, and a new recogniser heard all of the word once more."""
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
    word = np.full(160, 1000, "<i2").tobytes()
    for _ in range(100):
        listener.feed(BLOCK)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    for _ in range(30):
        listener.feed(word)
    hearing = HandListener.latest
    assert word in hearing.fed
    monkeypatch.setattr(HandListener, "says", [Utterance("next", BOOK.grammar().match("next"), 1.0, 1.1, early=True)])
    assert listener.feed(word)
    monkeypatch.setattr(HandListener, "says", [])
    for _ in range(8):
        listener.feed(BLOCK)
    speech.sounds = True
    for _ in range(3):
        listener.feed(BLOCK)
    assert HandListener.latest is not hearing
    assert word not in HandListener.latest.fed
    assert HandListener.latest.waits_for_pause


class StuckListener(HandListener):
    """Is stuck in its first block until it is let go."""

    stuck: ClassVar[threading.Event]
    let_go: ClassVar[threading.Event]

    def feed(self, block: bytes) -> list[Utterance]:
        self.stuck.set()
        assert self.let_go.wait(5)
        return super().feed(block)

    def flush(self) -> list[Utterance]:
        return []


class WatchedListener(GuardedListener):
    """Tells what its ear is after each block."""

    def __init__(self, speech: HandSpeech) -> None:
        super().__init__(cast("Any", None), BOOK.grammar(), speech, cast("Any", speech), BOOK.over_the_coach)
        self.ears: queue.Queue[Ear] = queue.Queue()
        self.left_out = threading.Event()

    def feed(self, block: bytes, meanwhile: Meanwhile | None = None) -> list[Utterance]:
        utterances = super().feed(block, meanwhile)
        self.ears.put(self.ear)
        return utterances

    def leave_out(self, passed: Iterable[Meanwhile]) -> None:
        super().leave_out(passed)
        self.left_out.set()


@pytest.fixture
def held_up(speech: HandSpeech, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[RecogniserThread, WatchedListener]]:
    """Give a thread that is stuck in its first block until `StuckListener.let_go`, and its listener."""
    monkeypatch.setattr(StuckListener, "stuck", threading.Event(), raising=False)
    monkeypatch.setattr(StuckListener, "let_go", threading.Event(), raising=False)
    monkeypatch.setattr(selfhearing, "DozingListener", StuckListener)
    listener = WatchedListener(speech)
    thread = RecogniserThread(listener, lambda _utterance: None, lambda _partial: None, lambda _error: None)
    thread.hear(BLOCK)
    assert StuckListener.stuck.wait(5)
    yield thread, listener
    StuckListener.let_go.set()
    thread.close()


def test_a_recogniser_that_is_late_does_not_hear_the_coach_who_is_silent_by_then(
    held_up: tuple[RecogniserThread, WatchedListener], speech: HandSpeech
) -> None:
    """Held up for more than a second, it once obeyed the "left" of the coach."""
    thread, listener = held_up
    speech.progress, speech.sounds = ("You can say: left, or right.", 0.5), True
    for _ in range(100):
        thread.hear(BLOCK)
    speech.progress, speech.sounds = None, False
    StuckListener.let_go.set()
    ears = [listener.ears.get(timeout=5) for _ in range(101)]
    assert ears == [Ear.OPEN] + 100 * [Ear.CLOSED]


def test_after_sound_that_was_left_out_it_hears_nothing_of_a_line_that_ended_in_it(
    held_up: tuple[RecogniserThread, WatchedListener], speech: HandSpeech
) -> None:
    """The echo, 0.2 s late, and a quarter of a second in which it fades, is still in the room."""
    thread, listener = held_up
    speech.progress, speech.sounds = ("You can say: left, or right.", 0.5), True
    for _ in range(round(2 * MOST_BEHIND / BLOCK_SECONDS)):
        thread.hear(BLOCK)
    speech.progress, speech.sounds = None, False
    for _ in range(10):
        thread.hear(BLOCK)
    StuckListener.let_go.set()
    ears = [listener.ears.get(timeout=5)]
    assert listener.left_out.wait(5)
    for _ in range(45):
        thread.hear(BLOCK)
    ears += [listener.ears.get(timeout=5) for _ in range(45)]
    assert ears == [Ear.OPEN] + 34 * [Ear.CLOSED] + 11 * [Ear.OPEN]


@pytest.mark.parametrize(("line", "counts"), [("Say next, or stop.", False), ("Roll from heel to toes.", True)])
def test_words_are_the_coachs_own_if_it_said_them_while_they_were_heard_though_it_says_others_now(
    line: str, counts: bool, listener: GuardedListener, speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    speech.progress, speech.sounds = ("Ball under your left foot.", 0.5), True
    then = Meanwhile(speech.take(), (line, 0.9))
    for _ in range(100):
        listener.feed(BLOCK, then)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    listener.feed(BLOCK, then)
    monkeypatch.setattr(HandListener, "says", [Utterance("next", BOOK.grammar().match("next"), 1.0, 1.1, early=True)])
    assert bool(listener.feed(BLOCK, then)) == counts


@pytest.mark.parametrize(
    ("late", "ear"),
    [((0.3, 0.2), Ear.CLOSED), ((0.3, 0.5), Ear.VOICE), ((0.3, 0.4), Ear.VOICE), ((1.0, 0.4), Ear.CLOSED)],
)
def test_a_voice_that_began_while_what_is_played_was_late_is_the_coach_and_one_from_before_is_not(
    late: tuple[float, float],
    ear: Ear,
    listener: GuardedListener,
    speech: HandSpeech,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late_for, seconds = late
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.5), True
    wait(listener, 1.0)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    wait(listener, seconds)
    monkeypatch.setattr(HandEcho, "is_voice", False)
    speech.late_for = late_for
    wait(listener, 0.01)
    assert listener.ear is ear
    assert speech.sounds == (ear is Ear.CLOSED)


def test_whoever_speaks_before_a_line_is_heard_with_all_phrases_whatever_interrupted_the_line_before_it(
    listener: GuardedListener, speech: HandSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cough over the line before once left "stop" and a few more, and a recogniser that began anew in the word."""
    monkeypatch.setattr(speech, "give_way", lambda **_how: None)  # a line that must be heard out is only lowered
    speech.progress, speech.sounds = ("Stop at once where it hurts.", 0.5), True
    wait(listener, 1.0)
    monkeypatch.setattr(HandEcho, "is_voice", True)
    wait(listener, 0.2)
    monkeypatch.setattr(HandEcho, "is_voice", False)
    wait(listener, 2.0)
    speech.progress, speech.sounds = None, False
    alone = wait(listener, 1.0)
    monkeypatch.setattr(HandListener, "partial", "har")
    speech.progress, speech.sounds = ("Roll from heel to toes.", 0.1), True
    wait(listener, 0.1)
    assert listener.ear is Ear.VOICE
    listener.use_grammar(BOOK.grammar())
    assert alone.grammar.meanings == BOOK.grammar().meanings
    speech.sounds = False
    monkeypatch.setattr(HandListener, "partial", "")
    assert wait(listener, 0.6) is alone
