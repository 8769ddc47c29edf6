"""A person is erased: what the hub keeps of them becomes unreadable or goes, and a certificate says where it looked.

Everything is looked through first, while the person's values can still be read, and nothing is changed by that. Then
landed files are rewritten beside themselves, and the keys are destroyed in one transaction; the rest is
:mod:`hub.privacy.finish_erasure`'s. Killed before that transaction and run again, everything is looked through again.
Counts stay: raw keeps its rows (tokens, no values), the ledger its sums.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from hub.backup.journal import ErasureEntry, written_down
from hub.backup.places import as_name
from hub.contracts.model import Catalogue
from hub.contracts.values import TEXT_SUBJECT
from hub.ingest import ledger, rewritten_files
from hub.ingest.known_again import rows_at
from hub.privacy import found_stores, person_traces, same_address, vault_erasure
from hub.privacy.asked_for import as_one, has_come_again, refuse_held, who_is_asked_for
from hub.privacy.certificate import Certificate
from hub.privacy.erasure_lock import one_erasure_at_a_time
from hub.privacy.finish_erasure import finish_erasure
from hub.privacy.identify import identify, known_by, shared_with_others
from hub.privacy.landed_files import LandedSearch, Landing, plan_removal
from hub.privacy.mention_search import MentionSearch
from hub.privacy.plain_text import TextSearch
from hub.privacy.quarantined_subjects import in_quarantine
from hub.privacy.text_mentions import Mention, mentions_in_vault, one_a_text, read_mentions, store_of, write_mentions
from hub.privacy.unfinished import Unfinished, forget_needless, keep_unfinished
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.vault.reading import VaultReader
from hub.warehouse import build_lock
from hub.warehouse.engine import begin


@dataclass(frozen=True)
class Found:
    """What a search for the person found, with nothing changed yet."""

    subjects: set[Subject]
    readable: set[Subject]
    landing: Landing
    search: LandedSearch
    quarantined_count: int
    quarantined: dict[uuid.UUID, str | None]
    count_texts: int
    mentions: set[Mention]


def erase_person(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    asked_for: str,
    *,
    because: str,
    decided_by: str,
    airflow: sa.Engine | None = None,
    noting: Callable[[sa.Connection], None] | None = None,
) -> tuple[Certificate, Path]:
    """Erase a person, given by an id, by the token of a value, or by a quarantined row
    (:mod:`hub.privacy.asked_for`). Returns the certificate and the file it is in. ``airflow`` is Airflow's own
    database, where there is one; ``noting`` writes down in the transaction that destroys the keys what led to it. Who
    was erased before and has not come again gets the certificate of then; an erasure that was cut short is finished.

    Raises LookupError where nobody is known by it, :class:`ErasureRefused` under a legal hold, where several persons
    share a token or what a row says, or where the vault holds records of a feed without a contract: nobody can search
    them.
    """
    asked_for = as_one(asked_for)
    with one_erasure_at_a_time(engine):
        reader = VaultReader(settings, "erasure of a person", decided_by)
        with begin(engine) as connection:
            done = vault_erasure.find_erasure(connection, asked_for)
            forget_needless(settings, connection)
        is_finished = done is not None and done.finished_at is not None
        if is_finished and has_come_again(settings, engine, catalogue, reader, asked_for):
            done = None
        if done is None:
            persons, subjects = who_is_asked_for(settings, engine, catalogue, reader, asked_for)
            found = _search(settings, engine, catalogue, reader, persons, subjects)
            request = {"asked_for": asked_for, "because": because, "decided_by": decided_by}
            _erase(settings, engine, catalogue, found, persons, request, noting)
            with begin(engine) as connection:
                done = vault_erasure.find_erasure(connection, asked_for)
        if done is None:
            raise RuntimeError("an erasure was carried out and is not written down")
        return finish_erasure(settings, engine, catalogue, done, airflow)


def _search(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    reader: VaultReader,
    persons: set[uuid.UUID],
    subjects: set[Subject],
) -> Found:
    """Look for the person in the vault, in landed files and in quarantined rows; the legal holds are
    checked again for everyone found there."""
    identity, subjects = identify(settings, engine, catalogue, reader, persons, subjects)
    with begin(engine) as connection:
        subjects = vault_erasure.with_restated(connection, catalogue, subjects)
        asked_for = in_quarantine(connection, subjects)
        of_vault = vault_erasure.readable(connection, vault_erasure.with_texts(catalogue, subjects))
        own = _by_row(of_vault.union(asked_for))
        search = LandedSearch(settings, catalogue, identity, own)
        landing = search.search(connection)
        in_landing = vault_erasure.readable(connection, landing.subjects)
        more = in_landing.union(in_quarantine(connection, landing.subjects)) - subjects
    if shared := shared_with_others(engine, catalogue, reader, identity, persons, more):
        identity = identity.sharing(shared)
        search = LandedSearch(settings, catalogue, identity, own)
    with begin(engine) as connection:
        if shared:
            landing = search.search(connection)
            in_landing = vault_erasure.readable(connection, landing.subjects)
        subjects = vault_erasure.with_restated(connection, catalogue, subjects | in_landing)
        subjects = vault_erasure.with_texts(catalogue, subjects)
        refuse_held(connection, persons | vault_erasure.persons_of(connection, subjects))
        readable = vault_erasure.readable(connection, subjects)
        texts, in_vault = mentions_in_vault(settings, reader, connection, catalogue, MentionSearch.of(identity))
    every = one_a_text(in_vault | landing.mentions)
    mentions = {one for one in every if Subject(*one.place, TEXT_SUBJECT) not in subjects}
    count, quarantined = person_traces.find_quarantined(reader, engine, catalogue, identity, asked_for)
    return Found(subjects, readable, landing, search, count, quarantined, texts, mentions)


def _by_row(subjects: Iterable[Subject]) -> dict[uuid.UUID, dict[int, frozenset[str]]]:
    rows: dict[uuid.UUID, dict[int, frozenset[str]]] = {}
    for one in subjects:
        of_delivery = rows.setdefault(one.delivery_id, {})
        of_delivery[one.row_number] = of_delivery.get(one.row_number, frozenset()) | {one.subject}
    return rows


def _erase(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    found: Found,
    persons: set[uuid.UUID],
    request: dict[str, str],
    noting: Callable[[sa.Connection], None] | None,
) -> None:
    """Destroy the keys, and say in the same transaction what the ledger says of landed files. What is left to do then
    is written down before it is committed."""
    erasure_id = uuid.uuid4()
    because = f"erasure {erasure_id}"
    identity = found.search.identity
    instead, left_landed = found.search.rewrite(found.landing)
    plan_removal(settings, erasure_id, instead)
    with begin(engine) as connection:
        named, renamed = person_traces.find_file_names(connection, TextSearch.of(identity.with_shared_contacts))
    entry = _as_entry(engine, catalogue, erasure_id, found, instead, renamed, request)
    with written_down(settings, entry, lambda: _is_written_down(engine, erasure_id)), begin(engine) as connection:
        # A linkage that runs ends first: it would write the person back. A hold that was placed since is seen.
        build_lock.lock_builds(connection)
        vault_erasure.refuse_new_holds(connection)
        refuse_held(connection, persons | vault_erasure.persons_of(connection, found.subjects))
        keys, all_mentions = vault_erasure.count_all(connection)
        counts = vault_erasure.destroy_keys(connection, catalogue, found.subjects)
        person_traces.forget_in_quarantine(settings, connection, found.quarantined, because)
        mentions = vault_erasure.forget_links(connection, sorted(found.subjects), request["decided_by"])
        rewritten_files.note_rewritten(connection, instead, because, known=found.landing.in_ledger)
        ledger.rename_files(connection, renamed)
        vault_erasure.note_erasure(connection, erasure_id, counts, request)
        if noting is not None:
            noting(connection)
        write_mentions(connection, erasure_id, found.mentions)
        listed = read_mentions(connection, erasure_id)
        still = found.subjects | known_by(settings, connection, catalogue, identity)
        left = vault_erasure.readable(connection, still)
        records = same_address.records_left(settings, connection, catalogue, identity, persons, still)
        others = same_address.in_words(connection, catalogue, records, found.landing, instead, persons)
        stores = [
            found_stores.in_vault(keys, len(found.readable), left),
            found_stores.in_linkage(all_mentions, mentions),
            found_stores.in_landing(found.landing, left_landed),
            found_stores.in_quarantine(found.quarantined_count, found.quarantined),
            found_stores.in_file_names(named, len(renamed)),
            store_of(listed, found.count_texts),
            *([found_stores.with_another_name(others)] if others else []),
        ]
        keep_unfinished(settings, erasure_id, Unfinished(identity, stores))


def _is_written_down(engine: sa.Engine, erasure_id: uuid.UUID) -> bool:
    with begin(engine) as connection:
        return vault_erasure.is_written_down(connection, erasure_id)


def _as_entry(
    engine: sa.Engine,
    catalogue: Catalogue,
    erasure_id: uuid.UUID,
    found: Found,
    instead: Mapping[str, str],
    renamed: Mapping[str, str],
    request: Mapping[str, str],
) -> ErasureEntry:
    """The erasure as the journal keeps it. A row that is in quarantine now may be in the vault in an older database,
    and the other way round: its subjects are both."""
    with begin(engine) as connection:
        places = person_traces.places_of(connection, catalogue, found.quarantined)
        deliveries = rows_at(connection, instead)
    subjects = sorted(found.subjects | places)
    return ErasureEntry(
        erasure_id=str(erasure_id),
        at=as_name(datetime.now(UTC)),
        asked_for=request["asked_for"],
        because=request["because"],
        decided_by=request["decided_by"],
        subjects=[(one.feed, str(one.delivery_id), one.row_number, one.subject) for one in subjects],
        instead=dict(instead),
        deliveries=[{**row, "file_name": renamed.get(row["delivery_id"], row["file_name"])} for row in deliveries],
        renamed=dict(renamed),
        mentions=[one.as_json() for one in sorted(found.mentions)],
    )
