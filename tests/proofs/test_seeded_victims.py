"""The long form: twenty victims of a simulation, whose records come by every feed, are in the vault alone, encrypted,
and after their erasure nowhere."""

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from benchmarks.own_hub import OwnHub, delivered_files

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.privacy import vault_erasure
from hub.privacy.erasure import erase_person
from hub.privacy.person_traces import counts_are_kept
from hub.publish import publish
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.vault import audit
from hub.vault.reading import VaultReader, read_records
from searching import files_holding, tables_holding

PLAN = Plan(reports=400, days=6, seed=4_110_027)
COUNT = 20
MOST_TOLD = """
    select persons.person_id from linkage.mention_persons as persons
    inner join linkage.mention_identities as seen using (mention_id)
    where seen.identity_id is not null
    group by persons.person_id
    order by count(distinct seen.feed) desc, count(*) desc, persons.person_id
    limit :count
"""


def words_of(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, persons: list[uuid.UUID]
) -> dict[str, set[str]]:
    """What the vault says of these persons, by feed: names, addresses and numbers."""
    reader, words = VaultReader(settings, "a test"), dict[str, set[str]]()
    with engine.connect() as connection:
        subjects = {
            (one.feed, one.delivery_id, one.row_number, one.subject)
            for person in persons
            for one in vault_erasure.subjects_of_person(connection, person)
        }
        for feed in {one[0] for one in subjects}:
            contract = catalogue.contracts[feed]
            for delivery_id, row_number, values in read_records(reader, connection, contract):
                for column in contract.personal_columns:
                    told = values.get(column.name, "")
                    is_telling = column.name.endswith(("_name", "_email", "_phone")) and len(told) >= 8
                    if is_telling and (feed, delivery_id, row_number, column.subject) in subjects:
                        words.setdefault(feed, set()).add(told)
    return words


@pytest.mark.long
def test_twenty_victims_are_in_the_vault_alone_and_then_nowhere(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    simulate(PLAN, tmp_path / "simulated")
    prepare_warehouse(engine, catalogue.contracts.values())
    OwnHub(settings, engine, dict(catalogue.contracts)).take_in(delivered_files(tmp_path / "simulated"))
    build_warehouse(settings)
    publish(settings, engine)
    with engine.connect() as connection:
        persons: list[uuid.UUID] = list(connection.execute(sa.text(MOST_TOLD), {"count": COUNT}).scalars())
    by_feed = words_of(settings, engine, catalogue, persons)
    assert by_feed.keys() >= {"true_vision_reports", "community_reports", "police_hate_crimes", "victim_support_events"}
    words = set().union(*by_feed.values())
    assert len(words) >= COUNT
    assert tables_holding(engine, words) == set()
    assert files_holding(settings.home, words) == set()
    for person in persons:
        certificate, _ = erase_person(
            settings, engine, catalogue, str(person), because="asked for by the person", decided_by="a.person"
        )
        rests = [(one.store, one.left, one.not_searched) for one in certificate.stores if one.left or one.not_searched]
        assert rests == []
        assert certificate.nothing_is_left
    assert words_of(settings, engine, catalogue, persons) == {}
    assert tables_holding(engine, words) == set()
    assert files_holding(settings.home, words) == set()
    assert counts_are_kept(engine, catalogue)
    build_warehouse(settings)
    publish(settings, engine)
    assert audit.verify(settings, engine)[1] == []
