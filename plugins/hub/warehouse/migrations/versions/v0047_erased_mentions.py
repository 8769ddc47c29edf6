"""Mentions whose person was erased are known as such: what their records tell is not somebody else's."""

from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """A column beside the identity, true where the vault has no key of the person any more."""
    op.execute("alter table linkage.mention_identities add column is_erased boolean not null default false")
    said = "Whether the vault has nothing of the person any more"
    op.execute(f"comment on column linkage.mention_identities.is_erased is '{said}'")
    op.execute("""
        update linkage.mention_identities as seen set is_erased = true
        where not exists (
            select from vault.subject_keys as keys
            where (keys.delivery_id, keys.row_number, keys.subject) = (seen.delivery_id, seen.row_number, seen.role)
        )
    """)
