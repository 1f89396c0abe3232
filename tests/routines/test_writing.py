"""Routine files that the program writes: templates, whole routines, and changes in a file that a person wrote."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.checking import check
from voice_coach.routines.schema import Routine, RoutineStep
from voice_coach.routines.writing import edited, routine_text, saved, template
from voice_coach.session.actions import SavedStep, SaveWanted

CATALOGUE = load_catalogue()
MINE = """\
# my own remark
name: Evening feet   # a name
steps:
  # first the ball
  - {step: ball_roll, seconds: 60}   # both feet
  - step: plantar_pull   # by hand
    repetitions: 3

  # last
  - step: settle
    note: Rest your {side} foot on the other.   # quiet
"""
MINE = MINE.replace("{side} foot on the other", "feet side by side")


def made(text: str) -> Routine:
    checked = check(text, "mine", CATALOGUE)
    assert checked.problems == ()
    assert checked.routine is not None
    return checked.routine


def change(*steps: SavedStep, left_out: tuple[int, ...] = (), stroke: float | None = None) -> SaveWanted:
    return SaveWanted("mine", steps, left_out, stroke)


@pytest.mark.parametrize("id_", ["evening_feet", "x", "stop_pain", "quick_3", "füße", "123"])
def test_a_template_passes_the_check_whatever_its_name(id_: str) -> None:
    checked = check(template(id_, CATALOGUE), id_, CATALOGUE)
    assert checked.problems == ()


def test_a_template_names_its_schema_first_and_lists_every_step_and_every_field() -> None:
    text = template("evening_feet", CATALOGUE)
    assert text.splitlines()[0] == "# yaml-language-server: $schema=./routine.schema.json"
    assert 'name: "Evening feet"' in text
    for id_, step in CATALOGUE.steps.items():
        line = next(line for line in text.splitlines() if line.startswith(f"#   {id_} "))
        assert step.name in line
        assert f"most {step.longest:g}" in line
    for field in (
        "name",
        "when",
        "kit",
        "greeting",
        "place",
        "sides",
        "rung_ceiling",
        "stroke",
        "caps",
        "steps",
        "note",
    ):
        assert f"{field}:" in text


def test_every_remark_of_a_template_that_shows_a_field_is_right_when_the_mark_is_taken_away() -> None:
    lines = template("mine", CATALOGUE).splitlines()
    fields = [f"# {name}: " for name in ("greeting", "place", "sides", "rung_ceiling", "stroke", "caps")]
    text = "\n".join(line[2:] if line.startswith(tuple(fields)) else line for line in lines)
    routine = made(text)
    assert (routine.greeting, routine.rung_ceiling, routine.caps) == (
        "A quiet evening. You need {tools}.",
        2,
        {"sole_pressure": 120},
    )


@pytest.mark.parametrize("id_", CATALOGUE.routines)
def test_a_routine_that_is_written_is_the_same_when_it_is_read(id_: str) -> None:
    routine = CATALOGUE.routines[id_]
    text = routine_text(routine, "A remark\nof two lines.")
    assert check(text, id_, CATALOGUE).routine == routine
    assert "# A remark\n# of two lines.\n" in text


def test_a_saved_dial_changes_one_value_and_leaves_every_remark() -> None:
    wanted = change(SavedStep(0, "ball_roll", seconds=75.0, rung=2), SavedStep(1, "plantar_pull", repetitions=4))
    assert edited(MINE, made(MINE), wanted, CATALOGUE) == MINE.replace("seconds: 60}", "seconds: 75, rung: 2}").replace(
        "repetitions: 3", "repetitions: 4"
    )


def test_new_fields_stand_below_the_others_of_their_step() -> None:
    wanted = change(SavedStep(1, "plantar_pull", hold=12.5, gap=4.0, rung=1))
    assert edited(MINE, made(MINE), wanted, CATALOGUE) == MINE.replace(
        "    repetitions: 3\n", "    repetitions: 3\n    hold: 12.5\n    gap: 4\n    rung: 1\n"
    )


def test_a_step_that_is_left_out_goes_with_its_lines() -> None:
    text = edited(MINE, made(MINE), change(left_out=(0, 2)), CATALOGUE)
    assert text is not None
    assert made(text).steps == (RoutineStep("plantar_pull", repetitions=3),)
    assert "# my own remark" in text


def test_a_stroke_is_changed_where_it_stands_and_put_before_the_steps_where_it_does_not() -> None:
    once = edited(MINE, made(MINE), change(stroke=4.0), CATALOGUE)
    assert once == MINE.replace("steps:", "stroke: 4\nsteps:")
    twice = edited(once, made(once), change(stroke=2.0), CATALOGUE)
    assert twice == once.replace("stroke: 4", "stroke: 2")


def test_windows_line_ends_stay() -> None:
    text = MINE.replace("\n", "\r\n")
    wanted = change(SavedStep(1, "plantar_pull", hold=12.0), SavedStep(2, "settle", rung=1), stroke=4.0, left_out=(0,))
    changed = edited(text, made(text), wanted, CATALOGUE)
    assert changed is not None
    assert changed.count("\n") == changed.count("\r\n")


def test_a_layout_that_cannot_be_kept_is_not_guessed_at() -> None:
    text = "{name: Mine, steps: [{step: ball_roll}, {step: settle}]}\n"
    assert edited(text, made(text), change(left_out=(0,)), CATALOGUE) is None
    assert edited(text, made(text), change(stroke=4.0), CATALOGUE) is None
    assert edited(text, made(text), change(SavedStep(0, "ball_roll", seconds=45.0)), CATALOGUE) == text.replace(
        "ball_roll", "ball_roll, seconds: 45"
    )


def test_what_was_done_in_place_of_a_step_does_not_change_it() -> None:
    assert saved(made(MINE), change(SavedStep(0, "thumb_sole", seconds=30.0))) == made(MINE)


SAVED = st.builds(
    SavedStep,
    st.integers(0, 2),
    st.just(""),
    seconds=st.none() | st.sampled_from([30.0, 75.0]),
    repetitions=st.none() | st.integers(1, 5),
    hold=st.none() | st.sampled_from([12.0, 12.5]),
    gap=st.none() | st.sampled_from([2.0, 4.0]),
    rung=st.none() | st.integers(1, 2),
)
LAYOUTS = [
    MINE,
    MINE.replace("\n", "\r\n"),
    MINE.rstrip(),
    "steps:\n- step: ball_roll\n- {step: plantar_pull}\n-   rung: 1\n    step: settle\nname: Mine",
    'name: "Mine"\nstroke: 3\nsteps: [{step: ball_roll}, {step: plantar_pull, hold: 10}, {step: settle}] # all',
    "name: Mine\nsteps:\n  - note: |-\n      Softly.\n    step: ball_roll\n  - step: plantar_pull\n  - step: settle\n",
    "name: >-\n  Mine\nsteps:\n  - step: ball_roll\n    note: >-\n      And\n      so on.\n  - step: plantar_pull\n",
]


@given(
    st.sampled_from(LAYOUTS),
    st.lists(SAVED, max_size=3),
    st.sets(st.integers(0, 2), max_size=2),
    st.none() | st.just(4.0),
)
def test_a_changed_file_holds_what_was_wanted_or_is_not_changed(
    text: str, steps: list[SavedStep], left_out: set[int], stroke: float | None
) -> None:
    checked = check(text, "mine", CATALOGUE)
    assume(checked.routine is not None)
    assert checked.routine is not None
    ids = [entry.step for entry in checked.routine.steps]
    timed = {"ball_roll", "settle"}
    unique = {step.number: step for step in steps if step.number < len(ids)}.values()
    wanted = change(
        *(
            SavedStep(
                step.number,
                ids[step.number],
                seconds=step.seconds if ids[step.number] in timed else None,
                repetitions=None if ids[step.number] in timed else step.repetitions,
                hold=None if ids[step.number] in timed else step.hold,
                gap=None if ids[step.number] in timed else step.gap,
                rung=step.rung,
            )
            for step in unique
        ),
        left_out=tuple(sorted(number for number in left_out if number < len(ids) - 1)),
        stroke=stroke,
    )
    changed = edited(text, checked.routine, wanted, CATALOGUE)
    whole = routine_text(saved(checked.routine, wanted), "")
    assert check(whole, "mine", CATALOGUE).routine == saved(checked.routine, wanted)
    if changed is not None:
        assert check(changed, "mine", CATALOGUE).routine == saved(checked.routine, wanted)
