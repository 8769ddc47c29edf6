"""What the tasks do, as plain functions: each opens what it needs and hands back references and counts.

Imported inside tasks only: the stages bring pandas, Great Expectations and dbt with them, which no parse of a DAG file
should pay for.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub import ingest
from hub.contracts import Contract, read_catalogue, read_contract
from hub.deliveries import DeliveryStatus
from hub.doors.landing_store import is_ready
from hub.doors.roles import Role
from hub.doors.warehouse import WarehouseProblem, open_warehouse, prepare_warehouse
from hub.doors.warehouse_tables import DELIVERIES
from hub.orchestration import delivery_log
from hub.settings import MEBIBYTE, Settings
from hub.stages.build import BuildFailed, code_hash
from hub.stages.collect import CLAIMS, collect_drop, collect_unknown
from hub.stages.detect_drift import detect_drift
from hub.stages.extract import Extract
from hub.stages.extract import extract as write_extract
from hub.stages.publish import PublishResult
from hub.stages.publish import publish as publish_marts
from hub.stages.watch import watch_deliveries
from hub.warehouse_build import BuildResult, build_warehouse

log = logging.getLogger(__name__)

BATCH_BYTES = 16 * MEBIBYTE
"""Small deliveries share a mapped task: a task of its own costs each a second of processor time, before any row."""

MOST_BATCHES = 32

EXTRACTS_READ_AS = Role.BI
"""Whose rights the extracts after a publish are written with: no row about one incident can be in them."""

PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.25
FRESH = timedelta(minutes=2)


@dataclass(frozen=True)
class Ingested:
    """What came of some deliveries of one feed; also the extra of the raw asset's event."""

    feed: str
    delivery_ids: tuple[str, ...]
    loaded: int
    held: int
    refused: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "delivery_ids": list(self.delivery_ids)}


def collect(settings: Settings, feed: str) -> list[list[str]]:
    """Take what is ready in the feed's drop folder; return all its deliveries that await their load, as lists of ids in
    order of arrival: small ones together, a large one alone."""
    contract = read_contract(settings.expectations / feed / "contract.yaml")
    prepare_warehouse(open_warehouse(settings, Role.OWNER), [contract])
    engine = open_warehouse(settings, Role.LOADER)
    for receipt in collect_drop(settings, engine, contract):
        if not receipt.is_first:
            delivery_log.tell_known(receipt)
    waiting = ingest.awaiting(engine, feed)
    with engine.connect() as connection:
        query = sa.select(DELIVERIES.c.delivery_id, DELIVERIES.c.bytes).where(DELIVERIES.c.delivery_id.in_(waiting))
        sizes = {row.delivery_id: row.bytes for row in connection.execute(query)}
    return share_out([(str(one), sizes[one]) for one in waiting])


