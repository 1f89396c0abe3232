"""How the coach listens: asleep and awake, not understood, in text; and how it speaks: as far as each dial goes."""

from __future__ import annotations

import itertools

import pytest

from tests.session.test_dials import at_work
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.actions import Action, Attend, Chime, Hush, Rated, Say, SpeakDifferently, Voiced
from voice_coach.session.attention import HELP_AGAIN_AFTER, IN_A_ROW_WITHIN
from voice_coach.session.events import NotUnderstood, VoiceSwitched
from voice_coach.session.manner import LOUDNESS_DECIBELS, USUAL_WORDS_PER_MINUTE, WORDS_PER_MINUTE
from voice_coach.session.phases import COMMANDS, REFUSED, Phase
from voice_coach.testing import ALL_IS_WELL, MovedSession

LINES = load_catalogue().lines
GRAMMAR = load_phrasebook().grammar()


def said(actions: list[Action]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Say)]


def chimes(actions: list[Action]) -> list[str]:
    return [action.name for action in actions if isinstance(action, Chime)]


def mumble(moved: MovedSession, times: int = 2) -> list[Action]:
    actions: list[Action] = []
    for _ in range(times):
        moved.move_by(4.0)
        actions = moved.receive(NotUnderstood())
    return actions


class TestNotUnderstood:
    def test_once_is_answered_with_a_sound_only(self) -> None:
        moved = at_work("full_15", "ball_roll")
        actions = mumble(moved, 1)
        assert (chimes(actions), said(actions)) == (["not_understood"], [])

    def test_twice_in_a_row_is_answered_with_the_three_most_likely_things(self) -> None:
        moved = at_work("full_15", "ball_roll")
        actions = mumble(moved)
        assert said(actions) == ["You can say: next, pause, or stop."]
        assert chimes(actions) == ["not_understood"]

    def test_the_sound_comes_after_the_silence_that_would_eat_it(self) -> None:
        moved = at_work("full_15", "ball_roll", line_seconds=5.0)
        moved.type("how long")
        moved.move_by(0.5)
        moved.receive(NotUnderstood(typed=True))
        actions = moved.receive(NotUnderstood(typed=True))
        kinds = [type(action) for action in actions]
        assert kinds.index(Hush) < kinds.index(Chime) < kinds.index(Say)

    def test_a_command_in_between_begins_anew(self) -> None:
        moved = at_work("full_15", "ball_roll")
        mumble(moved, 1)
        moved.hear("how long")
        assert said(mumble(moved, 1)) == []

    def test_long_after_is_not_in_a_row(self) -> None:
        moved = at_work("full_15", "ball_press")
        mumble(moved, 1)
        moved.move_by(IN_A_ROW_WITHIN)
        assert said(mumble(moved, 1)) == []

    def test_a_television_does_not_make_the_coach_talk_without_an_end(self) -> None:
        moved = at_work("full_15", "ball_roll")
        moved.hear("pause")
        moved.move_by(2.0)
        hints = [moved.now for _ in range(60) if said(mumble(moved, 1))]
        assert hints
        assert all(later - earlier >= HELP_AGAIN_AFTER for earlier, later in itertools.pairwise(hints))

    def test_whoever_types_is_no_television_and_is_helped_each_time(self) -> None:
        moved = at_work("full_15", "ball_roll")
        hints = []
        for then in ("pause", "stop"):
            moved.type(then)
            moved.move_by(3.0)
            moved.receive(NotUnderstood(typed=True))
            hints += said(moved.receive(NotUnderstood(typed=True)))
        assert hints == ["You can say: resume, next, or finish.", "You can say: resume, or finish."]

    def test_what_may_be_the_coach_itself_does_not_count(self) -> None:
        moved = at_work("full_15", "ball_roll", line_seconds=30.0)
        moved.type("details")
        moved.move_by(0.5)
        assert [said(moved.receive(NotUnderstood())) for _ in range(4)] == [[], [], [], []]

    @pytest.mark.parametrize(
        ("then", "hint"),
        [
            ("pause", "You can say: resume, next, or finish."),
            ("stop", "You can say: resume, or finish."),
            ("ouch", "You can say: sharp, or a number from zero to ten."),
        ],
    )
    def test_what_is_likely_depends_on_the_state(self, then: str, hint: str) -> None:
        moved = at_work("full_15", "ball_roll")
        moved.hear(then)
        moved.receive(NotUnderstood(typed=True))
        assert hint in said(moved.receive(NotUnderstood(typed=True)))

    def test_a_question_is_asked_again_after_the_hint_has_interrupted_it(self) -> None:
        moved = MovedSession("quick_3", line_seconds=3.0)
        while moved.session.phase is not Phase.QUESTION:
            moved.move_by(0.5)
        moved.receive(NotUnderstood(typed=True))
        moved.receive(NotUnderstood(typed=True))
        moved.move_by(10.0)
        assert moved.record.lines[-2:] == ["You can say: yes, no, or stop.", "Any new sore spot, yes or no?"]


