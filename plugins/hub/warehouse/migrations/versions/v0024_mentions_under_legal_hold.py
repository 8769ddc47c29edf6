"""The mentions of a person under a legal hold, which stays on them when linkage gives the person a new id."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0024"
down_revision = "0023"

HELD_ALREADY = """
    with recursive held as (
        select hold_id, person_id, placed_at as since from vault.legal_holds where lifted_at is null
        union
        select held.hold_id, changes.new_person_id, changes.changed_at
        from held
        inner join linkage.person_changes as changes
            on held.person_id = changes.old_person_id and changes.changed_at > held.since
    )
    insert into vault.held_mentions (hold_id, mention_id)
    select distinct held.hold_id, persons.mention_id
    from held
    inner join linkage.mention_persons as persons on held.person_id = persons.person_id
"""


def upgrade() -> None:
    """Each open hold gets the mentions of its person, whose id may have changed since the hold was placed."""
    op.create_table(
        "held_mentions",
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.Column("mention_id", UUID(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id", "mention_id"),
        sa.ForeignKeyConstraint(["hold_id"], ["vault.legal_holds.hold_id"]),
        schema="vault",
        comment="One row a mention of a person under a legal hold, which follows it to the person's next id",
    )
    op.create_index("held_mentions_by_mention", "held_mentions", ["mention_id"], schema="vault")
    op.execute(HELD_ALREADY)
