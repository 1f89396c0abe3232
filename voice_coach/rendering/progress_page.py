"""Progress as one HTML page that needs nothing else: no script, no request to outside, pictures drawn in it.

Every chart says in words what it shows, and has a table beside it. Light or dark is as the reader's system has it.
"""

from __future__ import annotations

import html
from itertools import groupby
from typing import TYPE_CHECKING

from voice_coach.rendering.charts import Line, bar_chart, line_chart, mark
from voice_coach.rendering.progress_words import (
    day_name,
    next_time,
    progress_words,
    rungs_of,
    shown_tracks,
    skin_signs,
    span_name,
    spans_name,
    step_name,
    totals,
)
from voice_coach.session.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voice_coach.history.progress import Progress, SkinPlace, Span, Track
    from voice_coach.routines.schema import Catalogue
    from voice_coach.session.before import Before

_RATINGS = (0, 5, 10)
_LIMIT = 5
"""The most discomfort there should be, of 10 (BYTES, PROVIDE)."""
_NONE = "none"


def progress_page(progress: Progress, before: Before, catalogue: Catalogue) -> str:
    """Give the page.

    Args:
        progress: what the history adds up to.
        before: what it means for the next session.
        catalogue: has the names and the rungs of steps.
    """
    words = progress_words()
    glance = (f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in totals(progress))
    title = f"Progress on {day_name(progress.today)}"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        # even a mistake in this page could not ask for anything
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>Progress on <time>{day_name(progress.today)}</time></h1>",
        f"<dl>{''.join(glance)}</dl>",
        f"<p>{_text(words.rhythm)} {_text(words.sore)}</p>",
        "<h2>Next time</h2>",
        _list(next_time(before, catalogue)),
        *_minutes(progress),
        *_steps(progress, catalogue),
        "<h2>Skin</h2>",
        f"<p>{_text(words.skin if progress.skin else words.no_skin)}</p>",
        *(_skin(place) for place in progress.skin),
        f"<footer><p>{_text(words.honest)} {_text(words.page)}</p></footer>",
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


# --- minutes


def _minutes(progress: Progress) -> Iterator[str]:
    spans = progress.spans
    values = [span.minutes_a_week for span in spans]
    most = max(values)
    says = (
        f"Bars: minutes a week from {day_name(spans[0].begins)} to {day_name(progress.today)}. "
        f"The most is {most:.0f}, the last is {values[-1]:.0f}. The table below has all of them."
    )
    yield "<h2>Minutes a week</h2>"
    yield f"<figure>{bar_chart(values, _dates(spans), says)}</figure>"
    rows = [(span_name(span), f"{span.minutes_a_week:.0f}", str(span.sessions)) for span in spans if span.sessions]
    yield _table("Minutes a week", ("From", "Minutes a week", "Sessions"), rows)


# --- steps


def _steps(progress: Progress, catalogue: Catalogue) -> Iterator[str]:
    shown = shown_tracks(progress, catalogue)
    if not shown:
        return
    words = progress_words()
    yield "<h2>Step by step</h2>"
    yield f"<p>{_text(words.ratings)} {_text(words.rungs)}</p>"
    legend = {"left": "left foot", "right": "right foot", "both": "both at once"}
    marks = " ".join(f"<span>{mark(ink)} {name}</span>" for ink, name in legend.items())
    yield f'<p class="legend">{marks}</p>'
    yield '<div class="steps">'
    for step, tracks in groupby(shown, lambda track: track.step):
        yield _step(progress, step, list(tracks), catalogue)
    yield "</div>"


def _step(progress: Progress, step: str, tracks: Sequence[Track], catalogue: Catalogue) -> str:
    name = step_name(step, catalogue)
    charts = "".join((_rating_chart(progress, name, tracks), _rung_chart(progress, step, tracks, catalogue)))
    return f"<section><h3>{_text(name)}</h3>{charts}{_step_table(progress, name, tracks)}</section>"


def _rating_chart(progress: Progress, name: str, tracks: Sequence[Track]) -> str:
    lines = [
        Line(_ink(track.side), [None if rated is None else rated.strongest for rated in track.ratings])
        for track in tracks
        if any(track.ratings)
    ]
    if not lines:
        return ""
    says = (
        f"{name}, how strong it was, zero to ten: the strongest of each {spans_name(progress)}. "
        f"{_latest(lines)} The table below has all of them."
    )
    chart = line_chart(lines, _dates(progress.spans), _RATINGS, says, limit=_LIMIT)
    return f"<figure><figcaption>How strong, zero to ten</figcaption>{chart}</figure>"


