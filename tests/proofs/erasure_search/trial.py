"""Erases persons from a hub, searches it, and holds the certificates against what is found."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.privacy.certificate import Certificate
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from proofs.erasure_search.certificates import not_named
from proofs.erasure_search.compare import Comparison, Left
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.mentions import TEXT, Place
from proofs.erasure_search.persons import Belongs, Person, Population
from proofs.erasure_search.search import Search
from proofs.erasure_search.snapshots import Snapshot, take_snapshot
from proofs.erasure_search.whose import Whose

log = logging.getLogger(__name__)

LINKED = """
    select feed, delivery_id, row_number, role, person_id from linkage.mention_identities
    inner join linkage.mention_persons using (mention_id)
"""


@dataclass(frozen=True)
class Verdict:
    """What is wrong: rows and cells of others that changed, and what is left without being named."""

    others_changed: list[str]
    not_named: list[Left]
    left: set[Left]


@dataclass(frozen=True)
class Trial:
    """One hub and all that was known in it before the erasures."""

    settings: Settings
    engine: sa.Engine
    catalogue: Catalogue
    search: Search
    before: Snapshot
    population: Population

    def erase(self, persons: Sequence[Person]) -> Verdict:
        """Erase all of them, then search for all of them."""
        strict = Whose(persons)
        keys = self._keys_of(strict)
        certificates = []
        for number, person in enumerate(persons, 1):
            certificates.append(self._erase(person))
            log.info("erased %s of %s", number, len(persons))
        after = take_snapshot(self.settings, self.engine, self.catalogue.contracts)
        wide = [self.population.reached_from(person) for person in persons]
        finder = Finder(persons)
        contracts = self.catalogue.contracts
        comparison = Comparison(self.before, after, contracts, strict, Whose(wide), finder, Finder(wide))
        left = comparison.left() | set(self.search.everywhere(finder, keys, set(after.paths.values())))
        beyond = [
            one
            for index, certificate in enumerate(certificates)
            for one in not_named(certificate, [one for one in left if one.person == index])
        ]
        return Verdict(comparison.others_changed(), sorted(beyond), left)

    def _erase(self, person: Person) -> Certificate:
        return erase_person(
            self.settings,
            self.engine,
            self.catalogue,
            person.asked_for,
            because="a test",
            decided_by="a.person",
            airflow=self.search.airflow,
        )[0]

    def _keys_of(self, whose: Whose) -> dict[bytes, int]:
        """The wrapped keys of what is the persons' in the vault; each with the index of one whose it is."""
        owners: dict[tuple[uuid.UUID, int, str], int] = {}
        for place in self.population.places():
            for index, belongs in whose.of_mention(place, self.population.mention(place)).items():
                if belongs is Belongs.YES:
                    row = (place.delivery_id, place.row_number)
                    owners |= {(*row, place.subject): index, (*row, TEXT): index}
        query = sa.text("select delivery_id, row_number, subject, wrapped from vault.subject_keys")
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return {
            bytes(row.wrapped): owners[key]
            for row in rows
            if (key := (row.delivery_id, row.row_number, row.subject)) in owners
        }


def begin(settings: Settings, engine: sa.Engine, catalogue: Catalogue, search: Search) -> Trial:
    """Look at a hub before anybody is erased."""
    before = take_snapshot(settings, engine, catalogue.contracts)
    with engine.connect() as connection:
        linked = {Place(*row[:4]): uuid.UUID(str(row[4])) for row in connection.execute(sa.text(LINKED))}
    population = Population(before.mentions(catalogue.contracts), linked)
    return Trial(settings, engine, catalogue, search, before, population)
