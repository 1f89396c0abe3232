"""How the C library keeps the memory of a program with many threads."""

from __future__ import annotations

import sys

_M_ARENA_MAX = -8
"""The option's number in glibc's malloc.h."""
_ARENAS = 2


def share_memory_between_threads() -> bool:
    """Let all threads take memory from two pools; tells whether that was possible.

    glibc gives each thread a pool of its own, up to eight for each core, and returns little of one. A session has a
    dozen threads: sound, recogniser, voice, keyboard.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # noqa: PLC0415 - only where it is of use

    library = ctypes.CDLL(None)
    try:
        option = library.mallopt
    except AttributeError:  # another C library, which has one pool
        return False
    return bool(option(_M_ARENA_MAX, _ARENAS))
