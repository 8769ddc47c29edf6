"""A hub's own server that streams to another."""

import dataclasses
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import free_port, give_keys
from hub.contracts.model import Contract
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import EmbeddedPostgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.postgres_configuration import as_value
from hub.warehouse.roles import Role

PATIENCE_SECONDS = 20.0
REPLICATED = "wal_level = replica\nmax_wal_senders = 4\nfsync = off\n"
FED_BACK = "hot_standby_feedback = on\n"


@dataclasses.dataclass
class Pair:
    """A hub whose server streams to another, and the settings with which it is known."""

    settings: Settings
    source: EmbeddedPostgres
    copy: EmbeddedPostgres

    def note_publish(self, publish_id: int) -> None:
        """As far as a lag knows of it."""
        build = "insert into ledger.builds (code_sha256, seeds_sha256) values ('', '') returning build_id"
        publish = sa.text(
            "insert into ledger.publishes (publish_id, build_id, fingerprint, code_version, delivery_ids)"
            " values (:publish_id, :build_id, '', '', '{}')"
        )
        with open_warehouse(self.settings, Role.OWNER).begin() as connection:
            build_id: int = connection.execute(sa.text(build)).scalar_one()
            connection.execute(publish, {"publish_id": publish_id, "build_id": build_id})

    def on_copy(self, statement: str) -> object:
        """Ask the replica as its administrator."""
        url = make_url(self.source.url).set(drivername="postgresql+psycopg", port=self.copy.port)
        with sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
            result = connection.execute(sa.text(statement))
            return result.scalar() if result.returns_rows else None


def until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


@contextmanager
def streaming(folder: Path, contracts: Collection[Contract]) -> Iterator[Pair]:
    """A prepared hub in a folder, and a replica beside it."""
    home, port, of_copy = folder / "home", free_port(), free_port()
    give_keys(home)
    settings = read_settings({"HUB_HOME": str(home), "HUB_PG_PORT": str(port)})
    source = dataclasses.replace(embedded_postgres.embedded_postgres(settings), more=REPLICATED)
    embedded_postgres.ensure_running(source)
    url = make_url(source.url).set(drivername="postgresql").render_as_string(hide_password=False)
    settings = dataclasses.replace(settings, warehouse_url=url, read_url=f"postgresql://127.0.0.1:{of_copy}")
    prepare_warehouse(open_warehouse(settings, Role.OWNER), contracts)
    streamed = f"primary_conninfo = {as_value(url)}\n"
    copy = EmbeddedPostgres(folder / "copy", of_copy, source.password_file, REPLICATED + FED_BACK + streamed)
    copy.home.mkdir()
    command = [str(embedded_postgres.binaries() / "pg_basebackup"), "-D", str(copy.data), "-R", "-X", "stream"]
    command += ["-c", "fast", "--no-sync", "-d", url]
    subprocess.run(command, check=True)
    try:
        embedded_postgres.ensure_running(copy)
        yield Pair(settings, source, copy)
    finally:
        embedded_postgres.stop(copy)
        embedded_postgres.stop(source)
