"""Facts, tips, sources and "about": what belongs where, and the tip after a session."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from voice_coach.errors import ContentError
from voice_coach.routines import knowledge
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.knowledge import (
    Belongs,
    load_about,
    load_facts,
    load_sources,
    load_tips,
    tags_in,
    unknown_names,
)
from voice_coach.routines.tips import tip_after
from voice_coach.testing import ALL_IS_WELL, SessionRecord, plan_of, run_session

if TYPE_CHECKING:
    from voice_coach.session.plan import Plan

CATALOGUE = load_catalogue()
STEPS = CATALOGUE.steps
TIPS = load_tips()


def tip_ids(routine: str, *steps: str) -> list[str]:
    """Give the tips of one session after the other, until they come round."""
    tips = [tip_after(TIPS, routine, [STEPS[step] for step in steps], number) for number in range(len(TIPS))]
    return [tip.id for tip in tips if tip is not None]


def with_tips(routine: str, number: int = 0) -> Plan:
    return replace(plan_of(routine), tips=TIPS, number=number)


def tips_told(record: SessionRecord) -> list[str]:
    return [tip.id for tip in TIPS if tip.say in record.lines]


def test_tips_fit_what_was_done_and_take_turns() -> None:
    ids = tip_ids("x", "heel_raises")
    assert set(ids) == {"frequency"}
    ids = tip_ids("x", "roller_calf")
    assert ids[: len(set(ids))] == ["frequency", "after_activity", "stronger", "less_sore", "shops"]
    assert ids[len(set(ids))] == "frequency"


def test_the_same_session_always_gets_the_same_tip() -> None:
    for number in range(40):
        assert tip_after(TIPS, "quick_3", [STEPS["ball_roll"]], number) == tip_after(
            TIPS, "quick_3", [STEPS["ball_roll"]], number
        )


def test_every_tip_comes_after_some_routine_of_the_package() -> None:
    seen = {
        id_
        for routine in CATALOGUE.routines.values()
        for id_ in tip_ids(routine.id, *(entry.step for entry in routine.steps))
    }
    assert seen == {tip.id for tip in TIPS}


def test_tips_about_cramps_come_only_after_a_cramp() -> None:
    assert {id_ for id_ in tip_ids("full_15", "ball_roll", "plantar_pull", "roller_calf") if "cramp" in id_} == set()
    assert "cramp_research" in tip_ids("arch_cramp_now", "cramp_arch")


def test_where_nothing_was_done_there_is_no_tip() -> None:
    assert tip_after(TIPS, "quick_3", [], 3) is None
    assert tip_after((), "quick_3", [STEPS["ball_roll"]], 3) is None


def test_the_tip_is_told_after_the_summary() -> None:
    record = run_session(with_tips("quick_3", 1), answers=ALL_IS_WELL)
    (tip,) = tips_told(record)
    lines = record.lines
    summary = next(number for number, line in enumerate(lines) if line.startswith("That was Quick three minutes."))
    assert lines[summary + 1] == next(each.say for each in TIPS if each.id == tip)


def test_a_session_that_ends_early_gets_the_tip_of_what_was_done() -> None:
    record = run_session(with_tips("full_15", 2), [(60.0, "next"), (100.0, "finish")], answers=ALL_IS_WELL)
    assert len(tips_told(record)) <= 1
    assert not any("roller" in tip for tip in tips_told(record))


@pytest.mark.parametrize("said", [[(5.0, "finish")], [(45.0, "dizzy")], [(45.0, "swollen")], [(45.0, "blister")]])
def test_after_nothing_or_something_bad_there_is_no_tip(said: list[tuple[float, str]]) -> None:
    said = [*said, (60.0, "resume")]
    assert tips_told(run_session(with_tips("quick_3"), said, answers=ALL_IS_WELL)) == []


def test_without_tips_in_the_plan_nothing_is_told() -> None:
    assert tips_told(run_session("quick_3", answers=ALL_IS_WELL)) == []


def test_facts_and_tips_name_only_what_there_is() -> None:
    for fact in load_facts().values():
        assert unknown_names(fact.belongs, CATALOGUE) == set()
    for tip in TIPS:
        assert unknown_names(tip.after, CATALOGUE) == set()
    assert unknown_names(Belongs(steps=("moonwalk",), tools=("hammer",)), CATALOGUE) == {"moonwalk", "hammer"}


def test_every_tag_of_a_source_has_its_source() -> None:
    texts = [step.sources for step in STEPS.values()]
    texts += [cap.source for cap in CATALOGUE.limits.caps.values()]
    texts += [question.source for question in CATALOGUE.first_questions.values()]
    texts += [fact.source for fact in load_facts().values()] + [tip.source for tip in TIPS]
    texts += [section.source for section in load_about()]
    not_tags = {"SMR"}  # "Calves-SMR" is the name of an exercise in FEDB
    for text in texts:
        assert set(re.findall(r"\b[A-Z][A-Z0-9]{2,}(?:-[A-Z]+)?\b", text)) - not_tags <= set(load_sources()), text


def test_every_source_has_words_and_all_but_the_interview_and_ours_an_address() -> None:
    for tag, source in load_sources().items():
        assert source.what
        assert all(re.fullmatch(r"https?://\S+", address) for address in source.at)
        assert source.at or tag in ("SEED", "OURS")


def test_tags_are_found_in_their_order_and_once() -> None:
    assert tags_in("SEED 13,21 + DIGIOVANNI (10 x 10 s), NHS-PF, SEED 4, FOO") == ("SEED", "DIGIOVANNI", "NHS-PF")


def test_what_belongs_nowhere_in_particular_belongs_everywhere() -> None:
    assert Belongs().fits("anything", [])
    assert Belongs(routines=("desk",)).fits("desk", [])
    assert not Belongs(routines=("desk",)).fits("quick_3", [STEPS["ball_roll"]])
    assert Belongs(tools=("wall",)).fits("x", [STEPS["wall_bent"]])


def test_a_broken_file_of_the_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "read_yaml", lambda _package, _name: {"x": {"colour": "blue"}})
    with pytest.raises(ContentError, match=r"tips\.yaml in the package cannot be used"):
        knowledge.load_tips.__wrapped__()
