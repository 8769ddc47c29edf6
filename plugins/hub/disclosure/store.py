"""What disclosure control reads of the warehouse and writes down there: counts, decisions, published figures."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from hub.disclosure.figures import Rules
from hub.disclosure.tables_kept import CELLS

LEAST_DAYS_A_MONTH = 27
"""Monthly issues are at least 28 days apart (February); 27 allows for the hour of publishing."""


def issue_due(connection: sa.Connection) -> date | None:
    """The month of the issue that is to come out now, as its first day; None when it has come out. ``months_per_issue``
    of the code list ``disclosure_parameters`` says how many calendar months (in London) have one issue. Two issues are
    at least :data:`LEAST_DAYS_A_MONTH` days apart for each month: if one came out on 31 May and the next on 1 June,
    their difference would show what arrived on that day."""
    found = connection.execute(
        sa.text("""
            with today as (select cast(now() at time zone 'Europe/London' as date) as today)
            select cast(
                date_trunc('month', today)
                - make_interval(months => (extract(month from today)::integer - 1) % parameter_value)
                as date
            )
            from today, reference.disclosure_parameters
            where
                parameter_code = 'months_per_issue' and today between valid_from and coalesce(valid_to, 'infinity')
                and not exists (
                    select from disclosure.issues
                    where came_out_at > now() - make_interval(days => :least_days * parameter_value)
                )
            except
            select issue_month from disclosure.issues
        """),
        {"least_days": LEAST_DAYS_A_MONTH},
    )
    month: date | None = found.scalar_one_or_none()
    return month


def counts(connection: sa.Connection) -> pd.DataFrame:
    """The cells of ``marts.agg_public_counts`` and ``agg_protected_counts``: the key, what each is part of
    (``parent_area_code``, ``parent_period_code``), what is said of its area and period, and ``count``, null where it
    was not collected."""
    query = """
        select measure_code, area_code, part_code, period_code, parent_area_code, parent_period_code, area_kind,
               period_kind, period_start, period_end, count_forces_reported, count_forces,
               case when is_collected then count_incidents::bigint end as count
        from marts.agg_public_counts
        union all
        select measure_code, area_code, part_code, period_code, null, null, area_kind,
               'quarter', period_start, period_end, 0, 0, count_rows
        from marts.agg_protected_counts
        order by 1, 2, 3, 4
    """
    return _frame(connection, query)


def has_come_out(connection: sa.Connection) -> bool:
    """Whether the issue for which the cells were decided has been published."""
    query = "select exists (select from disclosure.cells natural join disclosure.issues)"
    return bool(connection.scalar(sa.text(query)))


def published_figures(connection: sa.Connection) -> pd.DataFrame:
    """Every figure that was published, in order: the key, ``publish_id``, ``stated_count``, ``mark`` and
    ``public_value``."""
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
               count_forces, count_forces_reported, count_incidents as count, mark, public_value, decided_by
        from disclosure.cells where mark <> 'not_collected' order by 1, 2, 3, 4
        """,
    )


def candidate_figures(connection: sa.Connection) -> pd.DataFrame:
    """What would be published of the collected cells, from schema ``candidate``: the key, ``mark`` and ``value``."""
    return _frame(
        connection,
        """
        select measure_code, area_code,
               case outcome_base when 'recorded' then strand_code else outcome_group end as part_code,
               period_code, mark, value
        from candidate.public_statistics_v1 where mark <> 'not_collected'
        union all
        select measure_code, area_code, part_code, period_code,
               case when value is null then 'suppressed' when value = 0 then 'zero' else 'shown' end,
               cast(value as bigint)
        from (
            select 'measures' as measure_code, 'all' as area_code, part_code, period_code, value
            from candidate.measures_protected_v1,
                 lateral (values (measure_code, numerator), (denominator_code, denominator))
                 as of_measure (part_code, value)
            where is_protected and measure_code <> 'officer_hours_saved' and part_code is not null
            union
            select 'force_scorecard', force_code, part_code, period_code, value
            from candidate.force_scorecard_protected_v1,
                 lateral (values ('received', count_received), ('due', count_due), ('acknowledged', count_acknowledged),
                                 ('acknowledged_in_time', count_acknowledged_in_time), ('outcomes', count_outcomes))
                 as of_force (part_code, value)
            union
            select 'provider_scorecard', concat_ws('|', provider_code, duty, route), part_code, period_code, value
            from candidate.provider_scorecard_protected_v1,
                 lateral (values ('received', count_received), ('due', count_due), ('acknowledged', count_acknowledged),
                                 ('acknowledged_in_time', count_acknowledged_in_time), ('outcomes', count_outcomes),
                                 ('removed', count_removed))
                 as of_provider (part_code, value)
        ) as protected
        order by 1, 2, 3, 4
        """,
    )


