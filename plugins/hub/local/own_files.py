"""What is in the home is for the hub's own account alone: other accounts of the machine could read its logs, extracts
and dropped files otherwise. The umask closes what the hub makes; a home that an older version made is closed once.
"""

import contextlib
import stat
from pathlib import Path

RIGHTS_OF_OTHERS = 0o077


def is_open_to_others(path: Path) -> bool:
    """Whether another account may do anything with a file or folder."""
    return bool(stat.S_IMODE(path.lstat().st_mode) & RIGHTS_OF_OTHERS)


def close_to_others(home: Path) -> None:
    """Take from all other accounts what they may do with a home and everything in it. A file that belongs to another
    account stays as it is; it is out of reach behind the home, unless that does, too."""
    home = home.resolve()  # it may be a link, whose own rights say nothing
    if not is_open_to_others(home):
        return
    for folder, folders, files in home.walk():
        for name in (*folders, *files):
            _close(folder / name)
    # Last: what was stopped half way is done again.
    _close(home)


def _close(path: Path) -> None:
    # A running hub's files come and go.
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if not path.is_symlink() and is_open_to_others(path):
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~RIGHTS_OF_OTHERS)
