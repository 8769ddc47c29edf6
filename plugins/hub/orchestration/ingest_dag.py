"""The ingest DAG of each feed, made from its contract."""

from collections.abc import Iterator

from airflow.sdk import DAG, AssetAlias, get_current_context, get_parsing_context, task

from hub.contract_values import ContractRefused
from hub.contracts import Contract, read_catalogue, read_contract
from hub.orchestration.assets import drop_asset, raw_asset
from hub.orchestration.failures import RETRIES, loud_by_consequence
from hub.orchestration.turns import ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

DAG_PREFIX = "ingest_"
CONCURRENT_LOADS = 2
"""Loads of one feed take turns at the warehouse; a second one reads and judges meanwhile. More would keep other feeds
from their turn."""

DOCUMENTATION = """
### {title}

{purpose}

Takes every file that is ready in the drop folder `{feed}`, keeps its bytes in the landing store, judges its rows by the
contract (version {version}) and loads the accepted ones into `raw.{feed}`. `collect` does it all where what came is one
small batch or one file (`ingest` is then skipped: a task of its own costs a second of processor time), else `ingest`
loads in several tasks. Rejected rows are in `quarantine.rows` with
the reason; a delivery that cannot be read is refused, one that is not plausible is held for a person.

**Starts** by itself when files are dropped.
**To run it again**: trigger it (no parameters), or clear a failed task. Both are harmless at any time: a delivery has
the id of its content, so nothing is loaded twice, and a run that finds nothing ends at once.
**When it fails**: a warehouse that cannot be reached is tried again with growing waits. Any other failure is the hub's
own mistake and is not retried; the delivery stays `received` in `ledger.deliveries`, and the next run takes it up.
"""


def ingest_dags(settings: Settings) -> Iterator[DAG]:
    """The DAG of every feed whose contract holds; the others are left to :func:`raise_for_refused_contracts`."""
    wanted = get_parsing_context().dag_id
    if wanted is not None and wanted.startswith(DAG_PREFIX):
        # A task's process needs its own DAG only; reading the other contracts would cost it a quarter of a second.
        feed = wanted.removeprefix(DAG_PREFIX)
        yield ingest_dag(read_contract(settings.expectations / feed / "contract.yaml"), settings)
        return
    for contract in read_catalogue(settings.expectations).contracts.values():
        yield ingest_dag(contract, settings)


def raise_for_refused_contracts(settings: Settings) -> None:
    """Raise :class:`ContractRefused` with every contract that cannot be used and why.

    Called in a DAG file of its own: an error takes all DAGs of its file away.
    """
    if refusals := read_catalogue(settings.expectations).refusals:
        told = "\n".join(f"{feed} has no DAG: {reason}" for feed, reason in sorted(refusals.items()))
        raise ContractRefused(f"refused contracts; hub feed check names what is wrong\n{told}")


def ingest_dag(contract: Contract, settings: Settings) -> DAG:
    """``ingest_<feed>``: take what was dropped, ingest each delivery; an event on the raw asset where rows came in."""
    feed = contract.feed
    accepted = AssetAlias(name=f"accepted.{feed}", group="raw")
    raw = raw_asset(feed)

    with DAG(
        dag_id=f"{DAG_PREFIX}{feed}",
        description=contract.title,
        schedule=[drop_asset(feed, settings.drop)],
        catchup=False,
        max_active_runs=RUNS_AT_ONCE,
        default_args={"owner": contract.owner, **RETRIES},
        tags=["ingest", feed],
        doc_md=DOCUMENTATION.format(
            title=contract.title, purpose=contract.purpose, feed=feed, version=contract.version
        ),
    ) as dag:

        def take_in(delivery_ids: list[str]) -> dict[str, object]:
            from hub.orchestration import steps  # noqa: PLC0415

            ingested = steps.ingest_batch(settings, feed, delivery_ids).as_json()
            # A record that is stated again can be a return to an earlier text.
            if ingested["rows_accepted"] or ingested["rows_duplicate"]:
                get_current_context()["outlet_events"][accepted].add(raw, extra=ingested)
            return ingested

        # An alias, because an event on the raw asset is due only when rows were stated.
        @task(outlets=[accepted], max_active_tis_per_dag=ONE_AT_A_TIME)
        @loud_by_consequence
        def collect() -> list[list[str]]:
            from hub.orchestration import steps  # noqa: PLC0415

            batches = steps.collect(settings, feed)
            if len(batches) != 1:
                return batches
            take_in(batches[0])
            return []

        @task(outlets=[accepted], max_active_tis_per_dag=CONCURRENT_LOADS)
        @loud_by_consequence
        def ingest(delivery_ids: list[str]) -> dict[str, object]:
            return take_in(delivery_ids)

        ingest.expand(delivery_ids=collect())
    return dag
