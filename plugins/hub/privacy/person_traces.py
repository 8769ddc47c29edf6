"""By what a person can be known, and where else than under the person's own keys that stands: files and tables."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.deliveries import RowState
from hub.settings import Settings
from hub.vault.reading import VaultReader, encrypted_texts
from hub.vault.store import RAW_TEXT
from hub.vault.tables import SUBJECT_KEYS
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, raw_table

LEAST_LETTERS = 6
"""A shorter text is found everywhere and points to nobody."""
TEXTS_A_BATCH = 5_000
NOT_SEARCHED = frozenset({"landing", "secrets", "postgres", "drop"})
"""Folders of ``$HUB_HOME``: encrypted, or keys, or the database's own files, or not yet taken in."""


@dataclass(frozen=True)
class Traces:
    """What a person can be known by: ``strong`` texts point to the person by themselves, a ``name`` together with one
    of ``details`` (date of birth, postcode). All in lower case, without blanks in front and behind."""

    strong: frozenset[str]
    names: frozenset[str]
    details: frozenset[str]

    @classmethod
    def of(cls, told: Iterable[Mapping[str, str]]) -> "Traces":
        """From values by field: ``name``, ``date_of_birth``, ``postcode``; any other field is strong."""
        strong, names, details = set[str](), set[str](), set[str]()
        for values in told:
            for field, value in values.items():
                kind = {"name": names, "date_of_birth": details, "postcode": details}.get(field, strong)
                kind.add(" ".join(value.casefold().split()))
        return cls(*(frozenset(texts) for texts in (strong, names, details)))

    @property
    def needles(self) -> list[str]:
        """What must stand nowhere in clear, whoever else may be called the same."""
        return sorted(text for text in self.strong | self.names if len(text) >= LEAST_LETTERS)

    def are_in(self, text: str) -> bool:
        """Whether a row's text is about the person."""
        said = " ".join(text.casefold().split())
        if any(one in said for one in self.strong if len(one) >= LEAST_LETTERS):
            return True
        return any(name in said for name in self.names) and any(detail in said for detail in self.details)

    def pattern(self) -> re.Pattern[bytes] | None:
        """The needles in bytes of any case; None where there are none."""
        texts = [re.escape(text.encode()) for text in self.needles]
        return re.compile(b"|".join(texts), re.IGNORECASE) if texts else None


def find_quarantined(reader: VaultReader, engine: sa.Engine, traces: Traces) -> tuple[int, list[uuid.UUID]]:
    """How many quarantined rows still have their text, and the ids of those that are about the person."""
    count, found = 0, []
    with engine.connect() as connection:
        ids: list[uuid.UUID] = list(connection.execute(sa.select(QUARANTINED_ROWS.c.quarantine_id)).scalars())
        for start in range(0, len(ids), TEXTS_A_BATCH):
            encrypted = encrypted_texts(connection, ids[start : start + TEXTS_A_BATCH])
            decrypted = reader.decrypt(engine, list(encrypted.values()))
            count += len(encrypted)
            about = zip(encrypted, decrypted, strict=True)
            found += [one for one, values in about if traces.are_in(_plain(values.get(RAW_TEXT, "")))]
    return count, found


def reject_quarantined(connection: sa.Connection, quarantine_ids: Sequence[uuid.UUID], decided_by: str) -> None:
    """Leave these rows out for good, where nobody has decided yet; they count as before."""
    columns = QUARANTINED_ROWS.c
    undecided = sa.and_(columns.quarantine_id.in_(quarantine_ids), columns.state == RowState.OPEN)
    values = {"state": RowState.REJECTED, "decided_at": sa.func.now(), "decided_by": decided_by}
    connection.execute(sa.update(QUARANTINED_ROWS).where(undecided).values(values))


def mask_files(settings: Settings, traces: Traces) -> tuple[int, int]:
    """Write stars over what files of the hub say of the person. Returns how many files there are, and in how many
    something stood."""
    pattern = traces.pattern()
    count = masked = 0
    for path in _files(settings):
        count += 1
        data = path.read_bytes() if pattern else b""
        if pattern and pattern.search(data):
            path.write_bytes(pattern.sub(lambda found: b"*" * len(found.group()), data))
            masked += 1
    return count, masked


def count_files(settings: Settings, traces: Traces) -> tuple[int, int]:
    """How many files of the hub there are, and in how many something of the person stands in clear."""
    pattern = traces.pattern()
    files = list(_files(settings))
    return len(files), sum(bool(pattern and pattern.search(path.read_bytes())) for path in files)


def search_tables(engine: sa.Engine, traces: Traces) -> tuple[int, list[str]]:
    """How many tables of the database there are, and the names of those in which something of the person stands in
    clear."""
    words = traces.needles
    holding = []
    with engine.connect() as connection:
        tables = connection.execute(
            sa.text(
                "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where c.relkind in ('r', 'm', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
                " order by 1, 2"
            )
        ).all()
        quote = connection.dialect.identifier_preparer.quote
        for schema, table in ((str(row[0]), str(row[1])) for row in tables):
            query = sa.text(
                f"select exists (select from {quote(schema)}.{quote(table)} as one where exists"  # noqa: S608 - names
                " (select from unnest(cast(:words as text[])) as word where strpos(lower(one::text), word) > 0))"
            )
            if words and connection.execute(query, {"words": words}).scalar():
                holding.append(f"{schema}.{table}")
    return len(tables), holding


def reclaim(engine: sa.Engine, feeds: Iterable[str]) -> None:
    """Let the database take back the room of what was deleted from the vault, so that it is written over."""
    quote = engine.dialect.identifier_preparer.quote
    names = [SUBJECT_KEYS.fullname, "vault.quarantined_rows", *(f"vault.{quote(feed)}" for feed in sorted(feeds))]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in names:
            connection.execute(sa.text(f"vacuum {name}"))


def counts_are_kept(engine: sa.Engine, catalogue: Catalogue) -> bool:
    """Whether raw and quarantine still hold as many rows as the ledger says of all deliveries."""
    rows, deliveries = QUARANTINED_ROWS.c, DELIVERIES.c
    sums = sa.select(sa.func.sum(deliveries.rows_accepted), sa.func.sum(deliveries.rows_quarantined))
    with engine.connect() as connection:
        for contract in catalogue.contracts.values():
            loaded = sums.where(deliveries.feed == contract.feed, deliveries.status == "loaded")
            accepted, quarantined = (int(one or 0) for one in connection.execute(loaded).one())
            raw = connection.execute(sa.select(sa.func.count()).select_from(raw_table(contract))).scalar_one()
            kept = sa.select(sa.func.count()).where(
                rows.feed == contract.feed, rows.state.in_((RowState.OPEN, RowState.REJECTED))
            )
            if (raw, connection.execute(kept).scalar_one()) != (accepted, quarantined):
                return False
    return True


def _plain(text: str) -> str:
    """A row's JSON object with its letters as they are."""
    return text.replace('\\"', '"')


def _files(settings: Settings) -> Iterator[Path]:
    for folder in sorted(settings.home.iterdir()) if settings.home.is_dir() else []:
        if folder.name in NOT_SEARCHED or folder.is_symlink():
            continue
        yield from (path for path in ([folder] if folder.is_file() else folder.rglob("*")) if path.is_file())
