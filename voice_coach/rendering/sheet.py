"""A routine as a sheet for the wall: Markdown, one HTML page that needs nothing else, or PDF.

    page = as_html(sheet_of(catalogue, routine))

PDF needs the extra: `pip install "voice-coach[pdf]"`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec

from voice_coach.errors import MissingExtraError
from voice_coach.packaged import read_yaml
from voice_coach.routines.schema import HoldDose
from voice_coach.screen.drawing import HEIGHT, WIDTH, Drawing, load_drawings, plain_drawing
from voice_coach.screen.sentences import clock
from voice_coach.session.plan import PlannedStep, plan_routine
from voice_coach.session.sides import UNKNOWN_SIDE
from voice_coach.session.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voice_coach.routines.schema import Catalogue, Dose, Limits, Routine

SheetFormat = Literal["md", "html", "pdf"]

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|])")
_PLAIN_WIDTH, _PLAIN_HEIGHT = 44, 14
_SIDES = {
    ("left", "right"): "left, then right",
    ("both",): "both feet at once",
    ("left",): "left",
    ("right",): "right",
    (UNKNOWN_SIDE,): "the sore foot",
}


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    before: str
    stop: str
    dose: str
    honest: str


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One step on a sheet.

    Attributes:
        id: of the step, for its drawing.
        dose: how much, and on which side.
        rung: how strong to begin with.
        cues: what to do, sentence by sentence.
        safety: what to leave alone.
    """

    id: str
    name: str
    dose: str
    rung: str
    cues: tuple[str, ...]
    safety: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A routine as it is written on a sheet."""

    name: str
    when: str
    kit: str
    length: str
    steps: tuple[SheetStep, ...]

    @property
    def about(self) -> str:
        """When it is for, what it needs, how long it takes."""
        return " ".join(f"{part}." for part in (self.when, self.kit, f"{self.length} in all") if part)


def sheet_of(catalogue: Catalogue, routine: Routine) -> Sheet:
    """Put a routine on a sheet."""
    plan = plan_routine(catalogue, routine)
    steps = tuple(_step(planned, routine, catalogue.limits) for planned in plan.steps)
    return Sheet(routine.name, sentence(routine.when), sentence(routine.kit), clock(plan.seconds), steps)


def as_markdown(sheet: Sheet) -> str:
    """Give a sheet as Markdown."""
    words = _words()
    lines = [f"# {_marked(sheet.name)}", "", _marked(sheet.about), ""]
    lines += [words.before, ""]
    for number, step in enumerate(sheet.steps, start=1):
        lines += [f"## {number}. {_marked(step.name)}", "", f"**{_marked(step.dose)}** ({_marked(step.rung)})", ""]
        lines += [f"- {_marked(cue)}" for cue in step.cues]
        lines += [f"- *{_marked(step.safety)}*"] if step.safety else []
        lines += ["", "```", *plain_drawing(step.id, _PLAIN_WIDTH, _PLAIN_HEIGHT), "```", ""]
    return "\n".join([*lines, words.stop, "", f"{words.dose} {words.honest}", ""])


def as_html(sheet: Sheet) -> str:
    """Give a sheet as one HTML page, with its drawings in it, that asks for nothing from outside."""
    words = _words()
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{html.escape(sheet.name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{html.escape(sheet.name)}</h1>",
        f"<p>{html.escape(sheet.about)}</p>",
        f"<p>{html.escape(words.before)}</p>\n<ol>",
        *(_html_step(step) for step in sheet.steps),
        f'</ol>\n<p class="stop">{html.escape(words.stop)}</p>',
        f"<p>{html.escape(words.dose)} {html.escape(words.honest)}</p>\n</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def write_pdf(sheet: Sheet, path: Path) -> None:
    """Write a sheet as PDF.

    Raises:
        MissingExtraError: the library for PDF is not installed.
        OSError: the file cannot be written.
    """
    try:
        from voice_coach.rendering.pdf import write  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        raise MissingExtraError(
            "The library for PDF is not installed.",
            "Nothing was written; Markdown and HTML need nothing.",
            'pip install "voice-coach[pdf]"',
        ) from error
    words = _words()
    write(sheet, path, before=words.before, after=(words.stop, f"{words.dose} {words.honest}"))


def svg(drawing: Drawing) -> str:
    """Give a drawing as an SVG element, with its words for whoever cannot see it."""
    lines = "".join(
        f'<polyline class="{ink}" points="{" ".join(f"{x:.4g},{y:.4g}" for x, y in points)}"/>'
        for ink, points in drawing.lines
    )
    words = html.escape(drawing.says, quote=True)
    return f'<svg viewBox="-1 -1 {WIDTH + 2} {HEIGHT + 2}" role="img" aria-label="{words}">{lines}</svg>'


# --- what a step says


def _step(planned: PlannedStep, routine: Routine, limits: Limits) -> SheetStep:
    step = planned.step
    entry = None if planned.number is None else routine.steps[planned.number].rung
    rung = min(entry or step.rung, routine.rung_ceiling)
    return SheetStep(
        id=step.id,
        name=step.name,
        dose=f"{_dose(planned.dose)}, {_SIDES.get(planned.sides, ', '.join(planned.sides))}",
        rung=step.ladder[rung - 1].text,
        cues=tuple(_cues(planned, limits)),
        safety=step.safety,
    )


def _dose(dose: Dose) -> str:
    if not isinstance(dose, HoldDose):
        return f"{dose.seconds:g} seconds"
    if dose.repetitions == 1:
        return f"one hold of {dose.hold:g} seconds"
    return f"{dose.repetitions} times {dose.hold:g} seconds"


def _cues(planned: PlannedStep, limits: Limits) -> Iterator[str]:
    cues = planned.step.cues
    hold = planned.dose.hold if isinstance(planned.dose, HoldDose) else 0.0
    slots = {"side": "", "stroke": f"{limits.tempo.stroke.usual:g}", "hold": f"{hold:g} seconds"}
    for cue in (cues.setup, cues.go, cues.then, cues.each_repetition, cues.halfway, cues.between, cues.near_end):
        if cue:
            yield sentence(" ".join(cue.format(**slots).split()))


@cache
def _words() -> _Words:
    return msgspec.convert(read_yaml("voice_coach.rendering", "sheet"), _Words)


def _marked(text: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", text)


def _html_step(step: SheetStep) -> str:
    drawing = load_drawings().get(step.id)
    picture = "" if drawing is None else svg(drawing)
    cues = "".join(f"<li>{html.escape(cue)}</li>" for cue in step.cues)
    safety = f'<p class="safety">{html.escape(step.safety)}</p>' if step.safety else ""
    return (
        f"<li><div><h2>{html.escape(step.name)}</h2>"
        f"<p><strong>{html.escape(step.dose)}</strong><br>{html.escape(step.rung)}</p>"
        f"<ul>{cues}</ul>{safety}</div>{picture}</li>"
    )


_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --tool: #8a1c7c; --move: #b3261e; --line: #767676; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ededed; --paper: #161616; --tool: #f0a0e4; --move: #ff9d94; --line: #9a9a9a; }
}
@media print { :root { --ink: #000; --paper: #fff; --tool: #8a1c7c; --move: #b3261e; } li { break-inside: avoid; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.05rem/1.45 system-ui, sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.8rem; } h2 { font-size: 1.25rem; margin: 0; }
ol { padding: 0; list-style: none; counter-reset: step; }
ol > li { display: flex; flex-wrap: wrap; gap: 1rem; border-top: 1px solid var(--line); padding: 1rem 0; }
ol > li > div { flex: 1 1 18rem; min-width: 0; }
ol > li h2::before { counter-increment: step; content: counter(step) ". "; }
svg { flex: 0 1 15rem; max-width: 100%; height: auto; align-self: center; }
polyline { fill: none; stroke: var(--ink); stroke-width: 1.2; stroke-linecap: round; stroke-linejoin: round; }
polyline.tool { stroke: var(--tool); stroke-width: 1.8; } polyline.move { stroke: var(--move); stroke-width: 1.8; }
.safety, .stop { border-left: .3rem solid var(--move); padding-left: .7rem; }
"""
