"""Lines rendered before they are needed, so that the coach answers at once."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from voice_coach.errors import VoiceError
from voice_coach.session.manner import USUAL_MANNER, Manner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voice_coach.audio.clip import Clip
    from voice_coach.speech.voice import Voice

    _Line = tuple[str, float | None, Manner]

_MOST_BYTES = 3_000_000
"""A minute of speech. What may come next is 1.6 MB at most, 1.9 spoken slowly. In sessions of all routines with
thirteen commands, 3 MB make a line or none be rendered a second time, spoken slowly three; 2 MB up to 30, and 200."""


class Rehearsal:
    """A voice with a memory and a thread that renders coming lines in spare time.

    Args:
        voice: renders the lines; stays open when the rehearsal is closed.
        most_clips: how many clips are remembered; those not asked for longest go first.
        most_bytes: how much memory they may take.
        manner: how lines are spoken at first.
    """

    def __init__(
        self, voice: Voice, most_clips: int = 200, most_bytes: int = _MOST_BYTES, manner: Manner = USUAL_MANNER
    ) -> None:
        self._voice = voice
        self._manner = manner
        self._most_clips = most_clips
        self._most_bytes = most_bytes
        self._clips: OrderedDict[_Line, Clip] = OrderedDict()
        self._bytes = 0
        self._coming: deque[_Line] = deque()
        self._waiting = 0
        self._closed = False
        self._changed = threading.Condition()
        self._rendering = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="rehearsal", daemon=True)
        self._thread.start()

    @property
    def rate(self) -> int:
        """Samples per second (Hz) of every clip."""
        return self._voice.rate

    @property
    def manner(self) -> Manner:
        """How lines are spoken."""
        return self._manner

    @manner.setter
    def manner(self, manner: Manner) -> None:
        """Speak every line from now on like this; lines that wait to be rendered too."""
        with self._changed:
            self._manner = manner
            self._coming = deque((text, beat, manner) for text, beat, _ in self._coming)

    def prepare(self, lines: Iterable[tuple[str, float | None]]) -> None:
        """Render `lines` (text, beat in seconds or None) soon, the first one first.

        Lines of an earlier call that are not rendered yet are dropped: the session went another way.
        """
        with self._changed:
            self._coming = deque((text, beat, self._manner) for text, beat in lines)
            self._changed.notify_all()

    def clip(self, text: str, beat: float | None = None) -> Clip:
        """Give a line at once when it is rendered, else after rendering it before all others.

        Raises:
            VoiceError: the voice fails.
        """
        with self._changed:
            line = (text, beat, self._manner)
            self._waiting += 1
        try:
            return self._recalled(line) or self._rendered(line)
        finally:
            with self._changed:
                self._waiting -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Stop rendering. Safe to call twice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (line := self._next()) is not None:
            try:
                self._rendered(line)
            except VoiceError:
                # whoever needs the line asks for it again, and can tell the user
                continue

    def _next(self) -> _Line | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._coming and not self._waiting))
            return None if self._closed else self._coming.popleft()

    def _rendered(self, line: _Line) -> Clip:
        with self._rendering:
            known = self._recalled(line)
            if known is not None:
                return known
            clip = self._voice.render(*line)
        with self._changed:
            self._remember(line, clip)
        return clip

    def _recalled(self, line: _Line) -> Clip | None:
        with self._changed:
            if line in self._clips:
                self._clips.move_to_end(line)
            return self._clips.get(line)

    def _remember(self, line: _Line, clip: Clip) -> None:
        replaced = self._clips.pop(line, None)
        self._clips[line] = clip
        self._bytes += clip.samples.nbytes - (replaced.samples.nbytes if replaced else 0)
        while len(self._clips) > self._most_clips or self._bytes > self._most_bytes:
            _, dropped = self._clips.popitem(last=False)
            self._bytes -= dropped.samples.nbytes