@pytest.mark.parametrize(
    ("line", "phases"),
    [
        ("likely_in_place", (Phase.GREETING, Phase.SETUP, Phase.SWITCH)),
        ("likely_working", (Phase.COUNT_IN, Phase.GO, Phase.WORK)),
        ("likely_paused", (Phase.PAUSED,)),
        ("what_to_say_greeting", (Phase.GREETING,)),
        ("what_to_say_working", (Phase.SETUP, Phase.SWITCH, Phase.COUNT_IN, Phase.GO, Phase.WORK)),
        ("what_to_say_paused", (Phase.PAUSED,)),
        ("what_to_say_stopped", (Phase.STOPPED,)),
    ],
)
def test_what_the_coach_says_can_be_said_counts_there(line: str, phases: tuple[Phase, ...]) -> None:
    named = GRAMMAR.commands_in(LINES[line].say)
    assert len(named) >= 2
    for phase in phases:
        assert named <= COMMANDS[phase]


def test_what_can_be_said_in_the_greeting_is_told_in_the_greeting() -> None:
    moved = MovedSession("full_15", line_seconds=30.0, answers=ALL_IS_WELL)
    assert moved.session.phase is Phase.GREETING
    moved.type("what can i say")
    moved.move_by(0.5)
    assert moved.record.lines[-1] == "You can say: ready, next, skip, pause, easier, or stop."


class TestRedundant:
    @pytest.mark.parametrize("phase", sorted(REFUSED))
    def test_what_is_only_refused_has_no_meaning_and_is_listened_for(self, phase: Phase) -> None:
        assert not REFUSED[phase] & COMMANDS[phase]

    def test_pause_after_stop_is_answered_with_what_counts(self) -> None:
        moved = at_work("full_15", "ball_roll")
        moved.hear("stop")
        moved.move_by(1.0)
        assert "pause" in moved.session.listened_for
        assert "pause" not in moved.session.legal
        assert said(moved.hear("pause")) == ["Say resume or finish."]
        assert moved.session.phase is Phase.STOPPED

    def test_stop_listening_twice_is_not_stop(self) -> None:
        moved = at_work("full_15", "ball_roll")
        moved.hear("stop listening")
        moved.move_by(6.0)
        assert "stop_listening" in moved.session.listened_for
        assert said(moved.hear("stop listening")) == ["I am asleep. Say start listening to wake me."]
        assert moved.session.phase is Phase.WORK

    def test_start_listening_twice_is_acknowledged(self) -> None:
        moved = at_work("full_15", "ball_roll")
        actions = moved.hear("start listening")
        assert (chimes(actions), said(actions)) == (["accepted"], ["I am listening already."])


def test_listening_again_has_a_sound_of_its_own() -> None:
    moved = at_work("full_15", "ball_roll")
    assert chimes(moved.hear("stop listening")) == ["accepted"]
    moved.move_by(2.0)
    actions = moved.hear("start listening")
    assert chimes(actions) == ["listening"]
    assert [action.awake for action in actions if isinstance(action, Attend)] == [True]


