"""Ends a run that hangs, and says where it hung."""

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

STDERR = 2


@contextmanager
def hang_guard(capture: pytest.CaptureFixture[str], seconds: float) -> Iterator[None]:
    """After so many seconds the whole process ends, with each thread's traceback on the terminal: what pytest captures
    is lost with the process, so nothing is captured meanwhile."""
    with capture.disabled():
        faulthandler.dump_traceback_later(seconds, exit=True, file=STDERR)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
