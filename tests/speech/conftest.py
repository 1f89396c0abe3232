from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.models import ROOT, model_folder
from voice_coach.speech.models import SpeechModel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def model() -> SpeechModel:
    """Give a speech model, loaded once."""
    return SpeechModel(model_folder())


@pytest.fixture(scope="session")
def recordings() -> Path:
    return ROOT / "tests" / "recordings"
