"""Secrets that the hub makes for itself: one file each, made once, readable by the hub's own account alone."""

import secrets
from collections.abc import Callable
from pathlib import Path


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The text of ``path``, made where it is missing. Of two processes that make it at once, one wins and both read
    that one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        mine.touch(mode=0o600)
        mine.write_text(make())
        try:
            path.hardlink_to(mine)  # unlike a rename it fails where another caller was first
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text().strip()


def write_secret(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in one step, so that nobody reads half of it; leave a file alone that holds it."""
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mine = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    mine.touch(mode=0o600)
    try:
        mine.write_text(text)
        mine.replace(path)
    finally:
        mine.unlink(missing_ok=True)
