"""What every test may ask for: settings with a home of their own, and a warehouse nobody else writes to.

Tests in files named ``…_by_another_hand`` were written by somebody who had the contracts and the documentation, but did
not see the code: they check what the hub promises, not how it is built.

One embedded PostgreSQL serves a worker for the whole session, from memory where there is room; each test that asks for
``settings`` gets a fresh database in it, copied from a template in which every feed's tables already stand.
"""

import dataclasses
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.roles import Role

TEMPLATE = "hub_template"
FIRST = "hub_1"
"""The name of a test's first database."""
MASTER_KEY = bytes(range(32))
"""Of every hub that a test makes, so that a test can put encrypted values into a vault by itself."""
TEXT_KEY = bytes(range(32, 64))
"""Sketches of texts are hidden under it, and it decides in what order reports stand: the same in each run."""
PARSED = Path("dbt", "partial_parse.msgpack")
CHARTS = Path("linkage")
PARAMETERS = "parameters_????????????????"
MEMORY = Path("/dev/shm")
MEMORY_FOR_A_SERVER = 1024**3
"""In bytes; a server takes a sixth of it."""


def free_port() -> int:
    """A port on the loopback address that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def give_keys(home: Path) -> None:
    """Let a hub that is to be begin with ``MASTER_KEY`` and ``TEXT_KEY``."""
    (home / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, key in (("master", MASTER_KEY), ("text", TEXT_KEY)):
        path = home / "secrets" / f"{name}.keys"
        path.touch(mode=0o600)
        path.write_text(f"1 {key.hex()}\n")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The contracts of this checkout."""
    return read_catalogue(read_settings({}).expectations)


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this session share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """Where the session's PostgreSQL keeps its data: in memory where there is room. A file system on disk does not give
    the place of a deleted file away again at once, and looks past all of them for each new one: after some hundred
    databases of 600 files, a copy took 0.3 s of CPU instead of 0.03."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_FOR_A_SERVER
    with tempfile.TemporaryDirectory(prefix="hub-tests-", dir=MEMORY if has_room else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def server_settings(server_home: Path, session_folder: Path) -> Iterator[Settings]:
    """Settings of the session's PostgreSQL; its ``hub`` database stays empty."""
    environment = {
        "HUB_HOME": str(server_home),
        "HUB_PG_PORT": str(free_port()),
        "HUB_OPEN_DATA": os.environ.get("HUB_OPEN_DATA", ""),
    }
    settings = read_settings(environment)
    # What one worker has built is given to the server of the other: both know the roles by the same passwords.
    (session_folder / "roles").mkdir(exist_ok=True, mode=0o700)
    settings.secrets.mkdir(mode=0o700)
    (settings.secrets / "roles").symlink_to(session_folder / "roles")
    server = embedded_postgres.embedded_postgres(settings)
    embedded_postgres.ensure_running(server)
    try:
        yield settings
    finally:
        embedded_postgres.stop(server)


@pytest.fixture(scope="session")
def administration(server_settings: Settings) -> sa.Engine:
    """An engine outside any transaction, for making and dropping databases."""
    engine = sa.create_engine(
        make_url(database_url(server_settings, "postgres")).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        # These databases do not outlive the session: nothing waits for a disk or is written twice against a crash. Nor
        # does anybody guess their passwords; to be slow at that is most of what a connection costs.
        for setting in ("fsync = off", "full_page_writes = off", "scram_iterations = 1"):
            connection.execute(sa.text(f"alter system set {setting}"))
        connection.execute(sa.text("select pg_reload_conf()"))
    return engine


@pytest.fixture(scope="session")
def template_database(server_settings: Settings, administration: sa.Engine, catalogue: Catalogue) -> str:
    """A database in which every feed's tables stand, empty."""
    with administration.connect() as connection:
        connection.execute(sa.text(f"create database {TEMPLATE}"))
    settings = dataclasses.replace(server_settings, warehouse_url=database_url(server_settings, TEMPLATE))
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, catalogue.contracts.values())
    engine.dispose()
    return TEMPLATE


def copy_database(administration: sa.Engine, template: str, name: str) -> None:
    """A copy of a database; rights to the database itself are not copied with it."""
    with administration.connect() as connection:
        end_sessions(connection, template)
        connection.execute(sa.text(f"create database {name} template {template} strategy file_copy"))
        connection.execute(sa.text(f"revoke all on database {name} from public"))
        for right, roles in read_policy().database.items():
            connection.execute(sa.text(f"grant {right} on database {name} to {', '.join(roles)}"))


