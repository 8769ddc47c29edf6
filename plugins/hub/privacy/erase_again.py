"""Erasures that a restored database does not know are done again, from their journal beside the backups.

Nobody is looked for: the journal names each record and subject. In an older database a row may still be in quarantine
that was in the vault when the person was erased, or the other way round; whatever it holds of the person goes.
"""

import json
import uuid
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from hub.backup.journal import Entry, ErasureEntry
from hub.contracts.model import Catalogue
from hub.ingest import ledger, rewritten_files
from hub.ingest.known_again import know_again
from hub.privacy import person_traces, vault_erasure
from hub.privacy.erasure_lock import one_erasure_at_a_time
from hub.privacy.mask_mentions import mask_again
from hub.privacy.text_mentions import Mention, write_mentions
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.vault import audit
from hub.vault.reading import VaultReader, encrypted_texts
from hub.vault.store import QUARANTINED, RAW_TEXT
from hub.vault.tables import ERASURES
from hub.warehouse import build_lock
from hub.warehouse.columns import is_one_of
from hub.warehouse.engine import begin
from hub.warehouse.tables import QUARANTINED_ROWS

PURPOSE = "erasure done again after a restore"

type Rows = Mapping[tuple[uuid.UUID, int], frozenset[str]]
"""Who is erased in each row, by delivery and row number."""


def erase_again(settings: Settings, engine: sa.Engine, catalogue: Catalogue, journal: Iterable[Entry]) -> list[str]:
    """Do the erasures and maskings of a journal that the database does not know, the first one first, each in one
    transaction. Returns the ids of the erasures."""
    done = []
    with one_erasure_at_a_time(engine):
        with begin(engine) as connection:
            ids: sa.ScalarResult[uuid.UUID] = connection.execute(sa.select(ERASURES.c.erasure_id)).scalars()
            known = {str(one) for one in ids}
        for entry in journal:
            if not isinstance(entry, ErasureEntry):
                mask_again(settings, engine, catalogue, entry)
            elif entry.erasure_id not in known:
                _erase(settings, engine, catalogue, entry)
                done.append(entry.erasure_id)
    return done


def _erase(settings: Settings, engine: sa.Engine, catalogue: Catalogue, entry: ErasureEntry) -> None:
    subjects = {Subject(feed, uuid.UUID(delivery), row, subject) for feed, delivery, row, subject in entry.subjects}
    because = f"erasure {entry.erasure_id}"
    quarantined = _left_in_quarantine(settings, engine, catalogue, _by_row(subjects), entry.decided_by)
    with begin(engine) as connection:
        build_lock.lock_builds(connection)
        know_again(connection, entry.deliveries)
        person_traces.forget_in_quarantine(settings, connection, quarantined, because)
        of_vault = {one for one in subjects if one.subject != QUARANTINED}
        counts = vault_erasure.destroy_keys(connection, catalogue, of_vault)
        vault_erasure.forget_links(connection, sorted(of_vault), entry.decided_by)
        rewritten_files.note_rewritten(connection, entry.instead, because)
        ledger.rename_files(connection, entry.renamed)
        vault_erasure.note_erasure(connection, uuid.UUID(entry.erasure_id), counts, entry.comparable_value)
        write_mentions(connection, uuid.UUID(entry.erasure_id), [Mention.from_json(one) for one in entry.mentions])
    person_traces.reclaim(engine, {one.feed for one in of_vault} & catalogue.contracts.keys())
    details = {"erasure_id": entry.erasure_id, "subjects": counts}
    audit.append(settings, audit.Entry(entry.decided_by, PURPOSE, entry.because, details))
    with begin(engine) as connection:
        vault_erasure.note_finished(connection, uuid.UUID(entry.erasure_id))


def _left_in_quarantine(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, erased: Rows, who: str
) -> dict[uuid.UUID, str | None]:
    """Quarantined rows that still have their text and are about the person, each with what is left of it."""
    columns = QUARANTINED_ROWS.c
    query = sa.select(columns.quarantine_id, columns.feed, columns.delivery_id, columns.row_number)
    deliveries = sorted({delivery for delivery, _ in erased})
    with engine.connect() as connection:
        rows = {
            row.quarantine_id: (row.feed, erased[row.delivery_id, row.row_number])
            for row in connection.execute(query.where(is_one_of(columns.delivery_id, deliveries)))
            if (row.delivery_id, row.row_number) in erased
        }
        encrypted = encrypted_texts(connection, rows)
    texts = VaultReader(settings, PURPOSE, who).decrypt(list(encrypted.values()))
    return {
        one: _left(catalogue, *rows[one], said[RAW_TEXT])
        for one, said in zip(encrypted, texts, strict=True)
        if RAW_TEXT in said
    }


def _left(catalogue: Catalogue, feed: str, who: frozenset[str], said: str) -> str | None:
    contract = catalogue.contracts.get(feed)
    if QUARANTINED in who or contract is None:
        return None
    try:
        row = json.loads(said)
    except ValueError:
        return None  # a line that could not be split: nobody can say which part is about whom
    return person_traces.without(contract, row, who) if isinstance(row, dict) else None


def _by_row(subjects: Iterable[Subject]) -> Rows:
    rows: dict[tuple[uuid.UUID, int], frozenset[str]] = {}
    for one in subjects:
        place = (one.delivery_id, one.row_number)
        rows[place] = rows.get(place, frozenset()) | {one.subject}
    return rows
