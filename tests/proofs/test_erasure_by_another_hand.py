"""Persons are erased, and a search that shares no code with the erasure looks for them in all that the hub keeps: their
certificates name all that is left, and nobody else's row has changed. ``HUB_ERASED_PERSONS`` says how many persons the
long form erases."""

import dataclasses
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from benchmarks.own_hub import OwnHub, delivered_files
from sqlalchemy.engine import make_url

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.privacy.asked_for import ErasureRefused
from hub.privacy.erasure import erase_person
from hub.privacy.mask_mentions import decide_mentions
from hub.settings import Settings
from hub.simulate.plan import Plan
from proofs.erasure_search.compare import IN_ANOTHERS_TEXT
from proofs.erasure_search.decode_files import lines_of
from proofs.erasure_search.made_deliveries import (
    LOGGED,
    OTHER,
    VICTIM,
    PlantedFile,
    TruePlace,
    make_deliveries,
    planted_files,
)
from proofs.erasure_search.mentions import Place
from proofs.erasure_search.persons import Person, Population
from proofs.erasure_search.search import Search
from proofs.erasure_search.search_server_files import log_position
from proofs.erasure_search.trial import Verdict, begin
from proofs.erasure_search.whose import Whose

PLAN = Plan(reports=10_000, days=5, seed=7_400_202)
PERSONS = int(os.environ.get("HUB_ERASED_PERSONS", "200"))
SHORT_FEEDS = ("true_vision_reports", "community_reports", "victim_support_events")


@dataclasses.dataclass(frozen=True)
class FilledHub:
    """A hub with simulated and planted deliveries."""

    settings: Settings
    engine: sa.Engine
    catalogue: Catalogue
    search: Search

    def take_in(self, folder: Path, feeds: Sequence[str]) -> None:
        files = [path for path in delivered_files(folder) if path.parent.name in feeds]
        OwnHub(self.settings, self.engine, dict(self.catalogue.contracts)).take_in(files)

    def plant(self, folder: Path) -> None:
        """Deliver the planted files, and put the person into logs, a waiting file and Airflow's database."""
        portal = self.catalogue.contracts["true_vision_reports"]
        for planted in planted_files([one.name for one in portal.columns]):
            self._deliver(planted, folder / planted.name)
        for name, data in {
            **LOGGED,
            "drop/community_reports/waiting.part": LOGGED["logs/ingest/attempt=1.log"],
        }.items():
            path = self.settings.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        conf = {"told_by": {"name": VICTIM["victim_name"], "born": "03/02/1987"}}
        with self.search.airflow.begin() as connection:
            connection.execute(sa.text("create table dag_run (run_id text, conf jsonb)"))
            connection.execute(sa.text("create table log (event text, extra text)"))
            query = sa.text("insert into dag_run values ('manual', cast(:conf as jsonb))")
            connection.execute(query, {"conf": json.dumps(conf)})
            connection.execute(sa.text("insert into log values ('cli', :extra)"), {"extra": VICTIM["victim_email"]})

    def _deliver(self, planted: PlantedFile, path: Path) -> None:
        path.write_bytes(planted.data)
        contract = self.catalogue.contracts[planted.feed]
        (receipt,) = collect_files(self.settings, self.engine, contract, [path])
        result = ingest_delivery(self.settings, self.engine, contract, receipt.delivery_id)
        expected = DeliveryStatus.REFUSED if planted.is_refused else DeliveryStatus.LOADED
        assert result.status is expected, f"{planted.name}: {result.reason}"

    def erase(self, asked_for: str) -> Path | None:
        """Erase a person as ``hub person erase`` does."""
        try:
            return erase_person(
                self.settings,
                self.engine,
                self.catalogue,
                asked_for,
                because="a test",
                decided_by="a.person",
                airflow=self.search.airflow,
            )[1]
        except ErasureRefused:
            return None

    def mask(self, erasure_id: str) -> Path:
        """Have all texts of an erasure masked as ``hub person mask`` does."""
        which = uuid.UUID(erasure_id)
        return decide_mentions(self.settings, self.engine, self.catalogue, which, leave=[], by="b.person")[1]


