"""A session with many threads keeps its memory together."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

POOLS = """
import threading
from voice_coach.memory import share_memory_between_threads

if {shared}:
    share_memory_between_threads()
all_wait, kept = threading.Barrier(13), []

def work():
    kept.append(bytearray(50_000))
    all_wait.wait()

threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
# glibc reserves 64 MB of addresses for each pool but the first, and may use only the beginning of them
reserved = [line for line in open("/proc/self/maps") if " ---p " in line]
sizes = [int(end, 16) - int(begin, 16) for begin, end in (line.split()[0].split("-") for line in reserved)]
all_wait.wait()
print(sum(60 << 20 < size < 65 << 20 for size in sizes))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has a pool for each thread")
def test_threads_share_their_pools_of_memory() -> None:
    def pools(*, shared: bool) -> int:
        done = subprocess.run(
            [sys.executable, "-c", POOLS.format(shared=shared)], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert pools(shared=True) <= 1
    assert pools(shared=False) > 1
