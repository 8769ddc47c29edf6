"""The ingest DAG of each feed, made from its contract."""

from collections.abc import Iterator

from airflow.sdk import DAG, AssetAlias, get_current_context, get_parsing_context, task

from hub.contracts.model import Contract, read_catalogue, read_contract
from hub.contracts.values import ContractRefused
from hub.orchestration.assets import drop_asset, raw_asset
from hub.orchestration.failures import RETRIES, retry_policy
from hub.orchestration.turns import ANYWHERE, ONE_AT_A_TIME, RUNS_AT_ONCE
from hub.settings import Settings

DAG_PREFIX = "ingest_"

DOCUMENTATION = """
### {title}

{purpose}

`collect` takes every file that is ready in the drop folder `{feed}` and keeps its bytes in the landing store; then
`ingest` runs once a delivery, labelled with its file name and what became of it: it validates the rows against the
contract (version {version}) and loads the accepted ones into `raw.{feed}`. Rejected rows are in `quarantine.rows` with
the reason; a delivery that cannot be read is refused, one that is not plausible is held for a person.

**Starts** by itself when files are dropped.
**To run it again**: trigger it (no parameters), or clear a failed task. Both are harmless at any time: a delivery has
the id of its content, so nothing is loaded twice, and a run that finds nothing ends at once.
**When it fails**: a warehouse that cannot be reached is tried again with growing waits. Any other failure is the hub's
own mistake and is not retried; the delivery stays `received` in `ledger.deliveries`, and the next run takes it up. A
delivery of which two workers died is refused. A file that cannot be read or moved is named in the log of `collect`, and
stays.
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
        reasons = "\n".join(f"{feed} has no DAG: {reason}" for feed, reason in sorted(refusals.items()))
        raise ContractRefused(f"refused contracts; hub feed check names what is wrong\n{reasons}")


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

        @task(max_active_tis_per_dag=ONE_AT_A_TIME)
        @retry_policy
        def collect() -> list[str]:
            from hub.orchestration import steps  # noqa: PLC0415

            return steps.collect(settings, feed)

        # An alias, because an event on the raw asset is due only when a delivery states rows. One at a time: of two
        # tasks that end together with the first event of an alias Airflow sets one to failed, though its delivery is
        # loaded.
        @task(
            outlets=[accepted],
            queue=ANYWHERE,
            map_index_template="{{ label }}",
            max_active_tis_per_dag=ONE_AT_A_TIME,
        )
        @retry_policy
        def ingest(delivery_id: str) -> dict[str, object]:
            from hub.orchestration import steps  # noqa: PLC0415

            context = get_current_context()
            context["label"] = steps.label_of(settings, delivery_id)  # type: ignore[typeddict-unknown-key]
            ingested = steps.ingest_delivery(settings, feed, delivery_id)
            context["label"] = ingested.label  # type: ignore[typeddict-unknown-key]
            # Duplicates count, too: a record that is sent again may bring an earlier version of it back.
            if ingested.rows_accepted or ingested.rows_duplicate:
                context["outlet_events"][accepted].add(raw, extra=ingested.as_json())
            return ingested.as_json()

        ingest.expand(delivery_id=collect())
    return dag
