"""How much better a phrase explains a sound than unknown speech does.

A recogniser's own confidence is 1 wherever its narrow lattice holds no rival, which is nearly everywhere. So what it
took for a phrase is scored twice more over the same sound: as that phrase, and as any row of phones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vosk import KaldiRecognizer

    from voice_coach.speech.models import SpeechModel


class SecondLook:
    """Scores phrases against unknown speech; belongs to one thread, as recognisers do.

    Args:
        model: the speech model.
    """

    def __init__(self, model: SpeechModel) -> None:
        self._model = model
        self._unknown = model.scorer([])

    def margin(self, phrase: str, sound: bytes) -> float:
        """Give the natural logarithm of how many times likelier the phrase is than unknown speech.

        It is minus infinity where silence explains the sound better than the phrase.

        Args:
            phrase: the words, which the model must know.
            sound: int16, 16 kHz, mono: the phrase and some silence around it.
        """
        text, likelihood = _best(self._model.scorer([phrase]), sound)
        return likelihood - _best(self._unknown, sound)[1] if text else float("-inf")


def _best(recogniser: KaldiRecognizer, sound: bytes) -> tuple[str, float]:
    recogniser.AcceptWaveform(sound)
    best = json.loads(recogniser.FinalResult())["alternatives"][0]
    return best["text"], float(best.get("confidence", 0.0))  # with alternatives "confidence" is a log likelihood
