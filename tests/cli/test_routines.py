"""`voice-coach routines` and `voice-coach about` as a user meets them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import rows
from voice_coach.cli.routines import show_routine
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.knowledge import load_about, load_facts, load_sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.program import Program

GOOD = "name: Evening feet\nwhen: late\nsteps:\n  - {step: ball_roll, seconds: 20}\n"


def mine(program: Program, name: str, text: str = GOOD) -> Path:
    """Put a file into the user's folder."""
    path = program.data / "routines" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def shown_in_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """Give what `routines show` prints, without its line breaks and without another process."""
    monkeypatch.setenv("VOICE_COACH_DATA", str(tmp_path))

    def show(name: str) -> str:
        show_routine(name)
        return flat(capsys.readouterr().out)

    return show


def flat(text: str) -> str:
    """Give printed text without its line breaks."""
    return " ".join(text.split())


def test_the_list_marks_the_users_own_and_tells_the_broken_ones(program: Program) -> None:
    mine(program, "evening.yaml")
    mine(program, "quick_3.yaml")
    mine(program, "broken.yaml", "name: x\n")
    mine(program, "other.yml")
    for done in (program.run("routines"), program.run("routines", "list")):
        lines = {line.split()[0]: line for line in done.stdout.splitlines()}
        assert lines["evening"].endswith("Evening feet (one minute): late. Needs: tennis ball. (yours)")
        assert "Evening feet" in lines["quick_3"]
        assert "(yours)" not in lines["full_15"]
        assert lines["broken"].endswith("(yours) cannot be used yet; see: voice-coach routines check broken")
        assert "other.yml" in done.stderr
        assert done.returncode == 0


def test_a_new_routine_passes_the_check_and_can_be_shown_and_started(program: Program) -> None:
    done = program.run("routines", "new", "Evening Feet")
    path = program.data / "routines" / "evening_feet.yaml"
    assert done.returncode == 0
    assert f"Written: {path}" in done.stdout
    assert (path.parent / "routine.schema.json").exists()
    assert program.run("routines", "check", "evening_feet").stdout == f"{path}: good (four steps, five minutes)\n"
    assert "Yours, from" in program.run("routines", "show", "evening_feet").stdout
    session = program.run("start", "evening_feet", "--fast", "--json", said=None)
    assert rows(session.stdout)[-1]["reason"] == "finished"
    by_path = program.run("start", path, "--fast", "--json", said=None)
    assert rows(by_path.stdout)[-1]["seconds"] == rows(session.stdout)[-1]["seconds"]


def test_a_new_routine_never_writes_over_a_file(program: Program) -> None:
    path = mine(program, "evening.yaml")
    done = program.run("routines", "new", "evening")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is a routine of this name already" in done.stderr
    assert path.read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize("name", ["", "../evil", "a/b", "x" * 41, "a.b", "nul\x01l", "-"])
