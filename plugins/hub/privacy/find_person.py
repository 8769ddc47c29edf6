"""Finding a person's id from what they say of themselves, so that no name has to be written into any request."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.privacy import vault_erasure
from hub.privacy.identity import Identity, identifying_columns
from hub.privacy.person_traces import quarantined_about
from hub.privacy.quarantined_subjects import called
from hub.settings import Settings
from hub.vault.keys import known_feed_keys
from hub.vault.reading import VaultReader
from hub.warehouse.engine import begin


@dataclass(frozen=True)
class FoundPerson:
    """A person of the linkage: the id, and how many records of each feed name them by what was given."""

    person_id: uuid.UUID
    records: Mapping[str, int]


def fields_to_find_by(catalogue: Catalogue) -> list[str]:
    """What can be said of a person: name, date_of_birth, email, …"""
    contracts = catalogue.contracts.values()
    return sorted({field for one in contracts for fields in identifying_columns(one).values() for field in fields})


def find_persons(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, given: Mapping[str, str]
) -> list[FoundPerson]:
    """Who is known by these values (by field): an e-mail address, a telephone number, a handle or a code alone; a name
    with a date of birth or a postcode. Tokens are compared; the vault is not read."""
    identity, found = Identity.of([given]), dict[uuid.UUID, set[tuple[str, uuid.UUID, int]]]()
    with begin(engine) as connection:
        for contract in catalogue.contracts.values():
            if not contract.personal_columns:
                continue
            keys = known_feed_keys(connection, settings, contract.feed)
            subjects = vault_erasure.subjects_known_by(connection, contract, keys, identity, frozenset())
            for one in subjects:
                for person in vault_erasure.persons_of(connection, [one]):
                    found.setdefault(person, set()).add((one.feed, one.delivery_id, one.row_number))
    return [
        FoundPerson(person, dict(sorted(Counter(feed for feed, _, _ in records).items())))
        for person, records in sorted(found.items())
    ]


def find_in_quarantine(
    reader: VaultReader, engine: sa.Engine, catalogue: Catalogue, given: Mapping[str, str]
) -> list[str]:
    """Who is known by these values in quarantined rows that could be split, each as an erasure takes them. The texts of
    all quarantined rows are read: they have no tokens."""
    _, about = quarantined_about(reader, engine, catalogue, Identity.of([given]), {})
    return sorted(called(row, subject) for row, (who, _) in about.items() for subject in who or ())