@pytest.fixture
def hub(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    administration: sa.Engine,
    make_settings: Callable[[], Settings],
) -> Iterator[FilledHub]:
    """Airflow has a database of its own, as in a hub that runs; the search reads both as who may read everything."""
    names = [make_url(str(one.warehouse_url)).database for one in (settings, make_settings())]
    server, airflow = (sa.create_engine(administration.url.set(database=name)) for name in names)
    yield FilledHub(settings, engine, catalogue, Search(settings, server, airflow, log_position(server)))
    server.dispose()
    airflow.dispose()


def token(hub: FilledHub, place: Place, field: str = "email") -> str:
    query = sa.text(
        f"select {place.subject}_{field}_token from raw.{place.feed} where _delivery_id = :id and _row_number = :number"
    )
    with hub.engine.connect() as connection:
        return str(connection.execute(query, {"id": place.delivery_id, "number": place.row_number}).scalar_one())


def planted_person(hub: FilledHub, population: Population) -> Person:
    email = VICTIM["victim_email"]
    place = next(one for one in population.places() if population.mention(one).email == email)
    return population.person_with(token(hub, place), ("email", email))


def linked_persons(hub: FilledHub, population: Population, chosen: Sequence[Sequence[TruePlace]]) -> list[Person]:
    """Those whom linkage knows, one for each of the chosen whose row is nobody's who is there already."""
    with hub.engine.connect() as connection:
        rows = connection.execute(sa.text("select feed, file_name, delivery_id from ledger.deliveries")).all()
    deliveries = {(row.feed, row.file_name): row.delivery_id for row in rows}
    persons: list[Person] = []
    for places in chosen:
        victims = [Place(one.feed, deliveries[one.feed, one.file_name], one.row_number, "victim") for one in places]
        linked = [person_id for one in victims if (person_id := population.linked(one))]
        if linked:
            person = population.linked_person(linked[0])
            there = Whose(persons)
            is_known = any(there.of_mention(one, population.mention(one)) for one in person.places)
            persons += [] if is_known else [person]
    return persons


def test_some_persons_are_erased_and_nothing_of_others_is_touched(hub: FilledHub, tmp_path: Path) -> None:
    make_deliveries(Plan(reports=40, days=1, seed=7_400_117), tmp_path / "simulated", 20)
    hub.take_in(tmp_path / "simulated", SHORT_FEEDS)
    hub.plant(tmp_path)
    begun = begin(hub.settings, hub.engine, hub.catalogue, hub.search)
    population = begun.population
    emails = {population.mention(one).email: one for one in population.places() if one.feed == "community_reports"}
    known = sorted(emails.keys() - {"", VICTIM["victim_email"], OTHER["victim_email"]})[:2]
    persons = [population.person_with(token(hub, emails[email]), ("email", email)) for email in known]
    assert len(persons) == 2
    check(hub, begun.erase([planted_person(hub, population), *persons], hub))


@pytest.mark.long
def test_two_hundred_persons_are_erased_and_nothing_of_others_is_touched(hub: FilledHub, tmp_path: Path) -> None:
    chosen = make_deliveries(PLAN, tmp_path / "simulated", 3 * PERSONS)
    hub.take_in(tmp_path / "simulated", list(hub.catalogue.contracts))
    hub.plant(tmp_path)
    build_warehouse(hub.settings)
    begun = begin(hub.settings, hub.engine, hub.catalogue, hub.search)
    persons = linked_persons(hub, begun.population, chosen)[: PERSONS - 1]
    assert len(persons) == PERSONS - 1
    persons = [planted_person(hub, begun.population), *persons]
    check(hub, begun.erase(persons, hub, lambda: build_warehouse(hub.settings)))


def check(hub: FilledHub, verdict: Verdict) -> None:
    """The search has found what nothing can reach; whatever else it found is named, and of others nothing changed."""
    print(verdict.figures)
    stores = {(one.store, one.kind) for one in verdict.left}
    assert ("drop", "email") in stores
    assert not any(store == "Airflow" for store, _ in stores)
    assert any(one.about == IN_ANOTHERS_TEXT for one in verdict.left)
    assert verdict.figures.masked_texts
    for name, data in LOGGED.items():
        now, was = lines_of((hub.settings.home / name).read_bytes()), lines_of(data)
        assert [one.text for one in now][1:] == [one.text for one in was][1:], f"{name}: another person's line changed"
    assert not verdict.wrong, "\n".join(verdict.wrong)
