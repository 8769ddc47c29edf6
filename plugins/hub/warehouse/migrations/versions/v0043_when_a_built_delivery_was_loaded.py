"""A build writes down which load of a delivery it took in: one that was withdrawn and restored can state other rows."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Unknown of earlier builds: until the next one, whatever their deliveries state otherwise counts as not built."""
    comment = "Of it, when the build began"
    column = sa.Column("loaded_at", sa.TIMESTAMP(timezone=True), comment=comment)
    op.add_column("built_deliveries", column, schema="ledger")
    said = "One row per delivery whose rows are in the warehouse; the next build takes what is not, or is otherwise"
    op.create_table_comment("built_deliveries", said, schema="ledger")
