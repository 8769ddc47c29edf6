"""The DAGs that watch the deliveries and what guards the hub."""

from airflow.sdk import DAG

from hub.orchestration.by_the_clock import by_the_clock
from hub.settings import Settings

OF_DELIVERIES = """
### Watch deliveries

Every five minutes: files dropped outside the folders of the feeds are kept and refused; `ledger.alerts` is brought
up to date with feeds that are due, late or silent, numbers missing in a sender's sequence, control totals that
disagree, deliveries that are held or refused, senders whose rows stopped being as their own past, and contracts that
cannot be used. One open alert a cause, with the
feed's owner; it is closed when its cause is over. `hub status` shows the open ones.

**To run it again**: trigger it at any time; a second run with nothing changed changes nothing.
"""

OF_SAFEGUARDS = """
### Watch safeguards

Once an hour: the audit log is read from its first entry to its last, every role logs in with the password that the hub
keeps, rights and bounds of the roles are compared with `grants.yaml`, and erasures are looked through for one that was
cut short. What is wrong is an open alert in `ledger.alerts` (`audit_log`, `role_password`, `role_bounds`,
`unfinished_erasure`), which `hub status` shows. The head of a whole log is added to the file that
`HUB_AUDIT_HEAD_COPY` names.

**To run it again**: trigger it at any time; a second run with nothing changed changes nothing.
"""


def watch_dag(settings: Settings) -> DAG:
    """``watch_deliveries``: by the clock, because what it looks for is what did not happen."""

    def watch() -> dict[str, int]:
        from hub.orchestration import watching  # noqa: PLC0415

        return watching.watch(settings)

    description = "Due, late and silent feeds, gaps, totals that disagree: alerts with their owners"
    return by_the_clock(
        "watch_deliveries", "*/5 * * * *", "watch", watch, description=description, documentation=OF_DELIVERIES
    )


def safeguards_dag(settings: Settings) -> DAG:
    """``watch_safeguards``."""

    def watch() -> dict[str, int]:
        from hub.orchestration import watching  # noqa: PLC0415

        return watching.watch_over_safeguards(settings)

    description = (
        "Whole audit log, own passwords of roles, their rights and bounds, finished erasures: alerts where not"
    )
    return by_the_clock(
        "watch_safeguards", "7 * * * *", "watch", watch, description=description, documentation=OF_SAFEGUARDS
    )
