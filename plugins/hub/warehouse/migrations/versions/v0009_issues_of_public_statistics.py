"""Public statistics come out in issues. Cells were decided by other rules, so the next build decides all of them."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    "delete from disclosure.cells",
    """
    alter table disclosure.cells
        add column area_kind text not null,
        add column period_kind text not null,
        add column period_start date not null,
        add column period_end date not null,
        add column count_forces_reported integer not null,
        add column count_forces integer not null,
        add column issue_month date not null,
        alter column count_incidents drop not null,
        alter column stated_count drop not null,
        drop constraint mark_is_known,
        drop constraint what_is_kept_back_has_no_value,
        add constraint mark_is_known check (mark in ('shown', 'zero', 'suppressed', 'not_collected')),
        add constraint what_is_kept_back_has_no_value
            check ((mark in ('suppressed', 'not_collected')) = (public_value is null)),
        add constraint what_was_collected_has_a_count check (
            (mark = 'not_collected') = (count_incidents is null) and (mark = 'not_collected') = (stated_count is null)
        )
    """,
    "comment on table disclosure.cells is"
    " 'One row a cell of the last issue, or of the one to come, and what may be said of it'",
    "comment on column disclosure.cells.issue_month is 'First day of the month of the issue'",
    """
    create table disclosure.issues (
        issue_month date not null,
        publish_id bigint not null,
        primary key (issue_month)
    )
    """,
    "comment on table disclosure.issues is 'One row an issue of the public statistics that came out'",
    "comment on column disclosure.issues.issue_month is 'First day of its month'",
    "comment on column disclosure.issues.publish_id is 'Publish in which it came out'",
    "alter table disclosure.statements add column issue_month date",
    """
    update disclosure.statements
    set issue_month = date_trunc('month', stated_at at time zone 'Europe/London')
    """,
    "alter table disclosure.statements alter column issue_month set not null",
    "comment on column disclosure.statements.issue_month is 'First day of the month of the issue'",
)


def upgrade() -> None:
    """Every published figure stays, with the month in which it came out."""
    for statement in STATEMENTS:
        op.execute(statement)
