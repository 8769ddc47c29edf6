"""Who the person to erase is: their values in the vault, and every record with their tokens."""

import itertools
import uuid
from collections.abc import Iterable, Mapping, Set

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.contracts.values import TEXT_SUBJECT
from hub.privacy import vault_erasure
from hub.privacy.identity import NAME, PHONE, Identity, comparable_value, field_of
from hub.privacy.quarantined_subjects import said_in_quarantine
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.vault.keys import known_feed_keys
from hub.vault.reading import VaultReader, read_records
from hub.vault.store import QUARANTINED, next_token, ring_of
from hub.vault.tables import SUBJECT_KEYS
from hub.warehouse.engine import begin
from hub.warehouse.tables import DELIVERIES, raw_table


def subjects_of_token(settings: Settings, connection: sa.Connection, catalogue: Catalogue, token: str) -> set[Subject]:
    """The records that hold the value of a token, and whose value it is. A token made before the feed's key changed is
    found, too. Free text is not searched: what people write identifies nobody."""
    found = set[Subject]()
    for contract in catalogue.contracts.values():
        raw, keys = raw_table(contract), known_feed_keys(connection, settings, contract.feed)
        for column in (one for one in contract.personal_columns if one.subject != TEXT_SUBJECT):
            is_held = raw.c[column.raw_name] == next_token(token, ring_of(keys, column))
            query = sa.select(raw.c["_delivery_id"], raw.c["_row_number"]).where(is_held)
            found |= {Subject(contract.feed, row[0], row[1], column.subject) for row in connection.execute(query)}
    return found


def feeds_without_contract(connection: sa.Connection, catalogue: Catalogue) -> list[str]:
    """The feeds of which the vault holds records that nobody can search: their contract is refused or gone."""
    keys, deliveries = SUBJECT_KEYS.c, DELIVERIES.c
    is_held = sa.exists().where(keys.delivery_id == deliveries.delivery_id, keys.subject != QUARANTINED)
    feeds: sa.ScalarResult[str] = connection.execute(sa.select(deliveries.feed).where(is_held).distinct()).scalars()
    return sorted({*feeds} - {one.feed for one in catalogue.contracts.values() if one.personal_columns})


def persons_by_values(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, reader: VaultReader, subjects: set[Subject]
) -> set[uuid.UUID]:
    """The persons of linkage who give the same contact as these subjects, and no other name. Where there are several,
    only those who give the name too."""
    identity = Identity.of(_values(reader, engine, catalogue, subjects))
    with begin(engine) as connection:
        found = known_by(settings, connection, catalogue, identity)
    identity = identity.sharing(_with_another_name(identity, _values(reader, engine, catalogue, found)))
    with begin(engine) as connection:
        persons = vault_erasure.persons_of(connection, known_by(settings, connection, catalogue, identity))
        if len(persons) > 1:
            by_name = known_by(settings, connection, catalogue, identity.sharing(identity.contacts))
            persons = vault_erasure.persons_of(connection, by_name)
    return persons


def identify(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    reader: VaultReader,
    persons: set[uuid.UUID],
    subjects: set[Subject],
) -> tuple[Identity, set[Subject]]:
    """What the person is known by, and all subjects whose tokens say so. What is said under the person's name in
    records that are found so (a victim's date of birth beside a reporter's address) is looked for as well, once; not
    what records say that linkage gives to somebody else: a namesake of the household has an address of his own."""
    records = _values(reader, engine, catalogue, subjects)
    named = Identity.of(records)
    for _ in range(2):
        with begin(engine) as connection:
            identity = _with_shared(settings, connection, catalogue, Identity.of(records), persons)
            found = known_by(settings, connection, catalogue, identity, subjects) - subjects
        more = _values(reader, engine, catalogue, found)
        if shared := _with_another_name(identity, more):
            identity = identity.sharing(shared)
            with begin(engine) as connection:
                found = known_by(settings, connection, catalogue, identity, subjects) - subjects
            more = _values(reader, engine, catalogue, found)
        with begin(engine) as connection:
            own = {one for one in found if not vault_erasure.persons_of(connection, [one]) - persons}
        for values in _values(reader, engine, catalogue, own):
            if named.has_name(comparable_value(NAME, values.get(NAME, ""))):
                records.append(values)
            elif identity.is_named_in(values):
                # Surname first, as the date of birth told: without one it can be the name of somebody else.
                records.append({**values, NAME: ""})
        subjects = subjects | found
    return identity, subjects


