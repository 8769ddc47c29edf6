"""Keeps the backup up to date to within seconds: ``python -m hub.backup.keeper``, under the supervisor.

PostgreSQL hands on a segment of its log when it is full, which can take hours. This process copies what landed and the
segment that is being written, four times a minute, and keys and passwords that are new."""

import sys
import time
from itertools import islice
from pathlib import Path
from typing import NoReturn

from hub.backup import keys_apart
from hub.backup.places import BackupProblem, Places, places_of_own_server
from hub.backup.wal import is_in_use, keep_audit_head, keep_beside, keep_partial, read_audit_head
from hub.settings import Settings, read_settings
from hub.store import StoreProblem
from hub.vault.hub_keys import KeyProblem
from hub.warehouse.embedded_postgres import embedded_postgres

EVERY_SECONDS = 15
NAME_OF_SEGMENT = "[0-9A-F]" * 24

type Seen = dict[str, int]
"""When each segment had been written last when it was kept, by its name."""


def keep_up(settings: Settings, places: Places, seen: Seen) -> Seen:
    """Keep what is new. Returns what was seen, for the next time.

    The log is read after the head of the audit log, which it must have, and before landed files are copied, which must
    be there for all deliveries that it tells of."""
    keys_apart.export_keys(settings, places.keys)
    head = read_audit_head(settings)
    written = newest_segments(embedded_postgres(settings).data / "pg_wal")
    now = {path.name: path.stat().st_mtime_ns for path in written}
    read = {path: path.read_bytes() for path in written if seen.get(path.name) != now[path.name]}
    keep_beside(settings, places)
    for path, content in read.items():
        keep_partial(settings, places, path, content)
    if head is not None:
        keep_audit_head(places, head)
    places.kept.touch(mode=0o600)
    return now


def newest_segments(folder: Path) -> list[Path]:
    """The last two segments of the log, by their names and not by a clock: one is being written, the other may have
    been until a moment ago."""
    return list(islice((path for path in sorted(folder.glob(NAME_OF_SEGMENT), reverse=True) if is_in_use(path)), 2))


def main() -> NoReturn:
    """Go on until ended. A folder for backups that cannot be written to for a while is tried again: the hub goes on
    taking reports in, and ``hub status`` says how long nothing was kept."""
    settings = read_settings()
    places, seen = places_of_own_server(settings), dict[str, int]()
    while True:
        try:
            seen = keep_up(settings, places, seen)
        except (BackupProblem, KeyProblem, StoreProblem, OSError) as problem:
            print(f"hub backup: {problem}", file=sys.stderr, flush=True)
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
