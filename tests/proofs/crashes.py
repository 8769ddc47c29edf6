"""A hub that can be killed: its deliveries, the ways to take them in, and all that stands in its tables afterwards."""

import csv
import hashlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from contracts.samples import stored_sample
from hub.contracts.model import Catalogue
from hub.ingest.landing_store import open_landed
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import EmbeddedPostgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

HUB = str(Path(sys.executable).parent / "hub")
TAKE_DROP = Path(__file__).with_name("take_drop.py")
TEMPLATE = "hub_crash_template"
NUMBERS = itertools.count(1)
LONGEST = 300.0


@dataclass(frozen=True)
class Deliveries:
    """Files of one feed, in the order of their names."""

    feed: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Standing:
    """All that a hub holds, but for the times at which it was written: a digest and row count a table, the landed files
    and what senders are told."""

    tables: dict[str, tuple[int, str]]
    landed: frozenset[str]
    errors: dict[str, str]


@dataclass
class CrashGround:
    """One PostgreSQL of its own; every hub in it has a database and a home, and all have the same keys."""

    settings: Settings
    catalogue: Catalogue
    server: EmbeddedPostgres
    _made: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Make the template in which all tables stand."""
        embedded_postgres.ensure_running(self.server)
        self._administer(f"create database {TEMPLATE}")
        url = self._url(TEMPLATE).replace("+psycopg", "")
        engine = open_warehouse(replace(self.settings, warehouse_url=url), Role.OWNER)
        prepare_warehouse(engine, self.catalogue.contracts.values())
        engine.dispose()

    @contextmanager
    def hub(self) -> Iterator[Settings]:
        """A hub that has received nothing yet."""
        name = f"hub_crash_{next(NUMBERS)}"
        self._administer(f"create database {name} template {TEMPLATE}")
        self._administer(f"grant create on database {name} to hub_owner, hub_publisher")
        home = self.settings.home / name
        home.mkdir()
        shutil.copytree(self.settings.secrets, home / "secrets")
        try:
            url = self._url(name).replace("+psycopg", "")
            yield replace(self.settings, home=home, drop=home / "drop", sandbox=home / "sandbox", warehouse_url=url)
            # All use the keys that the first has made: tokens are then the same.
            shutil.copytree(home / "secrets", self.settings.secrets, dirs_exist_ok=True)
        finally:
            self._administer(f"drop database {name} with (force)")
            shutil.rmtree(home)

    def _url(self, database: str) -> str:
        url = make_url(self.server.url).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    def _administer(self, statement: str) -> None:
        engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


def start(hub: Settings, deliveries: Deliveries, *, by_drop: bool) -> subprocess.Popen[bytes]:
    """Begin to take the deliveries in, by ``hub ingest`` or from the drop folder, in a process group of its own."""
    command = [HUB, "ingest", deliveries.feed, *map(str, deliveries.files)]
    if by_drop:
        command = [sys.executable, str(TAKE_DROP), deliveries.feed]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(hub.home),
        "HUB_HOME": str(hub.home),
        "HUB_WAREHOUSE_URL": str(hub.warehouse_url),
    }
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def fill_drop(hub: Settings, deliveries: Deliveries) -> None:
    """Put the files into the drop folder, with the times of the originals, and let them come to rest."""
    folder = hub.drop / deliveries.feed
    folder.mkdir(parents=True)
    for path in deliveries.files:
        shutil.copy2(path, folder)
    time.sleep(1.1)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def finish(hub: Settings, deliveries: Deliveries, *, by_drop: bool) -> float:
    """Take the deliveries in to the end; returns the seconds that it took."""
    started = time.monotonic()
    process = start(hub, deliveries, by_drop=by_drop)
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors.decode()[-2000:]
    if by_drop:
        left = [path for path in (hub.drop / deliveries.feed).rglob("*") if path.is_file()]
        assert left == [], "files stayed in the drop folder"
    return time.monotonic() - started


def standing(hub: Settings) -> Standing:
    """What the hub holds now."""
    engine = sa.create_engine(
        make_url(str(hub.warehouse_url)).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        columns = connection.execute(
            sa.text(
                "select table_schema || '.' || table_name, column_name from information_schema.columns"
                " where table_schema in ('ledger', 'quarantine', 'vault', 'raw') and data_type not like 'timestamp%'"
                # What is encrypted is other bytes each time.
                " and data_type <> 'bytea'"
                # A number that a transaction took before it was killed is not given again.
                " and is_identity = 'NO'"
                " order by 1, ordinal_position"
            )
        ).all()
        tables: dict[str, tuple[int, str]] = {}
        for table, found in itertools.groupby(columns, key=lambda row: str(row[0])):
            names = ", ".join(f'"{name}"' for _, name in found)
            # A sum over rows, so that the order in which they came plays no part.
            query = f"select count(*), coalesce(sum(hashtextextended(row({names})::text, 0)), 0)::text from {table}"
            count, digest = (str(value) for value in connection.execute(sa.text(query)).one())
            tables[table] = (int(count), digest)
    landed = {path for path in hub.landing.rglob("*") if path.is_file() and ".incoming" not in path.parts}
    landed_as = {path: str(path.relative_to(hub.landing)) for path in landed}
    assert all(
        hashlib.sha256(open_landed(hub, name).read()).hexdigest() == path.name for path, name in landed_as.items()
    )
    errors = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in hub.outbox.rglob("*") if path.is_file()
    }
    return Standing(tables, frozenset(path.name for path in landed), errors)


def counts_of_loaded(hub: Settings) -> dict[str, tuple[int, int, int, int]]:
    """The ledger's counts of each loaded file."""
    engine = sa.create_engine(
        make_url(str(hub.warehouse_url)).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool
    )
    query = (
        "select file_name, rows_read, rows_accepted, rows_quarantined, rows_duplicate from ledger.deliveries"
        " where status = 'loaded'"
    )
    with engine.connect() as connection:
        rows = [row._mapping for row in connection.execute(sa.text(query))]
    return {
        str(row["file_name"]): (
            int(row["rows_read"]),
            int(row["rows_accepted"]),
            int(row["rows_quarantined"]),
            int(row["rows_duplicate"]),
        )
        for row in rows
    }


