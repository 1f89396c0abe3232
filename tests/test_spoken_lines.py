"""No line of the coach holds a command that is active while it is spoken.

Cues of steps and open lines are spoken while everything is heard, so they may hold no phrase of a command that counts
then. Lines marked `ears: closed` do hold one, and close the ears for it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.knowledge import load_about, load_facts, load_tips
from voice_coach.session.phases import BODY, COMMANDS, Phase
from voice_coach.session.session import KNOWN_COMMANDS
from voice_coach.session.wording import fill, sentence
from voice_coach.testing import ALL_IS_WELL, MovedSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice_coach.routines.knowledge import Tip
    from voice_coach.routines.schema import Rung, SpokenLine, Step

CATALOGUE = load_catalogue()
PHRASEBOOK = load_phrasebook()
ALL = PHRASEBOOK.grammar()
OPEN = frozenset().union(*COMMANDS.values())
"""Commands that count in one phase or another, without the answers to questions: what an open line may not hold."""
SLOTS = {
    "name": [step.name for step in CATALOGUE.steps.values()],
    "text": [rung.text for step in CATALOGUE.steps.values() for rung in step.ladder],
    "seconds": ["two", "three", "five", "fifteen", "thirty", "forty five", "one hundred and twenty"],
    "count": ["one", "two", "ten"],
    "rung": ["one", "two", "three", "four"],
    "minutes": ["half a minute", "one minute", "two and a half minutes"],
    "steps": ["one step", "ten steps"],
    "here": ["five seconds", "one and a half minutes"],
    "all": ["five seconds", "ten minutes"],
    "side": ["left", "right", "sore"],
    "names": ["the shin", "the ball press and the shin"],
    "areas": [*(f"the {area}" for area in CATALOGUE.areas), "the arch, the calf and the shin"],
    "ask": [question.ask for question in CATALOGUE.first_questions.values()],
    "if_yes": [question.if_yes for question in CATALOGUE.first_questions.values()],
    "least": ["three and a half minutes", "one minute"],
    "place": ["left sole", "calf", "right foot", "outer lower leg", "left front of ankle"],
}


SOUNDS_LIKE_A_COMMAND = {"stopped"}
"""Lines that close the ears for a word that only sounds like a command."""


def filled(line: SpokenLine) -> Iterator[str]:
    """Give the line with everything that may stand in its slots."""
    slots = [name for name in SLOTS if f"{{{name}}}" in line.say]
    for values in itertools.product(*(SLOTS[name] for name in slots)):
        yield fill(line, **dict(zip(slots, values, strict=True)))


def cues() -> Iterator[tuple[str, str]]:
    """Give every cue of every step, for every side, stroke and hold."""
    for step in CATALOGUE.steps.values():
        for name in step.cues.__struct_fields__:
            for side, number in itertools.product(["left", "right", "sore", "both"], ["two", "three", "five", "ten"]):
                text = getattr(step.cues, name).format(side=side, stroke=number, hold=f"{number} seconds")
                yield f"{step.id}.{name}", sentence(text)
        for rung in step.ladder:
            yield from ((f"{step.id} ladder", text) for text in said_on(rung))
    for id_, ways in CATALOGUE.substitutions.steps.items():
        for place, way in enumerate(ways, start=1):
            for name, cue in way.cues.items():
                yield f"{id_} way {place} {name}", sentence(cue.format(side="left", stroke="three", hold="ten seconds"))
            for choice in (choice for choices in way.rungs for choice in choices):
                yield f"{id_} way {place} ladder", sentence(f"{choice.text}.")
            yield f"{id_} way {place} name", way.name
    for routine in CATALOGUE.routines.values():
        yield f"{routine.id} greeting", f"{routine.length} {routine.greeting}"


def said_on(rung: Rung) -> Iterator[str]:
    """Give what is said on a rung, for every side."""
    yield sentence(f"{rung.text}.")
    for cue, side in itertools.product(filter(None, [rung.setup, rung.go]), ["left", "right", "sore"]):
        yield sentence(cue.format(side=side, stroke="three", hold="ten seconds"))


@pytest.mark.parametrize("name", CATALOGUE.lines)
def test_a_line_that_holds_a_command_closes_the_ears_and_no_other_does(name: str) -> None:
    line = CATALOGUE.lines[name]
    held = {id_ for text in filled(line) for id_ in ALL.commands_in(text)}
    heard = COMMANDS[Phase.SUMMARY] if name.startswith("summary") else OPEN
    if line.ears == "open":
        assert held & heard == set(), f"{name} holds {held & heard}"
    else:
        assert held & KNOWN_COMMANDS or name in SOUNDS_LIKE_A_COMMAND, (
            f"{name} holds no command and need not close the ears"
        )


def test_no_ladder_or_greeting_holds_a_command() -> None:
    found = {place: ALL.commands_in(text) & OPEN for place, text in cues() if "." not in place}
    assert {place: held for place, held in found.items() if held} == {}


@pytest.mark.parametrize("step", CATALOGUE.steps.values(), ids=lambda step: step.id)
def test_no_why_and_no_details_hold_a_command(step: Step) -> None:
    for text in (step.why, step.details):
        assert ALL.commands_in(text) & OPEN == set()
        assert text[:1].isupper()
        assert text.endswith(".")
        assert "{" not in text


@pytest.mark.parametrize("tip", load_tips(), ids=lambda tip: tip.id)
def test_a_tip_that_holds_a_command_closes_the_ears_and_no_other_does(tip: Tip) -> None:
    held = ALL.commands_in(tip.say) & OPEN
    assert (tip.ears == "closed") == bool(held), held


CUES_WITH_PHRASES = {
    ("pre_run", "foot_check", "Look for broken skin, redness, swelling, or a sore callus.", "broken skin"),
    ("pre_run", "foot_check", "Look for broken skin, redness, swelling, or a sore callus.", "callus"),
    ("full_15", "ball_press", "Sink onto it, breathe out, and wait.", "wait"),
    ("arch_cramp_now", "thumb_sole", "Lift off and begin from the heel each time.", "begin"),
    ("post_run_lower_leg", "roller_outer", "Begin a hand width below the knee and roll toward the ankle.", "begin"),
    ("pre_run", "stick_calf", "Bend your left knee, foot flat. Stick across the calf, a hand at each end.", "end"),
}


def test_the_cues_that_hold_a_phrase_are_known() -> None:
    """A new one is heard by the coach itself: reword it, or see that it is tried below."""
    found = {place.split(".")[0] for place, text in cues() if "." in place and ALL.commands_in(text) & OPEN}
    assert found - {"ball_forefoot"} == {step for _, step, _, _ in CUES_WITH_PHRASES}  # ball_forefoot is in no routine


@pytest.mark.parametrize(("routine", "step", "cue", "phrase"), sorted(CUES_WITH_PHRASES))
@pytest.mark.parametrize("later", [0.5, 1.9, 2.3])
def test_the_coachs_own_words_are_no_command_while_it_says_them(
    routine: str, step: str, cue: str, phrase: str, later: float
) -> None:
    moved = MovedSession(routine, line_seconds=2.0, answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.step == step)
    while cue not in moved.record.lines:
        moved.move_by(0.1)
    moved.move_by(later)
    before, lines = moved.state, len(moved.record.lines)
    moved.hear(phrase)
    assert (moved.state.phase, moved.state.step, moved.state.side) == (before.phase, before.step, before.side)
    assert len(moved.record.lines) == lines


def test_the_same_words_count_once_the_echo_is_over_and_when_typed() -> None:
    moved = MovedSession("pre_run", line_seconds=2.0)
    while "Look for broken skin, redness, swelling, or a sore callus." not in moved.record.lines:
        moved.move_by(0.1)
    moved.move_by(3.0)
    moved.hear("broken skin")
    assert moved.session.phase is Phase.PAUSED


def test_stop_and_pain_are_heard_over_every_cue() -> None:
    for word, phase in (("stop", Phase.STOPPED), ("ouch", Phase.QUESTION)):
        moved = MovedSession("full_15", line_seconds=2.0)
        moved.move_until(lambda state: state.step == "stick_shin")
        moved.move_by(0.5)
        moved.hear(word)
        assert moved.session.phase is phase


@pytest.mark.parametrize(("later", "stops"), [(1.5, True), (5.0, False)])
def test_stop_is_heard_over_a_line_that_holds_it_until_the_coach_can_have_said_it(later: float, *, stops: bool) -> None:
    moved = MovedSession("full_15", line_seconds=6.0)
    moved.move_until(lambda state: state.phase is Phase.WORK)
    moved.hear("what can I say")
    moved.move_by(later)
    assert moved.record.lines[-1].endswith("or stop.")
    moved.hear("stop")
    assert (moved.session.phase is Phase.STOPPED) == stops


def test_every_line_fills_with_known_slots_and_begins_with_a_capital() -> None:
    for line in CATALOGUE.lines.values():
        texts = list(filled(line))
        assert texts
        assert not any("{" in text for text in texts)
        assert all(text[0].isupper() for text in texts)


def test_lines_on_a_beat_are_counts() -> None:
    assert {name for name, line in CATALOGUE.lines.items() if line.beat is not None} == {"count_in", "last_three"}


def test_the_coach_never_claims_what_it_must_not() -> None:
    never = ["prevents", "injury", "adhesion", "toxin", "no pain, no gain", "cures", "fascia", "faster runner"]
    texts = [text for line in CATALOGUE.lines.values() for text in filled(line)] + [text for _, text in cues()]
    texts += [text for step in CATALOGUE.steps.values() for text in (step.why, step.details)]
    texts += [tip.say for tip in load_tips()]
    assert [(word, text) for word in never for text in texts if word in text.lower()] == []


def test_nothing_that_is_printed_claims_what_it_must_not() -> None:
    never = ["prevent", "adhesion", "toxin", "no pain, no gain", "cures", "lengthen", "fixes", "faster", "need salt"]
    texts = [fact.text for fact in load_facts().values()]
    texts += [paragraph for section in load_about() for paragraph in section.text]
    texts += [step.safety for step in CATALOGUE.steps.values()]
    texts += [text for routine in CATALOGUE.routines.values() for text in (routine.name, routine.when, routine.kit)]
    assert [(word, text) for word in never for text in texts if word in text.lower()] == []


def test_body_words_stay_armed_in_the_pain_question_except_those_in_it() -> None:
    moved = MovedSession("quick_3", line_seconds=4.0, answers=ALL_IS_WELL)
    moved.move_to(50)
    moved.type("ouch")
    moved.move_by(1)
    assert moved.session.active & BODY >= {"pain", "cramp", "dizzy"}
    assert "sharp" not in moved.session.active
