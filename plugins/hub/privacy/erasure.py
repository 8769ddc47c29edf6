"""A person is erased: what the hub keeps of them becomes unreadable or goes, and a certificate says where it looked.

Everything is looked through first, while the person's values can still be read, and nothing is changed by that. Then
files are masked, landed files are rewritten beside themselves, and the keys are destroyed in one transaction. Killed
before its end and run again, everything is looked through again; after it, the certificate is written again. Counts
stay: raw keeps its rows (tokens, no values), the ledger its sums.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from hub.backup.journal import ErasureEntry, written_down
from hub.backup.places import as_name
from hub.contracts.model import Catalogue
from hub.contracts.values import TEXT_SUBJECT
from hub.ingest import ledger
from hub.ingest.known_again import rows_at
from hub.privacy import person_traces, vault_erasure
from hub.privacy.airflow_database import clean_airflow
from hub.privacy.certificate import Certificate, Store, read_certificate, write_certificate
from hub.privacy.identify import identify, known_by, shared_with_others
from hub.privacy.landed_files import LandedSearch, Landing, carry_out_removal, plan_removal
from hub.privacy.mention_search import MentionSearch
from hub.privacy.plain_text import TextSearch
from hub.privacy.text_mentions import Mention, mentions_in_vault, read_mentions, store_of, write_mentions
from hub.privacy.vault_erasure import FORM_OF_TOKENS, Subject
from hub.settings import Settings
from hub.vault.reading import VaultReader
from hub.warehouse.engine import begin

BY_COLUMN = "e-mail, telephone, handle and code by column, or a name with date of birth or postcode of the same subject"
BY_TEXT = "whole e-mail addresses, telephone numbers, or a name in one piece with a date of birth or postcode"


class ErasureRefused(Exception):
    """A person who is not to be erased, or of whom it is not clear who it is; the message says why."""


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
) -> tuple[Certificate, Path]:
    """Erase the person with this id, or whose value has this token. Returns the certificate and the file it is in.
    ``airflow`` is Airflow's own database, where there is one.

    Raises LookupError where nobody is known by it, :class:`ErasureRefused` under a legal hold, or where a token is
    shared by several persons.
    """
    with begin(engine) as connection:
        done = vault_erasure.find_erasure(connection, asked_for)
        persons, subjects = (set(), set()) if done else _asked(connection, catalogue, asked_for)
    stores: list[Store] = []
    if done is None:
        reader = VaultReader(settings, "erasure of a person", decided_by)
        found = _search(settings, engine, catalogue, reader, persons, subjects)
        request = {"asked_for": asked_for, "because": because, "decided_by": decided_by}
        stores = _erase(settings, engine, catalogue, found, request)
        person_traces.reclaim(engine, {one.feed for one in found.subjects})
        everything = found.search.identity.with_shared_contacts
        of_airflow = clean_airflow(airflow, everything)
        stores += [of_airflow] if of_airflow else []
        stores += _search_again(settings, engine, TextSearch.of(everything))
    with begin(engine) as connection:
        done = vault_erasure.find_erasure(connection, asked_for)
    if done is None:
        raise RuntimeError("an erasure was carried out and is not written down")
    carry_out_removal(settings, done.erasure_id)
    path = settings.home / "erasures" / f"{done.erasure_id}.json"
    if not stores and path.exists():
        return read_certificate(path), path
    are_kept = person_traces.counts_are_kept(engine, catalogue)
    return write_certificate(settings, done, stores, path, counts_are_kept=are_kept), path


def count_records(engine: sa.Engine, catalogue: Catalogue, asked_for: str) -> dict[str, int]:
    """How many records of each feed are known to be about the person with this id or token; nothing is read or changed.
    An erasure also finds what the person's values tell, and files. Raises as :func:`erase_person`, and LookupError for
    who has been erased."""
    with begin(engine) as connection:
        if vault_erasure.find_erasure(connection, asked_for):
            raise LookupError(f"{asked_for} has been erased")
        _, subjects = _asked(connection, catalogue, asked_for)
    records = {(one.feed, one.delivery_id, one.row_number) for one in subjects}
    return dict(sorted(Counter(feed for feed, _, _ in records).items()))


def _asked(connection: sa.Connection, catalogue: Catalogue, asked_for: str) -> tuple[set[uuid.UUID], set[Subject]]:
    """Who is asked for, and the records in which linkage or the token finds them."""
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
    _refuse_held(connection, persons)
    return persons, vault_erasure.with_restated(connection, catalogue, found)


def _as_id(asked_for: str) -> uuid.UUID:
    try:
        return uuid.UUID(asked_for)
    except ValueError:
        raise LookupError("this is neither a person id nor a token; `hub person find` tells a person's id") from None


def _refuse_held(connection: sa.Connection, persons: Iterable[uuid.UUID]) -> None:
    if hold := vault_erasure.is_held(connection, persons):
        raise ErasureRefused(f"a legal hold says that this person's data must be kept: {hold}")


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
        own = _by_row(vault_erasure.readable(connection, vault_erasure.with_texts(catalogue, subjects)))
        search = LandedSearch(settings, catalogue, identity, own)
        landing = search.search(connection)
        in_landing = vault_erasure.readable(connection, landing.subjects)
    if shared := shared_with_others(engine, catalogue, reader, identity, persons, in_landing - subjects):
        identity = identity.sharing(shared)
        search = LandedSearch(settings, catalogue, identity, own)
    with begin(engine) as connection:
        if shared:
            landing = search.search(connection)
            in_landing = vault_erasure.readable(connection, landing.subjects)
        subjects = vault_erasure.with_restated(connection, catalogue, subjects | in_landing)
        subjects = vault_erasure.with_texts(catalogue, subjects)
        _refuse_held(connection, persons | vault_erasure.persons_of(connection, subjects))
        readable = vault_erasure.readable(connection, subjects)
        texts, in_vault = mentions_in_vault(reader, connection, catalogue, MentionSearch.of(identity))
    mentions = {one for one in in_vault | landing.mentions if Subject(*one.place, TEXT_SUBJECT) not in subjects}
    count, quarantined = person_traces.find_quarantined(reader, engine, catalogue, identity)
    return Found(subjects, readable, landing, search, count, quarantined, texts, mentions)


def _by_row(subjects: Iterable[Subject]) -> dict[uuid.UUID, dict[int, frozenset[str]]]:
    rows: dict[uuid.UUID, dict[int, frozenset[str]]] = {}
    for one in subjects:
        of_delivery = rows.setdefault(one.delivery_id, {})
        of_delivery[one.row_number] = of_delivery.get(one.row_number, frozenset()) | {one.subject}
    return rows


def _erase(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, found: Found, request: dict[str, str]
) -> list[Store]:
    """The end of it all: the keys and what the ledger says of landed files in one transaction. Landed files
    that were rewritten go after it, when nothing points to them any more."""
    erasure_id = uuid.uuid4()
    because = f"erasure {erasure_id}"
    text = TextSearch.of(found.search.identity.with_shared_contacts)
    instead, left_landed = found.search.rewrite(found.landing)
    plan_removal(settings, erasure_id, instead)
    names = {_name(settings, path): _name(settings, landed.path) for path, landed in instead.items()}
    with begin(engine) as connection:
        named, renamed = person_traces.find_file_names(connection, text)
    entry = _as_entry(engine, catalogue, erasure_id, found, names, renamed, request)
    with written_down(settings, entry):
        files, masked = person_traces.mask_files(settings, text)
        with begin(engine) as connection:
            counts = vault_erasure.destroy_keys(connection, catalogue, found.subjects)
            person_traces.forget_in_quarantine(settings, connection, found.quarantined, because)
            mentions = vault_erasure.forget_links(connection, sorted(found.subjects), request["decided_by"])
            ledger.note_rewritten(connection, names, because)
            ledger.rename_files(connection, renamed)
            vault_erasure.note_erasure(connection, erasure_id, counts, request)
            write_mentions(connection, erasure_id, found.mentions)
            listed = read_mentions(connection, erasure_id)
            still = found.subjects | known_by(settings, connection, catalogue, found.search.identity)
            left = len(vault_erasure.readable(connection, still))
            keys, all_mentions = vault_erasure.count_all(connection)
    reader = VaultReader(settings, "erasure of a person, searched again", request["decided_by"])
    left_rows = len(person_traces.find_quarantined(reader, engine, catalogue, found.search.identity)[1])
    was, rows = len(found.readable), len(found.quarantined)
    landed = len(found.landing.found)
    by = BY_COLUMN
    return [
        Store("vault", keys, was, was - left, left, f"tokens in raw: {by}", "keys destroyed, values emptied"),
        Store("linkage", all_mentions, mentions, mentions, 0, "records of these subjects", "mentions forgotten"),
        replace(
            Store("landing", found.landing.looked_at, landed, landed - left_landed, left_landed),
            how=f"rows by the feed's reader: {by}; files that are not read in rows, as text: {BY_TEXT}",
            done="files rewritten without what they say of the person; all other rows are as they were",
            not_searched=found.landing.not_searched,
        ),
        replace(
            Store("quarantine", found.quarantined_count, rows, rows - left_rows, left_rows),
            how=f"rows that could be split: {by}; others as text: {BY_TEXT}",
            done="texts destroyed and rows rejected; of rows that name others too, only what they say of the person",
        ),
        Store("extracts, logs and other files", files, masked, masked, 0, f"as text: {BY_TEXT}", "pieces masked"),
        Store(
            "names of delivered files",
            named,
            len(renamed),
            len(renamed),
            0,
            f"as text: {BY_TEXT}",
            "the delivery's id instead",
        ),
        store_of(listed, found.count_texts),
    ]


def _as_entry(
    engine: sa.Engine,
    catalogue: Catalogue,
    erasure_id: uuid.UUID,
    found: Found,
    names: Mapping[str, str],
    renamed: Mapping[str, str],
    request: Mapping[str, str],
) -> ErasureEntry:
    """The erasure as the journal keeps it. A row that is in quarantine now may be in the vault in an older database,
    and the other way round: its subjects are both."""
    with begin(engine) as connection:
        places = person_traces.places_of(connection, catalogue, found.quarantined)
        deliveries = rows_at(connection, names)
    subjects = sorted(found.subjects | places)
    return ErasureEntry(
        erasure_id=str(erasure_id),
        at=as_name(datetime.now(UTC)),
        asked_for=request["asked_for"],
        because=request["because"],
        decided_by=request["decided_by"],
        subjects=[(one.feed, str(one.delivery_id), one.row_number, one.subject) for one in subjects],
        instead=dict(names),
        deliveries=[{**row, "file_name": renamed.get(row["delivery_id"], row["file_name"])} for row in deliveries],
        renamed=dict(renamed),
        mentions=[one.as_json() for one in sorted(found.mentions)],
    )


def _name(settings: Settings, path: Path) -> str:
    return str(path.relative_to(settings.landing))


def _search_again(settings: Settings, engine: sa.Engine, text: TextSearch) -> list[Store]:
    """Look through every table and every file once more, now that it is done."""
    tables, holding = person_traces.search_tables(engine, text)
    files, still, not_searched = person_traces.search_files(settings, text)
    how = f"as text: {BY_TEXT}"
    return [
        Store(
            "all tables of the database, searched again", tables, len(holding), 0, len(holding), how, left_in=holding
        ),
        Store("all files of the hub, searched again", files, len(still), 0, len(still), how, "", not_searched, still),
    ]
