"""``hub restore``: a hub from its backups, in an empty home.

Everything is made in the folder ``restoring`` of the home. Its database listens on another port and lets only its owner
in until each erasure of the journal is done again. The whole hub is then called ``restored``, and moves from there to
its place. No other command works beside either folder. A restore that is killed begins again in the first, and goes on
with the second.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from hub.backup import base, journal, landing_copy, publish_sums, wal
from hub.backup.places import BackupProblem, Places, as_instant, as_name, places_of_own_server, write_text
from hub.contracts.model import Catalogue
from hub.ingest.landing_store import landed_names
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.erase_again import erase_again
from hub.publish import manifests
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
from hub.recovery.step_times import StepTimes
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import RESTORED, RESTORING
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

ALLOWED_IN_EMPTY_HOME = frozenset({RESTORING, "drop", "run", "logs"})
"""What waits for a hub, and what a start leaves that found no database: the machine may try one after a kill."""
RECORD = "restore.json"
"""In the home of a restored hub: what its restore did."""


@dataclass(frozen=True)
class Restored:
    """What a restore did: to which moment, from which base backup, how many landed files came back, which erasures were
    done again, what was proved, how many landed files the ledger does not know, and how long each step took."""

    to: datetime | None
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

    def as_record(self) -> str:
        """As the text of a record."""
        instants = {"to": self.to and as_name(self.to), "base_taken_at": as_name(self.base_taken_at)}
        return json.dumps({**asdict(self), **instants}, indent=2)

    @classmethod
    def of_record(cls, text: str) -> "Restored":
        """From the text of a record."""
        fields = json.loads(text)
        fields["to"] = fields["to"] and as_instant(fields["to"])
        fields["base_taken_at"] = as_instant(fields["base_taken_at"])
        fields["proofs"] = [Proof(one["name"], one["found"], tuple(one["problems"])) for one in fields["proofs"]]
        return cls(**fields)


def restore(settings: Settings, catalogue: Catalogue, to: datetime | None) -> Restored:
    """Restore the hub as it was at ``to``, or as it was last, into its home. Raises
    :class:`~hub.backup.places.BackupProblem` where the home holds a hub, or no backup fits."""
    not_in_the_future(to, datetime.now(UTC))
    places = places_of_own_server(settings)
    whole = settings.home / RESTORED
    if not whole.exists():
        _clear(settings)
        scratch = scratch_settings(settings, settings.home / RESTORING)
        write_text(scratch.home / RECORD, _recover(scratch, places, catalogue, to).as_record())
        scratch.home.rename(whole)
    return _move_in(settings, places, to)


def _recover(scratch: Settings, places: Places, catalogue: Catalogue, to: datetime | None) -> Restored:
    """Make the whole hub in an empty home of its own, and stop its server."""
    times = StepTimes()
    with times.step("base backup unpacked and verified"):
        recovered = unpack(places, scratch, to)
    try:
        with times.step("log replayed"):
            roll_forward(recovered, places, to)
        if to is None:
            wal.put_back_audit_head(scratch, places)
        with times.step("erasures done again"):
            engine, erasures = upgrade_and_erase_again(recovered, places, catalogue)
        if to is not None:
            audit.begin_with(scratch, engine)  # the log of that moment is shorter than the one that was lost
            end_exchange_tokens(engine)
        with times.step("landing store copied"):
            erased = journal.destroyed_names(journal.entries(scratch, places))
            forget_erased_copies(places, erased)
            count_landed = put_back_landing(places, scratch, erased)
            wal.put_back_certificates(scratch, places)
        with times.step("archive copied"):
            landing_copy.put_back_archive(scratch, places.archive)
        with times.step("proofs"):
            shown = [proofs.ledger_law(engine, catalogue), proofs.audit_chain(scratch, engine)]
            shown += [proofs.roles(scratch, engine), proofs.landed(scratch, places, engine)]
            shown.append(proofs.archived(scratch, places, engine))
        count_unknown = _count_unknown_files(scratch, engine)
        details = {"to": to.isoformat() if to else "the end", "erasures": len(erasures)}
        audit.append(scratch, audit.Entry(audit.account(), "restore", "the hub came back from a backup", details))
        audit.begin_with(scratch, engine)  # what is missing at its end is told by the proof, and does not come back
        engine.dispose()
    finally:
        embedded_postgres.stop(recovered.server)
    let_everybody_in(recovered)
    return Restored(to, recovered.base.taken_at, count_landed, erasures, shown, count_unknown, times.seconds)


def upgrade_and_erase_again(recovered: Recovered, places: Places, catalogue: Catalogue) -> tuple[sa.Engine, list[str]]:
    """Bring a recovered database to this version's tables and rights, and do the erasures again that it does not know.
    Returns the owner's engine, and the erasures."""
    engine = open_warehouse(recovered.settings, Role.OWNER)
    prepare_warehouse(engine, catalogue.contracts.values())
    with begin(engine) as connection:
        manifests.count_publishes_from(connection, publish_sums.last_number(places))
    return engine, erase_again(recovered.settings, engine, catalogue, journal.entries(recovered.settings, places))


