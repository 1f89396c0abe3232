"""A session with many threads keeps its memory together."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

POOLS = """
import threading
from voice_coach.memory import keep_memory_together

if {together}:
    keep_memory_together()
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
    assert printed(POOLS, together=True) <= 1
    assert printed(POOLS, together=False) > 1


LARGE = """
from voice_coach.memory import keep_memory_together

if {together}:
    keep_memory_together()

def heap():
    (line,) = [line for line in open("/proc/self/maps") if "[heap]" in line]
    begin, end = line.split()[0].split("-")
    return int(end, 16) - int(begin, 16)

line = bytearray(8_000_000)
del line
before = heap()
another_line = bytearray(4_000_000)
print(heap() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc moves what is large into its pools")
def test_what_is_large_stays_out_of_the_pools_and_is_given_back_whole() -> None:
    assert printed(LARGE, together=True) < 1_000_000
    assert printed(LARGE, together=False) >= 4_000_000


def printed(program: str, *, together: bool) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program.format(together=together)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)
