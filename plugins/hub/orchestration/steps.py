"""What the tasks do, as plain functions: each opens what it needs and hands back references and counts.

Imported inside tasks only: the stages bring pandas, Great Expectations and dbt with them, which no parse of a DAG file
should pay for.
"""

import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.build import BuildFailed, NodeResult, builds, code_hash, warehouse_build
from hub.build.warehouse_build import STEPS, Build
from hub.contracts.model import Contract, read_catalogue, read_contract
from hub.ingest import ingest
from hub.ingest.collect import CLAIMS, collect_drop
from hub.ingest.dropped_files import is_ready
from hub.ingest.prepare import open_prepared, prepare_warehouse
from hub.monitoring import quality_letters
from hub.monitoring.detect_drift import detect_drift
from hub.monitoring.quality_letters import Letter
from hub.notifications.sending import send_due
from hub.orchestration import delivery_log
from hub.orchestration.turns import MOST_MAPPED
from hub.publish import PublishResult
from hub.publish import publish as publish_marts
from hub.publish.extract import Extract
from hub.publish.extract import extract as write_extract
from hub.settings import Settings
from hub.warehouse import build_lock
from hub.warehouse.engine import WarehouseProblem, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES

MOST_DELIVERIES = MOST_MAPPED
"""A run hands out no more: Airflow maps a task over no longer list."""

log = logging.getLogger(__name__)

FIRST_STEP, *_, LAST_STEP = STEPS

EXTRACTS_READ_AS = Role.BI
"""Whose rights the extracts after a publish are written with: no row about one incident can be in them."""

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.25
FRESH = timedelta(minutes=2)


@dataclass(frozen=True)
class Ingested:
    """What became of a delivery, and what to do next; also the extra of the raw asset's event. No value of a row."""

    feed: str
    delivery_id: str
    status: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    reason: str | None
    next_step: str | None
    label: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def collect(settings: Settings, feed: str) -> list[str]:
    """Take what is ready in the feed's drop folder; return the ids of its deliveries that await their load, in order of
    arrival: :data:`MOST_DELIVERIES` or fewer, the next run takes up the rest."""
    contract = read_contract(settings.expectations / feed / "contract.yaml")
    prepare_warehouse(open_warehouse(settings, Role.OWNER), [contract])
    engine = open_warehouse(settings, Role.LOADER)
    for receipt in collect_drop(settings, engine, contract):
        if not receipt.is_first:
            delivery_log.tell_known(receipt)
    return [str(one) for one in ingest.awaiting(engine, feed)[:MOST_DELIVERIES]]


def label_of(settings: Settings, delivery_id: str) -> str:
    """What Airflow shows of a load that begins: the name under which the delivery came, cut where it is too long."""
    query = sa.select(DELIVERIES.c.file_name).where(DELIVERIES.c.delivery_id == uuid.UUID(delivery_id))
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        return delivery_log.label(connection.execute(query).scalar_one())


def ingest_delivery(settings: Settings, feed: str, delivery_id: str) -> Ingested:
    """Bring a delivery to its end, and log what became of it."""
    contract = read_contract(settings.expectations / feed / "contract.yaml")
    engine = open_warehouse(settings, Role.LOADER)
    result = ingest.ingest_delivery(settings, engine, contract, uuid.UUID(delivery_id))
    detect_drift(engine, [contract], datetime.now(UTC))
    delivery_log.tell(result)
    return Ingested(
        feed=feed,
        delivery_id=delivery_id,
        status=result.status.value,
        rows_read=result.rows_read,
        rows_accepted=result.rows_accepted,
        rows_quarantined=result.rows_quarantined,
        rows_duplicate=result.rows_duplicate,
        reason=result.reason,
        next_step=delivery_log.next_step(result),
        label=delivery_log.label(result.file_name, result),
    )


def write_letters(settings: Settings) -> list[str]:
    """Write the quality letters of the month before; return their names in the outbox."""
    month = quality_letters.month_before(datetime.now(UTC).date())
    letters: list[Letter] = []
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        for contract in read_catalogue(settings.expectations).contracts.values():
            letters += quality_letters.write_letters(settings, connection, contract, month)
    return [one.text for one in letters]


def send_notifications(settings: Settings) -> dict[str, Any]:
    """Note what somebody has to know, and hand what is due to the channels; return counts, and why a channel did not
    take a message. Raises ChannelsRefused where ``notifications.yaml`` cannot be used; what is new is noted all the
    same."""
    sent = send_due(settings)
    for channel, problem in sent.problems.items():
        log.warning("%s: %s", channel, problem)
    return {"new": sent.count_new, "taken": dict(sent.taken), "not_taken": sent.problems}


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
    if any(_has_fresh_file(settings.drop / contract.feed, oldest) for contract in contracts):
        return True
    query = sa.text("select exists (select from ledger.deliveries where status = 'received' and received_at > :oldest)")
    with engine.connect() as connection:
        return bool(connection.scalar(query, {"oldest": datetime.now(UTC) - FRESH}))


