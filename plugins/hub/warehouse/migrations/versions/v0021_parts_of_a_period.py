"""Which of several files for one period a delivery is."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
PARTS = {
    "mps_recorded_crime": r"_(lsoa|ward|borough)\.(?:csv|parquet)$",
    "provider_statements": r"-(full|light)\.csv\.zip$",
}
"""What the names of their files say, by feed."""


def upgrade() -> None:
    """Add the column, and read it from the names of the files that came."""
    op.add_column(
        "deliveries",
        sa.Column("part", sa.Text(), comment="Which of several files for one period it is, where its name says so"),
        schema="ledger",
    )
    query = sa.text("update ledger.deliveries set part = substring(file_name from :pattern) where feed = :feed")
    for feed, pattern in PARTS.items():
        op.get_bind().execute(query, {"feed": feed, "pattern": pattern})
