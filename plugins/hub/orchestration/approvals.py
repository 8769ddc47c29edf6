"""What people answered when a DAG run asked them: who asked, who answered, what they chose. Rows are only added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.warehouse.tables import APPROVALS


@dataclass(frozen=True)
class Approval:
    """One answer. ``asked_by`` is the person who started the run, None where an asset or the clock did; ``inputs`` are
    the values of the form beside the chosen option."""

    dag_id: str
    run_id: str
    asked_by: str | None
    answered_by: str
    answered_at: datetime
    chosen: str
    inputs: Mapping[str, Any]


def keep(connection: sa.Connection, approval: Approval) -> None:
    """Write an answer down."""
    connection.execute(sa.insert(APPROVALS).values(vars(approval)))


def of_run(connection: sa.Connection, dag_id: str, run_id: str) -> Approval:
    """The latest answer given to a run. Raises LookupError where nobody has answered."""
    columns = [column for column in APPROVALS.columns if column.name != "approval_id"]
    query = sa.select(*columns).where(APPROVALS.c.dag_id == dag_id, APPROVALS.c.run_id == run_id)
    row = connection.execute(query.order_by(APPROVALS.c.approval_id.desc()).limit(1)).mappings().one_or_none()
    if row is None:
        raise LookupError(f"nobody has answered the run {run_id} of {dag_id}")
    return Approval(**row)
