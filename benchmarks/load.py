"""What a load costs beside a bare COPY of the same rows, and whether memory grows with the file."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sqlalchemy.engine import make_url

from benchmarks.report import Line, free_port, print_lines
from benchmarks.wide_delivery import COLUMNS, FEED, write_contract, write_delivery
from hub.contracts.model import read_contract
from hub.ingest.chunks import gather
from hub.ingest.readers import read_chunks
from hub.monitoring.profile import DeliveryProfile
from hub.settings import Settings, callers_environment, read_settings
from hub.warehouse import embedded_postgres

ROUNDS = 3
LATER_SEED = 2
RATIO_LIMIT = 3.5
PROFILE_LIMIT = 0.05
MEMORY_LIMIT_MB = 800
GROWTH_LIMIT = 1.25
SMALL_ROWS = 50
SMALL_LIMIT_SECONDS = 3.0
CHECK_LIMIT_SECONDS = 15.0
START = "import hub.cli.ingest; from hub.ingest.validation import load_great_expectations; load_great_expectations()"
"""What a `hub ingest` imports before it can validate a row."""
PROBE = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"
)


@dataclass(frozen=True)
class Ingested:
    """One `hub ingest`: wall seconds of the command, its own figure for the load, its peak memory in MB, and processor
    seconds of the database's sessions meanwhile."""

    wall: float
    seconds: float
    peak_mb: float
    database: float
    answer: dict[str, object]


