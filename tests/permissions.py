"""Makes the permissions of files hold for the tests' own user, also where that is root."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

VERSION = 0x20080522
OVERRIDES = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with them, root reads and writes what it has no permission for."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def permissions_hold() -> Iterator[None]:
    """In this thread, no file is read or moved without the permission for it."""
    system = ctypes.CDLL(None, use_errno=True)
    header, held = _Header(VERSION, 0), (_Capabilities * 2)()
    assert system.capget(ctypes.byref(header), held) == 0
    before = held[0].effective
    held[0].effective = before & ~OVERRIDES
    assert system.capset(ctypes.byref(header), held) == 0
    try:
        yield
    finally:
        held[0].effective = before
        assert system.capset(ctypes.byref(header), held) == 0
