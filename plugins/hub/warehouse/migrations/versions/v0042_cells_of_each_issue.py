"""The cells of each issue are kept, so that all issues can be attacked together."""

from alembic import op

revision = "0042"
down_revision = "0041"

COMMENTS = {
    "issue_month": "First day of the month of the issue",
    "parent_area_code": "Area whose total it is part of",
    "parent_period_code": "Year whose total it is part of",
    "count_incidents": "Count when the issue came out",
    "decided_by": "The rules that were followed",
}


def upgrade() -> None:
    """Of issues before this version the last one is known: its cells stand until the next is due."""
    op.execute("""
        create table disclosure.issued_cells (
            measure_code text not null,
            area_code text not null,
            part_code text not null,
            period_code text not null,
            issue_month date not null,
            parent_area_code text,
            parent_period_code text,
            count_forces_reported integer not null,
            count_forces integer not null,
            count_incidents bigint not null,
            mark text not null,
            public_value bigint,
            decided_by text not null,
            primary key (measure_code, area_code, part_code, period_code, issue_month)
        )
    """)
    op.execute(
        "comment on table disclosure.issued_cells is"
        " 'One row per cell of each issue that came out, for the attack on all issues together'"
    )
    for column, comment in COMMENTS.items():
        op.execute(f"comment on column disclosure.issued_cells.{column} is '{comment}'")
    op.execute("""
        insert into disclosure.issued_cells
        select
            measure_code, area_code, part_code, period_code, issue_month, parent_area_code, parent_period_code,
            count_forces_reported, count_forces, count_incidents, mark, public_value, decided_by
        from disclosure.cells natural join disclosure.issues
        where mark <> 'not_collected'
    """)