def test_a_name_that_could_lead_elsewhere_is_refused(program: Program, name: str) -> None:
    done = program.run("routines", "new", "--", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert not (program.data / "evil.yaml").exists()


def test_a_new_routine_may_begin_with_another_one(program: Program) -> None:
    done = program.run("routines", "new", "full_15", "--like", "full_15")
    assert "It takes the place of the routine full_15" in done.stdout
    text = (program.data / "routines" / "full_15.yaml").read_text(encoding="utf-8")
    assert "{step: plantar_pull, repetitions: 5, hold: 10}" in text
    assert program.run("routines", "check").stdout.endswith("good (ten steps, fifteen minutes)\n")


def test_the_check_tells_file_line_and_column_and_ends_with_two(program: Program, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: x\nsteps:\n  - {step: ball_rol, seconds: 900}\n", encoding="utf-8")
    good = mine(program, "evening.yaml")
    done = program.run("routines", "check", bad, good, "desk")
    assert done.returncode == 2
    assert f"{bad}:3:12: step 1 (ball_rol), `step`: there is no step called 'ball_rol'; did you mean" in done.stdout
    assert f"{bad}:3:31: step 1 (ball_rol), `seconds`: '900' will not do" in done.stdout
    assert f"{good}: good (one step, one minute)" in done.stdout
    assert "desk: good, a routine of voice-coach" in done.stdout
    assert "1 of three routines cannot be used" in done.stderr


def test_the_check_without_names_takes_all_of_the_users_own(program: Program) -> None:
    assert "Begin one with: voice-coach routines new" in program.run("routines", "check").stdout
    mine(program, "evening.yaml")
    mine(program, "morning.yaml", "name: x\n")
    done = program.run("routines", "check")
    assert done.returncode == 2
    assert "`steps` is missing" in done.stdout


def test_a_broken_routine_is_not_started_and_all_its_mistakes_are_told(program: Program) -> None:
    path = mine(program, "quick_3.yaml", "name: Stop\nsteps:\n  - {step: ball_roll, seconds: 500}\n")
    done = program.run("start", "quick_3", "--fast")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"There are 2 mistakes in {path}:" in done.stderr
    assert "line 1, `name`: a user says 'stop' to give a command" in done.stderr
    assert "line 3, step 1 (ball_roll), `seconds`: 500 s will not do" in done.stderr
    assert f"Nothing was started. Try: voice-coach routines check {path}" in done.stderr
    assert program.run("start", "full_15", "--fast", "--json", said=None).returncode == 0


def test_a_routine_that_is_nowhere_is_told(program: Program) -> None:
    for command in ("show", "check"):
        done = program.run("routines", command, "moonwalk")
        assert done.returncode == 2
        assert "There is no routine called 'moonwalk'" in done.stderr
    for arguments in (["start", "--fast"], ["routines", "check"]):
        for file in ("moonwalk.yaml", "~nobody-of-this-name/moonwalk.yaml"):
            done = program.run(*arguments, file)
            assert done.returncode == 2
            assert "there is no such file" in done.stdout + done.stderr


@pytest.mark.parametrize("routine", load_catalogue().routines)
def test_show_prints_every_part_of_a_routine(shown_in_process: Callable[[str], str], routine: str) -> None:
    catalogue = load_catalogue()
    shown = shown_in_process(routine)
    for entry in catalogue.routines[routine].steps:
        step = catalogue.steps[entry.step]
        for text in (step.name, step.area, step.position, step.why, step.details, step.safety, step.sources):
            assert flat(text) in shown
        for cue in step.cues.__struct_fields__:
            assert flat(getattr(step.cues, cue).split("{")[0]) in shown
        assert f"{step.longest:g} s a side at most" in shown
    assert "There is no fixed frequency" in shown
    assert "No clinician has signed this off" in shown
    assert "SEED: interview with Samantha Gries" in shown


def test_show_prints_no_rung_over_the_ceiling(program: Program) -> None:
    shown = flat(program.run("routines", "show", "sore_foot_daily").stdout)
    assert "No step goes over rung 2 here." in shown
    assert "Rung 3" not in shown


def test_about_prints_who_speaks_what_is_not_known_and_every_source(program: Program) -> None:
    done = program.run("about")
    printed = flat(done.stdout)
    assert done.returncode == 0
    assert "Samantha Gries PT, DPT, ATC, CMTPT" in printed
    assert "No clinician has signed this off" in printed
    for section in load_about():
        assert all(flat(paragraph) in printed for paragraph in section.text)
    for tag, source in load_sources().items():
        assert f"{tag}: {source.what}" in printed
        assert all(address in done.stdout for address in source.at)


def test_no_line_is_wider_than_a_page_but_addresses(program: Program) -> None:
    for command in (["about"], ["routines", "show", "full_15"]):
        for line in program.run(*command).stdout.splitlines():
            assert len(line) <= 100 or line.strip().startswith("http")


def test_every_fact_is_shown_with_one_routine_at_least(shown_in_process: Callable[[str], str]) -> None:
    shown = " ".join(shown_in_process(name) for name in load_catalogue().routines)
    assert [id_ for id_, fact in load_facts().items() if flat(fact.text) not in shown] == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(program: Program) -> None:
    program.data.mkdir()
    program.data.chmod(0o500)
    done = program.run("routines", "new", "evening")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
