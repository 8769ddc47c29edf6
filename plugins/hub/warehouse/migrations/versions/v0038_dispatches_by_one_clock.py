"""When dispatches and their moves were written down by the database's own clock, which also times what is loaded."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
TIMES = {"dispatches": "prepared_at", "dispatch_moves": "at"}


def upgrade() -> None:
    """Those that are there keep the time of the process that wrote them: nothing else says when that was."""
    for table, known in TIMES.items():
        written_at = sa.Column("written_at", sa.TIMESTAMP(timezone=True), comment="By the clock of the database")
        op.add_column(table, written_at, schema="ledger")
        # Moves are only ever added: no update may touch them, not even this one.
        op.execute(f"alter table ledger.{table} alter written_at type timestamptz using {known}")
        op.alter_column(table, "written_at", nullable=False, server_default=sa.func.now(), schema="ledger")
