"""Where else than in the vault and in files a person is: quarantined rows, names of files, tables."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import TEXT_SUBJECT
from hub.deliveries import DeliveryStatus, RowState, quarantine_id_of
from hub.ingest import quarantine
from hub.ingest.archive import queries as archive
from hub.ingest.collect import known_suffix
from hub.privacy.certificate import Store
from hub.privacy.identity import Identity
from hub.privacy.landed_files import rows_about
from hub.privacy.plain_text import TextSearch
from hub.privacy.quarantined_subjects import COULD_NOT_BE_SPLIT, as_table
from hub.privacy.value_patterns import in_sql
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.reading import VaultReader, encrypted_texts, forget_quarantined
from hub.vault.store import QUARANTINED, RAW_TEXT, Encryptor
from hub.vault.tables import QUARANTINED_TEXTS, SUBJECT_KEYS
from hub.warehouse.columns import is_one_of
from hub.warehouse.engine import is_locked_out
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, raw_table

type About = tuple[frozenset[str] | None, str | None]
"""As whom a quarantined row names the person, and what is left of it without the person."""

TEXTS_A_BATCH = 5_000
ROWS_A_FETCH = 1_000
SPACE = "space of what was deleted from the database"
LONGEST_WAIT = "5s"
TIMES = 12
PAUSE_SECONDS = 5
IN_RAW = (DeliveryStatus.LOADED, DeliveryStatus.SUPERSEDED)
"""A snapshot that a later one superseded keeps its rows."""
COLUMNS_LEFT_OUT = "but for columns of ids, of true and false, of encrypted bytes, and of linkage's hashes"
TABLES = """
    select
        n.nspname, c.relname,
        array(
            select a.attname from pg_attribute as a
            inner join pg_type as t on a.atttypid = t.oid
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and ltrim(t.typname, '_') not in ('uuid', 'bool', 'bytea')
                and not (n.nspname = 'linkage' and ltrim(t.typname, '_') = 'int8')
            order by a.attnum
        )
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where c.relkind in ('r', 'm', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by n.nspname, c.relname
"""
"""Tables with the columns that can hold a name or a contact."""


def find_quarantined(
    reader: VaultReader,
    engine: sa.Engine,
    catalogue: Catalogue,
    identity: Identity,
    asked_for: Iterable[Subject] = (),
) -> tuple[int, dict[uuid.UUID, str | None]]:
    """How many quarantined rows still have their text, and those that are about the person, each with what is left of
    it: the row without the person where it names somebody else too, or None. ``asked_for`` are subjects that are known
    to be the person."""
    own: dict[uuid.UUID, frozenset[str]] = {}
    for one in asked_for:
        quarantine_id = quarantine_id_of(one.delivery_id, one.row_number)
        own[quarantine_id] = own.get(quarantine_id, frozenset()) | {one.subject}
    count, about = quarantined_about(reader, engine, catalogue, identity, own)
    return count, {one: left for one, (_, left) in about.items()}


def quarantined_about(
    reader: VaultReader,
    engine: sa.Engine,
    catalogue: Catalogue,
    identity: Identity,
    own: Mapping[uuid.UUID, frozenset[str]],
) -> tuple[int, dict[uuid.UUID, About]]:
    """How many quarantined rows still have their text, and those that are about the person: as whom (None in a row that
    could not be split), and what is left of it. Rows that were split are compared by column, others as text."""
    columns, text = QUARANTINED_ROWS.c, TextSearch.of(identity)
    count, found = 0, dict[uuid.UUID, About]()
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(columns.quarantine_id, columns.feed, columns.rule)
            .join(QUARANTINED_TEXTS, columns.quarantine_id == QUARANTINED_TEXTS.c.quarantine_id)
            .order_by(columns.feed, columns.quarantine_id)
        ).all()
        for start in range(0, len(rows), TEXTS_A_BATCH):
            part = rows[start : start + TEXTS_A_BATCH]
            encrypted = encrypted_texts(connection, [row.quarantine_id for row in part])
            texts = dict(zip(encrypted, reader.decrypt(list(encrypted.values())), strict=True))
            count += len(texts)
            split: dict[str, dict[uuid.UUID, Mapping[str, str]]] = {}
            for row in part:
                said = texts.get(row.quarantine_id, {}).get(RAW_TEXT, "")
                if row.feed in catalogue.contracts and not row.rule.startswith(COULD_NOT_BE_SPLIT):
                    split.setdefault(row.feed, {})[row.quarantine_id] = json.loads(said) if said else {}
                elif text.is_in(said):
                    found[row.quarantine_id] = (None, None)
            for feed, values in split.items():
                found |= _split_about(catalogue.contracts[feed], values, identity, own)
    return count, found


def _split_about(
    contract: Contract,
    rows: Mapping[uuid.UUID, Mapping[str, str]],
    identity: Identity,
    own: Mapping[uuid.UUID, frozenset[str]],
) -> dict[uuid.UUID, About]:
    ids = list(rows)
    of_own = {place: own[one] for place, one in enumerate(ids) if one in own}
    numbers = pa.array(range(len(ids)), pa.int64())
    about = rows_about(contract, as_table(contract, list(rows.values())), numbers, identity, of_own)
    return {ids[place]: (who, without(contract, rows[ids[place]], who)) for place, who in about.items()}


def without(contract: Contract, row: Mapping[str, str], who: frozenset[str]) -> str | None:
    """A quarantined row without these subjects and what was written; None where it names nobody else."""
    gone = {one.name for one in contract.personal_columns if one.subject in who | {TEXT_SUBJECT}}
    kept = {name: value for name, value in row.items() if name not in gone}
    is_of_others = any(one.name in kept for one in contract.personal_columns)
    return json.dumps(kept, ensure_ascii=False) if is_of_others else None


def forget_in_quarantine(
    settings: Settings, connection: sa.Connection, found: Mapping[uuid.UUID, str | None], because: str
) -> None:
    """Forget what quarantined rows say of the person, under new keys where they say something of others; a row that
    does not is left out for good, where nobody has decided yet. They count as before."""
    forget_quarantined(connection, list(found))
    _reject_quarantined(connection, [one for one, text in found.items() if text is None], because)
    master = read_ring(settings, Purpose.MASTER)
    for one, text in found.items():
        if text is not None:
            row = quarantine.get_row(connection, one)
            quarantine.write_texts(connection, Encryptor(master, row.feed, row.delivery_id), {row.row_number: text})


def places_of(connection: sa.Connection, catalogue: Catalogue, found: Mapping[uuid.UUID, str | None]) -> set[Subject]:
    """Quarantined rows as subjects of records: those of whom nothing is left of a row, and the whole text of a row of
    which nothing is."""
    places = set[Subject]()
    for one, text in found.items():
        row = quarantine.get_row(connection, one)
        contract = catalogue.contracts.get(row.feed)
        kept = set(json.loads(text)) if text is not None else set()
        gone = [
            subject
            for subject, columns in (contract.subjects if contract else {}).items()
            if not any(column.name in kept for column in columns)
        ]
        whole = [QUARANTINED] if text is None else []
        places |= {Subject(row.feed, row.delivery_id, row.row_number, subject) for subject in [*gone, *whole]}
    return places


def _reject_quarantined(connection: sa.Connection, quarantine_ids: Sequence[uuid.UUID], decided_by: str) -> None:
    """Leave these rows out for good, where nobody has decided yet; they count as before."""
    columns = QUARANTINED_ROWS.c
    undecided = sa.and_(is_one_of(columns.quarantine_id, quarantine_ids), columns.state == RowState.OPEN)
    values = {"state": RowState.REJECTED, "decided_at": sa.func.now(), "decided_by": decided_by, "key_hash": None}
    connection.execute(sa.update(QUARANTINED_ROWS).where(undecided).values(values))


def find_file_names(connection: sa.Connection, text: TextSearch) -> tuple[int, dict[str, str]]:
    """How many names of delivered files there are, and what to put in the place of each that is about the person, by
    delivery: the delivery's id."""
    columns = DELIVERIES.c
    rows = connection.execute(sa.select(columns.delivery_id, columns.file_name)).all()
    about = [row for row in rows if text.is_in_name(row.file_name)]
    return len(rows), {str(row.delivery_id): f"erased-{row.delivery_id}{known_suffix(row.file_name)}" for row in about}


def search_tables(engine: sa.Engine, text: TextSearch) -> tuple[int, list[str]]:
    """How many tables of the database there are, and the names of those in which something of the person stands in
    clear. :data:`COLUMNS_LEFT_OUT` are not looked at."""
    holding, count = [], 0
    patterns = text.for_sql()
    with engine.connect() as connection:
        quote = connection.dialect.identifier_preparer.quote
        tables: Iterable[Any] = connection.execute(sa.text(TABLES)).all()
        for schema, table, columns in tables:
            count += 1
            if not columns:
                continue
            said = f"concat_ws(e'\\n', {', '.join(f'{quote(one)}::text' for one in columns)})"
            # Behind "offset 0" each form is made once a row. Where something stands for another character, PostgreSQL
            # cannot tell.
            query = sa.text(
                f"select cells from (select cells, {in_sql('cells')} as said"  # noqa: S608 - names
                f" from (select {said} as cells from {quote(schema)}.{quote(table)} offset 0) as rows offset 0) as one"
                " where said ~* any (cast(:alone as text[])) or cells ~ :coded or ("
                " said ~* any (cast(:names as text[])) and said ~* any (cast(:beside as text[])))"
            )
            with connection.execute(query, patterns, execution_options={"yield_per": ROWS_A_FETCH}) as rows:
                if any(text.is_in(row.cells) for row in rows):
                    holding.append(f"{schema}.{table}")
    return count, holding


def reclaim(engine: sa.Engine, feeds: Iterable[str]) -> Store:
    """Let the database write over what was deleted from the vault. The tables of wrapped keys and file names are
    rewritten: what stays in free space could still be read there, and would open what the vault's log and backups
    hold. A load that runs is waited for, but not for long, because behind this everybody else waits: what could not be
    reclaimed is named as not searched."""
    quote = engine.dialect.identifier_preparer.quote
    emptied = ["vault.quarantined_rows", *(f"vault.{quote(feed)}" for feed in sorted(feeds))]
    rewritten = [SUBJECT_KEYS.fullname, DELIVERIES.fullname]
    kept = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"set lock_timeout = '{LONGEST_WAIT}'"))
        try:
            for statement, name in [
                *(("vacuum", one) for one in emptied),
                *(("vacuum full", one) for one in rewritten),
            ]:
                if not _is_done(connection, f"{statement} {name}"):
                    kept.append(name)
        finally:
            connection.execute(sa.text("reset lock_timeout"))
    count = len(emptied) + len(rewritten)
    done = "tables rewritten, or their space given free"
    return Store(SPACE, count, count, count - len(kept), 0, "by name", done, [f"{one} (in use)" for one in kept])


