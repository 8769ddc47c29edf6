"""Mentions whose person was erased are known as such: their events are not given to another victim."""

from alembic import op

revision = "0047"
down_revision = "0046"

COMMENTS = {
    "is_erased": "Whether the vault has nothing of the person any more",
    "record_id": "Report, or event of a support service",
    "feed": "Feed of the record",
    "role": "victim or reporter",
    "delivery_id": "Delivery of the record's version that counts",
    "row_number": "Its row in that delivery",
}


def upgrade() -> None:
    """A column beside the identity, true where the vault has no key of the person any more, and what columns mean."""
    op.execute("alter table linkage.mention_identities add column is_erased boolean not null default false")
    for column, meaning in COMMENTS.items():
        literal = meaning.replace("'", "''")
        op.execute(f"comment on column linkage.mention_identities.{column} is '{literal}'")
    op.execute("""
        update linkage.mention_identities as seen set is_erased = true
        where not exists (
            select from vault.subject_keys as keys
            where (keys.delivery_id, keys.row_number, keys.subject) = (seen.delivery_id, seen.row_number, seen.role)
        )
    """)
