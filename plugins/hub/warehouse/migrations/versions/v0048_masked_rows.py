"""What may be shown of a quarantined row lies beside it, so that nobody has to read the vault to look at it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Rows that were quarantined before have none: their text would have to be decrypted for it."""
    row = sa.ForeignKey("quarantine.rows.quarantine_id", ondelete="CASCADE", name="masked_rows_quarantine_id_fkey")
    op.create_table(
        "masked_rows",
        sa.Column("quarantine_id", sa.UUID, row, primary_key=True),
        sa.Column(
            "masked_values",
            JSONB,
            nullable=False,
            comment="By column the form of its value; of personal values and free text the number of characters",
        ),
        schema="quarantine",
        comment="One row per quarantined row that could be split into columns: the form of its values, and no value",
    )
    about = "What is decided: ids, reasons and corrections of columns that are not personal"
    op.execute(f"comment on column ledger.questions.about is '{about}'")
