"""The phrases in the package, and how templates, grammar and phrasebook read them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_coach.commands.grammar import Command, Grammar, as_spoken
from voice_coach.commands.phrasebook import load_phrasebook, parse_phrasebook
from voice_coach.commands.templates import Phrase, TemplateError, expand
from voice_coach.errors import ContentError
from voice_coach.session.phases import BODY
from voice_coach.session.session import KNOWN_COMMANDS

DESIGN = {
    *("next", "skip", "back", "repeat", "pause", "resume", "start", "finish", "stop", "harder", "easier", "longer"),
    *("shorter", "faster", "slower", "more_time", "have_minutes", "undo", "save_that", "how_long", "whats_after"),
    *("which_foot", "what_can_i_say", "why", "details", "louder", "quieter", "talk_faster", "talk_slower", "yes", "no"),
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "left", "right", "both"),
    *("pain", "sharp", "cramp", "numb", "blister", "bruise", "dizzy", "swollen", "bone"),
    *("stop_listening", "start_listening", "cancel"),
}
"""Command ids as the design's table has them."""
STOP_SIGNS = {"injury", "infected", "callus"}
LAST_TIME = {"worse", "same", "better"}
SLOTS = {"n": {"two": 2, "three": 3}}


# --- the phrases in the package


def test_every_command_of_the_design_has_phrases() -> None:
    phrasebook = load_phrasebook()
    assert set(phrasebook.groups) >= DESIGN | STOP_SIGNS | LAST_TIME
    assert {command.id for command in phrasebook.meanings.values()} == set(phrasebook.groups)


def test_every_phrase_is_as_a_recogniser_hears_it() -> None:
    phrases = load_phrasebook().meanings | load_phrasebook().typed
    assert [phrase for phrase in phrases if not re.fullmatch(r"[a-z']+( [a-z']+)*", phrase)] == []
    assert [phrase for phrase in phrases if as_spoken(phrase) != phrase] == []


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Harder!", Command("harder")),
        ("a little  LONGER", Command("longer")),
        ("thirty seconds more", Command("more_time", 30)),
        ("30 more seconds", Command("more_time", 30)),
        ("half a minute more", Command("more_time", 30)),
        ("another minute", Command("more_time", 60)),
        ("I only have ten minutes", Command("have_minutes", 10)),
        ("say that again", Command("repeat", "line")),
        ("again", Command("repeat")),
        ("what’s after this?", Command("whats_after")),  # noqa: RUF001 - as a phone types it
        ("my calf is cramping", Command("cramp", "calf")),
        ("my foot is cramping", Command("cramp")),
        ("that's enough", Command("stop")),
        ("OW", Command("pain")),
        ("7", Command("seven")),
    ],
)
def test_people_are_understood(text: str, command: Command) -> None:
    assert load_phrasebook().grammar().match(text) == command


@pytest.mark.parametrize(
    ("said", "once"),
    [("up up", "up"), ("no, no, no", "no"), ("next step next step", "next step"), ("stop stop", "stop")],
)
def test_what_is_said_again_and_again_means_what_it_means_once(said: str, once: str) -> None:
    grammar = Grammar.of_phrases(["up", "no", "next step", "stop", "one", "two"])
    assert grammar.match(said) == grammar.match(once) is not None
    assert grammar.match("one two one") is None


@pytest.mark.parametrize("text", ["", "harder harder", "please stop", "next week", "100", "no pain", "five four three"])
def test_what_only_holds_a_phrase_is_no_command(text: str) -> None:
    assert load_phrasebook().grammar().match(text) is None


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("stop it hurts", Command("pain")),
        ("ow stop", Command("pain")),
        ("stop stop stop", Command("stop")),
        ("it hurts stop it", Command("pain")),
        ("no stop", Command("stop")),
        ("no no it hurts", Command("pain")),
        ("stop my calf is cramping", Command("cramp", "calf")),
    ],
)
def test_urgent_phrases_in_one_breath_mean_the_gravest_of_them(said: str, command: Command) -> None:
    """Whoever is in pain says more than one word."""
    assert load_phrasebook().grammar().match(said) == command


@pytest.mark.parametrize("said", ["no pain", "next stop", "stop next", "stop the", "the stop", "stop ten"])
def test_a_word_that_is_not_urgent_makes_them_something_else(said: str) -> None:
    assert load_phrasebook().grammar().match(said) is None


