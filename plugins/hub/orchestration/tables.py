"""What people are asked, and what they answered."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hub.warehouse.columns import instant

METADATA = sa.MetaData()

QUESTIONS = sa.Table(
    "questions",
    METADATA,
    sa.Column("question_id", sa.UUID, primary_key=True, comment="Of the try of Airflow's task"),
    sa.Column("dag_id", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, comment="Who started the run; null: an asset or the clock"),
    sa.Column(
        "about",
        JSONB,
        nullable=False,
        comment="What is decided: ids, reasons and corrections of columns that are not personal",
    ),
    instant("asked_at", nullable=False, default_now=True),
    sa.Index("questions_by_run", "dag_id", "run_id"),
    schema="ledger",
    comment="One row per question that a DAG run put to a person",
)

APPROVALS = sa.Table(
    "approvals",
    METADATA,
    sa.Column("approval_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("dag_id", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, comment="Who started the run; null: an asset or the clock"),
    sa.Column("answered_by", sa.Text, nullable=False, comment="By Airflow's own record of the login"),
    instant("answered_at", nullable=False),
    sa.Column("chosen", sa.Text, nullable=False),
    sa.Column("inputs", JSONB, nullable=False, comment="What else the form asked for"),
    sa.Column(
        "question_id",
        sa.UUID,
        sa.ForeignKey(QUESTIONS.c.question_id),
        unique=True,
        comment="Null: from before questions were kept",
    ),
    sa.CheckConstraint("answered_by is distinct from asked_by", name="two_people"),
    sa.Index("approvals_by_run", "dag_id", "run_id"),
    schema="ledger",
    comment="One row per answer that a person gave to a DAG run",
)
