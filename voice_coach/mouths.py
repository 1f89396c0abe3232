"""The coach's mouth: loud through a speaker, or silent where everything is read."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voice_coach.errors import VoiceError
from voice_coach.runner import Inbox, LineEnded, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from voice_coach.audio.clip import Clip, GivesWay
    from voice_coach.audio.interfaces import Speaker
    from voice_coach.session.actions import Say
    from voice_coach.session.manner import Manner
    from voice_coach.speech.rehearsal import Rehearsal

PAUSE_BEFORE_NEWS = 0.4
"""Seconds of silence after a line before news are told: the next line of the session may follow at once."""

NEWS_SECONDS = 20.0
"""How long news are news. A session may speak that long without a pause."""


def forget(_manner: Manner) -> None:
    """Do not remember how lines are spoken."""


class SilentMouth:
    """Says nothing: a line is over at the moment it begins.

    Args:
        inbox: gets the ends of lines.
        remember: gets the manner of speaking whenever that changes: the next session may have a voice.
    """

    def __init__(self, inbox: Inbox, remember: Callable[[Manner], None] = forget) -> None:
        self._inbox = inbox
        self._remember = remember

    def say(self, line: Say) -> None:
        self._inbox.put(LineEnded(line.token))

    def chime(self, name: str) -> None:
        """Do nothing."""

    def hush(self) -> None:
        """Do nothing."""

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        """Do nothing."""

    def speak_like(self, manner: Manner) -> None:
        self._remember(manner)

    def mute(self, *, on: bool) -> None:
        """Do nothing."""

    def announce(self, text: str, *, lasts: bool = False) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class _News:
    text: str
    until: float


class SpeakingMouth:
    """Says lines through a speaker. Where the voice fails, it goes on silently and says so once.

    Args:
        rehearsal: gives the lines as sound.
        speaker: plays them.
        inbox: gets the ends of lines, and the trouble.
        remember: gets the manner of speaking whenever that changes.
    """

    def __init__(
        self,
        rehearsal: Rehearsal,
        speaker: Speaker,
        inbox: Inbox,
        remember: Callable[[Manner], None] = forget,
    ) -> None:
        self._rehearsal = rehearsal
        self._speaker = speaker
        self._inbox = inbox
        self._remember = remember
        self._failed = False
        self._lock = threading.Lock()
        self._is_saying = False
        self._news: list[_News] = []
        """What is still to be told, the newest first; of what is no news after a while, the latest only."""
        self._timer: threading.Timer | None = None
        self._closed = False
        self._muted = False
        self._saying: LineEnded | None = None

    def say(self, line: Say) -> None:
        ended = LineEnded(line.token)
        clip = None if self._failed or self._muted else self._rendered(line.text, line.beat)
        if clip is None:
            self._inbox.put(ended)
            return
        with self._lock:
            self._is_saying = True
            self._speaker.say(replace(clip, text=line.text, gives_way=_gives_way(line)), lambda: self._ended(ended))
            self._saying = ended

    def chime(self, name: str) -> None:
        if self._muted:
            return
        from voice_coach.audio.chimes import chime_clip  # noqa: PLC0415 - needs numpy

        self._speaker.chime(chime_clip(name, self._speaker.rate, self._rehearsal.manner.decibels))

    def hush(self) -> None:
        with self._lock:
            self._is_saying = False
            self._speaker.hush()
            self._tell_soon()

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        self._rehearsal.prepare(lines)

    def speak_like(self, manner: Manner) -> None:
        self._rehearsal.manner = manner
        self._remember(manner)

    def mute(self, *, on: bool) -> None:
        with self._lock:
            self._muted = on
            saying, self._saying = self._saying, None
            if not on:
                return
            was_saying, self._is_saying = self._is_saying, False
            self._speaker.hush()
        if was_saying and saying is not None:
            self._inbox.put(saying)

    def announce(self, text: str, *, lasts: bool = False) -> None:
        with self._lock:
            news = _News(text, math.inf if lasts else time.monotonic() + NEWS_SECONDS)
            self._news = [news, *(earlier for earlier in self._news if earlier.until == math.inf)]
            self._tell_soon()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
        self._speaker.close()
        self._rehearsal.close()

    def _rendered(self, text: str, beat: float | None = None) -> Clip | None:
        try:
            return self._rehearsal.clip(text, beat)
        except VoiceError as error:
            self._failed = True
            self._inbox.put(Trouble(error))
            return None

    def _ended(self, line: LineEnded) -> None:
        with self._lock:
            self._is_saying = False
            self._tell_soon()
        self._inbox.put(line)

    def _tell_soon(self) -> None:
        """Tell the news after a pause, unless a line of the session comes first: then after that one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._news and not self._is_saying and not self._closed:
            self._timer = threading.Timer(PAUSE_BEFORE_NEWS, self._tell)
            self._timer.daemon = True
            self._timer.start()

    def _tell(self) -> None:
        news = next((news for news in list(self._news) if time.monotonic() <= news.until), None)
        clip = None if news is None or self._failed or self._muted else self._rendered(news.text)
        with self._lock:
            if news is None or clip is None or self._is_saying or self._closed:
                return
            self._speaker.say(replace(clip, text=news.text), lambda: self._told(news))

    def _told(self, news: _News) -> None:
        with self._lock:
            self._news = [other for other in self._news if other is not news]
            self._tell_soon()


def _gives_way(line: Say) -> GivesWay:
    if line.safety:
        return "is lowered"
    return "waits" if line.beat is None else "is muted"
