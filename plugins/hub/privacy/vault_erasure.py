"""Who a token or a person is in the vault, and the end of what is kept of them in the database, in the caller's
transaction."""

import uuid
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import TEXT_SUBJECT
from hub.privacy.identity import NAME, Identity, identifying_columns
from hub.vault.hub_keys import RowKeys
from hub.vault.tables import ERASURES, LEGAL_HOLDS, SUBJECT_KEYS, vault_table
from hub.warehouse.columns import is_one_of, is_one_row_of
from hub.warehouse.tables import raw_table

FORM_OF_TOKENS = r"t[0-9]+_[0-9a-f]{40}"


@dataclass(frozen=True, order=True)
class Subject:
    """One subject of one record."""

    feed: str
    delivery_id: uuid.UUID
    row_number: int
    subject: str


def persons_of(connection: sa.Connection, subjects: Iterable[Subject]) -> set[uuid.UUID]:
    """The persons whom linkage has found behind subjects of records."""
    found: set[uuid.UUID] = set()
    query = sa.text(
        "select persons.person_id from linkage.mention_identities as seen"
        " inner join linkage.mention_persons as persons using (mention_id)"
        " where seen.feed = :feed and seen.role = :subject and seen.delivery_id = :delivery_id"
        " and seen.row_number = :row_number"
    )
    for one in subjects:
        found |= set(connection.execute(query, vars(one)).scalars())
    return found


def saying_more_than(
    connection: sa.Connection, catalogue: Catalogue, subjects: Iterable[Subject], field: str
) -> set[Subject]:
    """Those of these subjects of which a record says anything beside this field: who gives a number and nothing else
    may be anybody."""
    found = set[Subject]()
    for one in subjects:
        contract = catalogue.contracts[one.feed]
        raw, columns = raw_table(contract), identifying_columns(contract).get(one.subject, {})
        others = [raw.c[column.raw_name] for name, column in columns.items() if name != field]
        place = (raw.c["_delivery_id"] == one.delivery_id, raw.c["_row_number"] == one.row_number)
        if others and connection.execute(sa.select(sa.func.num_nonnulls(*others)).where(*place)).scalar():
            found.add(one)
    return found


def subjects_of_person(connection: sa.Connection, person_id: uuid.UUID) -> set[Subject]:
    """The records that mention a person, and as what."""
    query = sa.text(
        "select seen.feed, seen.delivery_id, seen.row_number, seen.role from linkage.mention_identities as seen"
        " inner join linkage.mention_persons as persons using (mention_id) where persons.person_id = :person_id"
    )
    rows = connection.execute(query, {"person_id": person_id})
    return {Subject(row.feed, row.delivery_id, row.row_number, row.role) for row in rows}


def subjects_known_by(
    connection: sa.Connection, contract: Contract, keys: RowKeys, identity: Identity, own: Set[Subject]
) -> set[Subject]:
    """The subjects of a feed's records whose tokens say that they are this person. ``keys`` are those of the feed, and
    ``own`` are subjects that are known to be the person."""
    raw, found = raw_table(contract), set[Subject]()
    columns = identifying_columns(contract)
    tokens = identity.tokens(keys, {field: one for by_field in columns.values() for field, one in by_field.items()})
    wanted = {**tokens.alone, NAME: tokens.reordered}
    names = [(subject, field) for subject, by_field in columns.items() for field in by_field]
    asked = [
        is_one_of(raw.c[columns[subject][field].raw_name], values)
        for subject, field in names
        if (values := wanted.get(field))
    ]
    if places := [(one.delivery_id, one.row_number) for one in own if one.feed == contract.feed]:
        asked.append(is_one_row_of((raw.c["_delivery_id"], raw.c["_row_number"]), places))
    if not asked:
        return found
    cells = [raw.c[columns[subject][field].raw_name] for subject, field in names]
    query = sa.select(raw.c["_delivery_id"], raw.c["_row_number"], *cells).where(sa.or_(*asked))
    rows: Iterable[Any] = connection.execute(query)
    for row in rows:
        stated: dict[str, dict[str, str]] = {subject: {} for subject in columns}
        for (subject, field), value in zip(names, row[2:], strict=True):
            if value is not None:
                stated[subject][field] = value
        known = frozenset(one for one in columns if Subject(contract.feed, row[0], row[1], one) in own)
        found |= {Subject(contract.feed, row[0], row[1], one) for one in tokens.who(stated, known)}
    return found


