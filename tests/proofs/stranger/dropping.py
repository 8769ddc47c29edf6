"""Odd things in a drop folder, and what is to become of each."""

import os
import socket
import time
from pathlib import Path

from proofs.stranger.hostile_file import header, reports

LONGEST = "x" * 251 + ".csv"
PLAIN_NAMES = (
    *("-rf.csv", "$(touch here).csv", " ", "con.csv ", "%s%n{0}{{x}}.csv", "'; drop table raw.x; --.csv", "UPPER.CSV"),
    *("no-extension", "true_vision_9999-99-99_000001.csv", f"true_vision_2026-11-27_{'9' * 30}.csv", LONGEST),
    *("depth.csv", "long.csv", "number.csv", "folder.csv", "pipe.csv", "last.csv"),
)
"""Names that are odd and harmless, and files beside which lies a control file that is none."""
REFUSED_NAMES = {"a\nb.csv": "a?b.csv", "\x1b[31m.csv": "?[31m.csv", "..csv": "..csv", "\u202egnp.csv": "?gnp.csv"}
"""Name → as the ledger has it."""
LINKS = ("absolute.csv", "dangling.csv", "device.csv", "tree")
TAKEN = (
    dict.fromkeys(PLAIN_NAMES, "received")
    | dict.fromkeys(REFUSED_NAMES.values(), "refused")
    | dict.fromkeys(LINKS, "refused")
    | {"fifo.csv": "refused", "socket.csv": "duplicate"}  # as empty as the pipe
)
WAITING = {
    *("sub/deeper/in-sub.csv", ".hidden.csv", "transfer.part", "~lock.csv#"),
    "pipe.csv.control.json",
}
"""What stays: folders within the folder, transfers under way, and a control file that is none."""


def drop_tricks(folder: Path, secret: Path) -> None:
    """Fill a drop folder. Links lead to ``secret`` and elsewhere."""
    (folder / "sub" / "deeper").mkdir(parents=True)
    names = (*PLAIN_NAMES, *REFUSED_NAMES, "sub/deeper/in-sub.csv", ".hidden.csv", "transfer.part", "~lock.csv#")
    for number, name in enumerate(names):
        (folder / name).write_bytes(header() + reports(10 * number + 1, 3))
    (folder / "depth.csv.control.json").write_bytes(b"[" * 60_000)
    (folder / "long.csv.control.json").write_bytes(b"x" * 1_000_000)
    (folder / "number.csv.control.json").write_text('{"rows": 1e999}')
    (folder / "folder.csv.control.json").mkdir()
    os.mkfifo(folder / "pipe.csv.control.json")
    for link, leads_to in zip(LINKS, (str(secret), "nowhere", "/dev/zero", "/etc"), strict=True):
        (folder / link).symlink_to(leads_to)
    os.mkfifo(folder / "fifo.csv")
    with socket.socket(socket.AF_UNIX) as made:
        where = Path.cwd()
        os.chdir(folder)  # the path of a socket may have no more than a hundred characters
        try:
            made.bind("socket.csv")
        finally:
            os.chdir(where)


def is_settled(folder: Path) -> None:
    """Wait until no file of the folder looks as if it were still being written."""
    newest = max(path.lstat().st_ctime for path in folder.rglob("*"))
    while time.time() - newest < 1.1:
        time.sleep(0.1)
