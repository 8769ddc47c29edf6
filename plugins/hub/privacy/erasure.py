"""A person is erased: what the hub keeps of them becomes unreadable or goes, and a certificate says where it looked.

The searching of other stores comes first, while the person's values can still be read; the keys are destroyed in one
transaction at the end. Killed before it and run again, everything is looked through again; after it, the certificate is
written anew. Counts stay: raw keeps its rows (tokens, no values), the ledger its sums.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.deliveries import Chunk, DeliveryRefused
from hub.ingest.landing_store import landed_files, open_landed
from hub.ingest.readers import read_chunks
from hub.privacy import person_traces, vault_erasure
from hub.privacy.person_traces import Traces
from hub.privacy.vault_erasure import FORM_OF_TOKENS, Subject
from hub.settings import Settings
from hub.vault import audit
from hub.vault.reading import VaultReader, forget_quarantined, read_records
from hub.warehouse.engine import begin


class ErasureRefused(Exception):
    """A person who is not to be erased, or of whom it is not clear who it is; the message says why."""


@dataclass(frozen=True)
class Store:
    """One store that was looked through: how many things (rows, files), in how many the person was found, from how many
    removed, and in how many the person still stands."""

    store: str
    looked_at: int
    found: int
    removed: int
    left: int


@dataclass(frozen=True)
class Found:
    """Landed files and quarantined rows that are about the person."""

    landed: tuple[Path, ...]
    quarantined: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Certificate:
    """What an erasure did, store by store. It names no value of the person."""

    erasure_id: str
    asked_for: str
    because: str
    decided_by: str
    erased_at: str
    subjects: dict[str, int]
    stores: list[Store]
    nothing_is_left: bool
    counts_are_kept: bool


def erase_person(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, asked_for: str, *, because: str, decided_by: str
) -> tuple[Certificate, Path]:
    """Erase the person with this id, or whose value has this token. Returns the certificate and the file it is in.

    Raises LookupError where nobody is known by it, :class:`ErasureRefused` under a legal hold, or where a token is
    shared by several persons.
    """
    with begin(engine) as connection:
        done = vault_erasure.find_erasure(connection, asked_for)
        subjects = set() if done else _subjects(connection, catalogue, asked_for)
    stores: list[Store] = []
    if done is None:
        reader = VaultReader(settings, "erasure of a person", decided_by)
        traces = _traces(reader, engine, catalogue, subjects)
        searched, found = _search(settings, engine, catalogue, reader, traces)
        told = {"asked_for": asked_for, "because": because, "decided_by": decided_by}
        stores = [*_destroy(engine, catalogue, subjects, found, told), *searched]
        person_traces.reclaim(engine, {one.feed for one in subjects})
        stores += _search_again(settings, engine, traces)
    return _certify(settings, engine, catalogue, asked_for, stores)


def _subjects(connection: sa.Connection, catalogue: Catalogue, asked_for: str) -> set[Subject]:
    if re.fullmatch(FORM_OF_TOKENS, asked_for):
        found = vault_erasure.subjects_of_token(connection, catalogue, asked_for)
        persons = vault_erasure.persons_of(connection, found)
        if len(persons) > 1:
            raise ErasureRefused(
                f"{len(persons)} persons share this token; erase one by id: {', '.join(sorted(map(str, persons)))}"
            )
    else:
        persons, found = {_as_id(asked_for)}, set()
    for person in persons:
        found |= vault_erasure.subjects_of_person(connection, person)
    if not found:
        raise LookupError(f"nobody is known by {asked_for}")
    if hold := vault_erasure.is_held(connection, persons):
        raise ErasureRefused(f"a legal hold says that this person's data must be kept: {hold}")
    return vault_erasure.with_texts(catalogue, vault_erasure.with_restated(connection, catalogue, found))


def _as_id(asked_for: str) -> uuid.UUID:
    try:
        return uuid.UUID(asked_for)
    except ValueError:
        raise LookupError(f"{asked_for} is neither a person id nor a token") from None


def _traces(reader: VaultReader, engine: sa.Engine, catalogue: Catalogue, subjects: Iterable[Subject]) -> Traces:
    """What the person can be known by in other stores."""
    told: list[dict[str, str]] = []
    by_feed: dict[str, list[Subject]] = {}
    for one in subjects:
        by_feed.setdefault(one.feed, []).append(one)
    with engine.connect() as connection:
        for feed, those in by_feed.items():
            contract = catalogue.contracts[feed]
            places = sa.values(
                sa.column("delivery_id", sa.UUID), sa.column("row_number", sa.BigInteger), name="places"
            ).data([(one.delivery_id, one.row_number) for one in those])
            roles = {(one.delivery_id, one.row_number, one.subject) for one in those}
            for delivery_id, row_number, values in read_records(reader, connection, contract, of=sa.select(places)):
                for column in contract.personal_columns:
                    if (delivery_id, row_number, column.subject) in roles and column.name in values:
                        told.append({column.name.removeprefix(f"{column.subject}_"): values[column.name]})
    return Traces.of(told)


def _search(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, reader: VaultReader, traces: Traces
) -> tuple[list[Store], Found]:
    """Look through landing, quarantine and files. Files are masked at once; landed files and quarantined rows go when
    the keys do."""
    looked, landed = _find_landed(settings, catalogue, traces)
    rows, quarantined = person_traces.find_quarantined(reader, engine, traces)
    files, masked = person_traces.mask_files(settings, traces)
    stores = [
        Store("landing", looked, len(landed), len(landed), 0),
        Store("quarantine", rows, len(quarantined), len(quarantined), 0),
        Store("extracts, logs and other files", files, masked, masked, 0),
    ]
    return stores, Found(tuple(landed), tuple(quarantined))


def _find_landed(settings: Settings, catalogue: Catalogue, traces: Traces) -> tuple[int, list[Path]]:
    paths = list(landed_files(settings))
    return len(paths), [path for path in paths if _is_about(settings, catalogue, path, traces)]


def _is_about(settings: Settings, catalogue: Catalogue, path: Path, traces: Traces) -> bool:
    """Whether a row of a landed file is about the person; a file that cannot be read in rows is looked through as it
    is."""
    contract = catalogue.contracts.get(path.parent.parent.name)
    with open_landed(settings, path) as landed:
        if contract is not None and contract.personal_columns:
            try:
                return any(_chunk_is_about(chunk, traces) for chunk in read_chunks(settings, contract, landed, []))
            except DeliveryRefused:
                landed.seek(0)
        pattern = traces.pattern()
        return bool(pattern and pattern.search(landed.read()))


def _chunk_is_about(chunk: Chunk, traces: Traces) -> bool:
    rows = zip(*(column.to_pylist() for column in chunk.rows.columns), strict=True)
    texts = (" ".join(value for value in row if value) for row in rows)
    return any(map(traces.are_in, texts)) or any(traces.are_in(row.raw_text) for row in chunk.broken)


def _destroy(
    engine: sa.Engine, catalogue: Catalogue, subjects: set[Subject], found: Found, told: dict[str, str]
) -> list[Store]:
    """The end of it all, in one transaction; files go before, so that a kill in between leaves nothing forgotten."""
    erasure_id = uuid.uuid4()
    for path in found.landed:
        path.unlink(missing_ok=True)
    with begin(engine) as connection:
        counts = vault_erasure.destroy_keys(connection, catalogue, subjects)
        forget_quarantined(connection, found.quarantined)
        person_traces.reject_quarantined(connection, found.quarantined, f"erasure {erasure_id}")
        mentions = vault_erasure.forget_links(connection, sorted(subjects), told["decided_by"])
        vault_erasure.note_destroyed(connection, {path.name for path in found.landed}, f"erasure {erasure_id}")
        vault_erasure.note_erasure(connection, erasure_id, counts, told)
        left = vault_erasure.count_keys(connection, subjects)
    count = sum(counts.values())
    return [Store("vault", len(subjects), count, count - left, left), Store("linkage", mentions, mentions, mentions, 0)]


def _search_again(settings: Settings, engine: sa.Engine, traces: Traces) -> list[Store]:
    """Look through every table and every file once more, now that it is done."""
    tables, holding = person_traces.search_tables(engine, traces)
    files, still = person_traces.count_files(settings, traces)
    return [
        Store("all tables of the database, searched again", tables, len(holding), 0, len(holding)),
        Store("all files of the hub, searched again", files, still, 0, still),
    ]


def _certify(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, asked_for: str, stores: list[Store]
) -> tuple[Certificate, Path]:
    """Write the certificate, or find the one there is."""
    with begin(engine) as connection:
        done = vault_erasure.find_erasure(connection, asked_for)
    if done is None:
        raise RuntimeError("an erasure was carried out and is not written down")
    path = settings.home / "erasures" / f"{done.erasure_id}.json"
    if not stores and path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Certificate(**{**kept, "stores": [Store(**one) for one in kept["stores"]]}), path
    certificate = Certificate(
        erasure_id=str(done.erasure_id),
        asked_for=done.asked_for,
        because=done.because,
        decided_by=done.decided_by,
        erased_at=done.erased_at.astimezone(UTC).isoformat(),
        subjects=dict(done.subjects),
        stores=stores,
        nothing_is_left=not any(store.left for store in stores),
        counts_are_kept=person_traces.counts_are_kept(engine, catalogue),
    )
    text = json.dumps(asdict(certificate), indent=2)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(text, encoding="utf-8")
    details = {"erasure_id": certificate.erasure_id, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    audit.append(settings, engine, audit.Entry(done.decided_by, "erasure", done.because, details))
    return certificate, path
