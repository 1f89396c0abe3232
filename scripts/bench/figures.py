"""What a bench has measured, beside the bar that it should reach: as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        what: was measured.
        value: in `unit`.
        most: the bar, where lower is better; None where there is no such bar.
        least: the bar, where higher is better; None where there is no such bar.
        count: of the measurements behind it.
    """

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    count: int = 1

    @property
    def bar(self) -> str:
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:g}"

    @property
    def held(self) -> bool | None:
        """Tell whether the bar is reached; None where there is none."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least


def median_and_ninth(what: str, seconds: Sequence[float], most: tuple[float | None, float | None]) -> list[Figure]:
    """Give the median and the 90th percentile of lengths in seconds, with a bar for each."""
    if not seconds:
        return []
    ordered = sorted(seconds)
    ninth = ordered[min(len(ordered) - 1, round(0.9 * (len(ordered) - 1)))]
    return [
        Figure(f"{what}, median", statistics.median(ordered), "s", most[0], count=len(ordered)),
        Figure(f"{what}, 90th percentile", ninth, "s", most[1], count=len(ordered)),
    ]


def table(bench: str, figures: Sequence[Figure]) -> str:
    """Give the figures of a bench as lines for people."""
    lines = [bench]
    for figure in figures:
        mark = {True: "held", False: "MISSED", None: ""}[figure.held]
        lines.append(
            f"  {figure.what:58} {figure.value:10.3g} {figure.unit:12} {figure.bar:10} {mark:7} n={figure.count}"
        )
    return "\n".join(lines)


def write_json(path: Path, results: dict[str, Sequence[Figure]]) -> None:
    """Write all figures, and the machine they were measured on."""
    machine = {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}
    load = os.getloadavg() if hasattr(os, "getloadavg") else None
    rows = {bench: [_row(figure) for figure in figures] for bench, figures in results.items()}
    document = {"machine": machine, "load": load, "benches": rows}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _row(figure: Figure) -> dict[str, object]:
    held = None if figure.held is None else bool(figure.held)
    return {**asdict(figure), "value": float(figure.value), "held": held}
