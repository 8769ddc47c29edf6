"""When an erasure was finished: one that was cut short goes on when it is asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the column. What is needed to finish an older erasure was not kept: it counts as finished."""
    comment = "Null until files and tables were searched again"
    op.add_column("erasures", sa.Column("finished_at", sa.TIMESTAMP(timezone=True), comment=comment), schema="vault")
    op.execute("update vault.erasures set finished_at = erased_at")
