"""Routines of one's own: what a file may hold, and how every mistake in it is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests import oracle
from voice_coach.errors import RoutineFileError, UnknownRoutineError, WishError
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.routines.checking import check
from voice_coach.routines.marked_yaml import MOST_BYTES
from voice_coach.routines.own import own_routines, problems_in, read_routine, routine_called
from voice_coach.routines.person import Person
from voice_coach.routines.planning import plan_session
from voice_coach.routines.routine_file import WANTS, RoutineFile, StepInFile, json_schema, packaged_schema, schema_text
from voice_coach.routines.schema import Routine, RoutineStep, TimedDose
from voice_coach.routines.wishes import Wishes
from voice_coach.session.phases import COMMANDS
from voice_coach.session.plan import plan_routine
from voice_coach.testing import ALL_IS_WELL, MovedSession, run_session

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = load_catalogue()
GOOD = """\
name: Evening feet
steps:
  - {step: ball_roll, seconds: 60}
  - step: plantar_pull
    repetitions: 3
"""


def told(text: str) -> list[str]:
    """Give the problems of a file as lines."""
    return [str(problem) for problem in check(text, "mine", CATALOGUE).problems]


def with_step(step: str, top: str = "name: Mine") -> str:
    return f"{top}\nsteps:\n  - {step}\n"


def made(text: str) -> Routine:
    checked = check(text, "mine", CATALOGUE)
    assert checked.problems == ()
    assert checked.routine is not None
    return checked.routine


# --- what may stand in a file


def test_a_name_and_steps_are_all_that_a_routine_needs() -> None:
    routine = made(GOOD)
    assert routine.steps == (RoutineStep("ball_roll", seconds=60), RoutineStep("plantar_pull", repetitions=3))
    assert (routine.id, routine.greeting, routine.sides, routine.check) == ("mine", "Evening feet.", "each", True)


def test_every_field_may_be_set() -> None:
    routine = made(
        'name: "Mine: all of it"\nwhen: in the evening\nkit: one ball\ngreeting: "Sit down."\nsides: one\n'
        "rung_ceiling: 2\ncheck: true\nstroke: 4\ncaps: {sole_pressure: 90}\nsteps:\n"
        "  - {step: ball_roll, seconds: 45.5, rung: 2, note: 'Mind your {side} toes.'}\n"
        "  - {step: plantar_pull, repetitions: 2, hold: 12, gap: 2}\n"
    )
    assert (routine.sides, routine.rung_ceiling, routine.stroke) == ("one", 2, 4.0)
    assert routine.caps == {"sole_pressure": 90.0}
    assert routine.steps[0] == RoutineStep("ball_roll", seconds=45.5, rung=2, note="Mind your {side} toes.")
    assert routine.steps[1] == RoutineStep("plantar_pull", repetitions=2, hold=12, gap=2)


def test_a_name_may_look_like_a_number_and_a_zero_in_front_is_no_other_number() -> None:
    assert made(with_step("{step: ball_roll, seconds: 045}", "name: 5")).steps[0].seconds == 45
    assert made(with_step("{step: ball_roll}", "name: 5")).name == "5"


def test_the_relief_of_a_cramp_may_begin_at_once_and_without_a_question() -> None:
    routine = made(with_step("{step: cramp_arch}", "name: Now\nsides: one\ncheck: false"))
    assert (routine.check, routine.greeting) == (False, "")


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_routine(path, CATALOGUE).name == "Evening feet"


def test_a_file_that_was_named_by_its_path_is_named_so_in_what_helps(tmp_path: Path) -> None:
    path = tmp_path / "my feet.yaml"
    path.write_text(GOOD, encoding="utf-8")
    routine = routine_called(str(path), CATALOGUE).routine
    with pytest.raises(WishError) as refused:
        plan_session(CATALOGUE, routine, Wishes(minutes=500), Person())
    assert refused.value.remedy == f"voice-coach start '{path}' --minutes 30"


def test_a_note_is_spoken_on_each_side_after_the_steps_own_cue() -> None:
    text = "name: Mine\nsteps:\n  - {step: thumb_sole, note: 'Keep your {side} knee low.'}\n"
    plan = plan_routine(CATALOGUE, made(text))
    lines = run_session(plan, answers=ALL_IS_WELL).lines
    assert "Lift off and begin from the heel each time. Keep your left knee low." in lines
    assert "Lift off and begin from the heel each time. Keep your right knee low." in lines


# --- mistakes, each with its line, its field and what would be right

MISTAKES = {
    "steps:\n  - {step: ball_roll}\n": "line 1: `name` is missing: text of 1 to 60 letters",
    "name: x\n": "line 1: `steps` is missing: a list of 1 to 40 steps",
    "name: x\nsteps: []\n": "line 2, `steps`: zero steps will not do",
    "name: x\nsteps: ball_roll\n": "line 2, `steps`: 'ball_roll' will not do; wanted: a list",
    "name:\nsteps: [{step: ball_roll}]\n": "line 1, `name`: nothing will not do; wanted: text",
    "- ball_roll\n": "line 1: a routine is written as fields",
    "mine: {name: x, steps: [{step: ball_roll}]}\n": "line 1: the file's name is the routine's; leave this line out",
    with_step("ball_roll"): "line 3, step 1: a step is written as fields, for example `- {step: ball_roll",
    with_step("{seconds: 30}"): "line 3, step 1: `step` is missing: the name of a step",
    with_step("{step: ball roll}"): "line 3, step 1 (ball roll), `step`: there is no step called 'ball roll'; "
    "did you mean `ball_roll`?",
    with_step("{step: moonwalk}"): "there is no step called 'moonwalk'; there are foot_check, ankle_pumps",
    with_step("{step: ball_roll, secconds: 30}"): "there is no field called 'secconds'; did you mean `seconds`?",
    with_step("{step: ball_roll, seconds: forty}"): "step 1 (ball_roll), `seconds`: 'forty' will not do; wanted: "
    "seconds from 5 to 600, for example `seconds: 45`",
    with_step("{step: ball_roll, seconds: 1:30}"): "'1:30' will not do",
    with_step("{step: ball_roll, seconds: .inf}"): "'.inf' will not do",
    with_step("{step: ball_roll, seconds: .nan}"): "'.nan' will not do",
    with_step("{step: ball_roll, seconds: -5}"): "'-5' will not do",
    with_step("{step: ball_roll, seconds: 1e3}"): "'1e3' will not do",
    with_step("{step: ball_roll, seconds: 99999999999999999999}"): "will not do",
    with_step("{step: ball_roll, seconds: '60'}"): "'60' will not do",
    with_step("{step: ball_roll, seconds: [60]}"): "a list will not do",
    with_step("{step: ball_roll, seconds: }"): "nothing will not do",
    with_step("{step: ball_roll, seconds: 121}"): "`seconds`: 121 s will not do; the most of ball_roll is 120 s",
    with_step("{step: ball_roll, repetitions: 3}"): "`repetitions`: ball_roll is measured in `seconds`; leave this out",
    with_step("{step: plantar_pull, seconds: 30}"): "`seconds`: plantar_pull is measured in `repetitions` and `hold`",
    with_step("{step: plantar_pull, hold: 31}"): "`hold`: '31' will not do; wanted: seconds from 1 to 30",
    with_step("{step: plantar_pull, repetitions: 2.5}"): "'2.5' will not do; wanted: a whole number",
    with_step("{step: plantar_pull, repetitions: 12}"): "12 times 10 s with rests of 3 s are 153 s; the most of "
    "plantar_pull is 130 s for each side: 10 repetitions at most",
    with_step("{step: ball_press, repetitions: 3, hold: 30, gap: 0}"): "line 3, step 1 (ball_press), `gap`: 0 s will "
    "not do; ball_press is let go between two repetitions: 2 s or more",
    with_step("{step: wall_straight, gap: 1.5}"): "`gap`: 1.5 s will not do",
    with_step("{step: ball_roll, rung: 4}"): "`rung`: ball_roll has three rungs: 1 seated, tennis ball",
    with_step("{step: ball_roll, rung: 3}", "name: x\nrung_ceiling: 2"): "this routine's `rung_ceiling` is 2; 2 or",
    with_step("{step: ball_roll}", "name: x\ncheck: no"): "line 2, `check`: 'no' will not do; wanted: true or false",
    with_step("{step: ball_roll}", "name: x\ncheck: false"): "only a routine that begins with the relief of a cramp",
    with_step("{step: ball_roll}", "name: x\nsides: left"): "`sides`: 'left' will not do; wanted: each or one",
    with_step("{step: ball_roll}", "name: x\nstroke: 1"): "`stroke`: '1' will not do; wanted: seconds from 2 to 5",
    with_step("{step: ball_roll}", "name: x\ncaps: {sole_pressure: 301}"): "line 2, caps, `sole_pressure`: a routine "
    "cannot raise a limit; 300 or less",
    with_step("{step: ball_roll}", "name: x\ncaps: {sole: 30}"): "there is no limit called 'sole'; did you mean "
    "`sole_pressure`?",
    with_step("{step: ball_roll}", "name: x\ncaps: {cold: 0}"): "`cold`: '0' will not do; wanted: seconds, more than 0",
    with_step("{step: ball_roll}", "name: x\ncaps: 30"): "`caps`: '30' will not do; wanted: limits and their seconds",
    with_step("{step: ball_roll}", "name: x\nname: y"): "line 2: `name` stands here twice; leave one of them out",
    with_step("{step: ball_roll, seconds: 30, seconds: 40}"): "`seconds` stands here twice",
    with_step("{step: cramp_arch}"): "a cramp has one side: add `sides: one` to the routine",
    "name: x\nsteps: [{step: ball_roll}, {step: cramp_calf}]\n": "can only be the first step of a routine",
    with_step("{step: ball_roll}", f"name: {'x' * 61}"): "will not do; wanted: text of 1 to 60 letters",
    with_step("{step: ball_roll}", 'name: "  "'): "`name`: this is empty",
    "": "line 1: the file is empty; a routine has a `name` and `steps`",
    "# only a remark\n": "line 1: the file is empty",
    "name: x\n\tsteps: []\n": "line 2: there is a tab at the beginning of the line; indent with spaces",
    "name: Morning: feet\n": "line 1: there is a colon in the wrong place",
    "name: 'x\nsteps: []\n": "a quotation mark is opened and not closed",
    "name: x\nsteps: [{step: ball_roll}\n": "a bracket is not closed",
    "name: @x\n": "a text that begins with this character needs quotes",
    "name: &a x\nwhen: *a\n": "line 1: `&` and `*` stand for other places; write out what you mean",
    "name: !!python/object:os.system x\n": "line 1: `!` sets a type; leave it out",
    "---\nname: x\n---\nname: y\n": "line 3: a second routine begins here; write one routine a file",
    f"name: {'[' * 50}\n": "nested too deeply",
    "name: x\x07\n": "there is a character here that cannot be seen",
}


@pytest.mark.parametrize(("text", "says"), MISTAKES.items())
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(text: str, says: str) -> None:
    problems = told(text)
    assert any(says in problem for problem in problems), problems


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    steps = "  - {step: ball_rol}\n  - {step: settle, seconds: 500}\n  - {step: plantar_pull,\n     hold: 40}\n"
    text = f"name: x\nwen: now\nsteps:\n{steps}"
    lines = [problem.line for problem in check(text, "mine", CATALOGUE).problems]
    assert lines == [2, 4, 5, 7]


def test_what_a_whole_session_would_get_too_much_of_is_told_at_the_step_that_is_too_much() -> None:
    text = (
        "name: x\nsteps:\n  - {step: ball_roll, seconds: 120}\n  - {step: thumb_sole, seconds: 90}\n"
        "  - {step: cold_roll, seconds: 100}\n"
    )
    (problem,) = told(text)
    assert problem == (
        "line 5, step 3 (cold_roll), `seconds`: with this, pressure on the sole comes to 310 s for each foot; "
        "a session may have 300 s: take 10 s away, here or before"
    )


def test_a_stricter_limit_of_the_routine_is_checked_too() -> None:
    text = with_step("{step: ball_roll, seconds: 60}", "name: x\ncaps: {sole_pressure: 50}")
    assert "a session may have 50 s" in told(text)[0]


def test_a_step_that_comes_twice_is_added_up() -> None:
    text = "name: x\nsteps: [{step: roller_calf, seconds: 90}, {step: roller_calf, seconds: 60}]\n"
    assert "roller_calf comes to 150 s for each foot; a session may have 120 s" in told(text)[0]


def test_a_routine_longer_than_a_session_is_told() -> None:
    steps = "".join(
        f"  - {{step: {id_}, seconds: {CATALOGUE.steps[id_].longest:g}}}\n"
        for id_ in ("foot_check", "ball_roll", "roller_calf", "roller_outer", "stick_shin", "hand_calf", "settle")
    ) + "".join(
        f"  - {{step: {id_}, repetitions: {reps}}}\n"
        for id_, reps in {
            "ankle_circles": 36,
            "toe_fan": 13,
            "plantar_pull": 10,
            "top_foot": 3,
            "arch_lift": 17,
        }.items()
    )
    steps += "  - {step: ankle_pumps, repetitions: 40}\n  - {step: heel_raises, repetitions: 22}\n"
    steps += "  - {step: towel_calf, repetitions: 3}\n  - {step: wall_bent, repetitions: 1}\n"
    assert "a session ends after thirty minutes" in told(f"name: x\nsteps:\n{steps}")[0]


SPOKEN = {
    "name: Stop it": "'stop it'",
    "name: x\ngreeting: 'Ready? Sit down.'": "'ready'",
    "name: x\ngreeting: 'A bit harder than usual.'": "'a bit harder'",
    "name: Against sharp pain": "'sharp pain'",
    "name: x\ngreeting: 'WAIT, and sit.'": "'wait'",
}


@pytest.mark.parametrize(("top", "phrase"), SPOKEN.items())
def test_a_spoken_line_may_hold_nothing_that_the_coach_would_obey(top: str, phrase: str) -> None:
    problems = told(with_step("{step: ball_roll}", top))
    assert any(f"a user says {phrase} to give a command" in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("note", "says"),
    [
        ("Wait until it lets go.", "a user says 'wait' to give a command"),
        ("Mind your {foot}.", "'{', '}' cannot be spoken"),
        ("Mind {side.__class__}.", "cannot be spoken"),
        ("Slowly [[h@l@U]].", "cannot be spoken"),
        ("x" * 161, "text of at most 160 letters"),
        (" ", "this is empty"),
    ],
)
def test_a_note_can_be_spoken_and_holds_no_command(note: str, says: str) -> None:
    problems = told(with_step(f'{{step: ball_roll, note: "{note}"}}'))
    assert any(says in problem for problem in problems), problems


def test_a_note_for_both_feet_at_once_names_no_side() -> None:
    assert "write it without {side}" in told(with_step("{step: foot_check, note: 'Your {side} foot.'}"))[0]


def test_the_name_of_a_packaged_routine_may_be_kept_though_it_holds_a_command() -> None:
    assert made(with_step("{step: cramp_arch}", 'name: "Arch cramp, now"\nsides: one')).name == "Arch cramp, now"


def test_answers_that_count_only_after_a_question_may_be_spoken() -> None:
    assert {"left", "one", "no"}.isdisjoint(frozenset().union(*COMMANDS.values()))
    note = "No hurry, one breath for each stroke."
    assert made(with_step(f"{{step: ball_roll, note: '{note}'}}")).steps[0].note == note


# --- files and folders


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))
    folder = tmp_path / "routines"
    folder.mkdir()
    return folder


def test_a_file_that_is_no_text_or_too_large_or_missing_is_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: x\nwhen: für müde Füße\n".encode("latin-1"))
    large = tmp_path / "large.yaml"
    large.write_bytes(b"# " + b"x" * MOST_BYTES)
    endless = tmp_path / "endless.yaml"
    endless.mkdir()
    says = [str(problems_in(path, CATALOGUE)[1][0]) for path in (latin, large, endless, tmp_path / "none.yaml")]
    assert says[0] == "line 2: this is no text in UTF-8; let your editor save the file as UTF-8"
    assert "the file is over 32 kB" in says[1]
    assert says[2:] == ["line 1: this is no file", "line 1: there is no such file"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_never_ends_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "this is no file" in str(problems_in(tmp_path / "pipe.yaml", CATALOGUE)[1][0])


def test_a_small_file_that_would_grow_without_end_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    assert told("\n".join(lines)) == ["line 1: `&` and `*` stand for other places; write out what you mean"]


def test_a_file_whose_name_cannot_be_an_id_is_told(tmp_path: Path) -> None:
    path = tmp_path / "my routine!.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert "up to 40 letters, digits, - and _" in str(problems_in(path, CATALOGUE)[1][0])


def test_an_own_routine_is_found_by_file_id_and_name(folder: Path) -> None:
    path = folder / "Evening-Feet 2.yaml"
    path.write_text(GOOD.replace("Evening feet", "At night"), encoding="utf-8")
    for name in (str(path), "evening_feet_2", "evening-feet 2", "At night"):
        found = routine_called(name, CATALOGUE)
        assert (found.routine.id, found.path) == ("evening_feet_2", path)


def test_an_own_routine_takes_the_place_of_a_packaged_one_of_the_same_id(folder: Path) -> None:
    (folder / "quick_3.yaml").write_text(GOOD, encoding="utf-8")
    assert routine_called("quick_3", CATALOGUE).routine.name == "Evening feet"
    (folder / "quick_3.yaml").unlink()
    assert routine_called("quick_3", CATALOGUE).path is None


def test_a_broken_file_never_lets_the_packaged_routine_of_its_name_step_in(folder: Path) -> None:
    (folder / "quick_3.yaml").write_text(GOOD.replace("60", "600"), encoding="utf-8")
    with pytest.raises(
        RoutineFileError, match=r"There is a mistake in .*quick_3\.yaml:\n  line 3, step 1 \(ball_roll\)"
    ):
        routine_called("quick_3", CATALOGUE)
    assert routine_called("full_15", CATALOGUE).routine.id == "full_15"


def test_other_files_in_the_folder_are_left_alone_or_told(folder: Path) -> None:
    for name in ("good.yaml", "good.yml", "Good.yaml", ".hidden.yaml", "notes.txt"):
        (folder / name).write_text(GOOD, encoding="utf-8")
    (folder / "bad.yaml").write_text("name: x\n", encoding="utf-8")
    own = own_routines(CATALOGUE)
    assert set(own.good) == {"good"}
    assert set(own.broken) == {"bad"}
    assert {path.name for path in own.unread} <= {"good.yml", "good.yaml", "Good.yaml"}


def test_what_is_not_there_is_told_with_what_is(folder: Path) -> None:
    (folder / "evening.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(UnknownRoutineError, match=r"no routine called 'morning'.*desk.*evening"):
        routine_called("morning", CATALOGUE)


def test_own_routines_come_before_packaged_ones_of_the_same_name() -> None:
    mine = made(GOOD.replace("Evening feet", "At the desk"))
    assert find_routine(CATALOGUE, "At the desk", {"mine": mine}) is mine
    assert find_routine(CATALOGUE, "desk", {"mine": mine}).id == "desk"


# --- the schema for editors


def test_the_schema_in_the_package_is_the_one_of_the_types_and_the_catalogue() -> None:
    """Make it anew with: python -m voice_coach.routines.routine_file."""
    assert packaged_schema() == schema_text(CATALOGUE)


def test_the_schema_describes_every_field_and_knows_every_step() -> None:
    schema = json_schema(CATALOGUE)["$defs"]
    for name, type_ in (("RoutineFile", RoutineFile), ("StepInFile", StepInFile)):
        fields = {info.name for info in msgspec.structs.fields(type_)}
        assert fields == set(schema[name]["properties"])
        assert all(len(each.get("description", "")) > 15 for each in schema[name]["properties"].values())
        assert schema[name]["additionalProperties"] is False
    assert schema["StepInFile"]["properties"]["step"]["enum"] == list(CATALOGUE.steps)
    limits = {
        each["if"]["properties"]["step"]["const"]: each["then"]["properties"] for each in schema["StepInFile"]["allOf"]
    }
    assert limits["ball_roll"] == {
        "seconds": {"maximum": 120},
        "repetitions": False,
        "hold": False,
        "gap": False,
        "rung": {"maximum": 3},
    }


def test_the_schema_asks_for_a_rest_where_the_catalogue_has_one() -> None:
    steps = json_schema(CATALOGUE)["$defs"]["StepInFile"]["allOf"]
    gaps = {each["if"]["properties"]["step"]["const"]: each["then"]["properties"].get("gap") for each in steps}
    assert gaps["ball_press"] == {"minimum": CATALOGUE.limits.tempo.gap.least}
    assert gaps["heel_raises"] is None


def test_every_field_has_words_for_what_may_stand_in_it() -> None:
    names = {info.name for type_ in (RoutineFile, StepInFile) for info in msgspec.structs.fields(type_)}
    assert set(WANTS) == names


def test_the_bounds_of_the_fields_are_the_limits_of_the_catalogue() -> None:
    fields = json_schema(CATALOGUE)["$defs"]
    hold = fields["StepInFile"]["properties"]["hold"]
    stroke = fields["RoutineFile"]["properties"]["stroke"]
    tempo = CATALOGUE.limits.tempo.stroke
    assert hold["maximum"] == CATALOGUE.limits.hold.longest
    assert (stroke["minimum"], stroke["maximum"]) == (tempo.least, tempo.most)


# --- properties

MARKS = "name steps step ball_roll plantar_pull seconds hold caps 60 - : { } [ ] , # ' \" &a *a ! | > ? true ~ % \\"
WORDS = st.sampled_from([*MARKS.split(), "\n", "\n  ", "\t", "\x85", "\ufeff"])


@given(st.lists(WORDS, max_size=40).map(" ".join))
@example('a: "\\UFFFFFFFF"')
@example('name: "\\ud800"\nsteps: []')
@example("? [a]\n: b")
@example("? {a: b}\n: b")
@example("steps:\n  - {[a]: b}")
@example("steps: [{caps: {}}]\ncaps: {[x]: 1}")
def test_whatever_stands_in_a_file_it_is_told_in_printable_lines(text: str) -> None:
    for line in told(text):
        assert line.isprintable()
        assert len(line) < 700


@given(st.text(max_size=200))
def test_no_text_makes_the_check_fail(text: str) -> None:
    told(text)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Give files that are mostly right."""
    steps = []
    for id_ in draw(st.lists(st.sampled_from(sorted(CATALOGUE.steps)), min_size=1, max_size=12)):
        step = CATALOGUE.steps[id_]
        entry: dict[str, object] = {"step": id_}
        if isinstance(step.dose, TimedDose):
            entry["seconds"] = draw(st.integers(5, int(step.longest * 1.1)))
        else:
            entry["repetitions"] = draw(st.integers(1, 12))
            entry["hold"] = draw(st.sampled_from([2, 5, 10, 20, 30, 31]))
        if draw(st.booleans()):
            entry["rung"] = draw(st.integers(1, 4))
        steps.append(entry)
    return yaml.safe_dump({"name": "Mine", "sides": draw(st.sampled_from(["each", "one"])), "steps": steps})