SAME_RECORD = """
    with texts as (
        select _record_hash from {raw} where _delivery_id = :delivery_id and _row_number = :row_number
        union all
        select record_hash from ledger.restated_records where delivery_id = :delivery_id and row_number = :row_number
    )
    select _delivery_id, _row_number from {raw} where _record_hash in (table texts)
    union
    select restated.delivery_id, restated.row_number
    from ledger.restated_records as restated
    inner join ledger.deliveries as deliveries on deliveries.delivery_id = restated.delivery_id
    where deliveries.feed = :feed and restated.record_hash in (table texts)
"""
"""Where else the same record is stated; the vault keeps its values for each."""


def with_restated(connection: sa.Connection, catalogue: Catalogue, subjects: Iterable[Subject]) -> set[Subject]:
    """These, and the same subjects in every other delivery that states the same record."""
    every = set(subjects)
    for one in list(every):
        raw = connection.dialect.identifier_preparer.format_table(raw_table(catalogue.contracts[one.feed]))
        place = {"feed": one.feed, "delivery_id": one.delivery_id, "row_number": one.row_number}
        rows = connection.execute(sa.text(SAME_RECORD.format(raw=raw)), place)
        every |= {Subject(one.feed, row[0], row[1], one.subject) for row in rows}
    return every


def with_texts(catalogue: Catalogue, subjects: Iterable[Subject]) -> set[Subject]:
    """These, and the texts in their records, which can mention them."""
    every = set(subjects)
    for one in list(every):
        if TEXT_SUBJECT in catalogue.contracts[one.feed].subjects:
            every.add(Subject(one.feed, one.delivery_id, one.row_number, TEXT_SUBJECT))
    return every


PERSONS_UNDER_HOLD = """
    select holds.hold_id, holds.because, holds.person_id
    from vault.legal_holds as holds where holds.lifted_at is null
    union
    select holds.hold_id, holds.because, persons.person_id
    from vault.legal_holds as holds
    inner join vault.held_mentions as held using (hold_id)
    inner join linkage.mention_persons as persons using (mention_id)
    where holds.lifted_at is null
"""
"""The persons that a hold keeps: the one with the id that it was placed on, and those to whom its mentions belong now.
Linkage names a person after the earliest mention, so the id changes when an earlier one comes or two persons merge."""


def is_held(connection: sa.Connection, person_ids: Iterable[uuid.UUID]) -> str | None:
    """Why one of these persons must be kept; None where nothing says so."""
    query = sa.text(f"select because from ({PERSONS_UNDER_HOLD}) as held where person_id = any(:ids) limit 1")  # noqa: S608 (a constant)
    return connection.execute(query, {"ids": list(person_ids)}).scalar()


def refuse_new_holds(connection: sa.Connection) -> None:
    """Make those who place or lift a hold wait for the end of this transaction: what it reads of holds stays true."""
    connection.execute(sa.text(f"lock table {LEGAL_HOLDS.fullname} in share mode"))


def place_hold(connection: sa.Connection, person_id: uuid.UUID, because: str, placed_by: str) -> None:
    """Order that a person's data be kept. Raises LookupError where nobody has this id."""
    values = {"person_id": person_id, "because": because, "placed_by": placed_by}
    hold_id: int = connection.execute(
        sa.insert(LEGAL_HOLDS).values(values).returning(LEGAL_HOLDS.c.hold_id)
    ).scalar_one()
    held = sa.text(
        "insert into vault.held_mentions (hold_id, mention_id)"
        " select :hold_id, mention_id from linkage.mention_persons where person_id = :person_id"
    )
    if not connection.execute(held, {"hold_id": hold_id, "person_id": person_id}).rowcount:
        raise LookupError(f"nobody has the id {person_id}; `hub person find` tells a person's id")


