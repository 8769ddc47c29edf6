"""The files of an archive as they lie in a folder or a bucket, decrypted and decoded by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hub.settings import Settings
from proofs.archive_world.statements import COLUMNS, MARKER, PERSON, Row
from proofs.erasure_search.decrypt import landed_bytes, master_keys
from store.s3 import PREFIX, Bucket

PERSONAL = "source_identity"
IN_PARQUET = (b"PAR1", b"decision_facts", MARKER.encode(), PERSON.encode())
"""What the bytes of a Parquet file in the clear would have in them."""


@dataclass(frozen=True)
class Shelf:
    """Where the archive of a hub lies: in its home, or in a bucket."""

    hub: Settings
    bucket: Bucket | None = None

    def names(self) -> set[str]:
        """All files of the archive, below its folder."""
        if self.bucket is not None:
            start = f"{PREFIX}/archive/"
            keys = self.bucket.keys()
            return {key.removeprefix(start) for key in keys if key.startswith(start)}
        folder = self.hub.home / "archive"
        files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {path.as_posix() for path in files if path.parts[0] != ".incoming"}

    def unfinished(self) -> list[Path]:
        """What is being written on this machine, or was when a load was killed."""
        return [path for path in (self.hub.home / "archive" / ".incoming").rglob("*") if path.is_file()]

    def stored(self, name: str) -> bytes:
        """The bytes as they lie there."""
        if self.bucket is None:
            return (self.hub.home / "archive" / name).read_bytes()
        found = self.bucket.client.get_object(Bucket=self.bucket.name, Key=f"{PREFIX}/archive/{name}")
        return bytes(found["Body"].read())

    def rows(self, name: str, scratch: Path) -> list[Mapping[str, Any]]:
        """The rows of a file; it must be encrypted, and hold nothing personal."""
        stored = self.stored(name)
        assert not any(clear in stored for clear in IN_PARQUET), f"{name} is not encrypted"
        copy = scratch / "of-the-archive"
        copy.write_bytes(stored)
        data = landed_bytes(master_keys(self.hub), copy)
        assert PERSON.encode() not in data
        table = pq.read_table(BytesIO(data))
        assert not [one for one in table.column_names if one.startswith(PERSONAL) or "token" in one], table.column_names
        rows: list[Mapping[str, Any]] = table.to_pylist()
        return rows


def as_row(found: Mapping[str, Any]) -> Row:
    """A row of a Parquet file as it was delivered."""
    return tuple(str(found[name]) if found.get(name) is not None else "" for name in COLUMNS)