def shared_with_others(
    engine: sa.Engine,
    catalogue: Catalogue,
    reader: VaultReader,
    identity: Identity,
    persons: set[uuid.UUID],
    found: set[Subject],
) -> set[tuple[str, str]]:
    """The person's contacts that these subjects give under another name, or as another person of linkage. They were
    found in landed files alone: by a number in a form that no token was looked for in."""
    with begin(engine) as connection:
        more = vault_erasure.saying_more_than(connection, catalogue, found, PHONE)
        others = {one for one in more if vault_erasure.persons_of(connection, [one]) - persons}
    of_others = _values(reader, engine, catalogue, others)
    contacts = {(field, comparable_value(field, value)) for values in of_others for field, value in values.items()}
    return contacts & set(identity.contacts) | _with_another_name(identity, _values(reader, engine, catalogue, found))


def _with_another_name(identity: Identity, records: Iterable[Mapping[str, str]]) -> set[tuple[str, str]]:
    """The person's contacts that somebody of another name gives as well, whether linkage knows them or not: a family
    has one number, and an office one address. Where the person gives no name, those that several names are given
    with."""
    contacts, names = set(identity.contacts), dict[tuple[str, str], set[str]]()
    for values in records:
        for contact in contacts & {(field, comparable_value(field, value)) for field, value in values.items()}:
            names.setdefault(contact, set()).add(values.get(NAME, ""))
    return {contact for contact, given in names.items() if identity.is_with_others(given)}


def _values(
    reader: VaultReader, engine: sa.Engine, catalogue: Catalogue, subjects: Iterable[Subject]
) -> list[dict[str, str]]:
    """What the vault says of these subjects, by field, and quarantined rows at their places."""
    records: list[dict[str, str]] = []
    by_feed: dict[str, set[Subject]] = {}
    for one in subjects:
        by_feed.setdefault(one.feed, set()).add(one)
    with engine.connect() as connection:
        for feed, those in by_feed.items():
            contract = catalogue.contracts[feed]
            places = sa.values(
                sa.column("delivery_id", sa.UUID), sa.column("row_number", sa.BigInteger), name="places"
            ).data([(one.delivery_id, one.row_number) for one in those])
            for delivery_id, row_number, values in read_records(reader, connection, contract, of=sa.select(places)):
                records += [
                    {field_of(one): values[one.name] for one in columns if one.name in values}
                    for subject, columns in contract.subjects.items()
                    if Subject(feed, delivery_id, row_number, subject) in those
                ]
        in_quarantine = said_in_quarantine(reader, connection, catalogue, itertools.chain(*by_feed.values()))
    return [*records, *in_quarantine.values()]


def known_by(
    settings: Settings,
    connection: sa.Connection,
    catalogue: Catalogue,
    identity: Identity,
    own: Set[Subject] = frozenset(),
) -> set[Subject]:
    """The subjects of all records whose tokens say that they are this person."""
    found = set[Subject]()
    for contract in catalogue.contracts.values():
        if contract.personal_columns:
            keys = known_feed_keys(connection, settings, contract.feed)
            found |= vault_erasure.subjects_known_by(connection, contract, keys, identity, own)
    return found


def _with_shared(
    settings: Settings, connection: sa.Connection, catalogue: Catalogue, identity: Identity, persons: set[uuid.UUID]
) -> Identity:
    """The person, once it is known which contacts other persons have too. Who has the same name and date of birth is
    no other person."""

    def others_by(field: str, value: str) -> set[uuid.UUID]:
        found = known_by(settings, connection, catalogue, identity.only(field, value))
        more = vault_erasure.saying_more_than(connection, catalogue, found, field)
        return vault_erasure.persons_of(connection, more) - own

    by_birth = known_by(settings, connection, catalogue, identity.by_birth)
    own = persons | vault_erasure.persons_of(connection, by_birth)
    return identity.sharing([one for one in identity.contacts if others_by(*one)])
