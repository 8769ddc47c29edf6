"""The DAGs that copy the hub away and prove that it would come back."""

from typing import Any

from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from hub.orchestration.by_the_clock import by_the_clock
from hub.settings import Settings

NOT_WANTED = "no backup is made here: HUB_BACKUP is not set, or the warehouse is another server, whose backups apply"

BACKUP_DOCUMENTATION = """
### Back up the hub

Every night: a base backup of the database into `HUB_BACKUP`, the keys into `HUB_BACKUP_KEYS`; what is older than
`HUB_BACKUP_DAYS` goes. Between two of them the component `backup` keeps what comes, to within seconds.

**To run it again**: trigger it at any time; each run makes a backup of its own.
"""
DRILL_DOCUMENTATION = """
### Prove that the hub would come back

Once a week: the newest backup is restored into a server of its own, erasures are done again, and the ledger's law, the
audit chain, roles, published checksums and landed files are proved. The run fails where one of them is wrong, and
`hub status` shows what was found.

**To run it again**: trigger it at any time; it leaves nothing but its record.
"""


def backup_dag(settings: Settings) -> DAG:
    """``back_up``: once a night."""

    def back_up() -> dict[str, Any]:
        from hub.backup.make import make_backup  # noqa: PLC0415

        _skip_where_none_is_made(settings)
        made = make_backup(settings)
        return {"base": made.base.path.name, "bytes": made.bytes}

    description = "A base backup of the database, encrypted, and the keys apart"
    return by_the_clock(
        "back_up", "0 2 * * *", "backup", back_up, description=description, documentation=BACKUP_DOCUMENTATION
    )


def drill_dag(settings: Settings) -> DAG:
    """``drill_restore``: once a week."""

    def drill() -> dict[str, Any]:
        from hub.contracts.model import read_catalogue  # noqa: PLC0415
        from hub.recovery.drill import drill as carry_out  # noqa: PLC0415

        _skip_where_none_is_made(settings)
        done = carry_out(settings, read_catalogue(settings.expectations))
        if done.problems:
            raise AirflowFailException("; ".join(done.problems))
        return {"base": done.base_taken_at, "seconds": done.seconds}

    description = "The newest backup is restored into a scratch server and proved"
    return by_the_clock(
        "drill_restore", "0 4 * * 0", "backup", drill, description=description, documentation=DRILL_DOCUMENTATION
    )


def _skip_where_none_is_made(settings: Settings) -> None:
    if settings.backup is None or settings.warehouse_url:
        raise AirflowSkipException(NOT_WANTED)
