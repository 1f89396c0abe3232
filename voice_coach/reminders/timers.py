"""Timers of the system: systemd on Linux, launchd on macOS, the Task Scheduler on Windows.

Nothing of this program waits in the background: the system starts `voice-coach remind now NAME` (or another command)
at the times that a person has chosen, and that ends at once.
"""

from __future__ import annotations

import os
import plistlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from xml.etree import ElementTree as ET

from voice_coach.errors import ReminderError
from voice_coach.folders import DATA_VARIABLE, data_folder, home_folder
from voice_coach.reminders.rhythm import EVERY_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voice_coach.reminders.rhythm import Reminder, When
    from voice_coach.reminders.system import System

_CALENDAR = "voice-coach remind calendar feet.ics --waking 06:45 (and open the file in your calendar)"


@dataclass(frozen=True, slots=True)
class Installed:
    """A timer that the system has."""

    name: str
    summary: str


class Timers(Protocol):
    """The timers of one kind of system. Everything raises `ReminderError` where the system refuses."""

    def install(self, reminder: Reminder, command: Sequence[str]) -> None:
        """Let the system run `command` at the times of `reminder`, in place of what it had under its name."""

    def installed(self) -> list[Installed]:
        """Give the timers of this program."""

    def remove(self, name: str) -> None:
        """Take a timer away."""


def timers_of(system: System) -> Timers:
    """Give the timers of this machine.

    Raises:
        ReminderError: it has none that this program knows.
    """
    if sys.platform == "win32":
        return TaskScheduler(system, data_folder() / "reminders")
    environment = {DATA_VARIABLE: str(data_folder())} if os.environ.get(DATA_VARIABLE) else {}
    if sys.platform == "darwin":
        return Launchd(system, home_folder() / "Library" / "LaunchAgents", os.getuid(), environment)
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not config.is_absolute():  # such a value counts for nothing: XDG Base Directory Specification
        config = home_folder() / ".config"
    return SystemdTimers(system, config / "systemd" / "user", environment)


class _Files:
    """The files of one timer, as they are before it is installed anew."""

    def __init__(self, system: System, *paths: Path) -> None:
        self._system = system
        there = {path for path in paths if path in system.files(path.parent, path.name)}
        self._before = {path: system.read(path) if path in there else None for path in paths}

    def put_back(self) -> bool:
        """Let them be as they were; tell whether there was a timer."""
        for path, data in self._before.items():
            if data is None:
                self._system.remove(path)
            else:
                self._system.write(path, data)
        return None not in self._before.values()


def _refused(what: str, *, stays: bool) -> ReminderError:
    """Tell that the system takes no timer; `stays` where the one before it is still there."""
    return ReminderError(
        what, f"This timer was not installed{'; the one before it stays' if stays else ''}.", _CALENDAR
    )


# --- Linux


