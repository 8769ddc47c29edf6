"""Publishing while others read at a streaming replica: nobody sees two publishes at once. A question may be ended
there while a switch is replayed, and is asked again."""

import dataclasses
import random
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import copy_database, share_keys
from hub.contracts.model import Catalogue
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.replica import lag_of_replica
from hub.warehouse.roles import Role
from models.made_hubs import call_program
from models.test_publish_readers import PAUSE, READERS, published_ids, touch, views_of
from warehouse.streaming import streaming, until

COUNT = 30
DATABASE = "built"
ENDED_BY_A_REPLICA = ("40P01", "40001")
"""A deadlock with what is replayed, or a conflict with it."""


@pytest.fixture
def source(warehouse: Settings, catalogue: Catalogue, tmp_path: Path) -> Iterator[Settings]:
    """The built warehouse on a server that streams to a replica, which is where readers are sent."""
    dump = tmp_path / "built.dump"
    call_program("pg_dump", warehouse, "--format=custom", "--compress=none", f"--file={dump}")
    with streaming(tmp_path, catalogue.contracts.values()) as pair:
        administration = sa.create_engine(
            make_url(pair.source.url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        copy_database(administration, "template0", DATABASE)
        share_keys(warehouse, pair.settings)
        url, read_url = (of_built(one) for one in (pair.settings.warehouse_url, pair.settings.read_url))
        settings = dataclasses.replace(pair.settings, warehouse_url=url, read_url=read_url)
        call_program("pg_restore", settings, "--exit-on-error", str(dump))
        yield settings


def of_built(url: str | None) -> str:
    return make_url(str(url)).set(database=DATABASE).render_as_string(hide_password=False)


@dataclasses.dataclass
class Reader:
    """What a role has seen: transactions that came to their end, and those that the replica has ended."""

    settings: Settings
    role: str
    seed: int
    count_read: int = 0
    count_ended: int = 0

    def read_on(self, over: threading.Event) -> None:
        """Several views in one transaction, again and again, until it is over."""
        engine, views, chance = open_warehouse(self.settings, self.role), list(self._views()), random.Random(self.seed)
        while not over.wait(PAUSE):
            try:
                with engine.begin() as connection:
                    ids = {one for _ in range(3) for one in self._ids(connection, chance.sample(views, 3))}
            except sa.exc.OperationalError as problem:
                # Between two questions of a transaction it is the connection that a conflict ends.
                is_closed = problem.connection_invalidated
                if not is_closed and getattr(problem.orig, "sqlstate", None) not in ENDED_BY_A_REPLICA:
                    raise
                self.count_ended += 1
                continue
            assert len(ids) <= 1, ids
            self.count_read += bool(ids)

    def _views(self) -> Sequence[str]:
        return views_of(self.settings, self.role)

    def _ids(self, connection: sa.Connection, views: Sequence[str]) -> Iterable[int]:
        query = " union ".join(f"select publish_id from publish.{view}" for view in views)
        return connection.execute(sa.text(query)).scalars()


@pytest.mark.long
def test_readers_at_a_replica_see_one_publish_a_transaction(source: Settings) -> None:
    publisher = open_warehouse(source, Role.PUBLISHER)
    newest = publish(source, publisher)
    port = make_url(str(source.read_url)).port
    url = make_url(str(source.warehouse_url)).set(port=port).render_as_string(hide_password=False)
    there = dataclasses.replace(source, warehouse_url=url)
    until(lambda: lag_of_replica(source).publish_id == newest.publish_id)
    over, readers = threading.Event(), [Reader(there, role, seed) for seed, role in enumerate(READERS)]
    with ThreadPoolExecutor(len(readers)) as pool:
        reading = [pool.submit(one.read_on, over) for one in readers]
        try:
            for _ in range(COUNT):
                touch(source)
                newest = publish(source, publisher)
                assert lag_of_replica(source).newest_publish_id == newest.publish_id
        finally:
            over.set()
        for one in reading:
            one.result()
    assert all(one.count_read > COUNT > one.count_ended for one in readers), readers
    until(lambda: lag_of_replica(source).behind == timedelta())
    assert published_ids(there) == [newest.publish_id]
