"""Makes the pictures of the README from the program itself: `python scripts/screenshots.py [FOLDER]`.

Needs tmux and Chromium. The program runs in a terminal of its own, with a data folder that is thrown away; what the
terminal shows is drawn by Chromium with the fonts of this machine. The sessions in the progress picture are made up.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, MONOKAI, TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
QUESTIONS = ("wound", "clot", "diabetes", "thinners", "pregnant", "varicose", "heel_pain")
_PATIENCE = 30.0
_PAGE = (760, 900)
"""Pixels of the progress page that are shown."""
_STEPS = ("ball_roll", "plantar_pull")
_CELL_WIDTH, _CELL_HEIGHT, _MARGIN = 8.5, 16, 8
_HEAD = "<!doctype html><meta charset='utf-8'>"
_STYLE = (
    "<style>body{{margin:{margin}px;background:{background}}}"
    "pre{{margin:0;font:14px/16px 'DejaVu Sans Mono',monospace;color:{foreground}}}</style>"
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of the program in a terminal.

    Attributes:
        arguments: of the program.
        typed: what is typed when a part of the screen is seen, in this order.
        until: part of the screen at which the picture is taken, after `more` seconds.
    """

    name: str
    size: tuple[int, int]
    theme: TerminalTheme
    arguments: str
    typed: tuple[tuple[str, str], ...]
    until: str
    more: float = 0.0


_TO_WORK = (("numb spot", "no"), ("heel", "ready"))
SHOTS = (
    Shot("session-dark", (80, 24), MONOKAI, "start quick_3 --text --no-resume", _TO_WORK, "Roll from heel", 6.0),
    Shot(
        "session-light",
        (120, 40),
        DEFAULT_TERMINAL_THEME,
        "start quick_3 --text --no-resume",
        _TO_WORK,
        "Roll from heel",
        9.0,
    ),
)


class Terminal:
    """The program in a tmux of its own."""

    def __init__(self, shot: Shot, data: Path) -> None:
        self._tmux = ["tmux", "-L", f"screenshots-{os.getpid()}"]
        width, height = shot.size
        environment = {**os.environ, "VOICE_COACH_DATA": str(data), "PS1": "$ ", "COLORTERM": "truecolor"}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        command = ["new-session", "-d", "-x", str(width), "-y", str(height), "bash --norc --noprofile"]
        subprocess.run([*self._tmux, "-f", "/dev/null", *command], check=True, env=environment)
        subprocess.run([*self._tmux, "set", "-g", "status", "off"], check=True)
        self.type(f"clear; python -m voice_coach {shot.arguments}")

    def type(self, text: str) -> None:
        subprocess.run([*self._tmux, "send-keys", text, "Enter"], check=True)

    def shown(self, *, colours: bool = False) -> str:
        options = ["-e"] if colours else []
        done = subprocess.run([*self._tmux, "capture-pane", "-p", *options], check=True, capture_output=True, text=True)
        return done.stdout

    def wait_for(self, part: str) -> None:
        """Wait until `part` is on the screen.

        Raises:
            TimeoutError: it does not come.
        """
        deadline = time.monotonic() + _PATIENCE
        while part not in self.shown():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{part!r} is not on the screen:\n{self.shown()}")
            time.sleep(0.1)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False)


def take(shot: Shot, data: Path) -> str:
    """Give what the terminal shows at the moment of the picture, with its colours as escape codes."""
    terminal = Terminal(shot, data)
    try:
        for part, answer in shot.typed:
            terminal.wait_for(part)
            terminal.type(answer)
        terminal.wait_for(shot.until)
        time.sleep(shot.more)
        return terminal.shown(colours=True)
    finally:
        terminal.close()


def draw(shot: Shot, shown: str, path: Path) -> None:
    """Draw a screen as PNG."""
    width, height = shot.size
    console = Console(record=True, width=width, file=open(os.devnull, "w", encoding="utf-8"), force_terminal=True)  # noqa: PTH123, SIM115 - nothing is kept
    console.print(Text.from_ansi(shown), soft_wrap=True)
    code = console.export_html(theme=shot.theme, inline_styles=True, code_format="<pre>{code}</pre>")
    colours = {
        "foreground": shot.theme.foreground_color.hex,
        "background": shot.theme.background_color.hex,
        "margin": _MARGIN,
    }
    photograph(_HEAD + _STYLE.format(**colours) + code, path, (round(width * _CELL_WIDTH), height * _CELL_HEIGHT))


def photograph(page: str, path: Path, size: tuple[int, int]) -> None:
    """Let Chromium show a page of a size in pixels, and write that as PNG.

    Raises:
        FileNotFoundError: there is no Chromium.
    """
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise FileNotFoundError("Chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        width, height = (side + 2 * _MARGIN for side in size)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/user"]
        subprocess.run(
            [browser, *options, f"--screenshot={path}", f"--window-size={width},{height}", file.as_uri()],
            check=True,
            capture_output=True,
        )


def made_up_weeks(path: Path) -> None:
    """Write three months of a sore left foot that gets better, as `voice-coach history import` reads it."""
    now, sessions = datetime.now(UTC).replace(hour=7, minute=0, second=0, microsecond=0), []
    for number, days in enumerate(day for day in range(84, 0, -1) if day % 7 not in (0, 3) and day % 11 not in (4, 5)):
        began = now - timedelta(days=days)
        at = (began + timedelta(minutes=4)).isoformat()
        rung, rating = 1 + number // 22, max(1, 5 - number // 12 + number % 3 - 1)
        dose = {"ended_at": at, "planned": 60, "worked": 60, "rung": rung, "began_rung": rung, "done": True}
        sides = ("left", "right")
        sessions.append(
            {
                "number": number + 1,
                "routine": "sore_foot_daily",
                "began_at": began.isoformat(),
                "ended_at": (began + timedelta(minutes=8)).isoformat(),
                "reason": "finished",
                "seconds": 480,
                "worked": 300,
                "doses": [
                    {**dose, "step": step, "side": side} for step in ("ball_roll", "plantar_pull") for side in sides
                ],
                "ratings": [
                    {
                        "rated_at": at,
                        "step": "ball_roll",
                        "family": "ball",
                        "side": side,
                        "rung": rung,
                        "rating": rating + (side == "left"),
                        "asked": "halfway",
                    }
                    for side in sides
                ],
            }
        )
    path.write_text(json.dumps({"format": "voice-coach history", "version": 1, "sessions": sessions}), encoding="utf-8")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "VOICE_COACH_DATA": data}
        for question in QUESTIONS:
            subprocess.run(
                [sys.executable, "-m", "voice_coach", "profile", "set", question, "no"],
                check=True,
                env=environment,
                capture_output=True,
            )
        weeks = Path(data) / "weeks.json"
        made_up_weeks(weeks)
        subprocess.run(
            [sys.executable, "-m", "voice_coach", "history", "import", str(weeks)], check=True, env=environment
        )
        page = Path(data) / "progress.html"
        subprocess.run([sys.executable, "-m", "voice_coach", "progress", "--html", page], check=True, env=environment)
        photograph(page.read_text(encoding="utf-8"), folder / "progress.png", _PAGE)
        for shot in SHOTS:
            path = folder / f"{shot.name}.png"
            draw(shot, take(shot, Path(data)), path)
            print(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
