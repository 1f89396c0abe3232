"""What the user asks for on the command line, and what the settings add to it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voice_coach.errors import UsageError
from voice_coach.files import are_one
from voice_coach.routines.wishes import Wishes

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asks for; each field is an option of `voice-coach start`."""

    routine: str | None = None
    """None is the one that the settings name, in the minutes that they name."""
    text: bool = False
    fast: bool = False
    as_json: bool = False
    script: Path | None = None
    mic_wav: Path | None = None
    speaker_wav: Path | None = None
    record: Path | None = None
    model: Path | None = None
    side: str | None = None
    plain: bool = False
    first_words: str | None = None
    """Told to the session right at its beginning, as if it had been typed."""
    minutes: int | None = None
    tools: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    place: str | None = None
    microphone: str | None = None
    speaker: str | None = None
    devices_must_be_there: bool = True
    """Nothing is started without the devices that are named; else others take their place until they are there."""
    resume: bool | None = None
    """Go on with a session that was broken off, or do not; None: ask, where somebody can answer."""
    duplex: str | None = None

    @property
    def wishes(self) -> Wishes:
        """What the user wishes of the routine."""
        tools, without, only = _one_spaced(self.tools), _one_spaced(self.without), _one_spaced(self.only)
        return Wishes(self.minutes, tools or None, without, self.side, only, self.place)

    @property
    def on_devices(self) -> bool:
        """Sound comes from, or goes to, a device, unless a file takes its place."""
        return not (self.text or self.fast)


def _one_spaced(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give names as they are read: a tab or a no-break space between two words is a space."""
    return tuple(" ".join(name.split()) for name in names)


def check_files(options: Options) -> None:
    """Check that no file is written that another option reads or writes: it would be emptied first.

    Raises:
        UsageError: there is one.
    """
    written = {"--speaker-wav": options.speaker_wav, "--record": options.record}
    others = written | {"--mic-wav": options.mic_wav, "--script": options.script}
    for name, path in written.items():
        for other, its_path in others.items():
            if other != name and path is not None and its_path is not None and _is_overwritten(path, its_path):
                raise UsageError(
                    f"{other} and {name} name the same file, {path}.",
                    "Nothing was started, and the file is as it was.",
                    f"voice-coach start {name} ANOTHER_FILE",
                )


def _is_overwritten(path: Path, other: Path) -> bool:
    with suppress(OSError):
        if path.exists() and not path.is_file():  # nothing is lost in a pipe or /dev/null
            return False
    return are_one(path, other)


def with_settings(options: Options, settings: Settings) -> Options:
    """Give the options with what the user has chosen for good, where they say nothing."""
    if options.routine is None:
        minutes = settings.session.minutes if options.minutes is None else options.minutes
        options = replace(options, routine=settings.session.routine, minutes=minutes)
    return replace(options, plain=options.plain or settings.screen.plain)