def end_exchange_tokens(engine: sa.Engine) -> None:
    """End all tokens of recipients. One that was revoked after the moment would hold again, and nobody could tell."""
    with begin(engine) as connection:
        connection.execute(sa.text("update ledger.exchange_tokens set revoked_at = now() where revoked_at is null"))


def forget_erased_copies(places: Places, erased: set[tuple[str, str]]) -> None:
    """Remove the backup's copies of landed files that an erasure destroyed, given by feed and hash."""
    landing_copy.forget(places.landing, _erased_of(landing_copy.names_of(places.landing), erased))


def put_back_landing(places: Places, scratch: Settings, erased: set[tuple[str, str]]) -> int:
    """Copy the landed files back, but for those that an erasure destroyed: a store outside of the home may still hold
    some. Returns how many."""
    names = {*landing_copy.names_of(places.landing), *landed_names(scratch)}
    return landing_copy.put_back(scratch, places.landing, _erased_of(names, erased))


def _erased_of(names: Iterable[str], erased: set[tuple[str, str]]) -> set[str]:
    """Names are ``feed/day/hash``: a file may have landed again on another day."""
    return {name for name in names if (name.split("/")[0], name.split("/")[-1]) in erased}


def _count_unknown_files(scratch: Settings, engine: sa.Engine) -> int:
    """How many landed files the restored ledger does not know: they came after the moment that was restored."""
    with engine.connect() as connection:
        known: set[str] = set(connection.execute(sa.text("select landing_path from ledger.deliveries")).scalars())
    return sum(name not in known for name in landed_names(scratch))


def _clear(settings: Settings) -> None:
    """Remove what a restore left that was killed before its hub was whole, and stop its server."""
    there = {path.name for path in settings.home.iterdir()} if settings.home.is_dir() else set()
    if used := sorted(there - ALLOWED_IN_EMPTY_HOME):
        raise BackupProblem(
            f"{settings.home} is not empty (it has {used[0]}); move it away, or set HUB_HOME to a new folder"
        )
    home = settings.home / RESTORING
    embedded_postgres.stop(embedded_postgres.embedded_postgres(scratch_settings(settings, home)))
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)


def _move_in(settings: Settings, places: Places, to: datetime | None) -> Restored:
    """Let the backup go on from the whole hub, and move it to its place: its record first, which says how far it got.
    Raises :class:`BackupProblem` where it was restored to another moment."""
    whole = settings.home / RESTORED
    has_begun = (settings.home / RECORD).exists()
    record = (settings.home if has_begun else whole) / RECORD
    restored = Restored.of_record(record.read_text(encoding="utf-8"))
    if restored.to != to:
        option = f" --to {restored.to:%Y-%m-%dT%H:%M:%S}" if restored.to else ""
        raise BackupProblem(f"a restored hub is being moved to its place: give hub restore{option} again")
    if not has_begun:
        # Not before: a restore that begins again, perhaps to another moment, would be led along the way of this one.
        _let_backup_go_on(scratch_settings(settings, whole), places, to)
        record.rename(settings.home / RECORD)
    for path in whole.iterdir():
        _move(path, settings.home / path.name)
    whole.rmdir()
    return restored


def _let_backup_go_on(scratch: Settings, places: Places, to: datetime | None) -> None:
    """Tell the backup where the log of the restored hub leaves that of the lost one."""
    wal.keep_histories(scratch, places, embedded_postgres.embedded_postgres(scratch).data / "pg_wal")
    if to is not None:
        base.set_aside_later_bases(places, to)


def _move(path: Path, target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    path.rename(target)