def run(rows: int = 1_000_000, large_rows: int = 5_000_000) -> bool:
    """Measure and print; returns whether every limit is kept."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        bench = LoadBench(Path(folder), FEED)
        write_contract(bench.settings.expectations)
        try:
            return bench.measure(rows, large_rows)
        finally:
            embedded_postgres.stop(bench.server)


class LoadBench:
    """A hub of its own with one feed, into which files are loaded and copied. Whoever makes it writes the contract."""

    def __init__(self, folder: Path, feed: str) -> None:
        self.folder, self.feed = folder, feed
        (folder / "project").mkdir()
        # The roles of forces and providers are those of the code lists.
        (folder / "project" / "dbt_project").symlink_to(read_settings({}).dbt_project)
        environment = {
            "HUB_HOME": str(folder / "home"),
            "HUB_PROJECT": str(folder / "project"),
            "HUB_PG_PORT": str(free_port()),
        }
        self.environment = environment
        self.settings: Settings = read_settings(environment)
        self.server = embedded_postgres.embedded_postgres(self.settings)
        embedded_postgres.ensure_running(self.server)

    def measure(self, rows: int, large_rows: int) -> bool:
        dirty, clean, later = (self.folder / f"{name}.csv" for name in ("delivery", "clean", "later"))
        count_bad = write_delivery(dirty, rows)
        write_delivery(later, rows, seed=LATER_SEED)
        write_delivery(clean, rows, bad_share=0.0)
        print(f"{rows:,} rows, {dirty.stat().st_size / 1e6:.0f} MB, {len(COLUMNS)} columns, {count_bad:,} bad rows")
        copies, loads = [], []
        for _ in range(ROUNDS):
            # In turn, so that what else the machine does meets both alike.
            copies.append(self._copy(clean))
            loads.append(self.ingest(dirty))
            if loads[-1].answer["rows_quarantined"] != count_bad:
                raise RuntimeError(f"{count_bad} bad rows were written, but the answer is {loads[-1].answer}")
        best_copy, best = min(copies), min(loads, key=lambda load: load.seconds)
        lines = [
            Line("bare COPY (psql)", best_copy, "s"),
            Line("hub ingest, load", best.seconds, "s", best.seconds / best_copy, RATIO_LIMIT, "times COPY"),
            Line("hub ingest, whole command", min(load.wall for load in loads), "s"),
            self._floor(loads, best_copy),
            self._profiled(clean, best.seconds),
            Line("as many other rows after them, whole command", self.ingest(later, into_nothing=False).wall, "s"),
            Line("hub ingest, peak memory", best.peak_mb, "MB", best.peak_mb, MEMORY_LIMIT_MB, "MB"),
        ]
        lines += [self._checked(dirty, count_bad), self._small()]
        if large_rows:
            large = self.folder / "large.csv"
            write_delivery(large, large_rows)
            load = self.ingest(large)
            lines.append(
                Line(
                    f"peak memory at {large_rows:,} rows",
                    load.peak_mb,
                    "MB",
                    load.peak_mb / best.peak_mb,
                    GROWTH_LIMIT,
                    "times the smaller file's",
                )
            )
            lines.append(Line(f"{large_rows:,} rows, load", load.seconds, "s"))
        return print_lines(lines)

    def _floor(self, loads: Sequence[Ingested], copy: float) -> Line:
        """What no second processor makes shorter: the imports, and after them the one session that loads."""
        starts = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", START], check=True)
            starts.append(time.perf_counter() - started)
        # Not the least: a session's time is now and then told only after it was asked for.
        database = statistics.median(load.database for load in loads)
        unit = f"s ({min(starts):.2f} and {database:.2f}), {(min(starts) + database) / copy:.2f} times COPY"
        return Line("  its imports, then the database alone", min(starts) + database, unit)

    def _small(self) -> Line:
        """What a person waits for a file of a few rows."""
        path = self.folder / "small.csv"
        write_delivery(path, SMALL_ROWS, bad_share=0.0)
        wall = min(self.ingest(path).wall for _ in range(ROUNDS))
        return Line(f"hub ingest of {SMALL_ROWS} rows, whole command", wall, "s", wall, SMALL_LIMIT_SECONDS, "s")

    def _checked(self, path: Path, count_bad: int) -> Line:
        """How long a sender waits for `hub feed check` to say what a delivery of the file would be answered."""
        self._empty()
        seconds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            answer = json.loads(self._hub("feed", "check", self.feed, str(path)).stdout)
            seconds.append(time.perf_counter() - started)
            if answer["rows_quarantined"] != count_bad:
                raise RuntimeError(f"{count_bad} bad rows were written, but the answer is {answer}")
        wall = min(seconds)
        return Line("hub feed check, whole command", wall, "s", wall, CHECK_LIMIT_SECONDS, "s")

    def _profiled(self, path: Path, load: float) -> Line:
        """What of a load goes into describing it: processor time of the profile alone, chunks as large as a load's."""
        contract = read_contract(self.settings.expectations / FEED / "contract.yaml")
        profile = DeliveryProfile(contract, contract.sender, date.today())
        seconds = 0.0
        with path.open("rb") as file:
            for chunk in gather(read_chunks(self.settings, contract, file, [])):
                places = np.arange(chunk.rows.num_rows)
                started = time.thread_time()
                profile.note(chunk, places)
                seconds += time.thread_time() - started
        started = time.thread_time()
        profile.rows(uuid.uuid4())
        seconds += time.thread_time() - started
        return Line("profile, of the load", seconds, "s", seconds / load, PROFILE_LIMIT, "of the load")

    def _psql(self, *statements: str) -> None:
        url = make_url(self.server.url)
        arguments = [str(embedded_postgres.binaries() / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1"]
        arguments += ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username), "-d", str(url.database)]
        for statement in statements:
            arguments += ["-c", statement]
        environment = callers_environment() | {
            "PGPASSWORD": str(url.password),
            "PGOPTIONS": "-c client_min_messages=error",
        }
        subprocess.run(arguments, check=True, env=environment)

    def _copy(self, path: Path) -> float:
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        self._psql("drop table if exists bare", f"create table bare ({columns})", "checkpoint")
        started = time.perf_counter()
        self._psql(rf"\copy bare from '{path}' csv header")
        seconds = time.perf_counter() - started
        self._psql("drop table bare")
        return seconds

    def ingest(self, path: Path, *, into_nothing: bool = True) -> Ingested:
        """Load one file; ``into_nothing``: into a feed that holds nothing yet."""
        if into_nothing:
            self._empty()
        self._psql("checkpoint")
        database = self._seconds_of_sessions()
        started = time.perf_counter()
        done = self._hub("ingest", self.feed, str(path))
        wall = time.perf_counter() - started
        answer = json.loads(done.stdout)
        peak_kb = int(done.stderr.split()[-1])
        database = self._seconds_of_sessions() - database
        return Ingested(wall, float(answer["seconds"]), peak_kb / 1024, database, answer)

    def _empty(self) -> None:
        """Leave the feed and the ledger as in a hub that has loaded nothing."""
        self._psql(
            f"drop table if exists raw.{self.feed}, vault.{self.feed}",
            "do $$ begin if to_regclass('ledger.deliveries') is not null then truncate ledger.deliveries cascade; "
            "truncate vault.quarantined_rows, vault.subject_keys; end if; end $$",
        )

    def _hub(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a ``hub`` command in this hub; the last line of its errors is its peak memory in KiB."""
        hub = Path(sys.executable).with_name("hub")
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(hub), *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=callers_environment() | self.environment,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done

    def _seconds_of_sessions(self) -> float:
        """Processor seconds of all sessions of the server that have ended; those of a command end a moment after it."""
        self._psql(
            "do $$ begin for look in 1..500 loop "
            "exit when not exists (select from pg_stat_activity where usename ~ '^hub_'); "
            "assert look < 500, 'sessions of a command that has ended are still there'; "
            "perform pg_sleep(0.02); perform pg_stat_clear_snapshot(); end loop; end $$"
        )
        pid = embedded_postgres.postmaster_pid(self.server)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