@given(files())
def test_no_routine_that_passes_the_check_goes_over_a_cap(text: str) -> None:
    routine = check(text, "mine", CATALOGUE).routine
    assume(routine is not None)
    assert routine is not None
    plan = plan_routine(CATALOGUE, routine)
    assert plan.seconds <= oracle.LONGEST_SESSION
    for id_, most in oracle.MOST_PER_SIDE.items():
        assert sum(planned.dose.seconds for planned in plan.steps if planned.step.id == id_) <= most
    for cap in oracle.CAPS:
        doses = [planned.dose for planned in plan.steps if planned.step.id in cap.steps]
        if not cap.each:
            assert sum(dose.held if cap.held else dose.seconds for dose in doses) <= cap.seconds
    assert all(getattr(planned.dose, "hold", 0) <= oracle.LONGEST_HOLD for planned in plan.steps)


def test_a_routine_that_would_go_over_a_cap_is_held_back_by_the_session_all_the_same() -> None:
    steps = (
        RoutineStep("ball_roll", seconds=120),
        RoutineStep("thumb_sole", seconds=90),
        RoutineStep("cold_roll", seconds=120),
    )
    routine = msgspec.structs.replace(CATALOGUE.routines["quick_3"], steps=steps)
    record = run_session(plan_routine(CATALOGUE, routine), answers=ALL_IS_WELL)
    assert oracle.broken_caps(record) == []
    had = sum(dose.worked for dose in record.doses if dose.side == "left")
    assert had == 300