def rules(connection: sa.Connection) -> Rules:
    """What disclosure control goes by today, from the code list ``disclosure_parameters``."""
    rows: Any = connection.execute(
        sa.text("""
            select parameter_code, parameter_value from reference.disclosure_parameters
            where
                cast(now() at time zone 'Europe/London' as date) between valid_from and coalesce(valid_to, 'infinity')
        """)
    )
    values = {code: int(value) for code, value in rows}
    return Rules(**{name: values[name] for name in Rules.__dataclass_fields__})


def issued(connection: sa.Connection) -> pd.DataFrame:
    """The cells of every issue that came out, as :func:`decided` gives them, with ``issue_month``."""
    return _frame(
        connection,
        """
        select measure_code, area_code, part_code, period_code, issue_month, parent_area_code, parent_period_code,
               count_forces, count_forces_reported, count_incidents as count, mark, public_value, decided_by
        from disclosure.issued_cells order by 1, 2, 3, 4, 5
        """,
    )


def replace_cells(connection: sa.Connection, cells: Sequence[Mapping[str, object]]) -> None:
    """Write the decisions down, in place of the earlier ones."""
    connection.execute(sa.delete(CELLS))
    if cells:
        connection.execute(sa.insert(CELLS), [dict(cell) for cell in cells])
    connection.execute(sa.text(f"analyze {CELLS.fullname}"))


def freeze_figures(connection: sa.Connection, publish_id: int) -> None:
    """Note that the issue of the cells came out with this publish, unless it had; store its cells, and each figure that
    is new or differs from what was last published of its cell."""
    came_out = connection.execute(
        sa.text("""
            insert into disclosure.issues (issue_month, publish_id)
            select distinct issue_month, cast(:publish_id as bigint) from disclosure.cells
            on conflict do nothing
        """),
        {"publish_id": publish_id},
    )
    if not came_out.rowcount:
        return
    connection.execute(
        sa.text("""
            insert into disclosure.issued_cells
                (measure_code, area_code, part_code, period_code, issue_month, parent_area_code, parent_period_code,
                 count_forces, count_forces_reported, count_incidents, mark, public_value, decided_by)
            select measure_code, area_code, part_code, period_code, issue_month, parent_area_code, parent_period_code,
                   count_forces, count_forces_reported, count_incidents, mark, public_value, decided_by
            from disclosure.cells where mark <> 'not_collected'
        """)
    )
    connection.execute(
        sa.text("""
            insert into disclosure.statements
                (measure_code, area_code, part_code, period_code, publish_id, issue_month, stated_count, mark,
                 public_value)
            select measure_code, area_code, part_code, period_code, :publish_id, cell.issue_month, cell.stated_count,
                   cell.mark, cell.public_value
            from disclosure.cells cell
            left join lateral (
                select mark, public_value from disclosure.statements before
                where (before.measure_code, before.area_code, before.part_code, before.period_code)
                    = (cell.measure_code, cell.area_code, cell.part_code, cell.period_code)
                order by publish_id desc limit 1
            ) last on true
            where cell.mark <> 'not_collected'
                and (last.mark, last.public_value) is distinct from (cell.mark, cell.public_value)
        """),
        {"publish_id": publish_id},
    )


def _frame(connection: sa.Connection, query: str) -> pd.DataFrame:
    result = connection.execute(sa.text(query))
    return pd.DataFrame(result.all(), columns=list(result.keys()))
