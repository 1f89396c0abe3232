"""A kill at any instant of the program loses nothing that it had shown, and leaves no rubbish."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults.killing import Killer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs Linux's /proc")  # noqa: PTH110

MOVED, REAL = 20, 4
"""How often it is killed here; scripts/bench/kills does it as often as asked."""


def test_the_program_killed_at_any_instant_loses_nothing_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    killer = Killer(tmp_path)
    killer.kill_one_by_one(MOVED)
    killer.kill_together(REAL, at_once=REAL)
    findings = killer.findings
    assert findings.faults == []
    assert sum(findings.kills.values()) == MOVED + REAL
    assert findings.rows > 0
    assert findings.resumable > 0