@pytest.mark.parametrize(("step", "times"), [("ball_press", 3), ("wall_straight", 4), ("towel_calf", 3)])
def test_holds_without_a_rest_that_no_check_has_seen_get_one_all_the_same(step: str, times: int) -> None:
    entry = RoutineStep(step, repetitions=times, hold=30, gap=0)
    routine = msgspec.structs.replace(CATALOGUE.routines["quick_3"], steps=(entry,))
    record = run_session(plan_routine(CATALOGUE, routine), answers=ALL_IS_WELL)
    assert record.doses[0].worked > 30
    assert oracle.broken_caps(record) == []


def test_a_single_hold_without_a_rest_is_no_longer_hold_when_it_grows() -> None:
    entry = RoutineStep("wall_straight", repetitions=1, hold=30, gap=0)
    routine = msgspec.structs.replace(CATALOGUE.routines["quick_3"], steps=(entry,))
    moved = MovedSession(plan_routine(CATALOGUE, routine), answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.phase == "work")
    moved.type("longer")
    moved.move_to_end()
    assert moved.record.doses[0].worked > 60
    assert oracle.broken_caps(moved.record) == []


def test_movements_that_the_catalogue_has_without_rests_may_be_written_without() -> None:
    assert made(with_step("{step: heel_raises, gap: 0}")).steps[0].gap == 0


def test_a_routine_of_ones_own_begins_at_its_rung_and_stroke() -> None:
    text = "name: Mine\nstroke: 4\nsteps: [{step: ball_roll, seconds: 60, rung: 2}]\n"
    moved = MovedSession(plan_routine(CATALOGUE, made(text)), answers=ALL_IS_WELL)
    moved.move_until(lambda state: state.phase == "work")
    assert (moved.state.rung, moved.state.stroke) == (2, 4)