def test_stop_and_body_words_are_urgent() -> None:
    grammar = load_phrasebook().grammar()
    assert grammar.urgent == BODY | {"stop"}


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("stop it hurts", Command("pain")),
        ("no, it hurts", Command("pain")),
        ("it really hurts when I press harder", Command("pain")),
        ("I think I have a blister there", Command("blister")),
        ("my chest hurts a lot", Command("dizzy")),
        ("something popped and it is swollen", Command("injury")),
        ("I got a cramp in my calf now", Command("cramp", "calf")),
        ("numb and tingling", Command("numb")),
        ("ok stop please", Command("stop")),
        ("stop listening", Command("stop_listening")),
        ("that's too hard", Command("easier")),
    ],
)
def test_a_typed_sentence_with_a_body_word_in_it_is_taken_for_it(typed: str, command: Command) -> None:
    assert load_phrasebook().grammar().match_typed(typed) == command


TYPED_ONLY = {
    "faint": "dizzy",
    "chest": "dizzy",
    "raw": "blister",
    "cut": "blister",
    "snap": "injury",
    "pop": "injury",
    "locked": "cramp",
}


@pytest.mark.parametrize(("word", "command"), TYPED_ONLY.items())
def test_a_short_body_word_counts_by_itself_where_it_is_typed(word: str, command: str) -> None:
    grammar = load_phrasebook().grammar()
    for typed in (word, f"{word.upper()}!", f"{word} {word}", f"stop, {word}"):
        assert grammar.match_typed(typed) == Command(command)


@pytest.mark.parametrize("word", TYPED_ONLY)
def test_nobody_listens_for_a_word_that_is_typed_only(word: str) -> None:
    grammar = load_phrasebook().grammar()
    assert grammar.match(word) is None
    assert word not in grammar.phrases
    assert grammar.match_typed(f"no {word}") is None


def test_a_typed_word_of_a_command_that_does_not_count_is_none() -> None:
    assert load_phrasebook().grammar(frozenset({"next"})).match_typed("faint") is None


@pytest.mark.parametrize(
    "typed",
    ["no pain", "no more pain", "not numb any more", "I don't have a blister", "please stop listening", "x" * 200],
)
def test_what_is_denied_or_only_holds_another_phrase_is_no_command(typed: str) -> None:
    assert load_phrasebook().grammar().match_typed(typed) is None


def test_the_gravest_of_two_body_words_counts() -> None:
    grammar = load_phrasebook().grammar()
    assert grammar.match_typed("it hurts, and my calf is swollen") == Command("swollen")
    assert grammar.match_typed("a bruise, I feel dizzy") == Command("dizzy")


def test_a_grammar_of_some_commands_holds_only_their_phrases() -> None:
    grammar = load_phrasebook().grammar(frozenset({"stop", "next"}))
    assert {command.id for command in grammar.meanings.values()} == {"stop", "next"}
    assert grammar.urgent == {"stop"}
    assert grammar.match("harder") is None


def test_a_session_understands_only_commands_that_can_be_said() -> None:
    assert load_phrasebook().groups.keys() >= KNOWN_COMMANDS


def test_what_may_still_become_something_else_is_known() -> None:
    grammar = load_phrasebook().grammar()
    assert grammar.may_become_another("stop")  # stop listening
    assert grammar.may_become_another("thirty seconds")
    assert not grammar.may_become_another("next")  # next step means the same
    assert not grammar.may_become_another("harder")
    assert not grammar.may_become_another("purple")


def test_commands_in_a_text_are_found_as_whole_words_only() -> None:
    grammar = load_phrasebook().grammar()
    assert "next" in grammar.commands_in("What comes next, then?")
    assert "no" not in grammar.commands_in("Nothing to note.") - {"no"}
    assert grammar.commands_in("a stopwatch, unpaused") == frozenset()


def test_phrases_of_ones_own_are_commands_of_their_own() -> None:
    grammar = Grammar.of_phrases(["Move On", "", "  ", "more 10"])
    assert set(grammar.phrases) == {"move on", "more ten"}
    assert grammar.match("move on!") is not None
    assert grammar.words == {"move", "on", "more", "ten"}


# --- templates