def _is_done(connection: sa.Connection, statement: str) -> bool:
    """Whether a statement got its lock in one of several tries; in between, others get theirs."""
    tries = Retrying(
        retry=retry_if_exception(is_locked_out), stop=stop_after_attempt(TIMES), wait=wait_fixed(PAUSE_SECONDS)
    )
    try:
        tries(connection.execute, sa.text(statement))
    except RetryError:
        return False
    return True


def counts_are_kept(engine: sa.Engine, catalogue: Catalogue) -> bool:
    """Whether raw, archive and quarantine still hold as many rows as the ledger says of all deliveries."""
    rows, deliveries = QUARANTINED_ROWS.c, DELIVERIES.c
    sums = sa.select(sa.func.sum(deliveries.rows_accepted), sa.func.sum(deliveries.rows_quarantined))
    with engine.connect() as connection:
        for contract in catalogue.contracts.values():
            loaded = sums.where(deliveries.feed == contract.feed, deliveries.status.in_(IN_RAW))
            accepted, quarantined = (int(one or 0) for one in connection.execute(loaded).one())
            raw = connection.execute(sa.select(sa.func.count()).select_from(raw_table(contract))).scalar_one()
            kept = sa.select(sa.func.count()).where(
                rows.feed == contract.feed, rows.state.in_((RowState.OPEN, RowState.REJECTED))
            )
            held = raw + archive.count_records(connection, contract.feed)
            if (held, connection.execute(kept).scalar_one()) != (accepted, quarantined):
                return False
    return True
