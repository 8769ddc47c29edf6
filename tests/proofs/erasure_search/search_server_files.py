"""The bytes in which the database server keeps tables and its write-ahead log: dead rows are there too."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from proofs.erasure_search.forms import EMAIL

PRINTABLE = re.compile(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]+(?:[\x03-\x1f][\x20-\x7e\xc2-\xf4\x80-\xbf]+)*")
"""Text, also of several columns side by side: one byte, its length, is between them."""
SHORTEST = 12
LEAD_BYTES = 4


def log_position(engine: sa.Engine) -> str:
    """The segment that the server writes its log to at this moment."""
    with engine.connect() as connection:
        return str(connection.execute(sa.text("select pg_walfile_name(pg_current_wal_lsn())")).scalar_one())


def log_segments(engine: sa.Engine, first: str) -> list[Path]:
    """The segments of the write-ahead log from one on. Those that wait to be written again have later names and hold
    what was written before."""
    with engine.connect() as connection:
        folder = _data_folder(connection) / "pg_wal"
    return sorted(one for one in folder.iterdir() if len(one.name) == len(first) and one.name >= first)


def table_files(engine: sa.Engine) -> dict[str, Path]:
    """The files of all tables and indexes by name, after the server has written out what it has in memory."""
    relations = """
        select class.oid::regclass::text as name, pg_relation_filepath(class.oid) as path from pg_class as class
        inner join pg_namespace as space on class.relnamespace = space.oid
        where class.relkind in ('r', 'm', 't', 'i') and space.nspname not in ('pg_catalog', 'information_schema')
    """
    with engine.connect() as connection:
        connection.execute(sa.text("checkpoint"))
        data = _data_folder(connection)
        paths = {str(row.name): data / row.path for row in connection.execute(sa.text(relations)) if row.path}
    return {name: path for name, path in paths.items() if path.exists()}


def _data_folder(connection: sa.Connection) -> Path:
    return Path(str(connection.execute(sa.text("show data_directory")).scalar_one()))


def texts_in_bytes(data: bytes) -> set[str]:
    """The printable parts of a file's bytes. An address is one by itself where the byte in front of it, which looks
    like a letter or digit, is its length."""
    parts = {found[0] for found in PRINTABLE.finditer(data) if len(found[0]) >= SHORTEST}
    texts = {part.decode("utf-8", "replace") for part in parts}
    return texts | {address for text in texts if "@" in text for address in _addresses_behind_a_length(text)}


def _addresses_behind_a_length(text: str) -> Iterator[str]:
    for found in EMAIL.finditer(text):
        for start in range(max(found.start() - 1, 0), text.index("@", found.start())):
            length, is_even = divmod(ord(text[start]) - 3, 2)
            value = text[start + 1 : start + 1 + length]
            if not is_even and "@" in value and len(value) == length:
                yield value


def key_in_bytes(path: Path, keys: Iterable[bytes]) -> bytes | None:
    """One of these wrapped keys that a file holds, byte for byte; None where it holds none."""
    wanted = {key[:LEAD_BYTES]: key for key in keys}
    data = path.read_bytes()
    held = (wanted[data[at : at + LEAD_BYTES]] for at in _leads(data, wanted))
    return next((key for key in held if key in data), None)


def _leads(data: bytes, wanted: Iterable[bytes]) -> Iterator[int]:
    """Where one of the leads is in the data."""
    leads = np.array(sorted(int.from_bytes(lead, "little") for lead in wanted), np.uint32)
    is_head = np.zeros(65536, bool)
    is_head[leads & 0xFFFF] = True
    for offset in range(min(LEAD_BYTES, len(data))):
        words = np.frombuffer(data, "<u4", (len(data) - offset) // LEAD_BYTES, offset)
        near = np.flatnonzero(is_head[words & 0xFFFF])
        for index in near[np.isin(words[near], leads)].tolist():
            yield index * LEAD_BYTES + offset
