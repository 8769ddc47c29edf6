"""An alert is called so: an incident is what reports are about."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "alter table ledger.incidents rename to alerts",
    "alter table ledger.alerts rename column incident_id to alert_id",
    "alter index ledger.one_open_incident_a_cause rename to one_open_alert_a_cause",
    """
    comment on table ledger.alerts is
    'One row an alert: a feed that is late, silent, gap in sequence, control total, refused contract'
    """,
)


CONSTRAINTS = "select conname from pg_constraint where conrelid = 'ledger.alerts'::regclass order by conname"


def upgrade() -> None:
    """The table keeps its rows and rights. Constraints are named after their table and column."""
    for statement in STATEMENTS:
        op.execute(statement)
    for old in op.get_bind().scalars(sa.text(CONSTRAINTS)).all():
        new = str(old).replace("incidents_", "alerts_").replace("incident_id", "alert_id")
        op.execute(f"alter table ledger.alerts rename constraint {old} to {new}")
