"""Settings of all tests.

Property tests try the same examples in every run, so that a red build is red for everybody. More of them:
VOICE_COACH_EXAMPLES=20000 python -m pytest tests/test_property_sessions.py
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_EXAMPLES = os.environ.get("VOICE_COACH_EXAMPLES")

settings.register_profile(
    "same examples every time",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=100,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile(
    "many other examples",
    settings.get_profile("same examples every time"),
    derandomize=False,
)
settings.load_profile("many other examples" if _EXAMPLES else "same examples every time")
