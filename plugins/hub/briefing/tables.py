"""What the briefing is written from: rows of the published views, all of one publish, and of nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

Row = Mapping[str, Any]
MOST_ROWS = 15
"""Of the lists that begin with what grows most: a briefing is read to its end."""

STAMPS = """
    select publish_id, data_as_of, published_at, cast(sum(count_rows_simulated) as bigint) as count_rows_simulated
    from publish.freshness_v1
    group by publish_id, data_as_of, published_at
"""
QUERIES: Mapping[str, str] = {
    "success": """
        select measure_name, month, numerator, denominator, measure_value, unit, value_form, base_size,
            base_definition
        from publish.measures_v1
        where success_measure is not null and dimension = 'all' and month > data_as_of - interval '4 months'
        order by measure_name, month
        """,
    "capacity": """
        select month, count(*) as count_working_days, count(*) filter (where is_over_capacity) as count_days_over,
            sum(count_beyond_capacity) as count_beyond_capacity
        from publish.hub_capacity_v1
        where month > data_as_of - interval '4 months'
        group by month
        """,
    "forecasts": """
        select panel, area_code, area_name, cut_off, expected_reports, p05, p95, rank, rank_p05, rank_p95,
            completeness, caveat_code, caveat
        from publish.hotspot_forecast_v1
        where horizon = 'week' and strand_code = 'all' and panel in ('force', 'local_authority')
        order by panel, rank
        """,
    "runs": """
        select distinct panel, cut_off, is_withheld, withheld_because
        from publish.hotspot_evaluation_v1
        order by panel
        """,
    "tasking": """
        select force_code, area_level, area_code, area_name, rank, why, horizon, expected_reports, p05, p95, strands,
            action, stability_weeks, selection, review_by
        from publish.hotspot_tasking_v1
        where is_current and decision = 'approved'
        order by force_code, slot
        """,
    "online": """
        select week_starts_on, provider_code, strand_code, community_band, expected_reports, p05, p95, growth_13w,
            completeness, count_authors, caveat_code, caveat
        from publish.hotspot_online_v1
        order by caveat_code = 'withheld' desc, growth_13w desc nulls last, expected_reports desc
        limit :most_rows
        """,
    "themes": """
        select strand_code, provider_code, count_reports_4w, expected_4w, growth, count_repeat_victims,
            count_repeat_content, evidence
        from publish.engagement_themes_v1
        where is_rising and force_code = 'all' and (strand_code <> 'all' or provider_code <> 'all')
        order by growth desc nulls first, count_reports_4w desc
        limit :most_rows
        """,
    "compared": """
        select count(*) as count_themes, count(expected_4w) as count_compared
        from publish.engagement_themes_v1
        """,
    "questions": """
        select coalesce(force_name, force_code) as force_name, question, evidence, evidence_view
        from publish.tasking_questions_v1
        order by 1, question_number
        """,
    "evaluation": """
        select panel, horizon, method_code, is_best_baseline, budget, count_periods, hit_rate, pai, bits_per_event,
            coverage_90, outside_ranges, bits_gain, bits_gain_low, is_suppressed, is_withheld, withheld_because
        from publish.hotspot_evaluation_v1
        where is_withheld or (budget between 0.04 and 0.06 and (method_code = 'stack' or is_best_baseline))
        order by panel, horizon, is_best_baseline, budget
        """,
    "equity": """
        select panel, group_kind, group_code, count_areas, share_residents, share_reports, share_tasking, hit_rate
        from publish.hotspot_equity_v1
        where not is_withheld and not is_suppressed
        order by panel, group_kind, group_code
        """,
    "feeds": """
        select feed_title, count_rows_accepted, count_rows_quarantined, count_deliveries_held, count_deliveries_refused,
            is_late
        from publish.freshness_v1
        where count_rows_quarantined > 0 or count_deliveries_held > 0 or count_deliveries_refused > 0 or is_late
        order by feed_title
        """,
    "measures": """
        select measure_name, min(month) as first_month, max(month) as last_month,
            max(count_rows_quarantined) as most_rows
        from publish.measures_v1
        where dimension = 'all' and count_rows_quarantined > 0
        group by measure_name
        order by first_month, last_month, most_rows, measure_name
        """,
}


class BriefingRefused(RuntimeError):
    """There is nothing to write from; the message says what to do."""


@dataclass(frozen=True)
class PublishedTables:
    """Rows of each query by its name, and the stamps of the publish that they are from; instants in UTC.
    ``count_rows_simulated`` counts rows of samples that the hub itself made up."""

    publish_id: int
    data_as_of: datetime | None
    published_at: datetime
    count_rows_simulated: int
    rows: Mapping[str, Sequence[Row]]


def read_tables(engine: sa.Engine) -> PublishedTables:
    """Read all in one snapshot: a publish in between would mix two.

    Raises :class:`BriefingRefused` where nothing has been published.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        if not sa.inspect(connection).has_table("freshness_v1", schema="publish"):
            raise BriefingRefused("nothing has been published yet: run hub publish first")
        stamps = connection.execute(sa.text(STAMPS)).mappings().one_or_none()
        if stamps is None:
            raise BriefingRefused("the publish holds no feed, so there is nothing to tell")
        rows = {
            name: [dict(row) for row in connection.execute(sa.text(query), {"most_rows": MOST_ROWS}).mappings()]
            for name, query in QUERIES.items()
        }
    return PublishedTables(rows=rows, **stamps)
