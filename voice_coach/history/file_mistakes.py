"""What is said about a mistake in a file with a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.errors import HistoryFileError

if TYPE_CHECKING:
    import msgspec

NOTHING_DONE = "Nothing was imported."


def parted(error: msgspec.ValidationError) -> tuple[str, str]:
    """Part what is wrong from where."""
    what, _, where = str(error).rpartition(" - at `")
    return (what, where.rstrip("`")) if what else (str(error), "$")


def mistake(name: str, line: int | None, field: str, what: str) -> HistoryFileError:
    place = name if line is None else f"{name}, line {line}"
    where = f"{place}, {field}" if field else place
    shown = "".join(sign if sign.isprintable() else "?" for sign in what.rstrip("."))
    return HistoryFileError(f"{where}: {shown}.", NOTHING_DONE, "voice-coach history export history.json")