def share_out(deliveries: Sequence[tuple[str, int]]) -> list[list[str]]:
    """Deliveries (id, bytes) in batches of up to :data:`BATCH_BYTES`, or larger ones where there would be more than
    :data:`MOST_BATCHES`."""
    most_bytes = max(BATCH_BYTES, 1 + 2 * sum(size for _, size in deliveries) // (MOST_BATCHES - 1))
    batches: list[list[str]] = []
    room = 0
    for delivery_id, size in deliveries:
        if not batches or size > room:
            batches.append([])
            room = most_bytes
        batches[-1].append(delivery_id)
        room -= size
    return batches


def ingest_batch(settings: Settings, feed: str, delivery_ids: Sequence[str]) -> Ingested:
    """Bring deliveries of one feed to their end, one after the other. A failure of one leaves the others alone; the
    first is raised when all had their turn."""
    contract = read_contract(settings.expectations / feed / "contract.yaml")
    engine = open_warehouse(settings, Role.LOADER)
    results, failures = [], []
    for delivery_id in map(uuid.UUID, delivery_ids):
        try:
            results.append(ingest.ingest_delivery(settings, engine, contract, delivery_id))
        except Exception as failure:
            failures.append(failure)
    detect_drift(engine, [contract], datetime.now(UTC))
    for result in results:
        delivery_log.tell(result)
    if failures:
        raise failures[0]
    for result in results:
        if result.records_new is not None:
            log.info(
                "%s: %d records new, %d changed, %d withdrawn, %d unchanged",
                result.file_name,
                result.records_new,
                result.records_changed,
                result.records_withdrawn,
                result.records_unchanged,
            )
    statuses = [result.status for result in results]
    return Ingested(
        feed=feed,
        delivery_ids=tuple(delivery_ids),
        loaded=statuses.count(DeliveryStatus.LOADED),
        held=statuses.count(DeliveryStatus.HELD),
        refused=statuses.count(DeliveryStatus.REFUSED),
        rows_read=sum(result.rows_read for result in results),
        rows_accepted=sum(result.rows_accepted for result in results),
        rows_quarantined=sum(result.rows_quarantined for result in results),
        rows_duplicate=sum(result.rows_duplicate for result in results),
    )


def watch(settings: Settings) -> dict[str, int]:
    """Keep and refuse files that belong to no feed, judge what came against the past, bring the incidents up to date;
    return open incidents by kind."""
    catalogue = read_catalogue(settings.expectations)
    prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
    engine = open_warehouse(settings, Role.LOADER)
    collect_unknown(settings, engine, catalogue)
    detect_drift(engine, catalogue.contracts.values(), datetime.now(UTC))
    kinds = [incident.cause.kind for incident in watch_deliveries(engine, catalogue, settings, datetime.now(UTC))]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def wait_until_settled(
    settings: Settings,
    *,
    patience: float = PATIENCE_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Wait while deliveries are on their way, so that files dropped together go into one build instead of one each.

    At most ``patience`` seconds, and only for what came within the last two minutes: a delivery that is stuck holds up
    nobody. Returns whether nothing was on its way at the end.
    """
    contracts = read_catalogue(settings.expectations).contracts.values()
    engine = open_warehouse(settings, Role.LOADER)
    give_up_at = clock() + patience
    while is_on_its_way(settings, engine, contracts):
        if clock() >= give_up_at:
            return False
        sleep(LOOK_SECONDS)
    return True


def is_on_its_way(settings: Settings, engine: sa.Engine, contracts: Iterable[Contract]) -> bool:
    """Whether a file that was just dropped waits for its run, or a delivery that was just received for its load."""
    oldest = (datetime.now(UTC) - FRESH).timestamp()
    for contract in contracts:
        folder = settings.drop / contract.feed
        entries = [*folder.iterdir(), *(folder / CLAIMS).glob("*/*")] if folder.is_dir() else []
        for path in entries:
            try:
                if path.lstat().st_ctime > oldest and is_ready(path):
                    return True
            except FileNotFoundError:
                continue
    query = sa.text("select exists (select from ledger.deliveries where status = 'received' and received_at > :oldest)")
    with engine.connect() as connection:
        return bool(connection.scalar(query, {"oldest": datetime.now(UTC) - FRESH}))


def what_is_loaded(settings: Settings) -> str:
    """A mark of what a build would see: it changes with every load, every decision about quarantined rows or
    links, every word about a known issue, and every change of the dbt project.

    Counts, not the latest time alone: of two loads side by side the one that began first may be committed last.
    """
    query = sa.text("""
        select concat_ws('/',
            (select count(*) || '/' || coalesce(sum(rows_accepted), 0) || '/' || coalesce(max(loaded_at)::text, '')
             from ledger.deliveries where status = 'loaded'),
            (select count(*) || '/' || coalesce(max(withdrawn_at)::text, '')
             from ledger.deliveries where status in ('duplicate', 'withdrawn')),
            (select count(*) || '/' || coalesce(max(decided_at)::text, '')
             from quarantine.rows where state <> 'open'),
            (select count(*) || '/' || coalesce(max(decided_at)::text, '') from linkage.incident_pins),
            (select count(*) || '/' || coalesce(max(decided_at)::text, '') from linkage.person_pins),
            (select max(event_id) from ledger.known_issue_events),
            (select count(*) || '/' || count(over_day) from ledger.drifts where decision = 'confirmed'))
    """)
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        return f"{connection.scalar(query)}/{code_hash(settings.dbt_project)[:16]}"


def build(settings: Settings, *, full_refresh: bool) -> BuildResult:
    """Run dbt over everything.

    Raises BuildFailed when a model or test fails, and WarehouseProblem when the database was restarted meanwhile: then
    the models failed for no fault of their own.
    """
    started_at = _server_started_at(settings)
    try:
        return build_warehouse(settings, full_refresh=full_refresh)
    except BuildFailed as failure:
        if _server_started_at(settings) != started_at:
            raise WarehouseProblem("the database was restarted during the build") from failure
        raise


def publish(settings: Settings) -> PublishResult:
    """Check the marts of the last build and switch the published views. Raises PublishRefused; readers keep theirs."""
    return publish_marts(settings, open_warehouse(settings, Role.PUBLISHER))


def write_briefing(settings: Settings) -> dict[str, Any]:
    """Write the briefing of what is published; returns the publish and the files. Raises BriefingRefused."""
    from hub.stages.briefing.write import write_briefing as write_published  # noqa: PLC0415 - brings matplotlib

    written = write_published(open_warehouse(settings, Role.ANALYST), settings.briefings)
    return {"publish_id": written.publish_id, "files": [str(path) for path in written.files]}


def extract(settings: Settings, views: Sequence[str]) -> Extract:
    """Write an extract of published views. Raises ExtractRefused."""
    return write_extract(settings, open_warehouse(settings, EXTRACTS_READ_AS), views, role=EXTRACTS_READ_AS.value)


def _server_started_at(settings: Settings) -> datetime:
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        started_at: datetime = connection.execute(sa.text("select pg_postmaster_start_time()")).scalar_one()
        return started_at
