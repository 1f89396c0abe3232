"""Other ways to do a step: every rule of the content's paragraph on substitutions, and places."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routines.people import places, sets_of_tools
from tests.scripted_people import examples
from voice_coach.routines.bars import bars_of
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.schema import HoldDose, Rung, RungChoice, TimedDose
from voice_coach.routines.substitution import STAYING_DOWN, Substitute, find_tool, missing_tools, substituted
from voice_coach.session.bars import NO_BARS, Bars
from voice_coach.session.plan import PlannedStep

CATALOGUE = load_catalogue()
HOME = missing_tools(CATALOGUE, None)
"""What is missing where nobody has said anything."""


def planned(step: str) -> PlannedStep:
    it = CATALOGUE.steps[step]
    return PlannedStep(it, it.dose, ("both",) if it.sides == "both" else ("left", "right"), 3)


def without(step: str, *tools: str, place: str | None = None, bars: Bars = NO_BARS, ceiling: int = 9) -> Substitute:
    """Give the way to do a step where these tools are missing, and others only usually."""
    found = substituted(
        CATALOGUE, planned(step), missing_tools(CATALOGUE, None, tools), place, bars=bars, ceiling=ceiling
    )
    assert found is not None
    return found


def only_with(step: str, *tools: str, place: str | None = None, ceiling: int = 9) -> Substitute:
    """Give the way to do a step for somebody who has only these tools."""
    found = substituted(CATALOGUE, planned(step), missing_tools(CATALOGUE, tools), place, ceiling=ceiling)
    assert found is not None
    return found


def first_text(found: Substitute) -> str:
    """Give the text of the rung that a substitute begins with."""
    step = found.planned.step
    return step.ladder[step.rung - 1].text


@pytest.mark.parametrize("step", CATALOGUE.steps)
@pytest.mark.parametrize("missing", [frozenset[str](), HOME])
@pytest.mark.parametrize("place", [None, "chair"])
def test_with_everything_at_hand_a_step_stays_as_it_is(step: str, missing: frozenset[str], place: str | None) -> None:
    it = planned(step)
    assert substituted(CATALOGUE, it, missing, place) == Substitute(it)


# --- no tennis ball


@pytest.mark.parametrize("step", ["ball_roll", "ball_press", "ball_forefoot"])
def test_without_a_tennis_ball_rolled_up_socks_take_its_place_one_rung_down(step: str) -> None:
    found = without(step, "tennis ball")
    assert found.rung_change == -1
    assert found.line == "instead_socks"
    assert "rolled-up socks" in first_text(found)
    assert found.planned.step.rung == 1


def test_a_tin_can_that_is_named_takes_the_place_of_the_tennis_ball() -> None:
    found = only_with("ball_roll", "tin can")
    assert (found.line, found.rung_change) == ("instead_tin_can", 0)
    assert not any(rung.standing for rung in found.planned.step.ladder)


def test_socks_are_never_stood_on() -> None:
    assert not any(rung.standing for rung in without("ball_roll", "tennis ball").planned.step.ladder)


def test_the_heel_is_rolled_on_socks_that_stay_where_the_tennis_ball_is_missing() -> None:
    found = without("ball_heel", "tennis ball")
    assert [rung.text for rung in found.planned.step.ladder] == ["rolled-up socks"]


# --- only a lacrosse ball


@pytest.mark.parametrize("step", ["ball_roll", "ball_press"])
@pytest.mark.parametrize("place", [None, "floor"])
def test_only_a_lacrosse_ball_goes_in_a_thick_sock_with_the_weight_of_the_foot_and_counts_as_one_rung_up(
    step: str, place: str | None
) -> None:
    found = only_with(step, "lacrosse ball", place=place)
    assert found.rung_change == 1
    assert found.planned.step.rung == planned(step).step.rung + 1
    assert first_text(found).endswith("lacrosse ball in a thick sock, weight of the foot only")
    assert found.line == "instead_lacrosse"
    assert "Never stand on it" in CATALOGUE.lines[found.line].say


def test_a_lacrosse_ball_alone_goes_no_further_and_easier_leads_to_socks() -> None:
    ladder = only_with("ball_roll", "lacrosse ball").planned.step.ladder
    assert len(ladder) == 2
    assert "rolled-up socks" in ladder[0].text
    assert ladder[0].tool != ladder[1].tool  # time to change


@pytest.mark.parametrize("step", ["ball_forefoot", "ball_heel"])
def test_behind_the_toes_and_at_the_heel_a_lacrosse_ball_is_never_used(step: str) -> None:
    found = only_with(step, "lacrosse ball")
    assert not any("lacrosse" in rung.text for rung in found.planned.step.ladder)


def test_a_ceiling_of_one_turns_a_lacrosse_ball_into_socks() -> None:
    assert "rolled-up socks" in first_text(only_with("ball_roll", "lacrosse ball", ceiling=1))
    thinners = bars_of(CATALOGUE, {"thinners": "yes"})
    found = substituted(
        CATALOGUE, planned("ball_roll"), missing_tools(CATALOGUE, ["lacrosse ball"]), None, bars=thinners
    )
    assert found is not None
    assert "rolled-up socks" in first_text(found)


def test_who_only_says_that_the_tennis_ball_is_missing_need_not_have_a_lacrosse_ball() -> None:
    assert "lacrosse ball" in missing_tools(CATALOGUE, None, ["tennis ball"])
    assert "lacrosse ball" not in missing_tools(CATALOGUE, ["lacrosse ball"], ["tennis ball"])


def test_nobody_ever_stands_on_a_lacrosse_ball() -> None:
    ladders: list[Rung | RungChoice] = [rung for step in CATALOGUE.steps.values() for rung in step.ladder]
    ladders += [
        choice
        for ways in CATALOGUE.substitutions.steps.values()
        for way in ways
        for rung in way.rungs
        for choice in rung
    ]
    assert [rung.text for rung in ladders if rung.tool == "lacrosse ball" and rung.standing] == []
    assert all("standing" not in rung.text for rung in ladders if rung.tool == "lacrosse ball")


# --- roller, stick, towel, wall


def test_without_a_roller_the_stick_takes_its_place_and_without_a_stick_the_hands() -> None:
    assert without("roller_calf", "foam roller").planned.step.id == "stick_calf"
    found = without("roller_calf", "foam roller", "massage stick")
    assert (found.planned.step.id, found.line) == ("hand_calf", "instead_hands")


def test_a_rolling_pin_that_is_named_takes_the_place_of_the_stick() -> None:
    for step in ("stick_calf", "stick_shin", "roller_calf"):
        found = only_with(step, "rolling pin")
        assert found.planned.step.name.startswith("Rolling pin")
        assert found.line == "instead_rolling_pin"


def test_without_a_stick_or_a_rolling_pin_hands_do_the_work() -> None:
    assert without("stick_calf", "massage stick").planned.step.id == "hand_calf"
    shin = without("stick_shin", "massage stick").planned.step
    assert (shin.id, shin.name, len(shin.ladder)) == ("stick_shin", "Hands on the shin muscle", 1)


def test_the_outer_lower_leg_is_left_out_without_a_roller() -> None:
    assert substituted(CATALOGUE, planned("roller_outer"), HOME | {"foam roller"}, None) is None


def test_without_a_towel_there_is_a_belt_then_the_wall_then_the_arch_stretch() -> None:
    assert without("towel_calf", "towel").planned.step.name == "Belt calf stretch"
    assert without("towel_calf", "towel", "belt").planned.step.id == "wall_straight"
    assert without("towel_calf", "towel", "belt", "wall").planned.step.name == "Chair stretch, straight knee"
    assert without("towel_calf", "towel", "belt", "wall", "chair").planned.step.id == "plantar_pull"
    assert without("towel_calf", "towel", "belt", place="floor").planned.step.id == "plantar_pull"
    assert without("towel_calf", "towel", "belt", place="bed").planned.step.id == "plantar_pull"


@pytest.mark.parametrize("step", ["wall_straight", "wall_bent", "heel_raises"])
def test_without_a_wall_there_is_a_chair(step: str) -> None:
    found = without(step, "wall")
    assert found.line == "instead_chair"
    assert found.planned.step.id == step
    assert "chair" in found.planned.step.cues.setup.lower()
    assert not any("wall" in rung.text for rung in found.planned.step.ladder)


def test_without_a_wall_one_foot_stands_with_a_hand_on_a_chair() -> None:
    assert "chair" in without("arch_lift", "wall").planned.step.ladder[3].text
    assert "chair" in without("ball_roll", "wall").planned.step.ladder[2].text


# --- places


def test_on_the_floor_the_knee_is_bent_and_the_hands_press_on_it() -> None:
    found = without("ball_roll", place="floor")
    assert found.line == "on_the_floor"
    assert CATALOGUE.lines["on_the_floor"].say == (
        "On the floor: knee bent, ball under the foot, hands pressing on the knee."
    )
    assert "hands pressing" in first_text(found)


def test_without_a_chair_one_is_on_the_floor() -> None:
    assert without("ball_roll", "chair") == without("ball_roll", place="floor")
    assert without("ball_roll", "chair", place="bed") == without("ball_roll", place="bed")


def test_who_has_no_chair_may_stand_at_the_wall_but_who_is_on_the_floor_stays_down() -> None:
    assert without("wall_straight", "chair") == Substitute(planned("wall_straight"))
    assert without("wall_straight", place="floor").planned.step.id == "towel_calf"
    assert without("ball_roll", "chair", "tennis ball").planned.step.ladder == (
        without("ball_roll", "tennis ball").planned.step.ladder
    )
    assert only_with("arch_lift", place="floor").planned.step.ladder == CATALOGUE.steps["arch_lift"].ladder[:2]


def test_staying_down_the_top_rung_of_the_ball_roll_is_a_lacrosse_ball_where_there_is_one() -> None:
    assert without("ball_roll", place="floor").planned.step.ladder[2].tool == "lacrosse ball"
    assert len(only_with("ball_roll", "tennis ball", place="floor").planned.step.ladder) == 2


def test_sitting_on_a_chair_without_a_lacrosse_ball_the_top_rung_is_standing() -> None:
    top = only_with("ball_roll", "tennis ball").planned.step.ladder[2]
    assert top.standing
    assert "lacrosse" not in top.text


def test_in_bed_the_thumbs_take_the_place_of_the_ball() -> None:
    found = without("ball_roll", place="bed")
    assert (found.planned.step.id, found.line) == ("thumb_sole", "instead_thumbs")


@pytest.mark.parametrize(
    "step", ["ball_press", "ball_forefoot", "ball_heel", "cold_roll", "roller_outer", "heel_raises"]
)
def test_in_bed_these_are_left_out(step: str) -> None:
    assert substituted(CATALOGUE, planned(step), HOME, "bed") is None


@pytest.mark.parametrize("place", sorted(STAYING_DOWN))
def test_staying_down_a_towel_takes_the_place_of_the_wall_and_its_knee_is_bent_for_the_lower_calf(place: str) -> None:
    straight = without("wall_straight", place=place)
    bent = without("wall_bent", place=place)
    assert (straight.planned.step.id, straight.planned.step.rung) == ("towel_calf", 2)
    assert (bent.planned.step.id, first_text(bent)) == ("towel_calf", "knee slightly bent")
    assert "Bend your {side} knee" in bent.planned.step.cues.setup


# --- doses, sides, chains


def test_a_substitute_takes_as_long_as_the_step_it_stands_for_as_far_as_its_own_most_allows() -> None:
    assert without("roller_calf", "foam roller").planned.dose == TimedDose(60)
    long = msgspec.structs.replace(CATALOGUE.steps["roller_calf"])
    found = substituted(CATALOGUE, PlannedStep(long, TimedDose(120), ("left", "right")), HOME | {"foam roller"}, None)
    assert found is not None
    assert found.planned.dose == TimedDose(CATALOGUE.steps["stick_calf"].longest)
    assert without("wall_straight", place="bed").planned.dose == HoldDose(1, 30, 5)
    assert without("towel_calf", "towel", "belt", "wall", "chair").planned.dose == HoldDose(6, 10, 3)


def test_a_substitute_keeps_sides_and_number_and_is_not_done_on_a_barred_side() -> None:
    wound = bars_of(CATALOGUE, {"wound": "left"})
    found = without("roller_calf", "foam roller", bars=wound)
    assert (found.planned.sides, found.planned.number) == (("right",), 3)


def test_a_barred_step_takes_no_others_place() -> None:
    clot = bars_of(CATALOGUE, {"clot": "yes"})
    assert substituted(CATALOGUE, planned("roller_calf"), HOME | {"foam roller"}, None, bars=clot) is None


def test_a_substitute_is_replaced_in_turn_and_the_usual_way_comes_back() -> None:
    lacrosse = only_with("ball_roll", "lacrosse ball")
    socks = substituted(CATALOGUE, lacrosse.planned, missing_tools(CATALOGUE, []), None)
    assert socks is not None
    assert first_text(socks) == "seated, rolled-up socks, weight of the leg only"
    again = substituted(CATALOGUE, socks.planned, frozenset(), None)
    assert again is not None
    assert again.planned == planned("ball_roll")
    hands = substituted(CATALOGUE, without("roller_calf", "foam roller").planned, missing_tools(CATALOGUE, []), None)
    assert hands is not None
    assert hands.planned.step.id == "hand_calf"


def test_a_substitute_that_is_asked_for_again_stays_as_it_is() -> None:
    socks = without("ball_roll", "tennis ball")
    assert substituted(CATALOGUE, socks.planned, missing_tools(CATALOGUE, None, ["tennis ball"]), None) == Substitute(
        socks.planned
    )


def test_a_step_that_begins_on_another_rung_keeps_it_in_the_usual_way() -> None:
    firmer = msgspec.structs.replace(CATALOGUE.steps["ball_roll"], rung=2)
    it = PlannedStep(firmer, firmer.dose, ("left", "right"), 0)
    assert substituted(CATALOGUE, it, HOME, None) == Substitute(it)


# --- tools


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("ball", "tennis ball"),
        ("A Tennis Ball", "tennis ball"),
        ("roller", "foam roller"),
        ("the stick", "massage stick"),
        ("rolled up socks", "rolled-up socks"),
        ("  LACROSSE   ball ", "lacrosse ball"),
        ("hammer", None),
        ("", None),
    ],
)
def test_a_tool_is_found_by_the_names_people_use(name: str, tool: str | None) -> None:
    assert find_tool(CATALOGUE, name) == tool


def test_what_is_around_the_house_counts_as_there_and_what_is_not_named_as_missing() -> None:
    assert missing_tools(CATALOGUE, ["tennis ball"]) == {
        "lacrosse ball",
        "foam roller",
        "massage stick",
        "towel",
        "cold bottle",
        "tin can",
        "rolling pin",
    }
    assert "wall" in missing_tools(CATALOGUE, ["tennis ball"], ["wall"])
    assert missing_tools(CATALOGUE, None) == {"tin can", "rolling pin"}


def test_what_is_said_to_be_missing_is_missing_even_where_it_was_listed() -> None:
    assert "tennis ball" in missing_tools(CATALOGUE, ["tennis ball"], ["tennis ball"])


@examples(200)
@given(
    step=st.sampled_from(sorted(set(CATALOGUE.steps) - {"cramp_arch", "cramp_calf"})),
    have=st.none() | sets_of_tools(),
    missing=sets_of_tools(),
    place=places(),
    ceiling=st.integers(1, 4),
)
def test_no_substitute_needs_what_is_missing_stands_where_one_stays_down_or_begins_over_a_ceiling(
    step: str, have: tuple[str, ...] | None, missing: tuple[str, ...], place: str | None, ceiling: int
) -> None:
    away = missing_tools(CATALOGUE, have, missing)
    found = substituted(CATALOGUE, planned(step), away, place, ceiling=ceiling)
    if found is None:
        return
    it = found.planned.step
    rung = it.ladder[it.rung - 1]
    assert rung.tool not in away
    assert found.planned.dose.seconds <= it.longest
    assert len(it.ladder) <= len(CATALOGUE.steps[it.id].ladder)
    assert it.caps == CATALOGUE.steps[it.id].caps
    assert found.rung_change <= 0 or it.rung <= ceiling
    if place in STAYING_DOWN:
        assert not any(one.standing for one in it.ladder)
        assert it.position.split()[0] != "standing"
    again = substituted(CATALOGUE, found.planned, away, place, ceiling=ceiling)
    assert again is not None
    assert again.planned == found.planned
