"""The log of persons also says whom a mention has left, because it has lost its details."""

from alembic import op

revision = "0022"
down_revision = "0021"
TABLE, SCHEMA = "person_changes", "linkage"


def upgrade() -> None:
    """Let the log have one kind of change more."""
    op.drop_constraint("kind_of_person_change_is_known", TABLE, schema=SCHEMA)
    op.create_check_constraint(
        "kind_of_person_change_is_known", TABLE, "kind in ('merged', 'split', 're_anchored', 'left')", schema=SCHEMA
    )
    op.create_table_comment(
        TABLE,
        "One row a person that became another: what had the old id has the new one since; or whom a mention has left",
        schema=SCHEMA,
    )
    op.create_table_comment(
        "incident_changes",
        "One row an incident that became another: what had the old id has the new one since",
        schema=SCHEMA,
    )
