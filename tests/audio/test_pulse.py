"""A sound server that dies while it is asked is a sound server that isn't there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from voice_coach.audio import pulse

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import pulsectl
    from pulsectl._pulsectl import LibPulse
except (ImportError, OSError):
    pytest.skip("there is no PulseAudio library here", allow_module_level=True)

QUESTIONS = ("server_info", "source_list", "sink_list", "source_output_list", "sink_input_list")
ENDS: tuple[Callable[[], Exception], ...] = (
    pulsectl.PulseError,
    pulsectl.PulseDisconnected,
    lambda: LibPulse.CallError("pa_context_get_source_info_list", (), "Bad state [pulse errno 15]"),
)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_server_that_dies_at_any_question_counts_as_none(
    question: str, end: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Mock(**{f"{name}.return_value": [] for name in QUESTIONS[1:]})
    getattr(server, question).side_effect = end()
    monkeypatch.setattr(pulsectl, "Pulse", lambda *_args, **_options: server)
    assert pulse.ask_server() is None
    server.close.assert_called_once_with()


def test_a_server_that_dies_while_it_is_greeted_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: dict[str, Any] = {"connect.side_effect": LibPulse.CallError("pa_context_connect", (), "refused")}
    server = Mock(**refused)
    monkeypatch.setattr(pulsectl, "Pulse", lambda *_args, **_options: server)
    assert pulse.ask_server() is None
    server.close.assert_called_once_with()
