"""Entries of the audit log are added by two functions alone, which give number, time and hash of the entry before."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the functions. Every entry stays, and so does its hash; who may call them is in ``grants.yaml``."""
    text = Path(__file__).with_name("v0005_audit_log_by_function.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(text)
