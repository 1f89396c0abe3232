"""What the user sees, types, and has written down to be said: views, keyboard, standard input, scripts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from voice_coach.assembly.hearing import AlwaysOpen
from voice_coach.nobody import Nobody
from voice_coach.screen.keyboard import Keyboard, keys_of
from voice_coach.screen.look import can_redraw, is_large_enough, look_of
from voice_coach.screen.plain_view import PlainView
from voice_coach.screen.script_view import ScriptView
from voice_coach.screen.terminal import Terminal
from voice_coach.typed_input import Script, is_terminal, standard_input

if TYPE_CHECKING:
    from voice_coach.assembly.parts import Parts
    from voice_coach.assembly.undertaking import Undertaking
    from voice_coach.clocks import Clock
    from voice_coach.runner import (
        Watcher,
    )
    from voice_coach.screen.big_view import BigView
    from voice_coach.session.session import Session


def answer_for_nobody(parts: Parts, session: Session, clock: Clock) -> None:
    """Let a demonstration run to its end: on a moved clock, with nothing said beforehand, questions get answers."""
    options = parts.options
    if options.fast and options.script is None and options.mic_wav is None:
        parts.timed.append(Nobody(session, clock, parts.sources, parts.inbox))


def add_script(parts: Parts, script: Script) -> None:
    parts.timed.append(script)
    parts.sources.append(script)


def open_view(parts: Parts, undertaking: Undertaking) -> None:
    """Open what the user sees and types into."""
    options = parts.options
    if options.as_json:
        _show(parts, undertaking, ScriptView(sys.stdout, sys.stderr))
        _open_standard_input(parts)
        return
    live = is_terminal(sys.stdout) and can_redraw() and not (options.fast or options.plain)
    view: PlainView | BigView | None = _open_screen(parts, undertaking) if live else None
    if view is None:
        view = PlainView(sys.stdout, sys.stderr, parts.view, live=live, drawings=not options.plain)
    _show(parts, undertaking, view)
    parts.timed.append(view)
    parts.stack.callback(view.close)
    if live and is_terminal(sys.stdin):
        _open_keyboard(parts, view)
    else:
        _open_standard_input(parts)


def _show(parts: Parts, undertaking: Undertaking, view: Watcher) -> None:
    """Let a view watch, from the side on that is under way already."""
    parts.watchers.append(view)
    earlier = undertaking.earlier
    if earlier is not None and earlier.shown is not None:
        view.acted(earlier.at, earlier.shown)


def _open_screen(parts: Parts, undertaking: Undertaking) -> BigView | None:
    """Open the view from two metres, where the terminal has room for it and someone types into it."""
    if not is_terminal(sys.stdin) or not is_large_enough(*os.get_terminal_size(sys.stdout.fileno())):
        return None
    from voice_coach.screen.big_view import BigView, is_old_console  # noqa: PLC0415 - only a terminal needs Rich

    if is_old_console():
        return None
    return BigView(
        sys.stdout,
        sys.stderr,
        parts.view,
        undertaking.beginning.routine.name,
        look_of(sys.stdout, parts.screen),
        listens=any(isinstance(source, AlwaysOpen) for source in parts.sources),
        told=parts.told,
    )


def _open_keyboard(parts: Parts, view: PlainView | BigView) -> None:
    terminal = Terminal(sys.stdin, sys.stdout, parts.inbox, parts.halted, full_screen=not isinstance(view, PlainView))
    terminal.on_return = view.redraw
    parts.stack.enter_context(terminal)
    parts.timed.append(terminal)
    keyboard = Keyboard(keys_of(sys.stdin), parts.inbox, view.type)
    parts.closing(keyboard)
    parts.sources.append(keyboard)


def _open_standard_input(parts: Parts) -> None:
    reader = standard_input(parts.inbox, fast=parts.options.fast)
    if reader is not None:
        parts.closing(reader)
        parts.sources.append(reader)
        parts.timed.append(reader)
