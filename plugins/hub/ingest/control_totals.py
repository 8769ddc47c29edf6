"""What a sender states of how many rows a file has: read from the control file beside it, kept in the ledger."""

import json
import stat
from pathlib import Path
from typing import Any

from hub.deliveries import ControlTotal

CONTROL_SUFFIX = ".control.json"
MAX_CONTROL_BYTES = 64 * 1024
MOST_ROWS = 10**18


def control_total(control: Path) -> ControlTotal:
    """What the sender's control file states."""
    if not is_plain(control):
        return ControlTotal(None)
    try:
        with control.open("rb") as opened:
            stated = json.loads(opened.read(MAX_CONTROL_BYTES))["rows"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ControlTotal(None)
    is_count = isinstance(stated, int) and not isinstance(stated, bool) and 0 <= stated < MOST_ROWS
    return ControlTotal(stated if is_count else None)


def total_columns(stated: ControlTotal | None) -> dict[str, Any]:
    """A control total as the ledger's columns."""
    rows = None if stated is None else stated.rows
    return {"stated_rows": rows, "is_total_unreadable": stated is not None and rows is None}


def is_plain(path: Path) -> bool:
    """Whether there is a file of this name that is no folder, link or pipe."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
