"""Shows a notification of the desktop."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from voice_coach.errors import ReminderError

if TYPE_CHECKING:
    from voice_coach.reminders.system import System

_NAME = "Voice Coach"
_APPLE_SCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_POWERSHELL = """
Add-Type -AssemblyName System.Windows.Forms
$icon = New-Object System.Windows.Forms.NotifyIcon
$icon.Icon = [System.Drawing.SystemIcons]::Information
$icon.Visible = $true
$icon.ShowBalloonTip(10000, $env:VOICE_COACH_TITLE, $env:VOICE_COACH_TEXT, 'Info')
Start-Sleep -Seconds 10
$icon.Dispose()
"""


def notify(title: str, text: str, system: System, platform: str = sys.platform) -> None:
    """Show a notification.

    Raises:
        ReminderError: this machine cannot show any.
    """
    environment: dict[str, str] = {}
    if platform == "darwin":
        program, remedy = "osascript", "allow notifications in the system settings"
        command = [program, *(word for line in _APPLE_SCRIPT for word in ("-e", line)), title, text]
    elif platform == "win32":
        program, remedy = "powershell", "allow notifications in the system settings"
        command = [program, "-NoProfile", "-Command", _POWERSHELL]
        environment = {"VOICE_COACH_TITLE": title, "VOICE_COACH_TEXT": text}
    else:
        program, remedy = "notify-send", "sudo apt install libnotify-bin"
        command = [program, f"--app-name={_NAME}", "--", title, text]
    if not system.has(program):
        raise ReminderError(f"This machine has no {program}, which shows notifications.", "Nothing was shown.", remedy)
    ran = system.run(command, environment)
    if ran.status != 0:
        raise ReminderError(
            f"The notification was refused ({ran.output or 'no reason'}).", "Nothing was shown.", remedy
        )
