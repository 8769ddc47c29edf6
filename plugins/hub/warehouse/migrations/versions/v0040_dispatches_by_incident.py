"""Add an index over the incidents of dispatches, so that a page finds where else an incident went."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Nothing of a dispatch changes."""
    op.create_index("dispatches_by_incident", "dispatches", ["incident_id"], schema="ledger")