class TestManner:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("louder", "as_far_as_louder"),
            ("quieter", "as_far_as_quieter"),
            ("talk faster", "as_far_as_talk_faster"),
            ("talk slower", "as_far_as_talk_slower"),
        ],
    )
    def test_where_a_dial_is_as_far_as_it_goes_the_coach_says_so_and_nothing_changes(
        self, text: str, line: str
    ) -> None:
        moved = at_work("full_15", "ball_roll")
        manners: list[SpeakDifferently] = []
        for _ in range(8):
            moved.move_by(2.5)
            manners += [action for action in moved.type(text) if isinstance(action, SpeakDifferently)]
        assert moved.record.lines[-1] == LINES[line].say
        assert 0 < len(manners) < 8
        assert LOUDNESS_DECIBELS[0] <= manners[-1].decibels <= LOUDNESS_DECIBELS[1]
        assert WORDS_PER_MINUTE[0] <= manners[-1].words_per_minute <= WORDS_PER_MINUTE[1]

    def test_faster_and_slower_lead_back(self) -> None:
        moved = at_work("full_15", "ball_roll")
        speeds = [
            action.words_per_minute
            for text in ("talk faster", "talk slower")
            for action in moved.type(text)
            if isinstance(action, SpeakDifferently)
        ]
        assert speeds == [185, USUAL_WORDS_PER_MINUTE]

    def test_the_session_plans_with_the_new_speed(self) -> None:
        moved = at_work("full_15", "ball_roll", line_seconds=2.0)
        speaking = moved.session._state.speaking
        before = speaking.seconds("one two three four")
        moved.type("talk faster")
        assert speaking.seconds("one two three four") == pytest.approx(before * USUAL_WORDS_PER_MINUTE / 185)


class TestTextAndBack:
    def test_lines_take_no_time_in_text_and_take_it_again_afterwards(self) -> None:
        moved = at_work("full_15", "ball_roll", line_seconds=2.0)
        actions = moved.receive(VoiceSwitched())
        assert [action.on for action in actions if isinstance(action, Voiced)] == [False]
        assert said(actions) == [LINES["voice_off"].say]
        assert moved.session._state.speaking.seconds("a long line of words") == 0
        moved.move_by(3.0)
        actions = moved.receive(VoiceSwitched())
        assert [action.on for action in actions if isinstance(action, Voiced)] == [True]
        assert moved.session._state.speaking.seconds("a long line of words") > 0

    def test_a_session_without_sound_has_no_voice_to_bring_back(self) -> None:
        moved = at_work("full_15", "ball_roll")
        actions = moved.receive(VoiceSwitched())
        assert said(actions) == [LINES["no_voice"].say]
        assert not any(isinstance(action, Voiced) for action in actions)


def test_before_the_first_step_the_time_here_is_not_told() -> None:
    moved = MovedSession("quick_3", line_seconds=1.0)
    moved.hear("pause")
    moved.move_by(2.0)
    moved.type("how long")
    moved.move_by(0.5)
    assert moved.record.lines[-1] == "About two and a half minutes in all."


def test_what_can_be_said_to_the_last_question_is_told_and_the_question_stays_open() -> None:
    moved = MovedSession("quick_3", answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.phase is Phase.SUMMARY)
    moved.move_by(0.5)
    assert "what_can_i_say" in moved.session.listened_for
    moved.type("what can i say")
    assert moved.record.lines[-1] == "You can say: a number from zero to ten."
    moved.move_by(3.0)
    moved.type("seven")
    assert moved.record.actions(Rated)[-1].rating == 7


def test_the_time_for_an_answer_about_pain_begins_when_the_help_has_been_said() -> None:
    moved = MovedSession("quick_3", answers={"opening": "no"}, line_seconds=4.0)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.type("ouch")
    moved.move_by(12.0)
    moved.type("what can I say")
    moved.move_by(4.0 + 9.0)
    assert moved.session.asks == "pain"
    moved.type("two")
    moved.move_by(1.0)
    assert "Then we go on as it is. A little less is fine too." in moved.record.lines
