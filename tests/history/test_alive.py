"""Who holds a lock, and what is said where there are none."""

from __future__ import annotations

import errno
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from voice_coach.history import alive
from voice_coach.history.alive import Alive

if TYPE_CHECKING:
    from pathlib import Path

HOLDS = """
import sys
from pathlib import Path
from voice_coach.history.alive import Alive
lock = Alive(Path(sys.argv[1]))
print(lock.hold(7), flush=True)
input()
"""


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    return tmp_path / "history.lock"


def test_a_lock_is_held_by_one_program_until_that_is_gone(lock_file: Path) -> None:
    with (
        subprocess.Popen(
            [sys.executable, "-c", HOLDS, lock_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other,
        closing(Alive(lock_file)) as lock,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not lock.hold(7)
        assert lock.is_held(7)
        assert not lock.is_held(8)
        other.communicate("\n")
        assert not lock.is_held(7)
        assert lock.hold(7)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EAGAIN])
def test_what_the_system_calls_held_is_held(lock_file: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    _fail_with(code, monkeypatch)
    with closing(Alive(lock_file)) as lock:
        assert not lock.hold(7)
        assert lock.is_held(7)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
def test_on_a_disk_without_locks_nobody_else_is_there(
    lock_file: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    _fail_with(code, monkeypatch)
    with closing(Alive(lock_file)) as lock:
        assert not lock.is_held(7)
        assert lock.hold(7)
        assert lock.is_held(7)
        lock.let_go(7)
        assert not lock.is_held(7)


def _fail_with(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk say `code` to whoever asks for a lock, or lets go of one."""

    def fail(_file: int, _byte: int) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(alive, "_lock", fail)
    monkeypatch.setattr(alive, "_unlock", fail)
