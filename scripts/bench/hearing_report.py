"""What a hearing bench found, as tables to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = "(nothing)"

Row = Mapping[str, Any]
"""The figures of one ear and one tape, as `Result.as_json` gives them."""


def tables(results: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    """Give the lines of all tables, in Markdown: commands, other sounds, then every command by itself.

    Args:
        results: ear -> tape -> its figures.
    """
    commands = [(ear, name, row) for ear, rows in results.items() for name, row in rows.items() if "said" in row]
    others = [(ear, name, row) for ear, rows in results.items() for name, row in rows.items() if "said" not in row]
    if commands:
        yield from _head("ear", "commands", "said", "right", "wrong", "rejected", "latency", "real-time factor")
        for ear, name, row in commands:
            latency = f"{row['latency_median_s']:.2f} / {row['latency_p90_s']:.2f} s"
            shares = (f"{row[what]:.3f}" for what in ("right", "wrong", "rejected"))
            yield _line(ear, _condition(name), row["said"], *shares, latency, row["real_time_factor"])
    if others:
        yield from _head("ear", "not for us", "hours", "false commands", "an hour", "which", "real-time factor")
        for ear, name, row in others:
            which = _counted(row["false_phrases"])
            yield _line(ear, name, row["hours"], row["false"], row["false_per_hour"], which, row["real_time_factor"])
    for ear, name, row in commands:
        yield ""
        yield f"{ear}, {_condition(name)}:"
        yield from _head("command", "said", "right", "wrong", "rejected", "taken for")
        for phrase, heard in row["per_phrase"].items():
            yield _of_phrase(phrase, heard)


def _of_phrase(phrase: str, heard: Mapping[str, int]) -> str:
    said = sum(heard.values())
    right, rejected = heard.get(phrase, 0), heard.get(NOTHING, 0)
    mistakes = {other: count for other, count in heard.items() if other not in (phrase, NOTHING)}
    shares = (f"{count / said:.2f}" for count in (right, said - right - rejected, rejected))
    return _line(phrase, said, *shares, _counted(mistakes))


def _counted(phrases: Mapping[str, int]) -> str:
    ordered = sorted(phrases.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(phrase if count == 1 else f"{phrase} {count}" for phrase, count in ordered)


def _condition(name: str) -> str:
    return name.removeprefix("commands, ")


def _head(*titles: str) -> Iterator[str]:
    yield ""
    yield _line(*titles)
    yield "|" + "---|" * len(titles)


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
