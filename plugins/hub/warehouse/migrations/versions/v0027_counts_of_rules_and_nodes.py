"""Counts for those who look at quality: of a delivery's rules, and of a build's models and tests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the columns. What came before was not counted, and stays null."""
    rules = "Of each rule: how many rows were held against it, how many break it; no value"
    op.add_column("deliveries", sa.Column("rule_counts", JSONB, comment=rules), schema="ledger")
    nodes = "Of each step that runs dbt: how many models and tests ended in which state"
    op.add_column("builds", sa.Column("nodes_by_state", JSONB, comment=nodes), schema="ledger")