def _has_fresh_file(folder: Path, oldest: float) -> bool:
    """Whether a whole file lies in a drop folder that came after ``oldest``. One that cannot be looked at is none: its
    feed's own run says so."""
    try:
        entries = [*folder.iterdir(), *(folder / CLAIMS).glob("*/*")]
    except OSError:
        return False
    for path in entries:
        with contextlib.suppress(OSError):
            if path.lstat().st_ctime > oldest and is_ready(path):
                return True
    return False


def input_fingerprint(settings: Settings) -> str:
    """A mark of what a build would read: it changes with every load, every decision about quarantined rows or
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
            (select count(*) || '/' || coalesce(max(decided_at)::text, '') from linkage.incident_overrides),
            (select count(*) || '/' || coalesce(max(decided_at)::text, '') from linkage.person_overrides),
            (select max(event_id) from ledger.known_issue_events),
            (select count(*) || '/' || count(over_day) from ledger.drifts where decision = 'confirmed'))
    """)
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        return f"{connection.scalar(query)}/{code_hash(settings.dbt_project)[:16]}"


@dataclass(frozen=True)
class Built:
    """A build between two of its tasks: what it is, and what dbt has done so far."""

    build: Build
    models: Mapping[str, dict[str, Any]]
    count_nodes: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, text: Mapping[str, Any]) -> "Built":
        return cls(**{**text, "build": Build(**text["build"])})

    def with_step(self, nodes: Sequence[NodeResult]) -> "Built":
        models = {one.name: {"status": one.status, "seconds": one.seconds} for one in nodes if one.kind == "model"}
        return replace(self, models={**self.models, **models}, count_nodes=self.count_nodes + len(nodes))


def begin_build(settings: Settings, *, only_if_new: bool, full_refresh: bool) -> Built | None:
    """Begin a build of everything and take its first step, when no other build or publish is under way; None where it
    would build ``only_if_new`` and the build before covered everything. Raises as :func:`continue_build`."""
    engine = open_prepared(settings, Role.TRANSFORMER)
    with build_lock.one_build_at_a_time(engine):
        # Only now: the build that was under way may have covered it.
        covers = input_fingerprint(settings)
        is_covered = only_if_new and builds.is_covered(engine, covers)
        # Erasures, masked texts and new keys change the rows, and not the fingerprint.
        if is_covered and not builds.must_start_from_nothing(engine, code_hash(settings.dbt_project)):
            return None
        build, requarantined = warehouse_build.begin_build(settings, full_refresh=full_refresh, covers=covers)
        for one in requarantined:
            log.warning("%s: %d rows break a bound of their contract, now in quarantine", one.feed, one.count_rows)
        built = Built(build, {}, 0)
        return _take_step(settings, engine, built, FIRST_STEP)


def continue_build(settings: Settings, built: Built, step: str) -> Built:
    """Take a further step of a build; after the last one the build has ended.

    Raises BuildFailed when a model or test fails, BuildSuperseded when a later build has begun, and WarehouseProblem
    when the database was restarted meanwhile: then the models failed for no fault of their own.
    """
    engine = open_warehouse(settings, Role.TRANSFORMER)
    with build_lock.one_build_at_a_time(engine, build_id=built.build.build_id):
        builds.continue_build(engine, built.build.build_id)
        return _take_step(settings, engine, built, step)


def _take_step(settings: Settings, engine: sa.Engine, built: Built, step: str) -> Built:
    started_at = _server_started_at(engine)
    try:
        nodes = warehouse_build.run_step(settings, built.build, step, _log_node)
    except BuildFailed as failure:
        if _server_started_at(engine) != started_at:
            raise WarehouseProblem("the database was restarted during the build") from failure
        raise
    built = built.with_step(nodes)
    if step == LAST_STEP:
        warehouse_build.end_build(settings, built.build, built.count_nodes)
    else:
        builds.note_step(engine, built.build.build_id)
    return built


def _log_node(node: NodeResult) -> None:
    log.log(logging.INFO if node.is_good else logging.ERROR, "%s %s: %s", node.kind, node.name, node.status)


def publish(settings: Settings) -> PublishResult:
    """Check the marts of the last build and switch the published views. Raises PublishRefused; readers keep theirs."""
    return publish_marts(settings, open_warehouse(settings, Role.PUBLISHER))


def write_briefing(settings: Settings) -> dict[str, Any]:
    """Write the briefing of what is published; returns the publish and the files. Raises BriefingRefused."""
    from hub.briefing.write import write_briefing as write_published  # noqa: PLC0415 - brings matplotlib

    written = write_published(open_warehouse(settings, Role.ANALYST), settings.briefings)
    return {"publish_id": written.publish_id, "files": [str(path) for path in written.files]}


def extract(settings: Settings, views: Sequence[str]) -> Extract:
    """Write an extract of published views. Raises ExtractRefused."""
    return write_extract(settings, open_warehouse(settings, EXTRACTS_READ_AS), views, role=EXTRACTS_READ_AS.value)


def _server_started_at(engine: sa.Engine) -> datetime:
    with engine.connect() as connection:
        started_at: datetime = connection.execute(sa.text("select pg_postmaster_start_time()")).scalar_one()
        return started_at