def _rung_chart(progress: Progress, step: str, tracks: Sequence[Track], catalogue: Catalogue) -> str:
    lines = [Line(_ink(track.side), track.rungs) for track in tracks if any(track.rungs)]
    reached = max((rung for line in lines for rung in line.values if rung is not None), default=0)
    top = max(rungs_of(step, catalogue), int(reached), 2)
    if not lines:
        return ""
    says = (
        f"{step_name(step, catalogue)}, rung at the end of each {spans_name(progress)}, of {top}. "
        f"{_latest(lines)} The table below has all of them."
    )
    chart = line_chart(lines, _dates(progress.spans), range(1, top + 1), says, height=110)
    return f"<figure><figcaption>Rung</figcaption>{chart}</figure>"


def _latest(lines: Iterable[Line]) -> str:
    """Tell the last value of each line."""
    values = ((line.ink, [value for value in line.values if value is not None]) for line in lines)
    return " ".join(f"Last {ink}: {found[-1]:g}." for ink, found in values)


def _step_table(progress: Progress, name: str, tracks: Sequence[Track]) -> str:
    head = ["From"]
    for track in tracks:
        head += [f"{track.side.capitalize()}: strongest", "mean", "times", "rung"]
    rows = [
        (span_name(span), *(cell for track in tracks for cell in _cells(track, number)))
        for number, span in enumerate(progress.spans)
        if any(track.ratings[number] or track.rungs[number] for track in tracks)
    ]
    return _table(name, head, rows)


def _cells(track: Track, number: int) -> tuple[str, str, str, str]:
    rated, rung = track.ratings[number], track.rungs[number]
    told = (_NONE, _NONE, "0") if rated is None else (str(rated.strongest), f"{rated.mean:.1f}", str(rated.times))
    return (*told, _NONE if rung is None else str(rung))


def _ink(side: str) -> str:
    return side if side in ("left", "right") else "both"


# --- skin


def _skin(place: SkinPlace) -> str:
    name = place.place.capitalize()
    advice = f'<p class="advice">{_text(progress_words().skin_again)}</p>' if place.came_back else ""
    rows = [(day_name(day), kind) for day, kind in reversed(place.signs)]
    table = _table(name, ("Day", "Sign"), rows)
    return f"<section><h3>{_text(name)}</h3><p>{_text(sentence(skin_signs(place)))}</p>{advice}{table}</section>"


# --- pieces


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a table that is folded away; where it is too wide, it can be moved with the keyboard as well."""
    heads = "".join(f'<th scope="col">{_text(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{_text(first)}</th>{"".join(f"<td>{_text(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f"<details><summary>{_text(caption)}: table</summary>"
        f'<div class="wide" role="region" tabindex="0" aria-label="{_text(caption)}: table">'
        f"<table><caption>{_text(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        "</div></details>"
    )


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"


def _dates(spans: Sequence[Span]) -> list[str]:
    """Name spans as shortly as a chart needs it."""
    pattern = "%d %b" if spans[0].weeks == 1 else "%b %Y"
    return [span.begins.strftime(pattern) for span in spans]


def _text(text: str) -> str:
    return html.escape(text, quote=True)


STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --soft: #595959; --line: #d0d0d0;
  --edge: #767676; --left: #0b57a4; --right: #9a3b00; --both: #0b6b53; --limit: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #ededed; --paper: #161616; --soft: #b8b8b8; --line: #3c3c3c;
  --edge: #8f8f8f; --left: #8ec5ff; --right: #ffb68a; --both: #6fd6b5; --limit: #ff9d94; } }
@media print { :root { --ink: #000000; --paper: #ffffff; --soft: #595959; --line: #d0d0d0;
  --edge: #767676; --left: #0b57a4; --right: #9a3b00; --both: #0b6b53; --limit: #b3261e; }
  section, figure { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: break-word; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; border-top: 1px solid var(--edge); padding-top: 1rem; }
h3 { font-size: 1.1rem; margin: 1rem 0 .3rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: .8rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; font-weight: 600; }
figure { margin: .5rem 0; max-width: 34rem; } figcaption { color: var(--soft); }
.steps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0 2rem; }
.steps > section { min-width: 0; }
svg.chart { display: block; width: 100%; height: auto; }
.legend span, time { white-space: nowrap; }
svg.mark { width: .9rem; height: .9rem; vertical-align: -.1rem; margin-left: .6rem; }
.chart text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.bar { fill: var(--both); } .grid { stroke: var(--line); } .limit { stroke: var(--limit); stroke-dasharray: 5 4; }
polyline { fill: none; stroke-width: 2; } polyline.right { stroke-dasharray: 6 3; }
.left { stroke: var(--left); } .right { stroke: var(--right); } .both { stroke: var(--both); }
circle.left { fill: var(--left); } circle.both { fill: var(--both); }
rect.right { fill: none; stroke-width: 1.6; }
summary { cursor: pointer; padding: .5rem 0; } .wide { overflow-x: auto; }
summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--left); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } caption { text-align: left; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; } caption, th { color: var(--soft); }
.advice { border-left: .3rem solid var(--limit); padding-left: .7rem; }
footer { border-top: 1px solid var(--edge); margin-top: 1.5rem; color: var(--soft); }
"""
