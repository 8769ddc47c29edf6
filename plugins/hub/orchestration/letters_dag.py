"""The DAG that writes to senders once a month."""

from typing import Any

from airflow.sdk import DAG

from hub.orchestration.by_the_clock import by_the_clock
from hub.settings import Settings

DOCUMENTATION = """
### Write quality letters

On the second day of each month: a letter for each sender of each feed about the month before, in
`$HUB_HOME/outbox/<feed>/letters/`. It says what came, which rules rows of it broke, with counts and without a value,
and what to mend first; beside it a CSV file of the rules.

**To run it again**: trigger it at any time; the letters of the month are replaced. `hub letters --month` writes those
of any other month.
"""


def letters_dag(settings: Settings) -> DAG:
    """``write_quality_letters``: once a month."""

    def write_quality_letters() -> dict[str, Any]:
        from hub.orchestration import steps  # noqa: PLC0415

        return {"letters": steps.write_letters(settings)}

    description = "What each sender delivered in the month before, what was wrong with it and what to mend first"
    return by_the_clock(
        "write_quality_letters",
        "0 6 2 * *",
        "letters",
        write_quality_letters,
        description=description,
        documentation=DOCUMENTATION,
    )
