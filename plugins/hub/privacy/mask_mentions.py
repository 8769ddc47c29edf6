"""What was decided of an erasure's worklist is carried out: words that name the erased person are masked in what others
wrote, in the vault, in quarantine and in landed files; the reports and all else in them stay.

A masked text has another token, and the linkage of incidents reads it again, as it does a corrected report; incidents
that were decided stay together.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from hub.backup.journal import MaskingEntry, written_down
from hub.backup.places import as_name
from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import TEXT_SUBJECT
from hub.deliveries import quarantine_id_of
from hub.ingest import quarantine, rewritten_files
from hub.ingest.known_again import know_again, rows_at
from hub.ingest.landing_store import feed_of, is_kept, land_instead, open_landed
from hub.ingest.readers import read_chunks
from hub.ingest.readers.blank_values import Blanks, blanked
from hub.privacy import person_traces, text_mentions, vault_erasure
from hub.privacy.certificate import Certificate, Store, read_certificate, write_certificate
from hub.privacy.erasure_lock import one_erasure_at_a_time
from hub.privacy.landed_files import carry_out_removal, is_removal_planned, plan_removal, remove_planned
from hub.privacy.mention_search import masked
from hub.privacy.text_mentions import LEFT, MASKED, OPEN, TEXTS, ListedMention, Mention
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.vault import audit
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.keys import feed_keys
from hub.vault.reading import VaultReader, encrypted_texts, forget_quarantined, read_records
from hub.vault.store import RAW_TEXT, Encryptor, tokenise
from hub.vault.tables import ERASURES, SUBJECT_KEYS, vault_table
from hub.warehouse import build_lock
from hub.warehouse.columns import is_one_of
from hub.warehouse.engine import begin, copy_rows, lock_feed
from hub.warehouse.tables import DELIVERIES, raw_table

PURPOSE = "masking of an erased person in what others wrote"

type Texts = Mapping[str, Mention]
"""What to mask in a row, by column."""


class MaskingRefused(Exception):
    """A decision that names what does not wait for one; the message says which."""


def decide_mentions(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    erasure_id: uuid.UUID,
    *,
    leave: Collection[int],
    by: str,
) -> tuple[Certificate, Path]:
    """Mask all mentions of an erasure that wait for a decision but those to leave, by number, and write the certificate
    again. Raises LookupError for an erasure that there is not, and :class:`MaskingRefused`."""
    removal = uuid.uuid5(erasure_id, "masking")
    with one_erasure_at_a_time(engine):
        with begin(engine) as connection:
            done = connection.execute(sa.select(ERASURES).where(ERASURES.c.erasure_id == erasure_id)).one_or_none()
            listed = text_mentions.read_mentions(connection, erasure_id)
        if done is None:
            raise LookupError(f"there is no erasure {erasure_id}")
        if unknown := sorted(set(leave) - {one.number for one in listed if one.state in (OPEN, LEFT)}):
            raise MaskingRefused(f"no mention {', '.join(map(str, unknown))} of this erasure waits for a decision")
        if waiting := [one for one in listed if one.state == OPEN]:
            to_mask = {one.number: one.mention for one in waiting if one.number not in leave}
            _carry_out(settings, engine, catalogue, erasure_id, to_mask, sorted(leave), by, removal)
        path = settings.home / "erasures" / f"{erasure_id}.json"
        if not is_removal_planned(settings, removal) and path.exists():
            return read_certificate(path), path
        return _finish(settings, engine, catalogue, done, removal, path), path


def _finish(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, done: sa.Row[Any], removal: uuid.UUID, path: Path
) -> Certificate:
    """What follows a masking; cut short anywhere, it is done when the decision is given again: the plan of what is to
    be removed is there until the end."""
    if is_removal_planned(settings, removal):
        remove_planned(settings, removal)
    with begin(engine) as connection:
        listed = text_mentions.read_mentions(connection, done.erasure_id)
    reclaimed = _reclaim_and_note(settings, engine, catalogue, done.erasure_id, listed)
    stores = read_certificate(path).stores if path.exists() else []
    looked_at = next((one.looked_at for one in stores if one.store == TEXTS), 0)
    now = {TEXTS: text_mentions.store_of(listed, looked_at), person_traces.SPACE: reclaimed}
    are_kept = person_traces.counts_are_kept(engine, catalogue)
    stores = [now.get(one.store, one) for one in stores]
    certificate = write_certificate(settings, done, stores, path, counts_are_kept=are_kept)
    if not reclaimed.not_searched:
        carry_out_removal(settings, removal)
    return certificate


def _reclaim_and_note(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    erasure_id: uuid.UUID,
    listed: Sequence[ListedMention],
) -> Store:
    feeds = {one.mention.feed for one in listed if one.state == MASKED}
    reclaimed = person_traces.reclaim(engine, feeds & catalogue.contracts.keys())
    decided = [one for one in listed if one.state != OPEN]
    if decided:
        numbers = {state: [one.number for one in decided if one.state == state] for state in (MASKED, LEFT)}
        details = {"erasure_id": str(erasure_id), **numbers}
        audit.append(settings, audit.Entry(str(decided[0].decided_by), PURPOSE, f"erasure {erasure_id}", details))
    return reclaimed


def _carry_out(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    erasure_id: uuid.UUID,
    to_mask: Mapping[int, Mention],
    leave: Sequence[int],
    by: str,
    removal: uuid.UUID,
) -> None:
    instead = _rewrite_landed(settings, engine, catalogue, to_mask.values())
    plan_removal(settings, removal, instead)
    with begin(engine) as connection:
        deliveries = rows_at(connection, instead)
    entry = MaskingEntry(
        str(erasure_id), as_name(datetime.now(UTC)), by, sorted(to_mask), list(leave), instead, deliveries
    )
    with written_down(settings, entry, lambda: _is_decided(engine, erasure_id, entry)):
        _in_database(settings, engine, catalogue, entry, to_mask, known=instead)


def _is_decided(engine: sa.Engine, erasure_id: uuid.UUID, entry: MaskingEntry) -> bool:
    with begin(engine) as connection:
        listed = text_mentions.read_mentions(connection, erasure_id)
    return any(one.state != OPEN for one in listed if one.number in {*entry.masked, *entry.left})


def mask_again(settings: Settings, engine: sa.Engine, catalogue: Catalogue, entry: MaskingEntry) -> None:
    """Carry out in a restored database what was decided of mentions that still wait there."""
    with begin(engine) as connection:
        listed = text_mentions.read_mentions(connection, uuid.UUID(entry.erasure_id))
    waiting = {one.number: one.mention for one in listed if one.state == OPEN}
    to_mask = {number: mention for number, mention in waiting.items() if number in entry.masked}
    if to_mask or waiting.keys() & set(entry.left):
        _in_database(settings, engine, catalogue, entry, to_mask)
        with begin(engine) as connection:
            listed = text_mentions.read_mentions(connection, uuid.UUID(entry.erasure_id))
        _reclaim_and_note(settings, engine, catalogue, uuid.UUID(entry.erasure_id), listed)


def _in_database(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    entry: MaskingEntry,
    to_mask: Mapping[int, Mention],
    *,
    known: Collection[str] = (),
) -> None:
    """All of it in one transaction. ``known`` are landed files that a delivery must still be at."""
    erasure_id, reader = uuid.UUID(entry.erasure_id), VaultReader(settings, PURPOSE, entry.decided_by)
    by_feed: dict[str, dict[tuple[uuid.UUID, int], dict[str, Mention]]] = {}
    for one in to_mask.values():
        row = by_feed.setdefault(one.feed, {}).setdefault((one.delivery_id, one.row_number), {})
        row[one.column] = one
    with begin(engine) as connection:
        build_lock.lock_builds(connection)
        know_again(connection, entry.deliveries)
        for feed, rows in by_feed.items():
            if (contract := catalogue.contracts.get(feed)) is not None:
                lock_feed(connection, feed)
                _in_vault(settings, connection, contract, reader, rows)
                _in_quarantine(settings, connection, feed, reader, rows)
        subjects = sorted({Subject(*one.place, TEXT_SUBJECT) for one in to_mask.values()})
        if subjects:
            vault_erasure.forget_links(connection, subjects, entry.decided_by)
        rewritten_files.note_rewritten(connection, entry.instead, f"erasure {erasure_id}", known=known)
        text_mentions.decide(connection, erasure_id, list(to_mask), MASKED, entry.decided_by)
        text_mentions.decide(connection, erasure_id, entry.left, LEFT, entry.decided_by)


def _in_vault(
    settings: Settings,
    connection: sa.Connection,
    contract: Contract,
    reader: VaultReader,
    rows: Mapping[tuple[uuid.UUID, int], Texts],
) -> None:
    """The texts under new keys, and their tokens in raw."""
    vault, raw, keys = vault_table(contract), raw_table(contract), feed_keys(connection, settings, contract.feed)
    if vault is None:
        return
    master, columns = read_ring(settings, Purpose.MASTER), contract.subjects[TEXT_SUBJECT]
    places = sa.values(sa.column("delivery_id", sa.UUID), sa.column("row_number", sa.BigInteger), name="places")
    of = sa.select(places.data(list(rows)))
    for delivery_id, number, values in list(read_records(reader, connection, contract, of=of, subjects={TEXT_SUBJECT})):
        if not values:
            continue  # erased meanwhile with its own person
        now = values | _masked_texts(settings, values, rows[delivery_id, number])
        cells = {one.name: pa.chunked_array([pa.array([now.get(one.name)], pa.string())]) for one in columns}
        encrypted = Encryptor(master, contract.feed, delivery_id).encrypt(TEXT_SUBJECT, cells, [number])
        own = SUBJECT_KEYS.c
        of_text = (own.delivery_id == delivery_id, own.row_number == number, own.subject == TEXT_SUBJECT)
        connection.execute(sa.delete(SUBJECT_KEYS).where(*of_text))
        copy_rows(connection, SUBJECT_KEYS, [encrypted.keys])
        record = (vault.c["_delivery_id"] == delivery_id, vault.c["_row_number"] == number)
        connection.execute(sa.update(vault).where(*record).values({TEXT_SUBJECT: encrypted.blobs[0].as_py()}))
        tokens = {one.raw_name: tokenise(keys, one, cells[one.name])[0].as_py() for one in columns}
        place = (raw.c["_delivery_id"] == delivery_id, raw.c["_row_number"] == number)
        connection.execute(sa.update(raw).where(*place).values(tokens))


def _in_quarantine(
    settings: Settings,
    connection: sa.Connection,
    feed: str,
    reader: VaultReader,
    rows: Mapping[tuple[uuid.UUID, int], Texts],
) -> None:
    """The same in rows that are kept out, where they could be split."""
    of_row = {quarantine_id_of(*place): place for place in rows}
    encrypted = encrypted_texts(connection, of_row)
    for one, said in zip(encrypted, reader.decrypt(list(encrypted.values())), strict=True):
        delivery_id, number = of_row[one]
        try:
            values = json.loads(said.get(RAW_TEXT, ""))
        except ValueError:
            continue
        text = json.dumps(values | _masked_texts(settings, values, rows[delivery_id, number]), ensure_ascii=False)
        forget_quarantined(connection, [one])
        encryptor = Encryptor(read_ring(settings, Purpose.MASTER), feed, delivery_id)
        quarantine.write_texts(connection, encryptor, {number: text})


def _rewrite_landed(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, mentions: Iterable[Mention]
) -> dict[str, str]:
    """Put files with the words masked beside those that hold them; returns which takes the place of which."""
    columns = DELIVERIES.c
    by_delivery: dict[uuid.UUID, list[Mention]] = {}
    for one in mentions:
        by_delivery.setdefault(one.delivery_id, []).append(one)
    query = sa.select(columns.delivery_id, columns.feed, columns.landing_path)
    with begin(engine) as connection:
        rows = connection.execute(query.where(is_one_of(columns.delivery_id, by_delivery))).all()
    by_name: dict[str, dict[int, dict[str, Mention]]] = {}
    for row in rows:
        of_name = by_name.setdefault(row.landing_path, {})
        for one in by_delivery[row.delivery_id]:
            of_name.setdefault(one.row_number, {})[one.column] = one
    instead = {
        name: _rewrite(settings, catalogue.contracts[feed_of(name)], name, wanted)
        for name, wanted in by_name.items()
        if is_kept(settings, name)
    }
    return {name: now for name, now in instead.items() if now != name}


def _rewrite(settings: Settings, contract: Contract, name: str, wanted: Mapping[int, Texts]) -> str:
    lines: dict[int, int | None] = {}
    texts: dict[int, Mapping[str, str] | None] = {}
    with open_landed(settings, name) as landed:
        for chunk in read_chunks(settings, contract, landed, []):
            numbers = chunk.row_numbers.to_pylist()
            lines |= zip(numbers, chunk.line_numbers.to_pylist(), strict=True)
            lines |= {one.rejection.row_number: one.rejection.line_number for one in chunk.broken}
            for place, number in enumerate(numbers):
                if number in wanted:
                    values = {name: chunk.rows.column(name)[place].as_py() for name in wanted[number]}
                    # A text that another erasure has blanked since leaves its row byte for byte.
                    if now := _masked_texts(settings, values, wanted[number]):
                        texts[number] = now
    line_of = {number: line for number in texts if (line := lines[number]) is not None}
    blanks = Blanks(texts, line_of, sorted(line for line in lines.values() if line is not None))
    with open_landed(settings, name) as landed:
        return land_instead(settings, name, blanked(contract, landed, blanks, settings.max_unpacked_bytes))


def _masked_texts(settings: Settings, values: Mapping[str, str | None], mentions: Texts) -> dict[str, str]:
    """The texts that change, as they are to be."""
    return {
        name: now
        for name, one in mentions.items()
        if (said := values.get(name)) and (now := masked(said, one.parts(settings, said))) != said
    }
