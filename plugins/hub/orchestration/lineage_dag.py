"""The DAG that tells a receiver of OpenLineage events what ran, and what it read and wrote."""

from typing import Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowSkipException

from hub.orchestration.by_the_clock import by_the_clock
from hub.settings import Settings

NOT_WANTED = "no events are sent: there is no openlineage.yml in the hub's home"
DOCUMENTATION = """
### Send lineage events

Every ten minutes: events of ingests, builds, linkage and publishes that came to an end, and of what each model is made
of, go to the receiver that `openlineage.yml` in the hub's home names; without that file nothing is sent. They hold
names of jobs, feeds and tables, times and counts. A receiver that is away gets them later; nothing waits for it.

**To run it again**: trigger it at any time; what was taken is not sent again. `hub lineage` does the same outside
Airflow.
"""


def lineage_dag(settings: Settings) -> DAG:
    """``send_lineage``: by the clock, because a receiver that was away does not say when it is back."""

    def send() -> dict[str, Any]:
        from hub.lineage import send_lineage  # noqa: PLC0415

        count = send_lineage(settings)
        if count is None:
            raise AirflowSkipException(NOT_WANTED)
        return {"sent": count}

    description = "What ran, and which tables it read and wrote, as OpenLineage events"
    return by_the_clock(
        "send_lineage", "*/10 * * * *", "lineage", send, description=description, documentation=DOCUMENTATION
    )
