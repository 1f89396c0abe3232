"""Timers of each system, on a system that only writes down what it should do."""

from __future__ import annotations

import plistlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.reminders.systems import FakeSystem
from voice_coach.errors import ReminderError
from voice_coach.reminders.notification import notify
from voice_coach.reminders.rhythm import Reminder, reminders_of
from voice_coach.reminders.system import RealSystem
from voice_coach.reminders.timers import Installed, Launchd, SystemdTimers, TaskScheduler, Timers, timers_of

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path("/home/runner/timers")
COMMAND = ["/opt/a b/python", "-m", "voice_coach", "remind", "now", "before_run"]
SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"

KINDS: dict[str, Callable[[FakeSystem], Timers]] = {
    "systemd": lambda system: SystemdTimers(system, FOLDER),
    "launchd": lambda system: Launchd(system, FOLDER, 501),
    "task scheduler": lambda system: TaskScheduler(system, FOLDER),
}
REFUSALS = {
    "systemd": ("systemctl", "--user", "enable"),
    "launchd": ("launchctl", "bootstrap"),
    "task scheduler": ("schtasks", "/Create"),
}


def reminder(name: str = "before_run", *times: str) -> Reminder:
    return reminders_of({name: times or ("mon-fri 7:15", "9:00")})[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_that_was_installed_is_listed_until_it_is_removed(kind: str) -> None:
    system = FakeSystem()
    timers = KINDS[kind](system)
    assert timers.installed() == []
    timers.install(reminder("waking", "6:45"), COMMAND)
    timers.install(reminder(), COMMAND)
    assert timers.installed() == [
        Installed("before_run", "Feet, before the run (mon,tue,wed,thu,fri 07:15; 09:00)"),
        Installed("waking", "Feet, before you get up (06:45)"),
    ]
    timers.remove("waking")
    assert [timer.name for timer in timers.installed()] == ["before_run"]
    timers.remove("before_run")
    assert system.kept == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_that_is_installed_again_takes_the_place_of_the_first(kind: str) -> None:
    timers = KINDS[kind](FakeSystem())
    timers.install(reminder("waking", "6:45"), COMMAND)
    timers.install(reminder("waking", "7:00"), COMMAND)
    assert timers.installed() == [Installed("waking", "Feet, before you get up (07:00)")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_system_that_refuses_is_told_in_its_own_words_and_nothing_is_left_behind(kind: str) -> None:
    system = FakeSystem(refuses={REFUSALS[kind]: "Access denied"})
    with pytest.raises(ReminderError, match="Access denied") as caught:
        KINDS[kind](system).install(reminder(), COMMAND)
    assert "voice-coach remind calendar feet.ics --waking 06:45 " in caught.value.remedy
    assert system.kept == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_that_cannot_be_installed_anew_stays_as_it_was(kind: str) -> None:
    system = FakeSystem()
    timers = KINDS[kind](system)
    timers.install(reminder("waking", "6:45"), COMMAND)
    before = dict(system.kept)
    system.refuses = {REFUSALS[kind]: "Access denied"}
    with pytest.raises(ReminderError, match="the one before it stays"):
        timers.install(reminder("waking", "7:00"), COMMAND)
    assert system.kept == before


def test_what_a_timer_starts_finds_the_data_folder_that_was_chosen() -> None:
    system, environment = FakeSystem(), {"VOICE_COACH_DATA": "/mnt/my $feet 100%"}
    SystemdTimers(system, FOLDER, environment).install(reminder(), COMMAND)
    service = system.kept[FOLDER / "voice-coach-before_run.service"].decode()
    assert 'Environment="VOICE_COACH_DATA=/mnt/my $feet 100%%"\n' in service
    Launchd(system, FOLDER, 501, environment).install(reminder(), COMMAND)
    agent = plistlib.loads(system.kept[FOLDER / "voice-coach.remind.before_run.plist"])
    assert agent["EnvironmentVariables"] == environment


def test_a_relative_folder_for_settings_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", "cfg")
    monkeypatch.setenv("HOME", str(tmp_path))
    system = FakeSystem()
    timers_of(system).install(reminder(), COMMAND)
    assert {path.parent for path in system.kept} == {tmp_path / ".config" / "systemd" / "user"}


def test_systemd_gets_a_timer_with_every_time_and_a_command_with_its_words_quoted() -> None:
    system = FakeSystem()
    SystemdTimers(system, FOLDER).install(reminder(), [*COMMAND[:-1], '100% "$HOME" \\'])
    timer = system.kept[FOLDER / "voice-coach-before_run.timer"].decode()
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 07:15:00\nOnCalendar=*-*-* 09:00:00\n" in timer
    service = system.kept[FOLDER / "voice-coach-before_run.service"].decode()
    assert 'ExecStart="/opt/a b/python" "-m" "voice_coach" "remind" "now" "100%% \\"$$HOME\\" \\\\"\n' in service
    assert [command[2] for command in system.ran] == ["daemon-reload", "enable", "restart"]


def test_linux_without_systemd_is_told_what_helps() -> None:
    system = FakeSystem(programs=frozenset())
    with pytest.raises(ReminderError, match="has no systemd") as caught:
        SystemdTimers(system, FOLDER).install(reminder(), COMMAND)
    assert "calendar" in caught.value.remedy
    assert system.kept == {}
    assert system.ran == []


def test_launchd_counts_days_from_sunday() -> None:
    system = FakeSystem()
    Launchd(system, FOLDER, 501).install(reminder("after_run", "sat,sun 18:30", "7:00"), COMMAND)
    agent = plistlib.loads(system.kept[FOLDER / "voice-coach.remind.after_run.plist"])
    assert agent["ProgramArguments"] == COMMAND
    assert agent["StartCalendarInterval"] == [
        {"Hour": 18, "Minute": 30, "Weekday": 6},
        {"Hour": 18, "Minute": 30, "Weekday": 0},
        {"Hour": 7, "Minute": 0},
    ]
    assert system.ran[-1] == [
        "launchctl",
        "bootstrap",
        "gui/501",
        str(FOLDER / "voice-coach.remind.after_run.plist"),
    ]


def test_the_task_scheduler_gets_a_trigger_for_each_time() -> None:
    system = FakeSystem()
    TaskScheduler(system, FOLDER).install(reminder("after_run", "sat,sun 18:30", "7:00"), COMMAND)
    data = system.kept[FOLDER / "after_run.xml"]
    assert data.decode("utf-16").startswith('<?xml version="1.0" encoding="UTF-16"?>')
    task = ET.fromstring(data)  # noqa: S314 - our own
    begins = [element.text for element in task.iter(f"{SPACE}StartBoundary")]
    assert begins == ["2025-01-01T18:30:00", "2025-01-01T07:00:00"]
    assert [element.tag.removeprefix(SPACE) for element in task.iter() if element.tag.endswith("day")] == [
        "Saturday",
        "Sunday",
    ]
    assert task.findtext(f".//{SPACE}Command") == "/opt/a b/python"
    assert task.findtext(f".//{SPACE}Arguments") == "-m voice_coach remind now before_run"
    assert system.ran == [
        ["schtasks", "/Create", "/F", "/TN", r"Voice Coach\after_run", "/XML", str(FOLDER / "after_run.xml")]
    ]


def test_this_machine_has_timers_of_its_kind() -> None:
    kinds = {"win32": TaskScheduler, "darwin": Launchd}
    assert isinstance(timers_of(FakeSystem()), kinds.get(sys.platform, SystemdTimers))


# --- notifications


@pytest.mark.parametrize(
    ("platform", "program"), [("linux", "notify-send"), ("darwin", "osascript"), ("win32", "powershell")]
)
def test_a_notification_shows_its_title_and_text_as_they_are(platform: str, program: str) -> None:
    system = FakeSystem()
    title, text = "-Feet\"; rm -rf $HOME'", "`text` & more"
    notify(title, text, system, platform)
    (command,) = system.ran
    assert command[0] == program
    if platform == "win32":
        assert system.environment == {"VOICE_COACH_TITLE": title, "VOICE_COACH_TEXT": text}
        assert not any(title in word for word in command)
    else:
        assert command[-2:] == [title, text]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_machine_that_shows_no_notifications_is_told_what_helps(platform: str) -> None:
    with pytest.raises(ReminderError, match="which shows notifications"):
        notify("Feet", "now", FakeSystem(programs=frozenset()), platform)
    refusing = FakeSystem(refuses={(): "no desktop"})
    with pytest.raises(ReminderError, match="no desktop"):
        notify("Feet", "now", refusing, platform)


# --- the system itself


def test_files_are_written_with_their_folders_listed_read_and_removed(tmp_path: Path) -> None:
    system = RealSystem()
    path = tmp_path / "deep" / "down" / "a.timer"
    system.write(path, b"text")
    assert system.read(path) == b"text"
    assert system.files(path.parent, "*.timer") == [path]
    system.remove(path)
    system.remove(path)
    assert system.files(path.parent, "*.timer") == []
    assert system.files(tmp_path / "nowhere", "*") == []


def test_a_file_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    for action in (lambda: RealSystem().write(in_the_way / "x", b""), lambda: RealSystem().read(tmp_path / "none")):
        with pytest.raises(ReminderError, match="cannot be"):
            action()


def test_a_program_gives_its_status_and_what_it_wrote() -> None:
    code = "import os, sys; print(os.environ['WORD']); sys.stderr.write('loud'); sys.exit(3)"
    ran = RealSystem().run([sys.executable, "-c", code], {"WORD": "said"})
    assert ran.status == 3
    assert sorted(ran.output.split()) == ["loud", "said"]
    assert RealSystem().run(["/no/such/program"]).status == 127
    assert RealSystem().has(Path(sys.executable).name) or RealSystem().has("python3")


def test_what_a_program_writes_in_another_encoding_is_no_fault_of_ours() -> None:
    ran = RealSystem().run([sys.executable, "-c", "import os; os.write(1, b'Zugriff verweigert \\xff')"])
    assert ran.status == 0
    assert ran.output.startswith("Zugriff verweigert")


def test_systemd_takes_the_units_where_it_is_there_to_check_them(tmp_path: Path) -> None:
    system = RealSystem()
    if not system.has("systemd-analyze"):
        pytest.skip("no systemd here")
    fake = FakeSystem()
    SystemdTimers(fake, tmp_path).install(reminder(), [sys.executable, "-m", "voice_coach", "50% $x"])
    for path, data in fake.kept.items():
        path.write_bytes(data)
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    ran = system.run(
        ["systemd-analyze", "verify", "--user", str(tmp_path / "voice-coach-before_run.timer")],
        {"XDG_RUNTIME_DIR": str(runtime)},
    )
    assert (ran.status, ran.output) == (0, "")


def test_nothing_is_installed_by_a_machine_that_only_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", None)
    assert timers_of(RealSystem()).installed() == []
    assert list(tmp_path.iterdir()) == []
