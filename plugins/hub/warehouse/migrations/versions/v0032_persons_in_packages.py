"""Which persons of which reports packages have named, so that recipients are told when they are erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0032"
down_revision = "0031"
DOCUMENTS = "document in ('package', 'withdrawal') or document ~ '^erasure-[0-9]+$'"


def upgrade() -> None:
    """Packages that were sent before have named nobody."""
    op.create_table(
        "dispatch_persons",
        sa.Column("dispatch_id", UUID(), nullable=False),
        sa.Column("report_id", UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="victim or reporter"),
        sa.Column("delivery_id", UUID(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("named_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "told_in", sa.Text(), comment="The document by which the recipient is told that the person was erased"
        ),
        sa.PrimaryKeyConstraint("dispatch_id", "report_id", "role"),
        sa.ForeignKeyConstraint(["dispatch_id"], ["ledger.dispatches.dispatch_id"]),
        schema="ledger",
        comment="One row per person of a report whom a package has named, or may have; no value",
    )
    op.drop_constraint("document_is_known", "dispatch_sends", schema="ledger")
    op.create_check_constraint("document_is_known", "dispatch_sends", DOCUMENTS, schema="ledger")
    for table, column, comment in (
        ("dispatch_sends", "document", "The package, that it is withdrawn, or that persons in it were erased"),
        ("dispatches", "package", "What is sent, each time the same but for the persons whom it names"),
    ):
        op.alter_column(table, column, comment=comment, schema="ledger")
