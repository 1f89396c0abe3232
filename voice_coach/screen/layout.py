"""Places a scene on a screen of any size: the countdown as large as it goes, and the rest round it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from voice_coach.screen.big_letters import big_text
from voice_coach.screen.drawing import drawn
from voice_coach.screen.scene import Hearing
from voice_coach.screen.sentences import PHASE_WORDS, clock, side_words
from voice_coach.session.phases import Phase

if TYPE_CHECKING:
    from voice_coach.screen.look import Look
    from voice_coach.screen.scene import Line, Scene

# Colours are the sixteen of the terminal's own palette, so that they suit dark and light grounds; the countdown keeps
# the terminal's own foreground, which is what is seen best.
_STRONG = "bold"
_FAINT = "dim"
_COUNT = "bold magenta"
_HALTED = "bold red"
_INKS = {"body": "", "tool": "bold magenta", "move": "bold red"}
_HEARD = "bold reverse"
_NOT_UNDERSTOOD = "bold reverse magenta"
_TROUBLE = "bold red"

STATUS_FROM = 5
"""Lines of a screen from which the last but one tells what the ears do; the last is what is typed."""
_MARGIN = 1
_QUIETEST = -60.0
"""dBFS at which the level meter is empty."""
_METER = 10
_WORDS = {Phase.PAUSED: "PAUSED", Phase.STOPPED: "STOPPED", Phase.QUESTION: "?", Phase.SUMMARY: "DONE"}
_AHEAD = frozenset({Phase.GREETING, Phase.SETUP, Phase.SWITCH, Phase.GO})
"""Phases in which the time shown is still to come."""
_SIDES = {"left": "LEFT", "right": "RIGHT", "both": "BOTH", "one": "ONE"}
_TWO_COLUMNS_FROM = 56
_COLUMN_SHARE = 0.38
_LEAST_COLUMN, _LARGEST_COLUMN = 28, 76
_LEAST_DRAWING = 4


@dataclass(frozen=True, slots=True)
class _Page:
    scene: Scene
    width: int
    height: int
    look: Look


def frame(scene: Scene, width: int, height: int, look: Look) -> list[Text]:
    """Give the lines of a screen of `width` by `height` characters, the first at the top.

    Args:
        scene: what there is to see.
        width: characters across.
        height: lines; so many are given.
        look: the characters to draw with.
    """
    page = _Page(scene, max(1, width - 2 * _MARGIN), height, look)
    top, bottom = _top(page), _bottom(page)
    if len(top) + len(bottom) > height:
        top = [_title(page)]
    room = max(0, height - len(top) - len(bottom))
    rows = [*top, *_middle(page, room), *bottom]
    return [_on_the_page(row, width) for row in rows[:height]]


def input_line(typed: str, width: int) -> Text:
    """Give the last line of the screen: what is being typed, its end where it is long."""
    room = max(1, width - 2 * _MARGIN - 3)
    return _on_the_page(_input(typed, room), width)


def status_line(scene: Scene, width: int, look: Look) -> Text:
    """Give the line that changes most often: what the ears do, how loud it is, what was heard."""
    return _on_the_page(_status(_Page(scene, max(1, width - 2 * _MARGIN), STATUS_FROM, look)), width)


# --- what stands where


def _top(page: _Page) -> list[Text]:
    rows = [_title(page)]
    if page.height >= 8:  # noqa: PLR2004 - the heights at which a row finds room
        rows.insert(0, _header(page))
    if page.height >= 12:  # noqa: PLR2004
        rows.insert(1, _progress(page))
        rows.append(_rung(page))
    if page.height >= 24:  # noqa: PLR2004
        rows.append(Text())
    if page.height >= 36:  # noqa: PLR2004
        rows.insert(2, Text())
    return rows


def _bottom(page: _Page) -> list[Text]:
    above = [Text()] if page.height >= 24 else []  # noqa: PLR2004
    below = [_input(page.scene.typed, max(1, page.width - 3))]
    if page.height >= STATUS_FROM:
        below.insert(0, _status(page))
    if page.height >= 14:  # noqa: PLR2004
        below.insert(0, _after(page))
    said = 0 if page.height < 7 else max(1, min(8, (page.height - 16) // 4))  # noqa: PLR2004
    if page.scene.view.phase is Phase.QUESTION and page.height >= 16:  # noqa: PLR2004
        said += 2  # a question is read as a whole
    if page.scene.details and page.height >= 20:  # noqa: PLR2004
        said += 3  # so are the details
    if page.scene.view.phase in _WORDS:
        # one large word tells less than the line that it stands for, and a question about health is never cut off
        said = max(said, min(_rows_of_the_newest(page), page.height - 1 - len(above) - len(below)))
    return [*above, *_said(page, said), *below]


def _rows_of_the_newest(page: _Page) -> int:
    """Count the rows of what was said last, and of the trouble told since."""
    rows = 0
    for line in reversed(page.scene.lines):
        rows += len(_wrapped(line, page.width, newest=True))
        if line.by != "trouble":
            break
    return rows


def _middle(page: _Page, room: int) -> list[Text]:
    """Give the countdown, and beside it side and drawing where there is room for both."""
    if room < 1:
        return []
    if page.width < _TWO_COLUMNS_FROM:
        return _centred(_countdown(page, page.width, room), page.width, room)
    column = round(page.width * _COLUMN_SHARE)
    column = max(_LEAST_COLUMN, min(_LARGEST_COLUMN, column))
    gap = max(2, page.width // 40)
    wide = page.width - column - gap
    if page.scene.details:
        left = _drawing(page, wide, room)
        right = _countdown(page, column, room)
    else:
        left = _countdown(page, wide, room)
        right = _side_and_drawing(page, column, room)
    pairs = zip(_centred(left, wide, room), _centred(right, column, room), strict=True)
    return [_beside(first, second, wide + gap) for first, second in pairs]


# --- the countdown


def _countdown(page: _Page, width: int, height: int) -> list[Text]:
    text, style = _what_counts(page.scene)
    rows = big_text(text, width, height, blocks=page.look.blocks)
    return [Text(row, style) for row in rows] or [Text(text, style)]


def _what_counts(scene: Scene) -> tuple[str, str]:
    view = scene.view
    if view.phase in _WORDS:
        return _WORDS[view.phase], _HALTED if view.phase is Phase.STOPPED else _COUNT
    left = view.left_in_all if view.left is None else view.left
    seconds = math.ceil(max(0.0, left) - 1e-6)
    style = _COUNT if view.phase is Phase.COUNT_IN else _FAINT if view.phase in _AHEAD else _STRONG
    return _short_clock(seconds), style


def _short_clock(seconds: int) -> str:
    """Give seconds alone below a minute: fewer digits can be larger."""
    return clock(seconds) if seconds >= 60 else str(seconds)  # noqa: PLR2004 - seconds of a minute


def _side_and_drawing(page: _Page, width: int, height: int) -> list[Text]:
    side = _SIDES.get(page.scene.view.side or "", "")
    rows = [Text(row, _STRONG) for row in big_text(side, width, min(7, height // 3), blocks=page.look.blocks)]
    if rows:
        rows.append(Text())
    if height - len(rows) >= _LEAST_DRAWING:
        rows += _drawing(page, width, height - len(rows))
    return rows


def _drawing(page: _Page, width: int, height: int) -> list[Text]:
    rows = drawn(page.scene.step or "", width, height, dots=page.look.dots)
    return [Text.assemble(*((run.text, _INKS[run.ink]) for run in row)) for row in rows]


# --- the rows above and below


def _header(page: _Page) -> Text:
    view = page.scene.view
    right = Text(f"{clock(max(0.0, view.left_in_all))} left in all", _STRONG)
    if view.of:
        right = Text.assemble(f"step {min(view.number, view.of)} of {view.of}   ", right)
    return _ends(Text(_plain(page.scene.routine), _STRONG), right, page.width)


def _progress(page: _Page) -> Text:
    scene = page.scene
    share = 1 - scene.view.left_in_all / scene.total if scene.total > 0 else 1.0
    if scene.view.phase is Phase.SUMMARY:
        share = 1.0
    done = round(page.width * min(1.0, max(0.0, share)))
    full, empty = ("█", "░") if page.look.blocks else ("#", ".")
    return Text.assemble(full * done, (empty * (page.width - done), _FAINT))


def _title(page: _Page) -> Text:
    view = page.scene.view
    title = Text()
    side = side_words(view.side)
    if side:
        title.append(side.upper(), f"{_STRONG} underline")
        title.append("  ")
    title.append(_plain(view.step or ""), _STRONG)
    state = PHASE_WORDS[view.phase]
    if view.phase in _WORDS and view.left is not None and view.step is not None:
        state = f"{clock(math.ceil(max(0.0, view.left)))} left here"
    return _ends(title, Text(state, _STRONG), page.width)


def _rung(page: _Page) -> Text:
    view = page.scene.view
    if view.rung is None:
        return Text()
    return Text.assemble((f"rung {view.rung}", _STRONG), f"  {_plain(view.rung_text or '')}")


def _after(page: _Page) -> Text:
    scene = page.scene
    if scene.answers:
        return Text.assemble("answer  ", (_plain(", ".join(scene.answers)), _STRONG))
    if scene.view.phase in (Phase.PAUSED, Phase.STOPPED):
        return Text.assemble("say or type  ", ("resume", _STRONG), "  or  ", ("finish", _STRONG))
    if scene.view.phase in (Phase.SUMMARY, Phase.QUESTION):
        return Text()
    if scene.view.after is None:
        return Text("this is the last step" if scene.view.step else "")
    return Text.assemble("then  ", (_plain(scene.view.after), _STRONG))


def _status(page: _Page) -> Text:
    scene = page.scene
    on, off = ("●", "○") if page.look.blocks else ("*", "-")
    left = Text(f"{on if scene.hearing is Hearing.ON else off} {scene.hearing.value}")
    if scene.level is not None and scene.hearing is not Hearing.OFF:
        left.append("  ")
        left.append(_meter(scene.level, page.look))
    return _ends(left, _heard(scene), page.width)


def _heard(scene: Scene) -> Text:
    heard = scene.heard
    if heard is None:
        return Text()
    if heard.understood:
        return Text(f"heard: {_plain(heard.text)}", _HEARD)
    return Text(f"not understood: {_plain(heard.text)}", _NOT_UNDERSTOOD)


def _meter(level: float, look: Look) -> Text:
    full, empty = ("▮", "▯") if look.blocks else ("#", ".")
    filled = round(_METER * min(1.0, max(0.0, 1 - level / _QUIETEST)))
    return Text(full * filled + empty * (_METER - filled))


def _input(typed: str, room: int) -> Text:
    return Text.assemble(("> ", _STRONG), _plain(typed)[-room:], ("_", _STRONG))


def _said(page: _Page, most: int) -> list[Text]:
    """Give the last lines of the conversation, wrapped, in exactly `most` rows."""
    rows: list[Text] = []
    newest = True
    for line in reversed(page.scene.lines):
        rows[:0] = _wrapped(line, page.width, newest=newest)
        newest = False
        if len(rows) >= most:
            break
    rows = rows[-most:] if most else []
    return [Text() for _ in range(most - len(rows))] + rows


def _wrapped(line: Line, width: int, *, newest: bool) -> list[Text]:
    style = _TROUBLE if line.by == "trouble" else _STRONG if newest else _FAINT
    return [Text(row, style) for row in textwrap.wrap(_plain(line.text), width)]


# --- placing


def _ends(left: Text, right: Text, width: int) -> Text:
    """Give a row with `left` at its beginning and `right` at its end; what is on the left gives way."""
    room = width - right.cell_len - (2 if right else 0)
    left = left.copy()
    left.truncate(max(0, room))
    gap = max(0, width - left.cell_len - right.cell_len)
    return Text.assemble(left, " " * gap, right)


def _beside(left: Text, right: Text, column: int) -> Text:
    return Text.assemble(left, " " * max(0, column - left.cell_len), right)


def _centred(rows: list[Text], width: int, height: int) -> list[Text]:
    """Give exactly `height` rows, with `rows` in the middle of them and of `width`."""
    widest = max((row.cell_len for row in rows), default=0)
    indent = " " * max(0, (width - widest) // 2)
    above = max(0, (height - len(rows)) // 2)
    below = max(0, height - len(rows) - above)
    middle = [Text.assemble(indent, row) for row in rows]
    return ([Text() for _ in range(above)] + middle + [Text() for _ in range(below)])[:height]


def _on_the_page(row: Text, width: int) -> Text:
    placed = Text.assemble(" " * min(_MARGIN, width), row)
    placed.truncate(max(0, width - _MARGIN))
    placed.rstrip()
    return placed


def _plain(text: str) -> str:
    """Give `text` without anything that would move a cursor."""
    return "".join(character if character.isprintable() else " " for character in text)
