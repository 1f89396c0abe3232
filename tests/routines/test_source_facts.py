"""Every fact of the interview, and every dose found elsewhere, in its place in the product.

Each row of the tables is a place: the fact's number, the fact in a few words, where it stands (file and field), and
what stands there. The numbers are those of the interview's list of facts; fact 2, a claim about injuries that the
therapist did not make, has no place on purpose.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import voice_coach.routines
from voice_coach.cli.about import print_about
from voice_coach.cli.routines import show_routine
from voice_coach.packaged import read_yaml
from voice_coach.routines.catalogue import load_catalogue

ROUTINES = Path(voice_coach.routines.__file__).parent

FACTS = [
    (1, "who speaks", "about 0.text.0", "Samantha Gries PT, DPT, ATC, CMTPT"),
    (1, "where she works", "about 0.text.0", "InStep Physical Therapy & Running Center"),
    (1, "who speaks, with every routine", "sources SEED.what", "Samantha Gries PT, DPT, ATC, CMTPT"),
    (3, "a tennis ball is the usual tool", "steps ball_roll.tools.0", "tennis ball"),
    (3, "sessions begin with it", "steps ball_roll.ladder.0.tool", "tennis ball"),
    (3, "found at home, costs little", "facts tennis_ball.text", "most homes have one, and it costs little"),
    (4, "pressure is the intensity", "facts pressure.text", "Pressure sets how strong it is"),
    (4, "the ladder goes by pressure", "steps ball_roll.ladder.1.text", "one hand pressing on the knee"),
    (5, "seated is below standing", "steps ball_roll.ladder.0.text", "seated, tennis ball, weight of the leg only"),
    (5, "standing is above seated", "steps ball_roll.ladder.2.text", "standing, tennis ball, part of your weight"),
    (5, "asked for details", "steps ball_roll.details", "sitting is mild"),
    (6, "from the heel to the toes", "steps ball_roll.cues.go", "Roll from heel to toes"),
    (6, "shown with the routine", "facts direction.text", "from the heel to the toes"),
    (7, "other tools localise or spread", "facts other_tools.text", "on a smaller place, or spread it"),
    (
        8,
        "a lacrosse ball localises more",
        "facts other_tools.text",
        "A lacrosse ball presses on a smaller place than a tennis",
    ),
    (8, "it is above the tennis ball", "steps ball_press.ladder.2.tool", "lacrosse ball"),
    (9, "another tool", "facts other_tools.text", "Foot Rubz"),
    (10, "roller for the calf", "steps roller_calf.tools.0", "foam roller"),
    (10, "stick for the calf", "steps stick_calf.tools.0", "massage stick"),
    (10, "large muscles", "facts calf_tools.text", "Larger muscles, such as the calf"),
    (11, "where to get them", "facts where_to_buy.text", "Running shops near you"),
    (11, "told after a session", "tips shops.say", "running shops"),
    (12, "the sole, heel to toes", "steps ball_roll.area", "sole, plantar fascia"),
    (
        12,
        "most of the soft tissue is there",
        "facts which_areas.text",
        "Most of the soft tissue of the foot is in the sole",
    ),
    (12, "asked why", "steps ball_roll.why", "Most of the soft tissue of the foot lies in the sole"),
    (13, "hand over the foot", "steps plantar_pull.cues.setup", "Wrap your hand over the toes"),
    (13, "foot and toes toward you", "steps plantar_pull.cues.go", "Pull toes and foot toward your shin"),
    (13, "shown with the routine", "facts arch_by_hand.text", "wrap it over the foot"),
    (
        14,
        "why the lower leg",
        "facts lower_leg.text",
        "Many muscles that attach to the foot and control it are in the lower leg",
    ),
    (14, "asked why", "steps roller_calf.why", "muscles that control the foot are in the lower leg"),
    (15, "by hand", "steps hand_calf.name", "Calf squeeze by hand"),
    (15, "with a roller, also outside", "steps roller_outer.tools.0", "foam roller"),
    (15, "with a stick, also at the shin", "steps stick_shin.tools.0", "massage stick"),
    (15, "the whole lower leg", "facts lower_leg.text", "the whole lower leg"),
    (16, "not settled", "facts cramps_before.text", "The research does not settle it"),
    (16, "told after a cramp", "tips cramp_research.say", "may help some people cramp less"),
    (17, "massage and stretch in a cramp", "facts cramps_now.text", "Stretching and rubbing often ease a cramp"),
    (17, "stretch first", "steps cramp_arch.cues.go", "Pull them up toward your shin and hold"),
    (17, "then rub", "steps cramp_arch.cues.let_go", "rub the arch lightly"),
    (18, "what plays a role", "facts cramp_factors.text", "how much the foot muscles had to do, how much you drank"),
    (18, "told after a cramp", "tips cramp_factors.say", "electrolytes, and circulation"),
    (19, "shoes play a role", "facts cramp_shoes.text", "Shoes change what the foot muscles have to do"),
    (19, "told after a cramp", "tips cramp_shoes.say", "can play a role"),
    (20, "no fixed frequency", "facts how_often.text", "There is no fixed frequency"),
    (20, "told after a session", "tips frequency.say", "What suits people differs a great deal"),
    (21, "daily with foot problems", "facts with_sore_feet.text", "every day may do good"),
    (21, "on waking, in bed", "facts with_sore_feet.text", "on waking, while you are still in bed"),
    (21, "before activity", "facts with_sore_feet.text", "before physical activity"),
    (21, "a routine for it", "routines morning_in_bed.greeting", "Stay in bed"),
    (21, "a routine for sore feet", "routines sore_foot_daily.name", "Sore foot, daily"),
    (21, "a routine before activity", "routines pre_run.name", "Before a run"),
    (21, "told after a session", "tips daily.say", "on waking, while you are in bed, or before activity"),
    (
        22,
        "roller after activity",
        "facts after_activity.text",
        "after physical activity, whether the feet are sore or not",
    ),
    (22, "a routine for it", "routines post_run_lower_leg.when", "foam rolling after activity"),
    (22, "told after a session", "tips after_activity.say", "after activity, whether your feet are sore or not"),
    (23, "notice blisters and calluses", "steps foot_check.cues.go", "a sore callus"),
    (23, "asked at the beginning", "spoken_lines opening_question.say", "blister"),
    (23, "a sign of stress there", "facts skin.text", "they show where a foot takes extra stress"),
    (23, "told after a session", "tips skin.say", "They show where a foot takes extra stress"),
    (24, "shoes, socks, inserts", "facts shoes.text", "shoes, socks or inserts"),
    (24, "told after a session", "tips shoes.say", "shoes, socks or inserts"),
    (25, "build matters", "facts build.text", "How your feet and legs are built"),
    (25, "told after a session", "tips build.say", "how your feet and legs are built"),
]
"""Fact of the interview, in a few words, where it stands, and what stands there."""

DOSES = [
    ("BEHM", "2-4 s a stroke", "limits tempo.stroke", {"least": 2, "usual": 3, "most": 5}),
    ("BEHM", "30-120 s a set", "steps roller_calf.longest", 120),
    ("BEHM", "up to three sets, less here", "limits caps.rolling_calf.seconds", 180),
    ("SCIENDO", "about 3 s a stroke", "limits tempo.stroke.usual", 3),
    ("SURVEY", "30 s to 2 min a muscle", "limits caps.rolling_shin.seconds", 180),
    ("HALPERIN", "30 s a set with the stick", "routines pre_run.steps.3.seconds", 30),
    ("HALPERIN", "what it showed", "steps stick_calf.why", "the ankle bent a little further right afterwards"),
    ("FRONT22", "60 s a set with the stick, less here", "steps stick_calf.dose.seconds", 45),
    ("GRABOW", "pressure made no difference", "facts firmer.text", "3.9 of 10 gained as much range as rolling at 8.2"),
    ("GRABOW", "told after a session", "tips stronger.say", "mild rolling gained as much range"),
    ("SPEED", "4 s strokes are possible", "limits tempo.stroke.most", 5),
    ("AOFAS", "2 min a foot", "steps ball_roll.longest", 120),
    ("LONDON", "2 min a foot, cold", "limits caps.cold.seconds", 120),
    ("RTPR", "2 min a step", "limits caps.ball_or_hand.seconds", 120),
    ("CTSPINE", "5 min a foot at most", "limits caps.sole_pressure.seconds", 300),
    ("CTSPINE", "twice a day at most", "limits day.caps.sole_pressure", 600),
    ("CTSPINE", "twice a day at most", "limits day.massages", 2),
    ("GRIEVE", "one session, at once", "facts tennis_ball_trial.text", "a single session with a tennis ball"),
    ("DIGIOVANNI", "ten times", "routines morning_in_bed.steps.2.repetitions", 10),
    ("DIGIOVANNI", "count of ten", "routines morning_in_bed.steps.2.hold", 10),
    ("DIGIOVANNI", "100 s a session", "limits caps.arch_stretch.seconds", 100),
    ("DIGIOVANNI", "three times a day", "limits day.arch_stretches", 3),
    (
        "DIGIOVANNI",
        "before the first step, and after sitting",
        "facts arch_stretch_when.text",
        "before the first step of the",
    ),
    ("ACSM", "30 s at most", "limits hold.longest", 30),
    ("ACSM", "10-30 s, daily is best", "facts stretch_daily.text", "Ten to thirty seconds"),
    ("MAYO", "no bouncing", "steps wall_straight.safety", "Do not bounce"),
    ("MAYO", "told after a session", "tips tight.say", "Bouncing does not belong in it"),
    ("LONDON", "calf 30 s", "steps towel_calf.dose.hold", 30),
    ("AAOS-HC", "heel cord 30 s", "steps wall_straight.dose.hold", 30),
    ("REHABEX", "calf 30 s", "steps wall_bent.dose.hold", 30),
    ("HEELPAIN101", "calf 30 s, straight knee", "steps wall_straight.dose.hold", 30),
    (
        "RUNSTRETCH",
        "short holds before a run",
        "routines pre_run.caps",
        {"stretch_calf": 30, "stretch_sole": 30, "stretch_front": 30},
    ),
    ("RUNSTRETCH", "moving ones did better", "facts stretching_before.text", "moving ones did better"),
    ("EAMC", "gentle stretch until it lets go", "steps cramp_arch.why", "kept until the muscle lets go"),
    (
        "RANBHOR",
        "rolling and stretching equally well",
        "facts rolling_or_stretching.text",
        "about equally well at once",
    ),
]
"""Source, its number, where that stands, and what stands there."""


def place(where: str) -> Any:
    """Give what stands at a place, written as `file field.field.number`."""
    file, path = where.split(" ")
    value: Any = read_yaml("voice_coach.routines", file)
    for name in path.split("."):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def source_of(where: str) -> str:
    """Give the sources that are named with a place."""
    file, path = where.split(" ")
    entry = place(f"{file} {path.split('.')[0]}")
    return str(entry.get("source") or entry.get("sources") or "")


def numbers_in(source: str) -> set[int]:
    """Give the facts that are named in a source such as `SEED 3-8,12`."""
    found = re.search(r"SEED ([\d,\- ]+)", source)
    numbers: set[int] = set()
    for part in found[1].replace(" ", "").split(",") if found else []:
        first, _, last = part.partition("-")
        if first:
            numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


@cache
def packaged_text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROUTINES.glob("*.yaml")))


@pytest.mark.parametrize(("fact", "what", "where", "words"), FACTS)
def test_a_fact_of_the_interview_stands_in_its_place(fact: int, what: str, where: str, words: str) -> None:
    assert words in " ".join(str(place(where)).split()), (fact, what)


def test_every_fact_of_the_interview_but_the_claim_about_injuries_has_a_place() -> None:
    assert {fact for fact, *_ in FACTS} == set(range(1, 26)) - {2}


@pytest.mark.parametrize(("source", "number", "where", "there"), DOSES)
def test_a_dose_from_elsewhere_stands_in_its_place(source: str, number: str, where: str, there: object) -> None:
    if isinstance(there, str):
        assert there in " ".join(str(place(where)).split()), (source, number)
    else:
        assert place(where) == there, (source, number)


def test_facts_and_tips_name_the_facts_of_the_interview_that_they_tell() -> None:
    for fact, what, where, _ in FACTS:
        if where.startswith(("facts", "tips")):
            assert fact in numbers_in(source_of(where)), what


def test_each_source_that_gives_a_dose_is_named_where_the_dose_stands() -> None:
    limits = (ROUTINES / "limits.yaml").read_text(encoding="utf-8")
    for source, number, where, _ in DOSES:
        if where.startswith(("facts", "tips", "steps")):
            assert source in source_of(where), (source, number, where)
        elif where.startswith("limits caps"):
            assert source in place(where.removesuffix(".seconds") + ".source"), (source, number, where)
        elif where.startswith("limits") and source != "SCIENDO":
            assert source in limits, (source, number, where)


def test_the_claim_that_massage_prevents_injuries_is_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Fact 2: the article's author says so, not the therapist, and no trial does."""
    for routine in load_catalogue().routines:
        show_routine(routine)
    print_about()
    printed = capsys.readouterr().out
    for text in (packaged_text(), printed):
        assert not re.search(r"prevent\w*\s+(?:\w+\s+)?injur", text, re.IGNORECASE)
    assert "prevent" not in printed.lower()


def test_what_could_not_be_read_is_not_cited() -> None:
    assert "Hughes" not in packaged_text()
    assert "Ramer" not in packaged_text()


def test_the_interviews_own_sentences_are_not_copied() -> None:
    seed = [
        "good starting point when massaging",
        "varying amounts of pressure can be used",
        "Additional tools may be beneficial",
        "Local running stores usually carry",
        "is not entirely supported by research",
        "Many factors can play a role in the development",
        "Proper footwear can alter the demands",
        "will greatly vary between people",
        "these are indicators of increased stress",
        "lower extremity biomechanics",
    ]
    text = " ".join(packaged_text().split())
    assert [sentence for sentence in seed if sentence in text] == []