@pytest.mark.parametrize(
    ("template", "phrases"),
    [
        ("next", ["next"]),
        ("go [on] now", ["go on now", "go now"]),
        ("(a|b) c", ["a c", "b c"]),
        ("[a|b] c", ["a c", "b c", "c"]),
        ("a | b", ["a", "b"]),
        ("a [b [c]]", ["a b c", "a b", "a"]),
        ("[a] [a]", ["a a", "a", ""]),
        ("(a|a)", ["a"]),
        ("", [""]),
    ],
)
def test_a_template_stands_for_all_its_phrases(template: str, phrases: list[str]) -> None:
    assert [phrase.text for phrase in expand(template, {})] == phrases


def test_a_slot_brings_its_value() -> None:
    assert expand("{n} more", SLOTS) == [Phrase("two more", 2), Phrase("three more", 3)]


@pytest.mark.parametrize("template", ["(a", "a)", "[a", "a]", "{n", "{x}", "n}", "(a|", "[a)", "{}", "(a]"])
def test_a_broken_template_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        expand(template, SLOTS)


@given(st.text(alphabet="ab []()|{}n", max_size=12))
def test_any_text_is_a_template_or_refused(template: str) -> None:
    try:
        phrases = expand(template, SLOTS)
    except TemplateError:
        return
    texts = [phrase.text for phrase in phrases]
    assert len(texts) == len(set(texts)) >= 1
    assert all(text == " ".join(text.split()) for text in texts)


# --- the phrasebook


def book(**commands: Any) -> dict[str, Any]:
    return {"slots": SLOTS, "commands": commands}


def test_a_phrase_may_have_a_value_of_its_own() -> None:
    phrases = parse_phrasebook(book(more={"group": "dose", "phrases": ["{n} more", {"say": "lots", "is": 9}]}))
    assert phrases.meanings["lots"] == Command("more", 9)
    assert phrases.meanings["two more"] == Command("more", 2)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            book(a={"group": "flow", "phrases": ["x"]}, b={"group": "flow", "phrases": ["[y] x"]}),
            "means both 'a' and 'b'",
        ),
        (book(a={"group": "flow", "phrases": ["x", {"say": "x", "is": 1}]}), "means both"),
        (book(a={"group": "moon", "phrases": ["x"]}), "moon"),
        (book(a={"group": "flow", "phrases": ["(x"]}), "command 'a'"),
        (book(a={"group": "flow", "phrases": ["x"], "colour": 1}), "colour"),
        (book(a={"group": "flow"}), "phrases"),
        (book(a={"group": "flow", "phrases": ["x"], "typed": ["x"]}), "'x' is said, and typed only"),
        (
            book(
                a={"group": "flow", "phrases": ["x"], "typed": ["z"]},
                b={"group": "flow", "phrases": [], "typed": ["z"]},
            ),
            "means both 'a' and 'b'",
        ),
        ([], "object"),
    ],
)
def test_broken_phrases_are_told(data: Any, reason: str) -> None:
    with pytest.raises(ContentError, match=re.escape(reason)):
        parse_phrasebook(data)


@given(st.text(max_size=40))
def test_what_is_typed_is_read_the_same_way_twice(text: str) -> None:
    spoken = as_spoken(text)
    assert as_spoken(spoken) == spoken
    assert re.fullmatch(r"[a-z0-9' ]*", spoken)


def test_over_the_coach_stop_and_all_body_words_count() -> None:
    book = load_phrasebook()
    assert {"stop", "next", "pause", "resume"} <= book.over_the_coach
    assert {id_ for id_, group in book.groups.items() if group == "body"} <= book.over_the_coach
    assert "harder" not in book.over_the_coach


def test_a_name_that_is_no_command_cannot_count_over_the_coach() -> None:
    data = {"slots": {}, "commands": {"next": {"group": "flow", "phrases": ["next"]}}, "over_the_coach": ["stop"]}
    with pytest.raises(ContentError, match="over_the_coach names stop"):
        parse_phrasebook(data)


@pytest.mark.parametrize(
    "line",
    [
        "just cut it short",
        "pop over to the other foot",
        "can you snap to it",
        "a faint stretch",
        "my screen is locked",
        "cut the talk",
    ],
)
def test_a_short_body_word_is_none_inside_a_sentence_about_something_else(line: str) -> None:
    assert load_phrasebook().grammar().match_typed(line) is None


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("no, it's locked", Command("cramp")),
        ("my calf is locked", Command("cramp", "calf")),
        ("it's cut", Command("blister")),
        ("I cut my foot", Command("blister")),
    ],
)
def test_a_typed_sentence_about_the_body_is_understood(line: str, command: Command) -> None:
    assert load_phrasebook().grammar().match_typed(line) == command
