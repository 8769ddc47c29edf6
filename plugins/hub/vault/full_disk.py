"""Says which disk is full: the system's own error names no place."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskFull(OSError):
    """There is no space for what was to be written; the message names the folder."""


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Raises :class:`DiskFull` where the disk of this folder has no space for what is written meanwhile."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        raise DiskFull(f"nothing more can be written to {folder}: {error.strerror}") from error
