"""The schema of November 2026. Hubs that are older have it already and are only marked with this revision."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

PARTS = ("ledger", "drift", "vault", "linkage", "persons", "forecast", "disclosure")


def upgrade() -> None:
    """Make every table of the hub's own. Schemas and rights are made before and after, from ``grants.yaml``."""
    for part in PARTS:
        text = Path(__file__).with_name("first_schema").joinpath(f"{part}.sql").read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(text)
