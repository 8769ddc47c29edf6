"""What people were asked, and to which question an answer belongs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table. Answers from before it belong to no question: nothing is carried out on them again."""
    op.create_table(
        "questions",
        sa.Column("question_id", sa.UUID(), primary_key=True, comment="Of the try of Airflow's task"),
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), comment="Who started the run; null: an asset or the clock"),
        sa.Column("about", JSONB(), nullable=False, comment="What is decided: ids and reasons, no values"),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), server_default=sa.func.now(), nullable=False),
        schema="ledger",
        comment="One row a question that a DAG run put to a person",
    )
    op.create_index("questions_by_run", "questions", ["dag_id", "run_id"], schema="ledger")
    column = sa.Column("question_id", sa.UUID(), comment="Null: from before questions were kept")
    op.add_column("approvals", column, schema="ledger")
    op.create_foreign_key(
        None,
        "approvals",
        "questions",
        ["question_id"],
        ["question_id"],
        source_schema="ledger",
        referent_schema="ledger",
    )
    op.create_unique_constraint(None, "approvals", ["question_id"], schema="ledger")
