"""Which local authorities the text of a report names. The next build, which is a full one, fills it."""

from alembic import op

revision = "0018"
down_revision = "0016"

STATEMENTS = (
    "create table linkage.report_text_places ("
    " report_id uuid not null, lad_code text not null, primary key (report_id, lad_code))",
    "comment on table linkage.report_text_places is"
    " 'One row a report and local authority: its text names a place there'",
)


def upgrade() -> None:
    """Make the table."""
    for statement in STATEMENTS:
        op.execute(statement)