def report_files(catalogue: Catalogue, folder: Path, count: int) -> Deliveries:
    """Reports of the public, with personal values in every row: a small file, the bad sample, one that is refused, one
    of ``count`` rows with wrong and repeated ones, and the first again under another name."""
    sample = stored_sample(catalogue.contracts["true_vision_reports"], "good")
    header, *samples = list(csv.reader(sample.read_text(encoding="utf-8").splitlines()))
    place = {name: index for index, name in enumerate(header)}

    def row(number: int) -> Sequence[str]:
        values = list(samples[0])
        values[place["report_ref"]] = f"TV-{20_000_000 + number - number % 97 // 96:08d}"
        values[place["reporter_email"]] = f"person{number % 5_000}@example.org"
        values[place["description"]] = (
            f"Report {number} of a [slur],\nin two lines." if number % 50 == 0 else f"Report {number}."
        )
        if number % 200 == 7:
            values[place["occurred_on"]] = "the other day"
        return values

    return _deliveries(catalogue, "true_vision_reports", folder, header, row, count)


def street_files(catalogue: Catalogue, folder: Path, count: int) -> Deliveries:
    """Street crimes: a file of ``count`` rows, some wrong, some equal, some without an id; around it the same as for
    reports."""
    sample = stored_sample(catalogue.contracts["police_uk_street"], "good")
    header, *samples = list(csv.reader(sample.read_text(encoding="utf-8").splitlines()))
    rng = random.Random(7)

    def row(number: int) -> Sequence[str]:
        values = list(samples[0])
        values[0] = "" if number % 20 == 3 else hashlib.sha256(str(number - number % 97 // 96).encode()).hexdigest()
        values[1] = "2026-13" if number % 200 == 7 else "2026-09"
        values[4] = f"{-0.1 + rng.random() / 100:.6f}" if number % 97 < 95 else "-0.1"
        return values

    return _deliveries(catalogue, "police_uk_street", folder, header, row, count)


def _deliveries(
    catalogue: Catalogue,
    feed: str,
    folder: Path,
    header: Sequence[str],
    row: Callable[[int], Sequence[str]],
    count: int,
) -> Deliveries:
    place = folder / f"{feed}-{count}"
    place.mkdir()
    _write(place / "1-small.csv", [header, *(row(number) for number in range(40))])
    _write(place / "2-bad.csv", [row(number) for number in range(count + 100, count + 500)])
    # Among so many right rows the wrong ones do not hold the delivery.
    bad = stored_sample(catalogue.contracts[feed], "bad").read_bytes().rstrip(b"\n") + b"\n"
    (place / "2-bad.csv").write_bytes(bad + (place / "2-bad.csv").read_bytes())
    _write(place / "3-refused.csv", [[*header[1:], "colour"], *(row(number) for number in range(3))])
    _write(place / "4-large.csv", [header, *(row(number) for number in range(20, count))])
    shutil.copyfile(place / "1-small.csv", place / "5-again.csv")
    _write(place / "6-last.csv", [header, *(row(number) for number in range(count - 50, count + 50))])
    return Deliveries(feed, tuple(sorted(place.iterdir())))


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
