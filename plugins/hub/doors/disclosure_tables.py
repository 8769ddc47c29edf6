"""The tables of the schema ``disclosure``: what was decided of each public figure, and every figure that was published.

They hold true counts beside what was shown, so nobody who may not see incidents may read them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from hub.disclosure_control.figures import Rules
from hub.disclosure_control.history import KEY

SCHEMA = "disclosure"
METADATA = sa.MetaData(schema=SCHEMA)


def _key() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in KEY]


CELLS = sa.Table(
    "cells",
    METADATA,
    *_key(),
    sa.Column("parent_area_code", sa.Text, comment="Area whose total it is part of"),
    sa.Column("parent_period_code", sa.Text, comment="Year whose total it is part of"),
    sa.Column("count_incidents", sa.BigInteger, nullable=False, comment="Count for which this was decided"),
    sa.Column("stated_count", sa.BigInteger, nullable=False, comment="Count that the figure rests on"),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("public_value", sa.BigInteger),
    sa.Column("decided_by", sa.Text, nullable=False, comment="The rules that were followed"),
    sa.Column("is_revised", sa.Boolean, nullable=False, comment="Whether another figure was published before"),
    sa.CheckConstraint("mark in ('shown', 'zero', 'suppressed')", name="mark_is_known"),
    sa.CheckConstraint("(mark = 'suppressed') = (public_value is null)", name="what_is_kept_back_has_no_value"),
    comment="One row a cell of the last build, and what may be said of it",
)

STATEMENTS = sa.Table(
    "statements",
    METADATA,
    *_key(),
    sa.Column("publish_id", sa.BigInteger, primary_key=True),
    sa.Column("stated_count", sa.BigInteger, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("public_value", sa.BigInteger),
    sa.Column("stated_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    comment="One row a figure that was published, each time that it was another",
)


def counts(connection: sa.Connection) -> pd.DataFrame:
    """The cells of ``marts.agg_public_counts`` that were collected: the key, ``count``, and what each is part of
    (``parent_area_code``, ``parent_period_code``)."""
    query = """
        select measure_code, area_code, part_code, period_code, parent_area_code, parent_period_code,
               count_incidents::bigint as count
        from marts.agg_public_counts where is_collected order by 1, 2, 3, 4
    """
    return _frame(connection, query)


def statements(connection: sa.Connection) -> pd.DataFrame:
    """Every figure that was published: the key, ``publish_id``, ``stated_count``, ``mark`` and ``public_value``."""
    return _frame(
        connection,
        """
        select measure_code, area_code, part_code, period_code, publish_id, stated_count, mark, public_value
        from disclosure.statements order by 1, 2, 3, 4, 5
        """,
    )


def decided(connection: sa.Connection) -> pd.DataFrame:
    """The cells as :func:`counts` gives them, for which disclosure control has decided, with ``mark``,
    ``public_value`` and the rules that were followed (``decided_by``)."""
    return _frame(
        connection,
        """
        select measure_code, area_code, part_code, period_code, parent_area_code, parent_period_code,
               count_incidents as count, mark, public_value, decided_by
        from disclosure.cells order by 1, 2, 3, 4
        """,
    )


def candidate_figures(connection: sa.Connection) -> pd.DataFrame:
    """What would be published of the collected cells, as the candidate has it: the key, ``mark`` and ``value``."""
    return _frame(
        connection,
        """
        select measure_code, area_code,
               case outcome_base when 'recorded' then strand_code else outcome_group end as part_code,
               period_code, mark, value
        from candidate.public_statistics_v1 where mark <> 'not_collected' order by 1, 2, 3, 4
        """,
    )


def rules(connection: sa.Connection) -> Rules:
    """What disclosure control goes by today, from the code list ``disclosure_parameters``."""
    rows: Any = connection.execute(
        sa.text("""
            select parameter_code, parameter_value from reference.disclosure_parameters
            where current_date between valid_from and coalesce(valid_to, 'infinity')
        """)
    )
    values = {code: int(value) for code, value in rows}
    return Rules(**{name: values[name] for name in Rules.__dataclass_fields__})


def replace_cells(connection: sa.Connection, cells: Sequence[Mapping[str, object]]) -> None:
    """Write down what was decided, in place of what stood."""
    connection.execute(sa.delete(CELLS))
    if cells:
        connection.execute(sa.insert(CELLS), [dict(cell) for cell in cells])
    connection.execute(sa.text(f"analyze {SCHEMA}.{CELLS.name}"))


def state_figures(connection: sa.Connection, publish_id: int) -> None:
    """Freeze the figures that this publish states for the first time, or otherwise than the publish before."""
    connection.execute(
        sa.text("""
            insert into disclosure.statements
                (measure_code, area_code, part_code, period_code, publish_id, stated_count, mark, public_value)
            select measure_code, area_code, part_code, period_code, :publish_id, now.stated_count, now.mark,
                   now.public_value
            from disclosure.cells now
            left join lateral (
                select mark, public_value from disclosure.statements before
                where (before.measure_code, before.area_code, before.part_code, before.period_code)
                    = (now.measure_code, now.area_code, now.part_code, now.period_code)
                order by publish_id desc limit 1
            ) last on true
            where (last.mark, last.public_value) is distinct from (now.mark, now.public_value)
        """),
        {"publish_id": publish_id},
    )


def _frame(connection: sa.Connection, query: str) -> pd.DataFrame:
    result = connection.execute(sa.text(query))
    return pd.DataFrame(result.all(), columns=list(result.keys()))
