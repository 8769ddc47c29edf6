"""The tables of the schema ``disclosure``: what was decided of each public figure, and every figure that was published.

They hold true counts beside what was shown, so nobody who may not see incidents may read them.
"""

import sqlalchemy as sa

from hub.disclosure.key import KEY

SCHEMA = "disclosure"
METADATA = sa.MetaData(schema=SCHEMA)


def _key() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in KEY]


CELLS = sa.Table(
    "cells",
    METADATA,
    *_key(),
    sa.Column("area_kind", sa.Text, nullable=False),
    sa.Column("period_kind", sa.Text, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("count_forces_reported", sa.Integer, nullable=False),
    sa.Column("count_forces", sa.Integer, nullable=False),
    sa.Column("issue_month", sa.Date, nullable=False, comment="First day of the month of the issue"),
    sa.Column("parent_area_code", sa.Text, comment="Area whose total it is part of"),
    sa.Column("parent_period_code", sa.Text, comment="Year whose total it is part of"),
    sa.Column("count_incidents", sa.BigInteger, comment="Count for which this was decided"),
    sa.Column("stated_count", sa.BigInteger, comment="Count that the figure rests on"),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("public_value", sa.BigInteger),
    sa.Column("decided_by", sa.Text, nullable=False, comment="The rules that were followed"),
    sa.Column("is_revised", sa.Boolean, nullable=False, comment="Whether another figure was published before"),
    sa.CheckConstraint("mark in ('shown', 'zero', 'suppressed', 'not_collected')", name="mark_is_known"),
    sa.CheckConstraint(
        "(mark in ('suppressed', 'not_collected')) = (public_value is null)", name="what_is_kept_back_has_no_value"
    ),
    sa.CheckConstraint(
        "(mark = 'not_collected') = (count_incidents is null) and (mark = 'not_collected') = (stated_count is null)",
        name="what_was_collected_has_a_count",
    ),
    comment="One row per cell of the last issue, or of the one to come, and what may be said of it",
)

ISSUED_CELLS = sa.Table(
    "issued_cells",
    METADATA,
    *_key(),
    sa.Column("issue_month", sa.Date, primary_key=True, comment="First day of the month of the issue"),
    sa.Column("parent_area_code", sa.Text, comment="Area whose total it is part of"),
    sa.Column("parent_period_code", sa.Text, comment="Year whose total it is part of"),
    sa.Column("count_forces_reported", sa.Integer, nullable=False),
    sa.Column("count_forces", sa.Integer, nullable=False),
    sa.Column("count_incidents", sa.BigInteger, nullable=False, comment="Count when the issue came out"),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("public_value", sa.BigInteger),
    sa.Column("decided_by", sa.Text, nullable=False, comment="The rules that were followed"),
    comment="One row per cell of each issue that came out, for the attack on all issues together",
)

ISSUES = sa.Table(
    "issues",
    METADATA,
    sa.Column("issue_month", sa.Date, primary_key=True, comment="First day of its month"),
    sa.Column("publish_id", sa.BigInteger, nullable=False, comment="Publish in which it came out"),
    sa.Column(
        "came_out_at",
        sa.TIMESTAMP(timezone=True),
        server_default=sa.func.now(),
        nullable=False,
        comment="Time of that publish",
    ),
    comment="One row per issue of the public statistics that came out",
)

STATEMENTS = sa.Table(
    "statements",
    METADATA,
    *_key(),
    sa.Column("publish_id", sa.BigInteger, primary_key=True),
    sa.Column("issue_month", sa.Date, nullable=False, comment="First day of the month of the issue"),
    sa.Column("stated_count", sa.BigInteger, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("public_value", sa.BigInteger),
    sa.Column("stated_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    comment="One row per figure that was published, each time that it was another",
)