def lift_holds(connection: sa.Connection, person_id: uuid.UUID, lifted_by: str) -> int:
    """End the orders to keep a person's data, under whichever id they were placed; returns how many there were."""
    of_person = sa.text(f"select hold_id from ({PERSONS_UNDER_HOLD}) as held where person_id = :person_id")  # noqa: S608 (a constant)
    hold_ids: Sequence[int] = connection.execute(of_person, {"person_id": person_id}).scalars().all()
    these = sa.update(LEGAL_HOLDS).where(LEGAL_HOLDS.c.hold_id.in_(hold_ids))
    return connection.execute(these.values(lifted_by=lifted_by, lifted_at=sa.func.now())).rowcount


def find_erasure(connection: sa.Connection, asked_for: str) -> sa.Row[Any] | None:
    """The erasure that was carried out for this person id or token."""
    query = sa.select(ERASURES).where(ERASURES.c.asked_for == asked_for).order_by(ERASURES.c.erased_at.desc())
    return connection.execute(query.limit(1)).one_or_none()


def is_unfinished(connection: sa.Connection, erasure_id: uuid.UUID) -> bool:
    """Whether this erasure was carried out and something of it is left to do."""
    erasures = ERASURES.c
    query = sa.exists().where(erasures.erasure_id == erasure_id, erasures.finished_at.is_(None))
    return bool(connection.execute(sa.select(query)).scalar())


def unfinished_erasures(connection: sa.Connection, asked_for: Iterable[str]) -> list[str]:
    """Those of these person ids or tokens whose erasure was cut short after its keys were destroyed."""
    erasures = ERASURES.c
    query = sa.select(erasures.asked_for).where(erasures.asked_for.in_(list(asked_for)), erasures.finished_at.is_(None))
    return sorted(connection.execute(query).scalars())


def note_erasure(
    connection: sa.Connection, erasure_id: uuid.UUID, subjects: Mapping[str, int], request: Mapping[str, str]
) -> None:
    """Write down an erasure, which is still to be finished: what was asked for, by whom and why, and how many keys were
    destroyed."""
    # The time of the lock on builds, not that of the transaction: a build may have begun and ended in between.
    values = {"erasure_id": erasure_id, "subjects": dict(subjects), "erased_at": sa.func.clock_timestamp(), **request}
    connection.execute(sa.insert(ERASURES).values(values))


def note_finished(connection: sa.Connection, erasure_id: uuid.UUID) -> None:
    """Write down that nothing of an erasure is left to do."""
    this = sa.update(ERASURES).where(ERASURES.c.erasure_id == erasure_id)
    connection.execute(this.values(finished_at=sa.func.clock_timestamp()))


def is_written_down(connection: sa.Connection, erasure_id: uuid.UUID) -> bool:
    """Whether the database knows this erasure."""
    return bool(connection.execute(sa.select(sa.exists().where(ERASURES.c.erasure_id == erasure_id))).scalar())


def destroy_keys(connection: sa.Connection, catalogue: Catalogue, subjects: Iterable[Subject]) -> dict[str, int]:
    """Make subjects unreadable for good: their wrapped keys go, and the blobs too. Returns how many keys there were,
    by feed and subject."""
    counts: dict[str, int] = {}
    keys = SUBJECT_KEYS.c
    for one in sorted(subjects):
        place = (keys.delivery_id == one.delivery_id, keys.row_number == one.row_number, keys.subject == one.subject)
        gone = connection.execute(sa.delete(SUBJECT_KEYS).where(*place)).rowcount
        name = f"{one.feed}.{one.subject}"
        counts[name] = counts.get(name, 0) + gone
        contract = catalogue.contracts.get(one.feed)
        vault = vault_table(contract) if contract else None
        if vault is not None and one.subject in vault.c:
            record = (vault.c["_delivery_id"] == one.delivery_id, vault.c["_row_number"] == one.row_number)
            connection.execute(sa.update(vault).where(*record).values({one.subject: None}))
    return counts