class SystemdTimers:
    """Timers of systemd, for this user.

    Args:
        system: files and programs.
        folder: where units of the user lie.
        environment: variables that the command needs, beside the user's own.
    """

    _PREFIX = "voice-coach-"
    _DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

    def __init__(self, system: System, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._system = system
        self._folder = folder
        self._environment = environment or {}

    def install(self, reminder: Reminder, command: Sequence[str]) -> None:
        self._check()
        name = reminder.rhythm.id
        service, timer = self._files(name)
        before = _Files(self._system, service, timer)
        self._system.write(service, self._service(reminder, command).encode())
        self._system.write(timer, self._timer(reminder).encode())
        for arguments in (["daemon-reload"], ["enable", "--now", timer.name], ["restart", timer.name]):
            ran = self._system.run(["systemctl", "--user", *arguments])
            if ran.status != 0:
                stays = before.put_back()
                self._system.run(["systemctl", "--user", "daemon-reload"])
                why = ran.output or "it does not say why"
                raise _refused(f"systemd does not take timers of this user ({why}).", stays=stays)

    def installed(self) -> list[Installed]:
        timers = []
        for path in self._system.files(self._folder, f"{self._PREFIX}*.timer"):
            lines = self._system.read(path).decode(errors="replace").splitlines()
            summary = next((line.partition("=")[2] for line in lines if line.startswith("Description=")), "")
            timers.append(Installed(path.stem.removeprefix(self._PREFIX), summary))
        return timers

    def remove(self, name: str) -> None:
        service, timer = self._files(name)
        self._system.run(["systemctl", "--user", "disable", "--now", timer.name])
        self._system.remove(timer)
        self._system.remove(service)
        self._system.run(["systemctl", "--user", "daemon-reload"])

    def _check(self) -> None:
        if not self._system.has("systemctl"):
            raise ReminderError("This system has no systemd.", "No timer was installed.", _CALENDAR)

    def _files(self, name: str) -> tuple[Path, Path]:
        stem = f"{self._PREFIX}{name}"
        return self._folder / f"{stem}.service", self._folder / f"{stem}.timer"

    def _service(self, reminder: Reminder, command: Sequence[str]) -> str:
        words = " ".join(_systemd_word(word) for word in command)
        title = reminder.rhythm.title.replace("%", "%%")
        needs = "".join(
            f"Environment={_systemd_quoted(f'{name}={value}')}\n" for name, value in self._environment.items()
        )
        return f"[Unit]\nDescription=Voice Coach: {title}\n\n[Service]\nType=oneshot\n{needs}ExecStart={words}\n"

    def _timer(self, reminder: Reminder) -> str:
        times = "".join(f"OnCalendar={self._time(when)}\n" for when in reminder.times)
        summary = reminder.summary.replace("%", "%%")
        return (
            f"[Unit]\nDescription={summary}\n\n[Timer]\n{times}AccuracySec=10s\n\n[Install]\nWantedBy=timers.target\n"
        )

    def _time(self, when: When) -> str:
        days = "" if when.days == EVERY_DAY else ",".join(self._DAYS[day] for day in sorted(when.days)) + " "
        return f"{days}*-*-* {when.at:%H:%M}:00"


def _systemd_word(word: str) -> str:
    """Quote a word of a command, in which systemd would look for variables."""
    return _systemd_quoted(word.replace("$", "$$"))


def _systemd_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


# --- macOS


class Launchd:
    """Agents of launchd, for this user.

    Args:
        system: files and programs.
        folder: where agents of the user lie.
        user: number of the user.
        environment: variables that the command needs, beside the user's own.
    """

    _PREFIX = "voice-coach.remind."

    def __init__(self, system: System, folder: Path, user: int, environment: Mapping[str, str] | None = None) -> None:
        self._system = system
        self._folder = folder
        self._environment = environment or {}
        self._domain = f"gui/{user}"

    def install(self, reminder: Reminder, command: Sequence[str]) -> None:
        name = reminder.rhythm.id
        path = self._file(name)
        agent: dict[str, object] = {
            "Label": f"{self._PREFIX}{name}",
            "Description": reminder.summary,
            "ProgramArguments": list(command),
            "StartCalendarInterval": [moment for when in reminder.times for moment in self._moments(when)],
        }
        if self._environment:
            agent["EnvironmentVariables"] = dict(self._environment)
        before = _Files(self._system, path)
        self._system.write(path, plistlib.dumps(agent))
        self._system.run(["launchctl", "bootout", f"{self._domain}/{self._PREFIX}{name}"])
        ran = self._system.run(["launchctl", "bootstrap", self._domain, str(path)])
        if ran.status != 0:
            stays = before.put_back()
            if stays:
                self._system.run(["launchctl", "bootstrap", self._domain, str(path)])
            why = ran.output or "it does not say why"
            raise _refused(f"launchd does not take the timer ({why}).", stays=stays)

    def installed(self) -> list[Installed]:
        timers = []
        for path in self._system.files(self._folder, f"{self._PREFIX}*.plist"):
            agent = plistlib.loads(self._system.read(path))
            timers.append(Installed(path.stem.removeprefix(self._PREFIX), str(agent.get("Description", ""))))
        return timers

    def remove(self, name: str) -> None:
        self._system.run(["launchctl", "bootout", f"{self._domain}/{self._PREFIX}{name}"])
        self._system.remove(self._file(name))

    def _file(self, name: str) -> Path:
        return self._folder / f"{self._PREFIX}{name}.plist"

    def _moments(self, when: When) -> list[dict[str, int]]:
        moment = {"Hour": when.at.hour, "Minute": when.at.minute}
        if when.days == EVERY_DAY:
            return [moment]
        return [{**moment, "Weekday": (day + 1) % 7} for day in sorted(when.days)]  # 0 is Sunday


# --- Windows


class TaskScheduler:
    """Tasks of the Windows Task Scheduler, for this user.

    Args:
        system: files and programs.
        folder: where the descriptions of the tasks are kept.
    """

    _TASKS = "Voice Coach"
    _SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
    _DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    _BEGIN = "2025-01-01"
    """A day in the past, from which on a task repeats."""

    def __init__(self, system: System, folder: Path) -> None:
        self._system = system
        self._folder = folder

    def install(self, reminder: Reminder, command: Sequence[str]) -> None:
        name = reminder.rhythm.id
        path = self._folder / f"{name}.xml"
        before = _Files(self._system, path)
        self._system.write(path, self._task(reminder, command))
        ran = self._system.run(["schtasks", "/Create", "/F", "/TN", f"{self._TASKS}\\{name}", "/XML", str(path)])
        if ran.status != 0:
            why = ran.output or "it does not say why"
            raise _refused(f"The Task Scheduler does not take the timer ({why}).", stays=before.put_back())

    def installed(self) -> list[Installed]:
        timers = []
        for path in self._system.files(self._folder, "*.xml"):
            task = ET.fromstring(self._system.read(path))  # noqa: S314 - we have written it
            timers.append(Installed(path.stem, task.findtext(f".//{{{self._SPACE}}}Description", "")))
        return timers

    def remove(self, name: str) -> None:
        self._system.run(["schtasks", "/Delete", "/F", "/TN", f"{self._TASKS}\\{name}"])
        self._system.remove(self._folder / f"{name}.xml")

    def _task(self, reminder: Reminder, command: Sequence[str]) -> bytes:
        task = ET.Element("Task", version="1.2", xmlns=self._SPACE)
        ET.SubElement(ET.SubElement(task, "RegistrationInfo"), "Description").text = reminder.summary
        triggers = ET.SubElement(task, "Triggers")
        for when in reminder.times:
            self._add_trigger(triggers, when)
        settings = ET.SubElement(task, "Settings")
        ET.SubElement(settings, "DisallowStartIfOnBatteries").text = "false"
        ET.SubElement(settings, "StopIfGoingOnBatteries").text = "false"
        execute = ET.SubElement(ET.SubElement(task, "Actions"), "Exec")
        ET.SubElement(execute, "Command").text = command[0]
        ET.SubElement(execute, "Arguments").text = " ".join(_windows_word(word) for word in command[1:])
        text = ET.tostring(task, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-16"?>\n{text}'.encode("utf-16")

    def _add_trigger(self, triggers: ET.Element, when: When) -> None:
        trigger = ET.SubElement(triggers, "CalendarTrigger")
        ET.SubElement(trigger, "StartBoundary").text = f"{self._BEGIN}T{when.at:%H:%M}:00"
        ET.SubElement(trigger, "Enabled").text = "true"
        if when.days == EVERY_DAY:
            ET.SubElement(ET.SubElement(trigger, "ScheduleByDay"), "DaysInterval").text = "1"
            return
        weekly = ET.SubElement(trigger, "ScheduleByWeek")
        ET.SubElement(weekly, "WeeksInterval").text = "1"
        days = ET.SubElement(weekly, "DaysOfWeek")
        for day in sorted(when.days):
            ET.SubElement(days, self._DAYS[day])


def _windows_word(word: str) -> str:
    return f'"{word}"' if " " in word or not word else word
