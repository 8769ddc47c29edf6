"""How often a delivery was begun to be read without an end: a file that kills its workers is not read for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the count and what excuses it; nothing is known of past reads."""
    told = "Reads that were begun and have no end, of workers that died; the one under way among them"
    count = sa.Column("unfinished_reads", sa.SmallInteger, nullable=False, server_default="0", comment=told)
    told = (
        "When the database server of the last of them was started: a restart since ends a read for no fault of the file"
    )
    since = sa.Column("read_on_server_since", sa.TIMESTAMP(timezone=True), comment=told)
    for column in (count, since):
        op.add_column("deliveries", column, schema="ledger")
