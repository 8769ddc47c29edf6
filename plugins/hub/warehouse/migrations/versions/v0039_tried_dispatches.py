"""Let the exchange see whether a package was handed over, though nobody heard that it was taken."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """As of dispatches and their moves, everybody else who has a right to the table sees every row."""
    op.execute("alter table ledger.dispatch_sends enable row level security")
    op.execute("create policy every_row on ledger.dispatch_sends using (true) with check (true)")
    op.execute("""
        create policy own_rows on ledger.dispatch_sends as restrictive to hub_exchange
        using (exists (
            select from ledger.dispatches where dispatches.dispatch_id = dispatch_sends.dispatch_id
        ))
    """)
