"""How a process that takes in deliveries holds memory."""

import ctypes
import functools

import pyarrow as pa

MOST_HEAPS, OWN_PIECES_FROM, GIVEN_BACK_FROM = -8, -3, -1
"""Options of ``mallopt`` (glibc's malloc.h): ``M_ARENA_MAX``, ``M_MMAP_THRESHOLD`` and ``M_TRIM_THRESHOLD``."""
LARGEST_PIECE = 32 * 1024 * 1024
KEPT_BYTES = 1024 * 1024 * 1024


@functools.cache
def keep_freed_memory() -> bool:
    """Keep what is freed, in one heap for all threads: chunks come and go by the second, from thread to thread. Arrow's
    own pool gives their pages back each time and asks for them again, which costs a fifth of a load's processor time;
    the C library by itself does so thread by thread, which costs a twentieth, and 40 MB at the peak. Returns whether
    the C library heeds this (glibc does)."""
    pa.set_memory_pool(pa.system_memory_pool())
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is None:
        return False
    return all([tune(MOST_HEAPS, 1), tune(OWN_PIECES_FROM, LARGEST_PIECE), tune(GIVEN_BACK_FROM, KEPT_BYTES)])
