"""The configuration of the embedded PostgreSQL."""

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from hub.settings import Settings

CONFIGURATION = """
# Written by the hub at every start.
listen_addresses = '127.0.0.1'
max_connections = 300
shared_buffers = '{buffers}MB'
work_mem = '64MB'
maintenance_work_mem = '256MB'
effective_cache_size = '{cache}MB'
wal_buffers = '64MB'
wal_writer_delay = '20ms'
bgwriter_delay = '50ms'
bgwriter_lru_maxpages = 2000
bgwriter_lru_multiplier = 4
max_wal_size = '8GB'
checkpoint_timeout = '15min'
wal_level = minimal
max_wal_senders = 0
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_error_statement = panic
log_error_verbosity = terse
max_notify_queue_pages = 64
"""
"""``log_min_error_statement = panic``: a failing statement can hold a victim's words and must not reach the log.
``wal_…``, ``bgwriter_…``: a build writes pages all over the indexes; processes of their own write them out, and not the
one that waits for the next page (on a million reports 440,000 writes a day were its own, now some 10,000).
``max_notify_queue_pages``: nothing here notifies anybody, and everybody may: by default that fills 8 GB of disk.
"""
ARCHIVING = """
wal_level = replica
max_wal_senders = 4
archive_mode = on
archive_command = {command}
"""
"""Where backups are made. Full write-ahead logging costs: a table that is made and filled in one transaction is then
written twice."""
LEAST_BUFFERS, MOST_BUFFERS = 128, 8192
"""MB. Each page has an entry in a list that is made at every start, so unused buffers cost memory and start time."""


def configuration() -> str:
    """A third of the memory of the machine or container for its own pages (PostgreSQL's documentation advises a quarter
    to two fifths); it is told that the system's cache of files holds half of the memory. On a million reports a day
    reads 0.2 million pages with 8 GB, 0.4 with 6 and 0.9 with 2."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # not in a container, or one without a limit
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    megabytes = memory // 1024**2
    buffers = max(LEAST_BUFFERS, min(MOST_BUFFERS, megabytes // 3))
    return CONFIGURATION.format(buffers=buffers, cache=max(LEAST_BUFFERS, megabytes // 2))


def archiving(settings: Settings) -> str:
    """The server hands each full segment of its write-ahead log to ``hub.backup.wal``, with an environment of its own:
    it is started by whatever command comes first."""
    if settings.backup is None:
        return ""
    of_the_hub = {
        "HUB_HOME": settings.home,
        "HUB_BACKUP": settings.backup,
        "HUB_STORE_URL": settings.store_url,  # landed files are kept before the log segment about them
        "HUB_STORE_OPTIONS_FILE": settings.store_options_file,
    }
    variables = [f"{name}={value}" for name, value in of_the_hub.items() if value is not None]
    command = shlex.join(["env", *variables, sys.executable, "-m", "hub.backup.wal", "keep"]).replace("%", "%%")
    return ARCHIVING.format(command=as_value(f"{command} %p %f"))


def as_value(text: str) -> str:
    """A text as a value in PostgreSQL's configuration."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
