"""``hub restore``: a hub from its backups, in an empty home.

Everything is made in a folder within the home, which every other command refuses to work beside. Its database listens
on another port and lets only its owner in until each erasure of the journal is done again. Then all of it moves to its
place. Killed at any moment, it is begun again.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.backup import base, journal, landing_copy, publish_sums, wal
from hub.backup.places import BackupProblem, Places, places_of_own_server
from hub.build import builds
from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.erase_again import erase_again
from hub.recovery import proofs
from hub.recovery.point_in_time import (
    Recovered,
    let_everybody_in,
    not_in_the_future,
    roll_forward,
    scratch_settings,
    unpack,
)
from hub.recovery.proofs import Proof
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import RESTORING
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

MAY_BE_THERE = frozenset({RESTORING, "drop"})
"""In a home that counts as empty."""


@dataclass
class Times:
    """How long each step took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 1)


@dataclass(frozen=True)
class Restored:
    """What a restore did: from which base backup, how many landed files came back, which erasures were done again, what
    was looked at in the end, how many landed files the ledger does not know, and how long each step took."""

    base_taken_at: datetime
    count_landed: int
    erased_again: list[str]
    proofs: list[Proof]
    count_unknown: int
    seconds: dict[str, float]

    @property
    def problems(self) -> list[str]:
        """What is wrong with it."""
        return [problem for proof in self.proofs for problem in proof.problems]


def restore(settings: Settings, catalogue: Catalogue, to: datetime | None) -> Restored:
    """Restore the hub as it was at ``to``, or as it was last, into its home. Raises
    :class:`~hub.backup.places.BackupProblem` where the home holds a hub, or no backup fits."""
    not_in_the_future(to, datetime.now(UTC))
    places, times = places_of_own_server(settings), Times()
    home = settings.home / RESTORING
    _clear(settings)
    scratch = scratch_settings(settings, home)
    with times.step("base backup unpacked and verified"):
        recovered = unpack(places, scratch, to)
    try:
        with times.step("log replayed"):
            roll_forward(recovered, places, to)
        with times.step("erasures done again"):
            engine, again = make_fit(recovered, places, catalogue)
        with times.step("landing store copied"):
            gone = journal.destroyed_names(journal.entries(scratch, places))
            count_landed = put_back_landing(places, scratch, gone)
            wal.put_back_certificates(scratch, places)
        with times.step("looked at"):
            found = [proofs.ledger_law(engine, catalogue), proofs.audit_chain(scratch, engine)]
            found += [proofs.roles(scratch, engine), proofs.landed(scratch, places, engine)]
        unknown = _unknown_files(scratch, engine)
        details = {"to": to.isoformat() if to else "the end", "erasures": len(again)}
        audit.append(scratch, audit.Entry(audit.account(), "restore", "the hub came back from a backup", details))
        engine.dispose()
        wal.keep_histories(scratch, places, recovered.server.data / "pg_wal")
    finally:
        embedded_postgres.stop(recovered.server)
    if to is not None:
        base.leave_behind(places, to)
    let_everybody_in(recovered)
    _move_in(settings)
    return Restored(recovered.base.taken_at, count_landed, again, found, unknown, times.seconds)


def make_fit(recovered: Recovered, places: Places, catalogue: Catalogue) -> tuple[sa.Engine, list[str]]:
    """Bring a recovered database to this version's tables and rights, and do the erasures again that it does not know.
    Returns the owner's engine, and the erasures."""
    engine = open_warehouse(recovered.settings, Role.OWNER)
    prepare_warehouse(engine, catalogue.contracts.values())
    with begin(engine) as connection:
        builds.count_publishes_from(connection, publish_sums.last_number(places))
    return engine, erase_again(recovered.settings, engine, catalogue, journal.entries(recovered.settings, places))


def put_back_landing(places: Places, scratch: Settings, gone: set[tuple[str, str]]) -> int:
    """Copy the landed files back, but for those that an erasure took away, wherever they lie."""
    names = list(landing_copy.names_of(places.landing))
    without = {name for name in names if (name.split("/")[0], name.split("/")[-1]) in gone}
    landing_copy.forget(places.landing, without)
    return landing_copy.put_back(places.landing, scratch.landing, without)


def _unknown_files(scratch: Settings, engine: sa.Engine) -> int:
    """How many landed files the restored ledger does not know: they came after the moment that was restored."""
    with engine.connect() as connection:
        known: set[str] = set(connection.execute(sa.text("select landing_path from ledger.deliveries")).scalars())
    return sum(name not in known for name in landing_copy.names_of(scratch.landing))


def _clear(settings: Settings) -> None:
    there = {path.name for path in settings.home.iterdir()} if settings.home.is_dir() else set()
    if used := sorted(there - MAY_BE_THERE):
        raise BackupProblem(
            f"{settings.home} is not empty (it has {used[0]}); move it away, or set HUB_HOME to a new folder"
        )
    home = settings.home / RESTORING
    left = embedded_postgres.embedded_postgres(scratch_settings(settings, home))
    embedded_postgres.stop(left)  # of a restore that was killed
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)


def _move_in(settings: Settings) -> None:
    """The database last: without it, the home counts as one that is being restored."""
    home = settings.home / RESTORING
    for path in sorted(home.iterdir(), key=lambda one: one.name == "postgres"):
        target = settings.home / path.name
        if target.is_dir() and not any(target.iterdir()):
            target.rmdir()
        path.rename(target)
    home.rmdir()
