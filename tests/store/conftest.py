"""A bucket of a test's own, on a server that fails when it is told to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import give_keys
from hub.ingest import dropped_files
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from privacy.letters import FEEDS
from store.faulty_proxy import FaultyProxy
from store.s3 import Bucket, Server, own_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with own_server() as server:
        yield server


@pytest.fixture
def bucket(server: Server) -> Bucket:
    server.proxy.seen.clear()
    server.proxy.injected.clear()
    return server.bucket()


@pytest.fixture
def proxy(bucket: Bucket) -> FaultyProxy:
    return bucket.proxy


@pytest.fixture
def hub_of_files(bucket: Bucket, tmp_path: Path) -> Settings:
    """A hub with keys and a bucket, and no database: for tests of files alone."""
    home = tmp_path / "home"
    give_keys(home)
    return bucket.used_by(read_settings({"HUB_HOME": str(home)}))


@pytest.fixture
def bucket_hub(settings: Settings, bucket: Bucket) -> Settings:
    """A hub whose landed files lie in the bucket."""
    return bucket.used_by(settings)


@pytest.fixture
def letter_tables(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of letters, calls and packs; dropped files are taken at once."""
    prepare_warehouse(engine, FEEDS)
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)
