"""Where the tests find a speech model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import voice_coach
from voice_coach.speech.models import MODEL_VARIABLE

ROOT = Path(__file__).parents[1]


def model_folder() -> Path:
    """Give the model that the environment names, the package's own, or the one beside the working tree."""
    named = os.environ.get(MODEL_VARIABLE)
    candidates = [
        *([Path(named)] if named else []),
        Path(voice_coach.__file__).parent / "speech" / "model",
        ROOT.parent / "shared" / "speech" / "first-command-model",
    ]
    for folder in candidates:
        if (folder / "am" / "final.mdl").is_file():
            return folder
    pytest.skip(f"no speech model; {MODEL_VARIABLE} names its folder")
