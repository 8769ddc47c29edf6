"""Files in a drop folder: which of them are whole, and their bytes, as nobody changes them meanwhile."""

import fcntl
import io
import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from hub.contracts.file_names import shown_name

BLOCK_BYTES = 1024 * 1024
QUIET_SECONDS = 1.0
"""A file that was changed less than this ago may still be growing."""
FOREIGN_QUIET_SECONDS = 30.0
"""The same where the kernel does not say whether somebody has the file open: a sender may pause for longer than that
second."""
CLOCK_TICK_SECONDS = 0.02
"""Two changes of a file within a tick of the kernel's clock can leave the same time."""
UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp")


class CannotTake(Exception):
    """A delivered file that cannot be read or moved; the message says which and why."""


class HasGone(FileNotFoundError):
    """A dropped file that is there no more: another worker took it."""


@contextmanager
def taking(path: Path) -> Iterator[None]:
    """Whatever the system refuses about a delivered file raises :class:`CannotTake`. FileNotFoundError passes: another
    worker took the file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CannotTake(f"{_shown(path)} cannot be taken: {error.strerror}") from error


def _shown(path: Path) -> str:
    return ascii(str(Path(*map(shown_name, path.parts))))[1:-1]


def is_name_of_whole_file(name: str) -> bool:
    """Whether a file's name is not that of a transfer under way."""
    # A name that begins with two points is no hidden one: the file is taken, and refused for its name.
    is_hidden = name.startswith((".", "~")) and not name.startswith("..")
    return not is_hidden and not name.endswith(UNFINISHED_SUFFIXES)


def is_ready(path: Path) -> bool:
    """Whether a dropped file is whole: its name is not that of a transfer under way, nothing has it open for writing,
    and it has been quiet for a moment. One that cannot be looked at counts as whole: taking it then says why."""
    if not is_name_of_whole_file(path.name):
        return False
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return not stat.S_ISDIR(status.st_mode)
        # A time in the future is the sender's clock (a copy can keep it), and not a reason to wait for that day.
        quiet_seconds = min(abs(time.time() - changed) for changed in (status.st_mtime, status.st_ctime))
        if quiet_seconds < QUIET_SECONDS:
            return False
        with path.open("rb") as source:
            return not _may_be_open_for_writing(source, quiet_seconds)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _may_be_open_for_writing(source: IO[bytes], quiet_seconds: float) -> bool:
    """The kernel grants a read lease only while nobody has the file open for writing. It answers for files of the hub's
    own account alone, and not on network file systems: there, a file counts as closed after a longer quiet time."""
    try:
        # Who opens the file meanwhile makes the kernel send a signal: by default one that ends this process.
        fcntl.fcntl(source, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(source, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return quiet_seconds < FOREIGN_QUIET_SECONDS
    fcntl.fcntl(source, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


@contextmanager
def delivered_bytes(source: Path, most: int) -> Iterator[tuple[Iterable[bytes], int]]:
    """The bytes of a dropped file that are to be kept, block by block, and when it was last written to. A symbolic link
    is not followed: its own text is kept in the place of what it points to. Of a pipe or a device nothing is kept. A
    file that is replaced meanwhile is kept as it was before.

    Raises :class:`HasGone` where another worker took it, and :class:`CannotTake`, also when the file is being written
    to, or has more than ``most`` bytes: a copy of it could fill the disk.
    """
    with ExitStack() as stack:
        try:
            with taking(source):
                status = source.lstat()
                blocks: Iterable[bytes] = ()
                if stat.S_ISLNK(status.st_mode):
                    blocks = [os.fsencode(source.readlink())]
                elif stat.S_ISREG(status.st_mode):
                    opened = stack.enter_context(_open(source))
                    status = _at_rest(source, opened)
                    _refuse_too_large(source, status, most)
                    blocks = _blocks(source, opened, status)
        except FileNotFoundError as gone:
            # By a name of its own: who cannot find something else must not take the file for gone.
            raise HasGone(f"{_shown(source)} is there no more") from gone
        yield blocks, status.st_mtime_ns


def _refuse_too_large(source: Path, status: os.stat_result, most: int) -> None:
    if status.st_size > most:
        raise CannotTake(f"{_shown(source)} cannot be taken: it is larger than {most} bytes")


def _open(source: Path) -> io.FileIO:
    # Without waiting: a pipe may have come under the same name meanwhile.
    return os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb", buffering=0)


def _at_rest(source: Path, opened: io.FileIO) -> os.stat_result:
    """The status of a file that nobody is writing to, in which any later change shows."""
    if abs(time.time() - os.fstat(opened.fileno()).st_mtime) < CLOCK_TICK_SECONDS:
        time.sleep(CLOCK_TICK_SECONDS)
    status = os.fstat(opened.fileno())
    quiet_seconds = abs(time.time() - status.st_mtime)
    if quiet_seconds < CLOCK_TICK_SECONDS or _may_be_open_for_writing(opened, quiet_seconds):
        raise _being_written(source)
    return status


def _blocks(source: Path, opened: io.FileIO, status: os.stat_result) -> Iterator[bytes]:
    """What an open file holds, to its end; raises :class:`CannotTake` where it was written to meanwhile."""
    with taking(source):
        if not stat.S_ISREG(status.st_mode):
            return
        read = 0
        while block := opened.read(BLOCK_BYTES):
            read += len(block)
            if read > status.st_size:  # it grows: its end could be never
                raise _being_written(source)
            yield block
        now = os.fstat(opened.fileno())
    if (now.st_size, now.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
        raise _being_written(source)


def _being_written(source: Path) -> CannotTake:
    return CannotTake(f"{_shown(source)} cannot be taken yet: it is being written to")
