"""When each issue of the public statistics came out: the next one keeps its distance."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    "alter table disclosure.issues add column came_out_at timestamp with time zone not null default now()",
    "comment on column disclosure.issues.came_out_at is 'Time of that publish'",
    """
    update disclosure.issues as issue
    set came_out_at = publish.published_at
    from ledger.publishes as publish
    where issue.publish_id = publish.publish_id
    """,
)


def upgrade() -> None:
    """Issues that are out have the time of their publish."""
    for statement in STATEMENTS:
        op.execute(statement)
