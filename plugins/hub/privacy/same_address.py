"""Records that give an erased person's e-mail address and are not the person's, as another name tells: they are left,
and the certificate names each, since it may be the person's own under a name that was written otherwise.

Records that linkage gives to another person are not named: more than a name tells those two apart.
"""

import uuid
from collections.abc import Iterable, Mapping, Set

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.deliveries import quarantine_id_of
from hub.privacy import vault_erasure
from hub.privacy.identify import known_by
from hub.privacy.identity import BIRTH, EMAIL, NAME, POSTCODE, Identity, identifying_columns
from hub.privacy.landed_files import LANDING, Landing
from hub.privacy.quarantined_subjects import called, in_quarantine
from hub.privacy.vault_erasure import Subject
from hub.settings import Settings
from hub.warehouse.tables import raw_table

NO_TOKENS_OF_ONE = (EMAIL, BIRTH, POSTCODE)
"""By these tokens others are found as well."""


def records_left(
    settings: Settings,
    connection: sa.Connection,
    catalogue: Catalogue,
    identity: Identity,
    persons: Set[uuid.UUID],
    erased: Set[Subject],
) -> dict[Subject, str]:
    """Records of the vault with the person's address that stay, each with a token that it can be erased by, if it has
    one."""
    found = set[Subject]()
    for address in identity.addresses:
        found |= known_by(settings, connection, catalogue, identity.only(EMAIL, address))
    left = _of_nobody_else(connection, vault_erasure.readable(connection, found - erased), persons)
    return {one: _own_token(connection, catalogue, one) for one in sorted(left)}


def in_words(
    connection: sa.Connection,
    catalogue: Catalogue,
    records: Mapping[Subject, str],
    landing: Landing,
    instead: Mapping[str, str],
    persons: Set[uuid.UUID],
) -> list[str]:
    """What the certificate says of these records, and of rows of landed files that are none of them, each that
    is in quarantine with what it can be erased by."""
    said = [
        f"{one.feed} {one.delivery_id} row {one.row_number} {one.subject}{f', by {token}' if token else ''}"
        for one, token in records.items()
    ]
    for (name, number, subject), places in sorted(landing.same_address.items()):
        every = vault_erasure.with_restated(connection, catalogue, places)
        if not every & records.keys() and _of_nobody_else(connection, every, persons) == every:
            waiting = in_quarantine(connection, places)[:1]
            by = [f", by {called(quarantine_id_of(one.delivery_id, number), subject)}" for one in waiting]
            said.append(f"{LANDING}/{instead.get(name, name)} row {number} {subject}{''.join(by)}")
    return said


def _of_nobody_else(connection: sa.Connection, subjects: Iterable[Subject], persons: Set[uuid.UUID]) -> set[Subject]:
    """Those of these subjects that linkage gives to no other person."""
    return {one for one in subjects if not vault_erasure.persons_of(connection, [one]) - persons}


def _own_token(connection: sa.Connection, catalogue: Catalogue, one: Subject) -> str:
    """A token of a record that is not the address's: of another contact, or else of the name."""
    contract = catalogue.contracts[one.feed]
    raw, columns = raw_table(contract), identifying_columns(contract)[one.subject]
    fields = sorted(columns.keys() - set(NO_TOKENS_OF_ONE), key=lambda field: (field == NAME, field))
    if not fields:
        return ""
    place = (raw.c["_delivery_id"] == one.delivery_id, raw.c["_row_number"] == one.row_number)
    cells = [raw.c[columns[field].raw_name] for field in fields]
    row = connection.execute(sa.select(*cells).where(*place)).one()
    return next((str(token) for token in row if token is not None), "")
