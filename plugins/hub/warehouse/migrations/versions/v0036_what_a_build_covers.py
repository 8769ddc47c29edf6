"""What a build covers, so that the next one need not do it again."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Until now Airflow's event of a build said so, which comes after the next build has begun to wait."""
    covers = sa.Column("covers", sa.Text(), comment="Mark of what was loaded and decided when Airflow began it")
    op.add_column("builds", covers, schema="ledger")
