"""A listener that recognises nothing while nothing sounds: quiet rooms cost next to no time of the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.audio.interfaces import BLOCK_SECONDS
from voice_coach.speech.listener import Listener

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Grammar
    from voice_coach.speech.listener import Utterance

DOZE_AFTER = 1.5
"""Seconds without sound, and without a word begun, after which it dozes: longer than any silence that belongs to an
utterance, so that the recogniser has ended its own ones."""

LOOK_BACK = 0.5
"""Seconds of sound from before the one that wakes it which the recogniser hears too: the beginnings of words like
"half" and "five" are next to silent."""

RISE = 5.0
"""dB above the background that count as sound, on average over `_SHORT` blocks. The background is the level that a
tenth of the last seconds stay below, and noise swings by 3 dB around its own level."""

NOISY = -30.0
"""Level of the background, in dB, above which it stays awake. Commands in noise of 5 dB less than themselves, about
-39 dB, are heard as well by one that dozes after half a second (143 of 221, awake 144); louder was not tried."""

_SHORT = 3


class DozingListener(Listener):
    """See `Listener`. What it hears is the same; it spares the recogniser the silence in between."""

    _quiet_blocks = 0
    _dozing = False
    _latest: tuple[float, ...] = ()

    @property
    def dozing(self) -> bool:
        """The recogniser gets nothing now."""
        return self._dozing

    def use_grammar(self, grammar: Grammar) -> None:
        """See `Listener.use_grammar`."""
        if not self._dozing:
            super().use_grammar(grammar)
            return
        self._wanted = self._hearable(grammar)

    def feed(self, block: bytes) -> list[Utterance]:
        """See `Listener.feed`."""
        if not self._dozing:
            utterances = super().feed(block)
            self._note_level()
            self._dozing = self._quiet_blocks * BLOCK_SECONDS >= DOZE_AFTER and self._is_idle()
            return utterances
        self._blocks += 1
        self._meter.feed(block)
        self._recent.append(block)
        self._note_level()
        if self._quiet_blocks == 0:
            self._wake()
        return []

    def flush(self) -> list[Utterance]:
        """See `Listener.flush`."""
        return [] if self._dozing else super().flush()

    def _note_level(self) -> None:
        self._latest = (*self._latest, self._meter.rise)[-_SHORT:]
        sounding = sum(self._latest) >= RISE * _SHORT
        self._quiet_blocks = 0 if sounding else self._quiet_blocks + 1

    def _is_idle(self) -> bool:
        return not self._text and not self._settling and self._answer is None and self._meter.floor < NOISY

    def _wake(self) -> None:
        """Let the recogniser hear the last moment again, and go on from there."""
        self._dozing = False
        self._asked = True
        if self._grammar != self._wanted:
            self._begin()
        else:
            self._replay(LOOK_BACK)
