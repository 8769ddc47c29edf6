"""Texts of others that name an erased person: a worklist, until somebody decides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the table. Of earlier erasures nobody knows where the person is named."""
    told = "Start, end and kind of each part of the text that names someone"
    op.create_table(
        "text_mentions",
        sa.Column("erasure_id", sa.UUID(), sa.ForeignKey("vault.erasures.erasure_id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, comment="Counts those of an erasure, from 1"),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("spans", JSONB(), nullable=False, comment=told),
        sa.Column("state", sa.Text(), nullable=False, server_default="open"),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True)),
        sa.UniqueConstraint("erasure_id", "delivery_id", "row_number", "column_name"),
        sa.CheckConstraint("state in ('open', 'masked', 'left')", name="state_is_known"),
        sa.CheckConstraint("(state = 'open') = (decided_by is null)", name="what_is_decided_was_decided_by_someone"),
        schema="vault",
        comment="One row a text of another record that names an erased person, and whether it is masked; no value",
    )
