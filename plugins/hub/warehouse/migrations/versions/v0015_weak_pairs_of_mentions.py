"""Pairs of mentions that are kept because persons are decided by them, and too weak to ask anybody about."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    "alter table linkage.person_pairs drop constraint state_of_person_pair_is_known",
    """
    alter table linkage.person_pairs
    add constraint state_of_person_pair_is_known check (state in ('confirmed', 'review', 'weak'))
    """,
    """
    comment on table linkage.person_pairs is
    'One row a pair of mentions that may be one person; those in review await a person''s eye, weak ones do not'
    """,
)


def upgrade() -> None:
    """What was in review stays in review until persons are linked again."""
    for statement in STATEMENTS:
        op.execute(statement)
