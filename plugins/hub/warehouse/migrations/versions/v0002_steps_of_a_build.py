"""When the last step of a build ended: each step is a task of its own, and others wait for the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the time to the builds that there are; none of those has steps."""
    op.add_column("builds", sa.Column("last_step_at", sa.TIMESTAMP(timezone=True)), schema="ledger")