def readable(connection: sa.Connection, subjects: Iterable[Subject]) -> set[Subject]:
    """Those of these subjects that can still be read."""
    keys, found = SUBJECT_KEYS.c, set[Subject]()
    for one in subjects:
        place = (keys.delivery_id == one.delivery_id, keys.row_number == one.row_number, keys.subject == one.subject)
        if connection.execute(sa.select(sa.exists().where(*place))).scalar():
            found.add(one)
    return found


def count_all(connection: sa.Connection) -> tuple[int, int]:
    """How many subjects the vault has a key of, and how many mentions linkage knows."""
    keys: int = connection.execute(sa.select(sa.func.count()).select_from(SUBJECT_KEYS)).scalar_one()
    mentions: int = connection.execute(sa.text("select count(*) from linkage.mention_identities")).scalar_one()
    return keys, mentions


def forget_links(connection: sa.Connection, subjects: Sequence[Subject], decided_by: str) -> int:
    """Forget what linkage keeps of persons in these records, as a linkage from scratch would without their values.
    Reports stay in the incidents that they are in: what put them there is kept as a decision. Returns how many
    mentions there were."""
    places = "create temporary table erased_places (delivery_id uuid, row_number bigint, role text) on commit drop"
    connection.execute(sa.text(places))
    connection.execute(
        sa.text("insert into erased_places values (:delivery_id, :row_number, :role)"),
        [{"delivery_id": one.delivery_id, "row_number": one.row_number, "role": one.subject} for one in subjects],
    )
    # A hub that has not linked reports yet has none to forget.
    has_reports = sa.inspect(connection).has_table("report_marks", schema="linkage")
    for statement in (*_FORGET_PERSONS, *(_FORGET_REPORTS if has_reports else ())):
        connection.execute(sa.text(statement), {"by": decided_by} if ":by" in statement else {})
    return int(connection.execute(sa.text("select count(*) from erased_mentions")).scalar_one())


_FORGET_PERSONS = (
    "create temporary table erased_mentions on commit drop as"
    " select mention_id, identity_id from linkage.mention_identities inner join erased_places"
    " using (delivery_id, row_number, role)",
    "delete from linkage.person_changes as change using linkage.mention_persons as persons, erased_mentions as gone"
    " where persons.mention_id = gone.mention_id"
    " and persons.person_id in (change.old_person_id, change.new_person_id)",
    "delete from linkage.mention_persons as kept using erased_mentions as gone where kept.mention_id = gone.mention_id",
    "delete from linkage.mention_areas as kept using erased_mentions as gone where kept.mention_id = gone.mention_id",
    "delete from linkage.person_pairs as kept using erased_mentions as gone"
    " where gone.mention_id in (kept.mention_a, kept.mention_b)",
    "delete from linkage.person_overrides as kept using erased_mentions as gone"
    " where gone.mention_id in (kept.mention_a, kept.mention_b)",
    "update linkage.mention_identities as kept set identity_id = null, overrides = null, is_erased = true"
    " from erased_mentions as gone where kept.mention_id = gone.mention_id",
    "delete from linkage.identity_keys as kept using erased_mentions as gone where kept.identity_id = gone.identity_id"
    " and not exists (select from linkage.mention_identities as seen where seen.identity_id = kept.identity_id)",
)
_FORGET_REPORTS = (
    "create temporary table erased_reports on commit drop as"
    " select distinct marks.report_id from linkage.report_marks as marks inner join erased_places"
    " using (delivery_id, row_number)",
    "insert into linkage.incident_overrides (report_a, report_b, is_together, because, decided_by)"
    " select pairs.report_a, pairs.report_b, true, 'what the report said was erased', :by"
    " from linkage.report_pairs as pairs where pairs.state = 'confirmed'"
    " and (pairs.report_a in (table erased_reports) or pairs.report_b in (table erased_reports))"
    " on conflict do nothing",
    "delete from linkage.report_text_places where report_id in (table erased_reports)",
    "delete from linkage.report_keys where report_id in (table erased_reports)",
    # Another place than where it was read: the next linkage reads it again, without the erased values.
    "update linkage.report_marks set row_number = - row_number, keys = '{}', positions = '{}'"
    " where report_id in (table erased_reports)",
)
