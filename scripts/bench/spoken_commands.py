"""From the end of a spoken command to what follows, beside the plain way with the same model and the same words."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from figures import Figure, median_and_ninth
from on_devices import LOUD, say, talking

from tests.audio.rig import Recording, SoundRig
from tests.cli.program import ROOT, Program
from tests.models import model_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from on_devices import Talker

_PAUSE_SECONDS = 0.3
"""So long a silence ends a line of a voice."""


@dataclass(frozen=True)
class Person:
    """Somebody who speaks into the microphone.

    Attributes:
        rig: with the microphone.
        folder: for recordings.
        heard: what the microphone hears.
    """

    rig: SoundRig
    folder: Path
    heard: Recording

    def say(self, word: str) -> float:
        """Say a word, and give the moment at which it had ended at the microphone."""
        return say(self.rig, self.folder, word, self.heard)


@dataclass
class Trials:
    """What came of one word, said again and again."""

    seconds: list[float] = field(default_factory=list)
    tried: int = 0

    @property
    def missed(self) -> float:
        """Share of the trials in which it was not heard at the first time."""
        return 1 - len(self.seconds) / max(1, self.tried)


def commands(trials: int) -> list[Figure]:
    """From the end of "pause" and "resume" to action.

    Args:
        trials: how often each is said; half as often beside the plain way.
    """
    with SoundRig() as rig, tempfile.TemporaryDirectory() as name, rig.listening() as heard:
        person, coach, plain = Person(rig, Path(name), heard), Trials(), Trials()
        with _halted_coach(person) as talker:
            for word in ("resume", "pause") * trials:
                _act(person, talker, word, coach)
                time.sleep(2.0 if word == "pause" else 6.5)
        with _plain_way(person) as talker:
            for word in ("resume", "pause") * (trials // 2):
                _act(person, talker, word, plain)
                time.sleep(2.5)
    return _beside(coach, plain, "end of a command -> action", (0.30, 0.45), 0.35)


def stops(trials: int) -> list[Figure]:
    """From the end of "stop" over the coach's voice to silence.

    Args:
        trials: how often it is said; half as often beside the plain way.
    """
    with SoundRig() as rig, tempfile.TemporaryDirectory() as name, rig.listening() as heard:
        person, coach, plain = Person(rig, Path(name), heard), Trials(), Trials()
        with rig.recording() as played, _halted_coach(person) as talker:
            for _ in range(trials):
                _stop_a_count_in(person, played, talker, coach)
        with rig.recording() as played, _plain_way(person) as talker:
            for _ in range(trials // 2):
                _stop_a_line(person, played, talker, plain)
    return _beside(coach, plain, "end of 'stop' over the voice -> silence", (0.25, None), None)


def _beside(
    coach: Trials, plain: Trials, what: str, bars: tuple[float | None, float | None], most: float | None
) -> list[Figure]:
    figures = [
        *median_and_ninth(what, coach.seconds, bars),
        Figure("not heard at the first time", coach.missed, "share", count=coach.tried),
        *median_and_ninth(f"the plain way: {what}", plain.seconds, (None, None)),
        Figure("the plain way: not heard at the first time", plain.missed, "share", count=plain.tried),
    ]
    if coach.seconds and plain.seconds:
        ratio = statistics.median(coach.seconds) / statistics.median(plain.seconds)
        figures.append(Figure("coach to plain way", ratio, "ratio", most=most))
    return figures


@contextmanager
def _halted_coach(person: Person) -> Iterator[Talker]:
    """Give a session that was told to pause as its first step had begun."""
    Program(person.folder / "data").answer_first_questions()
    arguments = ("-m", "voice_coach", "start", "full_15", "--json", "--model", str(model_folder()))
    with talking(person.rig, person.folder, *arguments) as coach:
        coach.wait_for_state("work", 60.0)
        person.say("pause")
        coach.wait_for_state("paused")
        time.sleep(3.0)
        yield coach


@contextmanager
def _plain_way(person: Person) -> Iterator[Talker]:
    with talking(person.rig, person.folder, str(ROOT / "scripts" / "bench" / "plain.py"), str(model_folder())) as plain:
        plain.wait_for_command("ready")
        time.sleep(3.0)
        yield plain


def _act(person: Person, talker: Talker, word: str, trials: Trials) -> None:
    ended = person.say(word)
    row = talker.wait_for_command(word)
    trials.tried += 1
    if row is not None:
        trials.seconds.append(row["arrived_at"] - ended)


def _stop_a_count_in(person: Person, played: Recording, coach: Talker, trials: Trials) -> None:
    """Let the coach go on, and stop it while it counts; in a line that holds "stop" it is the coach's own word."""
    person.say("resume")
    coach.wait_for_state("count_in", 5.0)
    time.sleep(1.0)
    ended = person.say("stop")
    trials.tried += 1
    if coach.wait_for_state("stopped", 5.0) is not None:
        time.sleep(0.2)
        silence = next(row["arrived_at"] for row in reversed(coach.rows) if row["kind"] == "hush")
        trials.seconds.append(_silent_from(played, silence) - ended)
    time.sleep(3.0)


def _stop_a_line(person: Person, played: Recording, plain: Talker, trials: Trials) -> None:
    person.say("details")
    if plain.wait_for_command("details") is None:
        return
    time.sleep(1.0)
    ended = person.say("stop")
    trials.tried += 1
    plain.wait_for_command("stop")
    before = [piece for piece in list(played.pieces) if piece.arrived_at < ended + 8.0]
    trials.seconds.append(_end_of_line(Recording(before), ended) - ended)
    time.sleep(4.0)


def _silent_from(played: Recording, commit: float) -> float:
    """Give the moment at which the loudspeaker fell silent after a commit; the commit where it was silent."""
    pieces = [piece for piece in list(played.pieces) if commit - 0.05 < piece.arrived_at < commit + 0.19]
    return max(commit, Recording(pieces).last_sound_at())


def _end_of_line(played: Recording, after: float) -> float:
    """Give the end of the first sound that is followed by 0.3 s of silence after a moment."""
    last = after
    for piece in played.pieces:
        if piece.arrived_at <= after:
            continue
        if int(np.max(np.abs(piece.samples.astype(int)))) > LOUD:
            last = piece.arrived_at
        elif piece.arrived_at - last > _PAUSE_SECONDS:
            break
    return last
