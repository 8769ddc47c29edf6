"""``hub drill``: restore the newest backup into a scratch server, prove that it is the hub, and leave a record."""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from hub.backup import keeper
from hub.backup.places import Places, as_name, places_of_own_server, write_text
from hub.contracts.model import Catalogue
from hub.recovery import proofs
from hub.recovery.point_in_time import Recovered, roll_forward, scratch_settings, unpack
from hub.recovery.proofs import Proof
from hub.recovery.restore import upgrade_and_erase_again
from hub.recovery.step_times import StepTimes
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_as_administrator, open_warehouse
from hub.warehouse.roles import Role

FOLDER = "drill"


@dataclass(frozen=True)
class Drill:
    """What a drill found: from which base backup, what was proved, and how long each step took, in seconds."""

    at: str
    base_taken_at: str
    erased_again: int
    proofs: list[Proof]
    seconds: dict[str, float]

    @property
    def problems(self) -> list[str]:
        """Faults of the backup; none where the hub would come back whole."""
        return [f"{proof.name}: {problem}" for proof in self.proofs for problem in proof.problems]


def drill(settings: Settings, catalogue: Catalogue) -> Drill:
    """Restore what is kept up to now into a server of its own under the home, prove it, and remove it again. Raises
    :class:`~hub.backup.places.BackupProblem` where nothing can be restored; that leaves a record, too."""
    places, times = places_of_own_server(settings), StepTimes()
    home = settings.home / FOLDER
    # No drill reaches the store of the hub itself.
    scratch = replace(scratch_settings(settings, home), store_url=None)
    embedded_postgres.stop(embedded_postgres.embedded_postgres(scratch))  # of a drill that was killed
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    try:
        done = _drill(settings, scratch, places, catalogue, times)
    except Exception as problem:
        _record(places, {"at": _now(), "problems": [f"nothing was restored: {problem}"], "seconds": times.seconds})
        raise
    finally:
        shutil.rmtree(home, ignore_errors=True)
    _record(places, {**asdict(done), "problems": done.problems})
    return done


def _drill(settings: Settings, scratch: Settings, places: Places, catalogue: Catalogue, times: StepTimes) -> Drill:
    head = settings.home / "audit" / "head.json"
    if head.exists():
        # What the log must at least have in it: it is kept after this.
        (scratch.home / "audit").mkdir()
        shutil.copy(head, scratch.home / "audit")
    keeper.keep_up(settings, places, {})
    with times.step("base backup unpacked and verified"):
        recovered = unpack(places, scratch, None)
    try:
        with times.step("log replayed"):
            roll_forward(recovered, places, None)
        found, again = _prove(recovered, places, catalogue, times)
    finally:
        embedded_postgres.stop(recovered.server)
    return Drill(_now(), as_name(recovered.base.taken_at), len(again), found, times.seconds)


def _prove(
    recovered: Recovered, places: Places, catalogue: Catalogue, times: StepTimes
) -> tuple[list[Proof], list[str]]:
    scratch = recovered.settings
    administrator, engine = open_as_administrator(scratch), open_warehouse(scratch, Role.OWNER)
    try:
        with times.step("roles"):
            rights = proofs.roles(scratch, engine)  # before anything brings them in line
        with times.step("erasures done again"):
            _, again = upgrade_and_erase_again(recovered, places, catalogue)
        with times.step("ledger law"):
            law = proofs.ledger_law(engine, catalogue)
        with times.step("audit chain"):
            chain = proofs.audit_chain(scratch, engine)
        with times.step("published checksums"):
            sums = proofs.published(places, administrator)
        with times.step("landing store"):
            files = proofs.landed(scratch, places, engine)
        with times.step("archive"):
            archive = proofs.archived(scratch, places, engine)
    finally:
        engine.dispose()
    return [law, chain, rights, sums, files, archive], again


def _record(places: Places, record: dict[str, object]) -> None:
    write_text(places.drills / f"{as_name(datetime.now(UTC))}.json", json.dumps(record, indent=2))


def _now() -> str:
    return as_name(datetime.now(UTC))
