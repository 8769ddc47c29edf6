"""Looks for persons everywhere but in what is compared row by row."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from hub.settings import Settings
from proofs.erasure_search.compare import AIRFLOW_HELD_IT, IN_A_FILE_NAME, Left
from proofs.erasure_search.finder import Finder, Identifier
from proofs.erasure_search.search_hub_files import hits_in_files
from proofs.erasure_search.search_server_files import key_in_bytes, log_segments, table_files, texts_in_bytes
from proofs.erasure_search.search_tables import hits_in_tables


@dataclass(frozen=True)
class Search:
    """A hub's files, its database and Airflow's, read as who may read everything, and the write-ahead log from
    ``first_segment`` on: the one that was written before the first delivery. ``file_names`` are names of delivered
    files as the ledger had them before anybody was erased."""

    settings: Settings
    server: sa.Engine
    airflow: sa.Engine
    first_segment: str
    file_names: tuple[str, ...] = ()

    def everywhere(
        self,
        finder: Finder,
        keys: Mapping[bytes, int],
        deliveries: Collection[Path],
        in_airflow: Collection[Identifier] = (),
    ) -> Iterator[Left]:
        """Who is found where. ``keys`` are wrapped keys that are to be gone, each with its person; ``deliveries`` are
        landed files, which are compared row by row; ``in_airflow`` is what rows of Airflow's database said before. Of
        the bytes of tables counts what is in none of their rows."""
        in_tables = hits_in_tables(self.server, finder)
        for found in in_tables:
            yield Left(found.hit.person, "table", found.table, found.hit.kind, found.column)
        for found in hits_in_tables(self.airflow, finder):
            yield Left(found.hit.person, "Airflow", found.table, found.hit.kind, found.column)
        for one in hits_in_files(self.settings, finder, deliveries):
            store = "drop" if one.path.startswith("drop/") else "file"
            yield Left(one.hit.person, store, one.path, one.hit.kind, one.place)
        in_rows = {Left(found.hit.person, "bytes of tables", found.table, found.hit.kind) for found in in_tables}
        # The log first: to write out the tables lets the server clear it away.
        for path in log_segments(self.server, self.first_segment):
            in_log = left_in_texts(texts_in_bytes(path.read_bytes()), finder, self.file_names, in_airflow)
            yield from (replace(left, store="write-ahead log", place=path.name) for left in in_log)
            yield from _key_in("write-ahead log", path.name, path, keys)
        for name, path in table_files(self.server).items():
            in_bytes = left_in_texts(texts_in_bytes(path.read_bytes()), finder)
            yield from {replace(left, store="bytes of tables", place=name) for left in in_bytes} - in_rows
            yield from _key_in("bytes of tables", name, path, keys)


def left_in_texts(
    texts: Iterable[str],
    finder: Finder,
    file_names: Collection[str] = (),
    in_airflow: Collection[Identifier] = (),
) -> set[Left]:
    """Who is in these parts of a file's bytes. Names of delivered files, and the very values that rows of Airflow's
    database said before, are told apart from whatever else is there."""
    found = set()
    for text in texts:
        if identifiers := finder.identifiers(text):
            beside = finder.identifiers(_without(text, file_names))
            for one in identifiers:
                detail = "" if one in beside else IN_A_FILE_NAME
                about = AIRFLOW_HELD_IT if one in in_airflow else ""
                found.add(Left(one.hit.person, "", "", one.hit.kind, detail, about))
    return found


def _key_in(store: str, place: str, path: Path, keys: Mapping[bytes, int]) -> Iterator[Left]:
    if (key := key_in_bytes(path, keys)) is not None:
        yield Left(keys[key], store, place, "wrapped key")


def _without(text: str, names: Collection[str]) -> str:
    for name in names:
        text = text.replace(name, " ")
    return text
