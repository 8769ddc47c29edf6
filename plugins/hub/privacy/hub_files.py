"""Files of the hub in which a person can be in clear: those of its home, and those for senders wherever these lie."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hub.privacy.plain_text import NotSearchable, TextSearch
from hub.settings import Settings
from hub.store import Store, outbox_files

NOT_SEARCHED = frozenset({"landing", "archive", "secrets", "postgres", "drop", "drill"})
"""Folders of ``$HUB_HOME``: searched apart, or keys, or the database's own files, or not yet taken in, or a drill's."""
PACKED = (
    *(
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\xfd7zXZ",
        b"]\0\0",
        b"BZh",
        b"LZIP",
        b"\x1f\x9d",
        b"\x1f\xa0",
    ),
    *(b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\xff\x06\0\0sNaPpY", b"MSCF"),
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF", b"\xd0\xcf\x11\xe0"),
)
"""How files begin whose texts are not in clear."""
BLOCK_BYTES = 65_536


@dataclass(frozen=True)
class HubFile:
    """A file, by its path in the home, and what reads it and what writes other bytes (the second) over those that were
    read (the first)."""

    name: str
    read: Callable[[], bytes]
    write: Callable[[bytes, bytes], object]


def mask_files(settings: Settings, text: TextSearch) -> tuple[int, int]:
    """Write stars over what files of the hub say of the person. Returns how many files there are, and in how many
    something was written over. What is no text, or a PDF, is left as it is, for :func:`search_files` to name."""
    count = masked = 0
    for file in _files(settings):
        count += 1
        try:
            data = file.read()
            masked_data = text.mask(data, settings.max_unpacked_bytes)[1]
            if masked_data != data:
                file.write(data, masked_data)
                masked += 1
        except (NotSearchable, FileNotFoundError):  # a file that its program removed meanwhile holds nothing
            continue
    return count, masked


def search_files(settings: Settings, text: TextSearch) -> tuple[int, list[str], list[str]]:
    """How many files of the hub there are, in which the person is in clear, and which cannot be searched."""
    count, holding, not_searched = 0, list[str](), list[str]()
    for file in _files(settings):
        count += 1
        try:
            if _holds(file.read(), text, settings.max_unpacked_bytes):
                holding.append(file.name)
        except FileNotFoundError:
            continue
        except NotSearchable:
            not_searched.append(file.name)
    return count, holding, not_searched


def _holds(data: bytes, text: TextSearch, most_bytes: int) -> bool:
    try:
        return bool(text.mask(data, most_bytes)[0])
    except NotSearchable:
        if data.startswith(PACKED):
            raise
        # A file of a program, with its texts in clear among other bytes.
        return text.is_in(data.decode("utf-8", "replace"))


def _files(settings: Settings) -> Iterator[HubFile]:
    for folder in sorted(settings.home.iterdir()) if settings.home.is_dir() else []:
        if folder.name in NOT_SEARCHED or folder.is_symlink():
            continue
        for path in [folder] if folder.is_file() else folder.rglob("*"):
            if path.is_file():
                yield HubFile(str(path.relative_to(settings.home)), path.read_bytes, partial(_write_over, path))
    if settings.store_url is not None:  # else they are in the home
        outbox = outbox_files(settings)
        for file in outbox.files():
            name = f"{settings.outbox.name}/{file.name}"
            yield HubFile(name, partial(outbox.read, file.name), partial(_write, outbox, file.name))


def _write_over(path: Path, data: bytes, masked: bytes) -> None:
    """Of a text only the blocks that differ are written: its program may add lines to it meanwhile. Where it has put
    something else there, nothing is."""
    if len(data) != len(masked):
        path.write_bytes(masked)  # an archive, which does not grow
        return
    with path.open("r+b") as file:
        for start in range(0, len(data), BLOCK_BYTES):
            was, now = data[start : start + BLOCK_BYTES], masked[start : start + BLOCK_BYTES]
            if was == now:
                continue
            file.seek(start)
            if file.read(len(was)) == was:
                file.seek(start)
                file.write(now)


def _write(store: Store, name: str, _: bytes, data: bytes) -> None:
    with store.changing(name) as file:
        file.write(data)
        file.truncate()
