"""The big view on fixed data: every scene in every size, against what it looked like before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.screen.views import SCENES, scene
from voice_coach.screen.layout import frame, input_line, status_line
from voice_coach.screen.look import ASCII, FULL, Look
from voice_coach.screen.scene import Heard, Line
from voice_coach.session.phases import Phase

if TYPE_CHECKING:
    from rich.text import Text

    from voice_coach.screen.scene import Scene

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENEW = os.environ.get("VOICE_COACH_RENEW_GOLDEN") == "1"
SIZES = [(80, 24), (120, 40), (200, 60)]
SMALL_SIZES = [(40, 12), (20, 6)]
NO_DOTS = Look(dots=False)


def written(rows: list[Text], width: int) -> str:
    return "".join(f"|{row.plain.ljust(width)}|\n" for row in rows)


def check(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if RENEW:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def line_of(shown: Scene, part: str, width: int = 80, height: int = 24, look: Look = FULL) -> str:
    """Give the line of a screen that holds `part`."""
    return next(row.plain for row in frame(shown, width, height, look) if part in row.plain)


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_looks_as_it_did_at_80_by_24(name: str) -> None:
    check(f"{name}_80x24.txt", written(frame(SCENES[name], 80, 24, FULL), 80))


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_looks_as_it_did_without_unicode(name: str) -> None:
    text = written(frame(SCENES[name], 80, 24, ASCII), 80)
    check(f"{name}_ascii.txt", text)
    assert text.isascii()


@pytest.mark.parametrize(("width", "height"), [*SIZES[1:], *SMALL_SIZES])
@pytest.mark.parametrize("name", ["work", "over_a_minute", "details"])
def test_the_work_looks_as_it_did_in_other_sizes(name: str, width: int, height: int) -> None:
    check(f"{name}_{width}x{height}.txt", written(frame(SCENES[name], width, height, FULL), width))


@pytest.mark.parametrize("name", ["count_in", "work", "stopped", "over_a_minute", "trouble"])
def test_styles_are_as_they_were(name: str) -> None:
    rows = frame(SCENES[name], 80, 24, NO_DOTS)
    pieces = [
        f"{number}: {span.style}: {row.plain[span.start : span.end].strip()[:30]}"
        for number, row in enumerate(rows)
        for span in row.spans
        if span.style
    ]
    check(f"{name}_styles.txt", "\n".join(pieces) + "\n")


@pytest.mark.parametrize("name", SCENES)
def test_a_screen_has_exactly_the_lines_it_should_and_none_is_too_wide(name: str) -> None:
    for width, height in [*SIZES, *SMALL_SIZES, (1, 1), (5, 3), (300, 90)]:
        rows = frame(SCENES[name], width, height, FULL)
        assert len(rows) == height
        assert max(row.cell_len for row in rows) <= width


@settings(max_examples=60)
@given(
    width=st.integers(1, 220),
    height=st.integers(1, 70),
    text=st.text(max_size=300),
    seconds=st.floats(-5, 100_000),
    phase=st.sampled_from(Phase),
)
def test_any_size_any_text_and_any_time_fit_and_move_no_cursor(
    width: int, height: int, text: str, seconds: float, phase: Phase
) -> None:
    shown = scene(
        seen={"left": seconds, "left_in_all": seconds, "step": text, "rung_text": text, "after": text, "phase": phase},
        lines=(Line(text), Line(text, by="trouble")),
        heard=Heard(text, understood=True),
        typed=text,
        routine=text,
    )
    rows = frame(shown, width, height, FULL)
    assert len(rows) == height
    assert max(row.cell_len for row in rows) <= width
    assert all(character.isprintable() for row in rows for character in row.plain)


def test_the_countdown_is_at_least_nine_lines_high_at_80_by_24() -> None:
    rows = [row.plain for row in frame(SCENES["over_a_minute"], 80, 24, FULL)]
    assert sum("█" in row[:48] for row in rows[5:19]) >= 9


def test_the_countdown_fills_more_of_a_larger_terminal() -> None:
    def blocks(width: int, height: int) -> int:
        return sum(row.plain.count("█") for row in frame(SCENES["work"], width, height, FULL))

    counts = [blocks(width, height) for width, height in SIZES]
    assert counts == sorted(counts)
    assert counts[-1] > 4 * counts[0]


def test_the_screen_tells_side_step_rung_what_comes_after_and_the_rest_of_the_session() -> None:
    text = "\n".join(row.plain for row in frame(SCENES["work"], 80, 24, FULL))
    for part in (
        "LEFT FOOT  Ball roll, heel to toes",
        "rung 1  seated, tennis ball",
        "then  Arch stretch by hand",
        "step 1 of 2   2:11 left in all",
        "heard: harder",
        "listening",
        "Roll from heel to toes, three seconds each way.",
    ):
        assert part in text


def test_an_open_question_shows_its_answers() -> None:
    assert line_of(SCENES["question"], "answer  ").strip() == "answer  yes, no"


def test_what_was_not_understood_is_told_as_such() -> None:
    assert line_of(SCENES["over_a_minute"], "not understood").rstrip().endswith("not understood: hello there")


@pytest.mark.parametrize(("level", "bars"), [(-96.0, 0), (-60.0, 0), (-30.0, 5), (-3.0, 10), (0.0, 10), (6.0, 10)])
def test_the_meter_goes_from_a_quiet_room_to_full_scale(level: float, bars: int) -> None:
    assert status_line(scene(level=level), 80, FULL).plain.count("▮") == bars


def test_no_meter_is_shown_where_nothing_measures_the_level() -> None:
    line = status_line(scene(level=None), 80, FULL).plain
    assert "▮" not in line
    assert "▯" not in line


def test_the_end_of_a_long_typed_line_is_seen() -> None:
    line = input_line("a" * 100 + "resume", 40)
    assert line.plain.endswith("resume_")
    assert line.cell_len <= 40


def test_a_paused_session_tells_how_to_go_on_and_how_much_is_left() -> None:
    assert "resume" in line_of(SCENES["paused"], "say or type")
    assert "0:34 left here" in line_of(SCENES["paused"], "LEFT FOOT")


CLOT = "Have you ever had a blood clot in a leg, or is one calf hot, swollen or sore now?"


def said_on(rows: list[Text]) -> str:
    """Give the words on a screen, one space between them."""
    return " ".join(" ".join(row.plain.split()) for row in rows)


@pytest.mark.parametrize(("width", "height"), [(80, 12), (80, 15), (80, 7), (80, 6), (40, 10), (30, 7), (20, 12)])
def test_a_question_is_seen_whole_on_a_low_screen(width: int, height: int) -> None:
    shown = scene(
        seen={"phase": Phase.QUESTION, "left": None, "step": None},
        lines=(Line("Quick three minutes. You need a ball."), Line(CLOT)),
        answers=("yes", "no"),
    )
    rows = frame(shown, width, height, FULL)
    assert CLOT in said_on(rows)
    assert rows[-1].plain.strip() == "> _"
    assert len(rows) == height


def test_a_question_is_seen_whole_beside_trouble() -> None:
    shown = scene(seen={"phase": Phase.QUESTION}, lines=(Line(CLOT), Line("The loudspeaker has gone.", by="trouble")))
    assert f"{CLOT} The loudspeaker has gone." in said_on(frame(shown, 40, 12, FULL))


def test_a_paused_session_says_all_of_its_last_line_on_a_low_screen() -> None:
    paused = "Paused. Say resume when you are ready, or finish when that is all you want."
    shown = scene(seen={"phase": Phase.PAUSED}, lines=(Line(paused),))
    assert paused in said_on(frame(shown, 40, 10, FULL))
