"""Say more plainly what the columns of mentions of persons hold."""

from alembic import op

revision = "0041"
down_revision = "0040"

COMMENTS = {
    "appearance_id": "One id for reporter and victim of a record where they are the same person",
    "incident_id": "Incident of the record, if the person is or may be its victim; as of the last run",
    "client_id": "Made from the service and its own number of the client",
    "told_at": "Time of the record: when a report was made, or an event happened",
}


def upgrade() -> None:
    """Change the comments alone."""
    for column, comment in COMMENTS.items():
        op.execute(f"comment on column linkage.mention_identities.{column} is '{comment}'")
