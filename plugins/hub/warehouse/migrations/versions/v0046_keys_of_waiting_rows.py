"""Who names persons sees of quarantined rows the keys of their records alone, and no rule or reason."""

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """A view of the rows that wait."""
    op.execute("""
        create view quarantine.waiting_records as
        select delivery_id, feed, key_hash
        from quarantine.rows
        where state = 'open' and key_hash is not null
    """)
    said = "Keyed hashes of the records of which a row waits"
    op.execute(f"comment on view quarantine.waiting_records is '{said}'")
