"""Gives birth to the program with everything loaded already, so that a thousand kills of it take minutes.

For each JSON object that it reads, `{"arguments": [...], "environment": {...}, "out": a file}`, it begins a process
that runs the program with these, and prints the process's number.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from voice_coach.__main__ import main
from voice_coach.assembly import hearing, keeping, session, watching
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.history import recorder
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.knowledge import load_tips
from voice_coach.speech import models, rehearsal, voice

LOADED = (hearing, keeping, session, watching, recorder, models, rehearsal, voice)


def _give_birth() -> None:
    load_catalogue()
    load_phrasebook()
    load_tips()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    _tell("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(asked["arguments"], asked["environment"], asked["out"])
        _tell(str(child))


def _live(arguments: list[str], environment: dict[str, str], out: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.update(environment)
    sys.argv = ["voice-coach", *arguments]
    status = 1
    try:
        main()
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _give_birth()
