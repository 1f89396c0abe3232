"""How the C library keeps the memory of a session: many threads, and sound that comes and goes."""

from __future__ import annotations

import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""The options' numbers in glibc's malloc.h."""
_ARENAS = 2
_LARGE = 256 * 1024


def keep_memory_together() -> bool:
    """Let all threads share two pools of memory, and give back at once what was large; tells whether that was possible.

    glibc gives each thread a pool of its own, up to eight for each core, and returns little of one. A session has a
    dozen threads: sound, recogniser, voice, keyboard. And once something large was freed, glibc takes everything up to
    its size from the pools: what a line needs while it is rendered, megabytes for a moment, would never be returned.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # noqa: PLC0415 - only where it is of use

    library = ctypes.CDLL(None)
    try:
        option = library.mallopt
    except AttributeError:  # another C library, which has one pool
        return False
    return all([option(_M_ARENA_MAX, _ARENAS), option(_M_MMAP_THRESHOLD, _LARGE)])
