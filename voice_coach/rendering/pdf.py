"""A sheet for the wall as PDF, with ReportLab."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing as Picture
from reportlab.graphics.shapes import PolyLine
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from voice_coach.screen.drawing import HEIGHT, WIDTH, load_drawings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reportlab.platypus import Flowable

    from voice_coach.rendering.sheet import Sheet, SheetStep
    from voice_coach.screen.drawing import Drawing

_MARGIN = 18 * mm
_PICTURE_WIDTH = 52 * mm
_INKS = {"body": HexColor("#1a1a1a"), "tool": HexColor("#8a1c7c"), "move": HexColor("#b3261e")}
_LINE_WIDTH = 1.1


def write(sheet: Sheet, path: Path, *, before: str, after: Sequence[str]) -> None:
    """Write `sheet` into `path`, with what is said before and after its steps.

    Raises:
        OSError: the file cannot be written.
    """
    styles = getSampleStyleSheet()
    text = styles["BodyText"]
    story: list[Flowable] = [
        Paragraph(_safe(sheet.name), styles["Title"]),
        Paragraph(_safe(sheet.about), text),
        Paragraph(_safe(before), text),
        Spacer(1, 4 * mm),
    ]
    width = A4[0] - 2 * _MARGIN
    for number, step in enumerate(sheet.steps, start=1):
        story.append(KeepTogether(_step(number, step, width)))
    story += [Paragraph(_safe(line), text) for line in after]
    SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=sheet.name,
        author="voice-coach",
        lang="en",
    ).build(story)


def _step(number: int, step: SheetStep, width: float) -> list[Flowable]:
    styles = getSampleStyleSheet()
    text = styles["BodyText"]
    words: list[Flowable] = [
        Paragraph(f"{number}. {_safe(step.name)}", styles["Heading2"]),
        Paragraph(f"<b>{_safe(step.dose)}</b><br/>{_safe(step.rung)}", text),
        *(Paragraph(_safe(cue), text, bulletText="-") for cue in step.cues),
    ]
    if step.safety:
        words.append(Paragraph(f"<i>{_safe(step.safety)}</i>", text))
    drawing = load_drawings().get(step.id)
    picture = "" if drawing is None else _picture(drawing)
    table = Table([[words, picture]], colWidths=[width - _PICTURE_WIDTH, _PICTURE_WIDTH])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (0, 0), 0)])
    return [table, Spacer(1, 3 * mm)]


def _picture(drawing: Drawing) -> Picture:
    scale = _PICTURE_WIDTH / WIDTH * 0.92
    picture = Picture(WIDTH * scale, HEIGHT * scale)
    for ink, points in drawing.lines:
        flat = [value for x, y in points for value in (x * scale, (HEIGHT - y) * scale)]
        picture.add(PolyLine(flat, strokeColor=_INKS[ink], strokeWidth=_LINE_WIDTH, strokeLineCap=1, strokeLineJoin=1))
    return picture


def _safe(text: str) -> str:
    """Give `text` for a paragraph; the fonts that every reader has know the letters of Western Europe only."""
    return escape(text.encode("cp1252", errors="replace").decode("cp1252"))