def end_sessions(connection: sa.Connection, database: str) -> None:
    """A database with sessions cannot be copied. Engines make new ones when they are asked again."""
    query = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = :database"
    connection.execute(sa.text(query), {"database": database})


def share_roles(server_settings: Settings, home: Path) -> None:
    """Hubs on one server share its roles and their passwords."""
    (home / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    roles = home / "secrets" / "roles"
    if not roles.is_symlink():
        roles.symlink_to((server_settings.secrets / "roles").resolve())


def share_keys(hub: Settings, other: Settings) -> None:
    """Give another hub the same keys: under others the tokens of one would not be those of the other."""
    for key in hub.secrets.iterdir():
        if key.is_file():
            shutil.copy(key, other.secrets)


def hand_on_charts(source: Path, target: Path) -> None:
    """Copy the finished charts of linkage's parameters that are not there yet."""
    for folder in source.glob(PARAMETERS):
        if not (target / folder.name).exists():
            shutil.copytree(folder, target / folder.name)


@dataclasses.dataclass(frozen=True)
class Databases:
    """Makes databases of a test's own, and drops them after it.

    Tests one after the other get the same names (:data:`FIRST` and so on), because dbt keeps a database's name in what
    it has parsed: the next test goes on from what the last one has left of that, which spares it seconds. The
    charts of linkage's parameters, the same in every hub, are handed on, too.
    """

    server_settings: Settings
    administration: sa.Engine
    handed_on: Path
    made: dict[str, Settings] = dataclasses.field(default_factory=dict)
    prefix: str = "hub"

    def make(self, template: str, folder: Path) -> Settings:
        """A copy of ``template``, with a home in ``folder``."""
        name = f"{self.prefix}_{len(self.made) + 1}"
        home = folder / name
        home.mkdir(parents=True, mode=0o700)
        (home / PARSED.parent).mkdir()
        give_keys(home)
        if (self.handed_on / name).exists():
            shutil.copy(self.handed_on / name, home / PARSED)
        hand_on_charts(self.handed_on, home / CHARTS)
        copy_database(self.administration, template, name)
        share_roles(self.server_settings, home)
        self.made[name] = dataclasses.replace(
            self.server_settings,
            home=home,
            drop=home / "drop",
            sandbox=home / "sandbox",
            warehouse_url=database_url(self.server_settings, name),
        )
        return self.made[name]

    def drop(self) -> None:
        """All that it made."""
        for name, settings in self.made.items():
            if (settings.home / PARSED).exists():
                shutil.copy(settings.home / PARSED, self.handed_on / name)
            hand_on_charts(settings.home / CHARTS, self.handed_on)
            with self.administration.connect() as connection:
                connection.execute(sa.text(f"drop database {name} with (force)"))


@pytest.fixture(scope="session")
def handed_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what one test leaves for the next is kept: what dbt has parsed, and drawn parameters."""
    return tmp_path_factory.mktemp("handed_on")


@pytest.fixture
def databases(server_settings: Settings, administration: sa.Engine, handed_on: Path) -> Iterator[Databases]:
    """This test's own databases."""
    databases = Databases(server_settings, administration, handed_on)
    yield databases
    databases.drop()


@pytest.fixture(scope="module")
def module_databases(server_settings: Settings, administration: sa.Engine, handed_on: Path) -> Iterator[Databases]:
    """Databases that the tests of a file share."""
    databases = Databases(server_settings, administration, handed_on, prefix="hub_of_module")
    yield databases
    databases.drop()


@pytest.fixture
def make_settings(databases: Databases, template_database: str, tmp_path: Path) -> Callable[[], Settings]:
    """Makes settings with a home and a fresh database of their own, for tests that need more than one hub."""
    return lambda: databases.make(template_database, tmp_path)


@pytest.fixture
def settings(make_settings: Callable[[], Settings]) -> Settings:
    """Settings with a home and a fresh database of their own."""
    return make_settings()


@pytest.fixture
def engine(settings: Settings) -> sa.Engine:
    """The engine of this test's own warehouse."""
    return open_warehouse(settings, Role.OWNER)


def database_url(settings: Settings, database: str) -> str:
    """The address of a database of the session's PostgreSQL."""
    url = make_url(embedded_postgres.embedded_postgres(settings).url).set(database=database)
    return url.render_as_string(hide_password=False)
